"""The command `audit`: claims and their verdicts on the terminal, as files, and beside an earlier audit."""
# ruff: noqa: PLC0415

import argparse
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from importlib.util import LazyLoader, find_spec, module_from_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow.cli.common import Add, after_campaign, evidence_of, place, results_of, working
from workflow.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from workflow.analysis.claims.results import AuditResult, AuditRow
    from workflow.analysis.evidence.load import Evidence

Verdicts = dict[tuple[str, str], str]  # by claim and layer, finding and standing in words


def add_to(add: Add) -> None:
    """Add the command."""
    audit = add("audit", run_audit)
    audit.add_argument(
        "claims",
        nargs="*",
        metavar="CLAIM",
        help="a campaign, then claims to show in full, such as P01, or P33 with its parts",
    )
    audit.add_argument(
        "--layer", action="append", default=[], help="only paper, logs, runs or published; may be repeated"
    )
    audit.add_argument("--fail-on", metavar="VERDICT", help="end with status 1 if a claim has this verdict")
    audit.add_argument("--write", action="store_true", help="write audit.md, .csv and .json instead of printing")
    audit.add_argument(
        "--diff", type=place, metavar="OLD.json", help="list verdicts that differ from an earlier audit's"
    )
    audit.add_argument("--from", dest="source", type=place, help="read the runs and the campaign of this archive")


def run_audit(options: argparse.Namespace) -> None:
    """Show whether each claim of the paper agrees with itself, the authors' logs, our runs and others' results."""
    if options.claims:
        later("scipy.special")
    from workflow.analysis.claims.audit import narrow, refuse_unknown, summary_line, with_parts

    refuse_unknown(options.layer, options.fail_on)
    options.claims = with_parts(after_campaign(options, options.claims))
    asked = (options.claims, options.layer, options.fail_on, options.write, options.diff)
    if options.named and not any(asked) and print_own(options):
        return
    before = verdicts_in(options.diff) if options.diff else None
    result = audited(options, only=() if options.write else options.claims)
    if options.write:
        from workflow.analysis.claims.write import write_audit

        for path in write_audit(result, Path("paper_tables", result.campaign)):
            print(path)
    result = narrow(result, options.claims, options.layer)
    if before is not None:
        verdicts = {(row.claim.id, row.layer): row.verdict for row in result.rows}
        print_changes(before, {key: _told(one.word, str(one.standing or "")) for key, one in verdicts.items()})
    elif options.write:
        print(summary_line(result))
    else:
        print_audit(result, details=bool(options.claims))
    if names := ", ".join(dict.fromkeys(row.claim.id for row in result.rows if row.verdict.word == options.fail_on)):
        raise UserError(f"--fail-on {options.fail_on}: {names}")


def print_own(options: argparse.Namespace) -> bool:
    """Print which of the user's models is best, if the campaign is the user's own; else return False."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from workflow.analysis.paper.prints import only_own
    from workflow.analysis.report.answer import answer
    from workflow.analysis.report.scores import METRICS

    evidence = evidence_of(*results_of(options))
    if not only_own(evidence.plan.campaign):
        return False
    found, console = answer(evidence, None), Console()
    console.print(found.headline, markup=False)
    for ranking in found.scores:
        table = Table("Model", title=ranking.title, box=box.SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
        for name in (*METRICS, "gain of the first", "verdict"):
            table.add_column(name, no_wrap=True)
        for one in ranking.models:
            scores = (text.replace(" ± ", "±") for text in one.scores)
            table.add_row(one.label, *scores, one.gain.ours if one.gain else "–", str(one.verdict or ""))
        console.print(table)
    return True


def audited(options: argparse.Namespace, only: Collection[str]) -> "AuditResult":
    """Check the claims, all or some; runs are read only if one of them needs them."""
    from workflow.analysis.claims.audit import ON_RUNS, audit_prints
    from workflow.analysis.paper.prints import only_own

    if only and not set(only) & set(ON_RUNS):
        return audit_prints(only=only)
    evidence = evidence_of(*results_of(options))
    name = evidence.plan.campaign.campaign
    if options.write and only_own(evidence.plan.campaign):
        shown = f"`tf4ctr audit {name}` says which of your models is best"
        raise UserError(f"{name}: runs nothing of the paper, whose claims the audit checks; {shown}")
    return checked(evidence, only)


def checked(evidence: "Evidence", only: Collection[str] = ()) -> "AuditResult":
    """Check the claims against these runs, and say how many of them another form of a model made."""
    from workflow.analysis.claims.audit import audit
    from workflow.provenance.equivalents import moves_digits
    from workflow.train.keep import family_name

    moved = [one for one in evidence.records.values() if moves_digits(one.provenance.code, family_name(one.spec.model))]
    if moved:
        digits = "by a form of their model that differs in last digits from the code that was frozen for the evidence"
        print(f"{len(moved)} of {len(evidence.records)} records are {digits}", file=sys.stderr)
    with working("checking claims"):
        return audit(evidence, only=only)


def later(name: str) -> None:
    """Load a package's module when it is first used, as one claim may not need it."""
    if name not in sys.modules and (spec := find_spec(name)) is not None and spec.loader is not None:
        spec.loader = LazyLoader(spec.loader)
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)
        parent, _, child = name.rpartition(".")
        setattr(sys.modules[parent], child, module)  # so that `from parent import child` does not look into it


# -- on the terminal ------------------------------------------------------------------


def print_audit(result: "AuditResult", console: "Console | None" = None, details: bool = False) -> None:
    """Print the rows by layer and verdict, each with the paper's statement; with `details` also the reasons."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from workflow.analysis.claims.audit import summary_line
    from workflow.analysis.claims.registry import LAYER_TITLES
    from workflow.analysis.claims.write import TWIN_LINE

    target = console or Console()
    for (layer, told), rows in grouped(result.rows):
        target.print(Text(f"\n{LAYER_TITLES[layer]}: {told} ({len(rows)})", style="bold"))
        for row in rows:
            first, *others = lines_of(row, details)
            target.print(Padding(Text(first), (0, 0, 0, 2), expand=False))
            for line in others:
                target.print(Padding(Text(line), (0, 0, 0, 6), expand=False))
    target.print()
    for line in [TWIN_LINE] * result.twin:
        target.print(Text(line))
    target.print(Text(summary_line(result)))


def grouped(rows: Iterable["AuditRow"]) -> Iterator[tuple[tuple[Any, str], list["AuditRow"]]]:
    """Rows by layer and verdict, in the vocabulary's order."""
    from workflow.analysis.claims.registry import LAYERS
    from workflow.analysis.compare.words import WORDS

    order = [str(word) for word in WORDS]
    layers = list(LAYERS)

    def place_of(row: "AuditRow") -> tuple[int, int, str]:
        return layers.index(row.layer), order.index(row.verdict.word), str(row.verdict.standing)

    for _, found in groupby(sorted(rows, key=place_of), key=place_of):
        same = list(found)
        yield (same[0].layer, f"{same[0].verdict.sign} {same[0].verdict.word}"), same


def lines_of(row: "AuditRow", details: bool) -> Sequence[str]:
    """A claim for the terminal: its place, statement, quote and findings."""
    from workflow.analysis.claims.results import listing

    claim, outcome = row.claim, row.outcome
    lines = [f"{claim.id} · {claim.place} · {claim.means}"]
    lines += [f"“{claim.quote}”"] if claim.quote else []
    lines.append(f"measured: {outcome.measured} · expected: {outcome.expected}")
    if details:
        lines += [outcome.explanation, *claim.remarks]
        lines += [
            f"- {item.label}: {'; '.join(dict.fromkeys((str(item.verdict), item.measured)))}; expected {item.expected}"
            for item in outcome.items
        ]
        lines.append(f"based on {row.basis}; evidence: {listing(outcome.evidence, 12) or 'none'}")
    return lines


# -- beside an earlier audit ----------------------------------------------------------


def verdicts_in(path: Path) -> Verdicts:
    """Verdicts of an audit.json."""
    from workflow.reading import in_one_line, regular_bytes

    remedy = "name an audit.json that `audit --write` has written"
    with in_one_line(path, "audit", remedy, f"{path}: no such file; {remedy}"):
        rows = json.loads(regular_bytes(path))["rows"]
        return {(row["claim"], row["layer"]): _told(row["verdict"], row["standing"]) for row in rows}


def _told(verdict: str, standing: str) -> str:
    return f"{verdict} ({standing})" if standing and standing != verdict else verdict


def print_changes(before: Verdicts, now: Verdicts) -> None:
    """Print a line for each verdict that changed, appeared or disappeared, and their number."""
    changed = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    for claim, layer in changed:
        print(f"{claim} {layer}: {before.get((claim, layer), 'none')} → {now.get((claim, layer), 'none')}")
    print(f"{len(changed)} of {len({**before, **now})} verdicts changed")

"""Commands that show results: collect, render, report, summary; and the schema of campaigns."""
# ruff: noqa: PLC0415

import argparse
import json
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.common import (
    Add,
    add_campaign,
    after_campaign,
    evidence_of,
    flushed,
    place,
    plan_of,
    results_of,
    usable_cores,
    working,
)
from workflow.errors import UserError
from workflow.files import write_text
from workflow.plan.places import ROOT, is_figure

if TYPE_CHECKING:
    from workflow.analysis.claims.results import AuditResult
    from workflow.analysis.evidence.load import Evidence
    from workflow.analysis.report.page import Pictures

WORTH_A_PROCESS = 3  # figures; a second process needs about as long to start as two of them to draw


def add_to(add: Add) -> None:
    """Add the commands."""
    add_campaign(add("collect", run_collect))
    render = add("render", run_render)
    render.add_argument("experiments", nargs="*", help="a campaign, then tables and figures (default: all documents)")
    render.add_argument(
        "--processes",
        type=int,
        choices=(1, 2),
        default=min(2, usable_cores()),
        help="processes that draw figures (default: %(default)s)",
    )
    report = add("report", run_report)
    add_campaign(report)
    report.add_argument("--out", type=place, help="the file to write (default: results/<campaign>/report.html)")
    for name, command, out in (
        ("summary", run_summary, "README.md"),
        ("schema", write_schema, "workflow/schemas/campaign.schema.json"),
    ):
        add(name, command).add_argument("--out", type=place, default=Path(out), help="the file (default: %(default)s)")
    for command in (render, report):
        command.add_argument("--from", dest="source", type=place, help="read the runs and the campaign of this archive")


def run_collect(options: argparse.Namespace) -> None:
    """Gather the campaign's records into one table of runs."""
    from workflow.analysis.evidence.collect import collect, write_parquet
    from workflow.analysis.evidence.load import Evidence

    plan = plan_of(options)
    out = Path("results", plan.campaign.campaign, "runs.parquet")
    write_parquet(collect(Evidence.load(plan)), out, plan)
    print(out)


def run_render(options: argparse.Namespace) -> None:
    """Write all documents, or the named tables and figures, from the existing records (missing runs: `not run`)."""
    names = after_campaign(options, options.experiments)
    plan, source = results_of(options)
    every = names or (*plan.campaign.experiments, "cost")
    audited, pictures = None, None
    with _drawn_beside(options, list(filter(is_figure, every))) as draw_the_rest:
        evidence = evidence_of(plan, source)
        failed = _render_each(evidence, (name for name in every if not is_figure(name)))
        if not names and not failed:
            audited, pictures = _write_audit(evidence), _pictures(evidence)
        failed += draw_the_rest(evidence)
    _refuse(failed)
    if not names:
        _write_report(evidence, audited=audited, pictures=pictures)


@contextmanager
def _drawn_beside(options: argparse.Namespace, figures: Sequence[str]) -> Iterator[Callable[["Evidence"], list[str]]]:
    """Draw figures in a second process, as they take most of the time.

    Yields what draws those that the other process has not begun, waits for it, and says what could not be drawn.
    """
    if options.processes < 2 or len(figures) < WORTH_A_PROCESS:
        yield lambda evidence: _render_each(evidence, figures)
        return
    from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    no_interrupt = (signal.SIGINT, signal.SIG_IGN)  # it ends by our hand
    context = get_context("spawn")
    with (
        ProcessPoolExecutor(1, context, initializer=signal.signal, initargs=no_interrupt) as process,
        ThreadPoolExecutor(1) as turns,
    ):

        def draw(figure: str) -> list[str]:  # only when it is its turn: what a process was given cannot be taken back
            return process.submit(_draw, options.configfile, options.source, figure).result()

        drawn = {name: turns.submit(draw, name) for name in figures}

        def draw_the_rest(evidence: "Evidence") -> list[str]:
            failed = _render_each(evidence, (name for name in reversed(figures) if drawn[name].cancel()))
            return failed + [said for one in drawn.values() if not one.cancelled() for said in one.result()]

        try:
            yield draw_the_rest
        except BrokenProcessPool:
            raise UserError("the second process ended, perhaps for want of memory; add --processes 1") from None
        finally:
            turns.shutdown(cancel_futures=True)


def _draw(configfile: Path, source: Path | None, figure: str) -> list[str]:
    return _render_each(_evidence_beside(configfile, source), [figure])


@cache
def _evidence_beside(configfile: Path, source: Path | None) -> "Evidence":
    return evidence_of(*results_of(argparse.Namespace(configfile=configfile, source=source)))


def _write_audit(evidence: "Evidence") -> "AuditResult | None":
    from workflow.analysis.claims.write import write_audit
    from workflow.analysis.paper.prints import only_own
    from workflow.cli.audit import checked

    campaign = evidence.plan.campaign
    if only_own(campaign):
        return None
    audited = checked(evidence)
    for path in write_audit(audited, Path("paper_tables", campaign.campaign)):
        flushed(str(path))
    return audited


def _render_each(evidence: "Evidence", names: Iterable[str]) -> list[str]:
    """Write what can be written, and say what could not be."""
    failed: list[str] = []
    for name in names:
        try:
            for path in _rendered(evidence, name):
                flushed(str(path))
        except OSError:
            raise  # a fault of the disk, which affects all
        except UserError as error:
            failed.append(str(error))
        except Exception as error:  # does not prevent the others
            traceback.print_exc()
            failed.append(f"{type(error).__name__}: {error} (a fault of ours, see above)")
    return failed


def _refuse(failed: Iterable[str]) -> None:
    if once := dict.fromkeys(failed):
        raise UserError("; ".join(once))


def _rendered(evidence: "Evidence", experiment: str) -> list[Path]:
    name = evidence.plan.campaign.campaign
    if is_figure(experiment):
        from workflow.analysis.figures import builders as figures

        with working(f"drawing {experiment}"):
            return figures.render(evidence, experiment, Path("figures", name))
    from workflow.analysis.tables.builders import render

    with working(f"building {experiment}"):
        return render(evidence, experiment, Path("paper_tables", name))


def run_report(options: argparse.Namespace) -> None:
    """Write the report: one HTML file with every verdict and the evidence behind it."""
    _write_report(evidence_of(*results_of(options)), options.out)


def _pictures(evidence: "Evidence") -> "Pictures":
    from workflow.analysis.report.page import pictures_of

    with working("drawing gains and numbers"):
        return pictures_of(evidence)


def _write_report(
    evidence: "Evidence",
    out: Path | None = None,
    audited: "AuditResult | None" = None,
    pictures: "Pictures | None" = None,
) -> None:
    from workflow.analysis.report.page import write_report

    out = out or Path("results", evidence.plan.campaign.campaign, "report.html")
    with working("writing the page"):
        write_report(evidence, out, audited, pictures)
    print(out)


def run_summary(options: argparse.Namespace) -> None:
    """Write the results of the shipped runs and of the audit between the README's markers."""
    from workflow.analysis.evidence.load import Evidence
    from workflow.analysis.report.readme import update
    from workflow.archive.layout import RunArchive

    archive = RunArchive(ROOT / "results" / "evidence")
    update(options.out, Evidence.load(archive.plan, source=archive), archive.identifier)


def write_schema(options: argparse.Namespace) -> None:
    """Write the JSON schema of campaigns, for Snakemake and for editors."""
    write_text(options.out, schema_text())


def schema_text() -> str:
    """The JSON schema of campaigns, as text."""
    from workflow.plan.config import CampaignConfig

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **CampaignConfig.model_json_schema()}
    return json.dumps(schema, indent=2) + "\n"

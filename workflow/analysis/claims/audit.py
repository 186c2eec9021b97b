"""The audit: every claim of the paper gets a verdict in each of its layers."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from workflow.analysis.claims import (
    mechanisms,
    method,
    published,
    sweeps,
    table_1,
    table_2,
    table_3,
    table_4,
    table_5,
    table_6,
    theory,
)
from workflow.analysis.claims.cases import Check
from workflow.analysis.claims.registry import LAYERS, Claim, Layer, load_claims
from workflow.analysis.claims.results import AuditResult, AuditRow, Outcome
from workflow.analysis.claims.runs import Ours, RunCheck
from workflow.analysis.claims.weigh import conclude
from workflow.analysis.compare.words import WORDS, Word, tally
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.author_logs import Logs, load_logs, log_facts
from workflow.analysis.paper.facts import Frame
from workflow.analysis.paper.prints import Paper, load_paper
from workflow.analysis.paper.published import load_published, published_facts
from workflow.errors import UserError, nearest

TABLES = (table_1, table_2, table_3, table_4, table_5, table_6)
ON_FACTS: Mapping[Layer, Mapping[str, Check]] = {
    "paper": {name: check for part in (method, theory, *TABLES, sweeps) for name, check in part.ON_PAPER.items()},
    "logs": {name: check for part in (method, *TABLES, sweeps) for name, check in part.ON_LOGS.items()},
    "published": published.ON_PUBLISHED,
}
ON_RUNS: Mapping[str, RunCheck] = {
    name: check for part in (*TABLES[1:], sweeps, mechanisms) for name, check in part.ON_RUNS.items()
}
BASIS: Mapping[Layer, str] = {
    "paper": "the paper's own tables, text and formulas; no run",
    "logs": "the authors' public logs; no run of ours",
    "runs": "our runs",
    "published": "others' published results; no run of ours",
}
TWIN_BASIS = "our runs on synthetic twins: no evidence about the paper"


def audit(evidence: Evidence, only: Collection[str] = ()) -> AuditResult:
    """Check claims, all or those of some ids, in every layer: a row per claim and layer, in the registry's order."""
    return _checked(Ours(frame_of(evidence.paper, evidence.logs), evidence), only)


def audit_prints(paper: Paper | None = None, authors: Logs | None = None, *, only: Collection[str] = ()) -> AuditResult:
    """Check claims in the layers that need no run: the paper itself, its authors' logs, others' results."""
    return _checked(frame_of(paper or load_paper(), load_logs() if authors is None else authors), only)


def narrow(result: AuditResult, claims: Collection[str] = (), layers: Collection[str] = ()) -> AuditResult:
    """Keep the rows of some claims and layers; an empty choice keeps all."""
    rows = tuple(
        row for row in result.rows if (not claims or row.claim.id in claims) and (not layers or row.layer in layers)
    )
    return replace(result, rows=rows)


def with_parts(names: Collection[str]) -> list[str]:
    """Claims by their ids: a name such as P33 stands for its parts too, P33.auc and P33.gauc."""
    known = [claim.id for claim in load_claims()]
    found: dict[str, None] = {}
    for name in names:
        parts = [each for each in known if each == name or each.startswith(f"{name}.")]
        if not parts:
            raise UserError(f"no claim {name!r}; {nearest(name, known)}")
        found |= dict.fromkeys(parts)
    return list(found)


def refuse_unknown(layers: Collection[str], verdict: str | None = None) -> None:
    """Refuse names of no layer or no verdict, and name the nearest."""
    words = [str(word) for word in WORDS]
    for what, names, known in (("layer", layers, LAYERS), ("verdict", [verdict] if verdict else [], words)):
        for name in names:
            if name not in known:
                raise UserError(f"no {what} {name!r}; {nearest(name, known)}")


def counts(result: AuditResult) -> dict[Layer, dict[Word, int]]:
    """Computed rows by layer and verdict, in the vocabulary's order; verdicts that do not occur are left out."""
    found: dict[Layer, dict[Word, int]] = {}
    for layer in LAYERS:
        words = tally(row.verdict for row in result.computed if row.layer == layer)
        found[layer] = {verdict.shown: count for verdict, count in words}
    return found


def summary_line(result: AuditResult) -> str:
    """One line: how many claims have which verdict, by layer."""
    titles: Mapping[Layer, str] = {
        "paper": "paper against itself",
        "logs": "authors' logs",
        "runs": "our runs",
        "published": "others' published results",
    }
    parts = [
        f"{titles[layer]}: {', '.join(f'{n} {verdict}' for verdict, n in found.items()) or 'none'}"
        for layer, found in counts(result).items()
    ]
    if quotes := len(result.rows) - len(result.computed):
        parts.append(f"not counted: {quotes} that compare two quotes")
    claims = len({row.claim.id for row in result.rows})
    return f"{claims} claim{'' if claims == 1 else 's'} audited ({result.campaign}) · {' · '.join(parts)}"


def frame_of(paper: Paper, authors: Logs) -> Frame:
    """Everything that needs no run of ours: printed numbers, the authors' logs, others' results."""
    return Frame((*paper.prints, *log_facts(authors), *published_facts(load_published())))


def _checked(frame: Frame, only: Collection[str]) -> AuditResult:
    claims, campaign = load_claims(), frame.evidence.plan.campaign if isinstance(frame, Ours) else None
    rows = tuple(row for claim in claims if not only or claim.id in only for row in _rows(claim, frame))
    return AuditResult(campaign.campaign if campaign else "none", bool(campaign and campaign.twin), claims, rows)


def _rows(claim: Claim, frame: Frame) -> Iterator[AuditRow]:
    """A claim in each of its layers; without runs, in all layers but that of our runs."""
    for layer in LAYERS:
        if claim.id in ON_FACTS.get(layer, ()):
            yield AuditRow(claim, layer, ON_FACTS[layer][claim.id](frame), BASIS[layer])
        elif layer == "runs" and isinstance(frame, Ours) and claim.id in ON_RUNS:
            basis = TWIN_BASIS if frame.evidence.plan.campaign.twin else BASIS[layer]
            found = ON_RUNS[claim.id](frame)
            yield AuditRow(claim, layer, found if isinstance(found, Outcome) else conclude(found), basis)

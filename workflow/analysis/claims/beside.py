"""The fourth layer: a claim's prints among what others published, as outcomes of the audit."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from workflow.analysis.claims import checks
from workflow.analysis.claims.evaluate import Scope
from workflow.analysis.claims.facts import Fact
from workflow.analysis.claims.published import APPEARED, Placed, PrintedAuc, PublishedRun, lead, place_baselines
from workflow.analysis.claims.results import AuditItem, Outcome
from workflow.analysis.evidence.verdict import Finding, Ground, Standing, Verdict, weakest

# The worst first: one baseline below is enough for the claim to be below.
PLACES = (Finding.BELOW, Finding.WITHIN, Finding.ABOVE, Finding.NONE_KNOWN)


def baselines(scope: Scope, check: checks.Baselines, runs: Sequence[PublishedRun]) -> Outcome:
    """Place each selected print among the runs of its model; one below is enough for the claim to be below."""
    facts = scope.items((check.cells,))
    placed = place_baselines([_printed(fact) for fact in facts], runs)
    items = tuple(_item(fact.label, found) for fact, found in zip(facts, placed, strict=True))
    tally = Counter(found.place for found in placed)
    told = [found for found in placed if found.runs]
    measured = ", ".join(f"{tally[place]} {place}" for place in PLACES if tally[place])
    place = next(each for each in PLACES if tally[each])
    text = " ".join(filter(None, (_listing(items), _inputs(told))))
    return Outcome(_verdict(place, told), measured, "none below", text, _sources(told), items)


def leads(scope: Scope, check: checks.Leads, runs: Sequence[PublishedRun]) -> Outcome:
    """Compare a print with the best run of any model: known when the paper appeared, and since."""
    (fact,) = scope.select(check.cell, {})
    found = lead(_printed(fact), runs)
    then = _item(f"{fact.label}, before {APPEARED}", found.then)
    now = _item(f"{fact.label}, to this day", found.now)
    text = f"{_listing((then, now))} {_inputs((found.then, found.now))}".strip()
    sources = _sources((found.then, found.now))
    return Outcome(then.verdict, then.measured, "above the best published", text, sources, (then, now))


EVALUATORS: Mapping[type, Callable[[Scope, Any, Sequence[PublishedRun]], Outcome]] = {
    checks.Baselines: baselines,
    checks.Leads: leads,
}

# -- parts ----------------------------------------------------------------------------


def _printed(fact: Fact) -> PrintedAuc:
    return PrintedAuc(fact.at["dataset"], fact.at["model"], Decimal(fact.text))


def _verdict(place: Finding, placed: Sequence[Placed]) -> Verdict:
    """The place, where the inputs let it say something of the paper."""
    standing = weakest(each.standing for each in placed if each.standing)
    return Verdict(place) if standing is None else Ground(None, standing).verdict(place)


def _item(label: str, found: Placed) -> AuditItem:
    verdict = _verdict(found.place, [found])
    if not found.runs:
        return AuditItem(label, verdict, f"{found.printed.points}; no published run is known", "a published run")
    points = sorted(run.points for run in found.runs)
    best = max(found.runs, key=lambda run: run.auc)
    bounds = " to ".join(dict.fromkeys((str(points[0]), str(points[-1]))))
    gap = f" by {abs(found.gap_points)}" if found.place in (Finding.ABOVE, Finding.BELOW) else ""
    among = f"{bounds} in {len(points)} runs" if len(points) > 1 else bounds
    measured = f"{found.printed.points}, {found.place}{gap}: {best.model} {among} ({_cited(best)})"
    if found.other_inputs:
        measured += f"; their inputs differ: {'; '.join(found.other_inputs)}"
    return AuditItem(label, verdict, measured, bounds, _sources([found]))


def _cited(run: PublishedRun) -> str:
    return f"{run.source}, {run.version}, {run.files}, embeddings of {run.embedding_dim}, {run.published}"


def _listing(items: Sequence[AuditItem]) -> str:
    return "".join(f"{item.label}: {item.measured}. " for item in items).strip()


def _inputs(placed: Sequence[Placed]) -> str:
    if any(each.standing == Standing.OTHER_PROTOCOL for each in placed):
        return "As the inputs were prepared by another protocol, the place says nothing of the paper."
    return ""


def _sources(placed: Sequence[Placed]) -> tuple[str, ...]:
    runs = [run for each in placed for run in each.runs]
    return tuple(dict.fromkeys(f"{run.source} {run.version} {run.model}: {run.url}" for run in runs))

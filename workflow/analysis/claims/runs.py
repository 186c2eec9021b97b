"""Claims against our runs: Holm's correction over families, and what the trials come to.

A verdict needs evidence. A twin gives none, nor does other data, nor a single seed. What
the tests leave open is inconclusive, and the row says what gain they would have noticed.
"""

from collections import Counter
from collections.abc import Sequence

from workflow.analysis.claims import checks
from workflow.analysis.claims.cells import Campaign, Target
from workflow.analysis.claims.evaluate import Scope, evaluate
from workflow.analysis.claims.facts import Fact
from workflow.analysis.claims.registry import Claim
from workflow.analysis.claims.results import AuditItem, AuditVerdict, Finding, count_needed, listing, number
from workflow.analysis.claims.trials import Trial, cell_trials, gain_trials, optimum_trials
from workflow.analysis.stats.tests import holm

TWIN_NOTE = "Runs on synthetic twins are no evidence about the paper."


def trials_of(scope: Scope, campaign: Campaign, claim: Claim) -> list[Trial] | None:
    """Trials of a claim; None where its check has no chance in it."""
    match claim.runs:
        case checks.RunGain() as check:
            return list(gain_trials(scope, campaign, check))
        case checks.RunOptimum() as check:
            return list(optimum_trials(scope, campaign, check))
        case checks.RunCells() as check:
            return list(cell_trials(scope, campaign, check))
    return None


def adjust(families: Sequence[tuple[str, Trial]]) -> dict[str, int]:
    """Give the trials of each family their Holm-adjusted p-values; return each family's number of tests."""
    places: dict[str, list[tuple[Trial, str]]] = {}
    for family, trial in families:
        places.setdefault(family, []).extend((trial, name) for name in trial.tests)
    for members in places.values():
        adjusted = holm([trial.tests[name] for trial, name in members])
        for (trial, name), p in zip(members, adjusted, strict=True):
            trial.adjusted[name] = p
    return {family: len(members) for family, members in places.items()}


def family_of(claim: Claim) -> str:
    """The family whose tests a claim's tests are corrected with."""
    return claim.family or claim.place


def expected(claim: Claim) -> str:
    """What our runs must show, in words."""
    match claim.runs:
        case checks.RunCells():
            return "every printed number within 0.10 of ours"
        case checks.RunOptimum():
            return "each above every rival"
        case checks.RunParameters():
            return "the printed difference of parameter counts"
        case checks.RunGain() as check:
            share = {"all": "every", "majority": "more than half of the", "some": "some", "none": "no"}[check.need]
            size = ", and by no less than the paper says" if check.size is not None else ""
            bar = f" by more than {check.by}" if check.by else ""
            return f"{share} comparison{'s' if check.need == 'majority' else ''} {check.sense}{bar}{size}"
    raise AssertionError(claim.id)


def conclude(claim: Claim, trials: Sequence[Trial], tests: int) -> Finding:
    """Weigh the trials: what holds for sure, what fails for sure, and what neither."""
    wanted = expected(claim)
    if not trials:
        return Finding(AuditVerdict.NOT_RUN, "no run", wanted, "The campaign plans no run for this claim.")
    need = claim.runs.need if isinstance(claim.runs, checks.RunGain) else "all"
    verdict = weigh(need, [one.verdict for one in trials])
    rows = tuple(AuditItem(one.label, one.verdict, one.measured, one.expected, one.keys) for one in trials)
    return Finding(verdict, _counts(rows), wanted, _explain(trials, rows, family_of(claim), tests), _keys(rows), rows)


def parameters(scope: Scope, campaign: Campaign, claim: Claim, check: checks.RunParameters) -> Finding:
    """Compare parameter counts, in which there is no chance."""
    rows = []
    for selector in check.each:
        for more in campaign.targets(scope, selector, {}):
            less = campaign.targets(scope, check.less, more.at)[0]
            rows.append(_parameter_item(scope, check, more, less))
    verdict = weigh("all", [row.verdict for row in rows])
    text = listing([f"{row.label}: {row.measured}" for row in rows])
    return Finding(verdict, _counts(tuple(rows)), expected(claim), f"{text}.", _keys(rows), tuple(rows))


def on_twins(finding: Finding) -> Finding:
    """Take every verdict away from a finding of a campaign on twins."""
    items = tuple(AuditItem(item.label, AuditVerdict.TWIN, "–", item.expected, item.evidence) for item in finding.items)
    done = sum(item.verdict != AuditVerdict.NOT_RUN for item in finding.items)
    text = f"{TWIN_NOTE} {done} of {len(items)} comparisons have runs." if items else TWIN_NOTE
    return Finding(AuditVerdict.TWIN, "–", finding.expected, text, finding.evidence, items)


def weigh(need: checks.Need, verdicts: Sequence[AuditVerdict]) -> AuditVerdict:
    """Decide a claim from its comparisons, with what is unknown left open.

    Examples
    --------
    >>> sure, no, open_ = AuditVerdict.REPRODUCED, AuditVerdict.REFUTED, AuditVerdict.INCONCLUSIVE
    >>> weigh("majority", [sure, sure, open_]).value, weigh("all", [sure, no, open_]).value, weigh("all", [open_]).value
    ('reproduced', 'refuted', 'inconclusive')
    """
    counts = Counter(verdicts)
    for verdict in (AuditVerdict.TWIN, AuditVerdict.OTHER_DATA, AuditVerdict.OTHER_PROTOCOL):
        if counts[verdict]:
            return verdict
    total, sure, no = len(verdicts), counts[AuditVerdict.REPRODUCED], counts[AuditVerdict.REFUTED]
    if counts[AuditVerdict.NOT_RUN] == total:
        return AuditVerdict.NOT_RUN
    if need == "none":
        sure, no, needed = no, sure, total
    else:
        needed = count_needed(need, total)
    if sure >= needed:
        return AuditVerdict.REPRODUCED
    if total - no < needed:
        return AuditVerdict.REFUTED
    return AuditVerdict.FAILED if counts[AuditVerdict.FAILED] else AuditVerdict.INCONCLUSIVE


# -- parts ----------------------------------------------------------------------------


def _counts(rows: Sequence[AuditItem]) -> str:
    counts = Counter(row.verdict for row in rows)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in AuditVerdict if counts[verdict]) or "no run"


def _explain(trials: Sequence[Trial], rows: Sequence[AuditItem], family: str, tests: int) -> str:
    shown = [row for row in rows if row.verdict != AuditVerdict.NOT_RUN]
    text = f"Of {len(rows)} comparisons: {_counts(rows)}."
    if shown and len(shown) <= 6:
        text += f" {listing([f'{row.label}: {row.measured}' for row in shown])}."
    powers = [one.detectable for one in trials if one.detectable is not None]
    if powers:
        span = f"{min(powers):.3f}" if min(powers) == max(powers) else f"{min(powers):.3f} to {max(powers):.3f}"
        text += f" At 80 % power these seeds notice a gain of {span}. Holm over {tests} tests of {family}."
    reasons = list(dict.fromkeys(one.reason for one in trials if one.reason))
    return f"{text} No test: {listing(reasons, 3)}." if reasons else text


def _keys(rows: Sequence[AuditItem]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for row in rows for key in row.evidence))


def _parameter_item(scope: Scope, check: checks.RunParameters, more: Target, less: Target) -> AuditItem:
    wanted = evaluate(scope, check.equals, Fact(more.at, "", "")).exact(scope)
    label, keys = f"{more.label} less {less.label}", (*more.keys, *less.keys)
    states = [state for state in (more.state("auc"), less.state("auc")) if state is not None]
    if states or more.cell is None or less.cell is None:
        return AuditItem(label, states[0], str(states[0]), number(wanted), keys)
    found = more.cell.parameters - less.cell.parameters
    verdict = AuditVerdict.REPRODUCED if found == wanted else AuditVerdict.REFUTED
    return AuditItem(label, verdict, f"{found:+,} parameters", number(wanted), keys)

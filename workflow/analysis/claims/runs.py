"""Claims against our runs: Holm's correction over families, and what the trials come to.

A verdict needs evidence: an item whose runs bear no finding, as they are missing, failed,
another protocol, a stand-in or a twin, leaves its part of the claim open. What the tests leave
open is inconclusive, and the row says what gain they would have noticed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from scipy import special

from workflow.analysis.claims import checks, mechanisms
from workflow.analysis.claims.cells import Runs
from workflow.analysis.claims.evaluate import Scope
from workflow.analysis.claims.order import closer_trials, rank_trials, spread_trials
from workflow.analysis.claims.registry import Claim
from workflow.analysis.claims.results import AuditItem, Outcome, count_needed, listing
from workflow.analysis.claims.series import average_trials, ratio_trials, trend_trials
from workflow.analysis.claims.trials import Trial, cell_trials, gain_trials, optimum_trials
from workflow.analysis.evidence.verdict import OBSTACLES, Finding, Standing, Verdict, weakest
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.tests import holm

TWIN_NOTE = "Runs on synthetic twins are no evidence about the paper."


def trials_of(scope: Scope, runs: Runs, claim: Claim) -> list[Trial] | None:
    """Trials of a claim; None where its check has no chance in it."""
    check = claim.runs
    if isinstance(check, checks.Function):
        return list(mechanisms.TRIALS[check.name](scope, runs)) if check.name in mechanisms.TRIALS else None
    return list(MAKERS[type(check)](scope, runs, check))


MAKERS: Mapping[type, Callable[[Scope, Runs, Any], Iterator[Trial]]] = {
    checks.RunGain: gain_trials,
    checks.RunSpread: spread_trials,
    checks.RunCloser: closer_trials,
    checks.RunRank: rank_trials,
    checks.RunOptimum: optimum_trials,
    checks.RunCells: cell_trials,
    checks.RunTrend: trend_trials,
    checks.RunRatio: ratio_trials,
    checks.RunAverage: average_trials,
}


def adjust(families: Sequence[tuple[str, Trial]]) -> dict[str, int]:
    """Give the trials of each family their Holm-adjusted p-values; return each family's number of tests.

    Each question is a family of its own: whether gains pass the bar, as tables ask it, is not
    corrected for the question whether they are as large as claimed. Tests count from the day
    that their runs are planned.
    """
    places: dict[tuple[str, str], list[Trial]] = {}
    for family, trial in families:
        for name in trial.asks if trial.keys else ():
            places.setdefault((family, name), []).append(trial)
    counts: Counter[str] = Counter()
    for (family, name), members in places.items():
        tested = [trial for trial in members if name in trial.tests]
        adjusted = holm([trial.tests[name] for trial in tested], planned=len(members))
        for trial, p in zip(tested, adjusted, strict=True):
            trial.adjusted[name] = p
            trial.family = len(members) if name == "bar" else trial.family
        counts[family] += len(members)
    return dict(counts)


def family_of(claim: Claim) -> str:
    """The family whose tests a claim's tests are corrected with."""
    return claim.family or claim.place


def expected(claim: Claim) -> str:
    """What our runs must show, in words."""
    check = claim.runs
    if isinstance(check, checks.RunGain):
        share = {"all": "every", "majority": "more than half of the", "some": "some", "none": "no"}[check.need]
        size = ", and not by less than the paper says, as far as can be told" if check.size is not None else ""
        bar = f" by more than {check.by}" if check.by else ""
        level = f", at {check.level}" if Fraction(check.level) != Fraction(str(ALPHA)) else ""
        return f"{share} comparison{'s' if check.need == 'majority' else ''} {check.sense}{bar}{size}{level}"
    if isinstance(check, checks.RunSpread):
        return f"{check.sense.replace('_', ' ')} so far apart on every dataset"
    if isinstance(check, checks.RunTrend):
        return f"{check.sense} with {check.along} on every dataset"
    return EXPECTED[type(check)]


EXPECTED: Mapping[type, str] = {
    checks.RunCells: "every printed number that tells is what our runs predict, but for chance",
    checks.RunCloser: "closer together on every dataset",
    checks.RunRank: "the rank as printed",
    checks.RunOptimum: "each above every rival",
    checks.RunRatio: "every ratio near the print",
    checks.RunAverage: "the mean as printed",
    checks.Function: "every comparison as the claim says",
}


def conclude(claim: Claim, trials: Sequence[Trial], tests: int) -> Outcome:
    """Weigh the trials: what holds for sure, what fails for sure, and what neither."""
    wanted = expected(claim)
    if not trials:
        return Outcome(Verdict(Finding.NOT_RUN), "no run", wanted, "The campaign plans no run for this claim.")
    need = claim.runs.need if isinstance(claim.runs, checks.RunGain | checks.RunRank) else "all"
    rows = tuple(AuditItem(one.label, one.verdict, one.measured, one.expected, one.keys) for one in trials)
    verdicts = [row.verdict for row in rows]
    verdict = weigh_prints(trials) if isinstance(claim.runs, checks.RunCells) else weigh(need, verdicts)
    return Outcome(verdict, counted(rows), wanted, _explain(trials, rows, family_of(claim), tests), keys_of(rows), rows)


def weigh(need: checks.Need, verdicts: Sequence[Verdict]) -> Verdict:
    """Decide a claim from its comparisons, with what is unknown left open.

    Examples
    --------
    >>> from workflow.analysis.evidence.verdict import Ground
    >>> sure, no, open_ = (Ground(None, Standing.CLOSE).verdict(Finding(word)) for word in
    ...                    ("reproduced", "refuted", "inconclusive"))
    >>> weigh("majority", [sure, sure, open_]).word, weigh("all", [sure, no, open_]).word, weigh("all", [open_]).beside
    ('reproduced', 'refuted', 'close')
    """
    findings = Counter(verdict.finding for verdict in verdicts)
    bearing = [verdict for verdict in verdicts if verdict.finding not in (None, *OBSTACLES)]
    if not bearing:
        standing = weakest(verdict.standing for verdict in verdicts if verdict.standing)
        if findings[None]:
            return Verdict(None, standing)
        return Verdict(_obstacle(findings, len(verdicts)), standing)
    standing = weakest(verdict.standing for verdict in bearing if verdict.standing)
    total, sure, no = len(verdicts), findings[Finding.REPRODUCED], findings[Finding.REFUTED]
    if need == "none":
        sure, no, needed = no, sure, total
    else:
        needed = count_needed(need, total)
    if sure >= needed:
        return Verdict(Finding.REPRODUCED, standing)
    if total - no < needed:
        return Verdict(Finding.REFUTED, standing)
    stopped = next((one for one in (Finding.FAILED, Finding.INCOMPLETE) if findings[one]), Finding.INCONCLUSIVE)
    return Verdict(stopped, standing)


def weigh_prints(trials: Sequence[Trial]) -> Verdict:
    """Decide a claim that all printed numbers hold.

    Prints that tell nothing do not count, where others do. Of n true prints a binomial number, with
    probability `ALPHA` each, lies outside of its interval: those that Holm does not refute are
    forgiven if they are no more than 19 of 20 such draws have.
    """
    telling = [one for one in trials if one.printed is not Finding.NOT_TELLING] or trials
    open_ = [one for one in telling if one.printed is Finding.DIFFERS and one.verdict.finding is Finding.INCONCLUSIVE]
    tested = sum(one.printed in (Finding.REPRODUCED, Finding.DIFFERS) for one in telling)
    forgiven = not open_ or special.bdtr(len(open_) - 1, tested, ALPHA) < 1 - ALPHA
    return weigh(
        "all",
        [one.ground.verdict(Finding.REPRODUCED) if forgiven and one in open_ else one.verdict for one in telling],
    )


def counted(rows: Sequence[AuditItem]) -> str:
    """How many items came to what."""
    counts = Counter(row.verdict.shown for row in rows)
    words = sorted(counts, key=lambda word: ([Finding, Standing].index(type(word)), [*type(word)].index(word)))
    return ", ".join(f"{counts[word]} {word}" for word in words) or "no run"


def keys_of(rows: Sequence[AuditItem]) -> tuple[str, ...]:
    """The runs behind items, each once."""
    return tuple(dict.fromkeys(key for row in rows for key in row.evidence))


# -- parts ----------------------------------------------------------------------------


def _obstacle(findings: Counter[Finding | None], total: int) -> Finding:
    if findings[Finding.NOT_RUN] == total:
        return Finding.NOT_RUN
    return Finding.FAILED if findings[Finding.FAILED] else Finding.INCOMPLETE


def _explain(trials: Sequence[Trial], rows: Sequence[AuditItem], family: str, tests: int) -> str:
    if any(row.verdict.standing is Standing.TWIN for row in rows):
        done = sum(row.verdict.finding is not Finding.NOT_RUN for row in rows)
        return f"{TWIN_NOTE} {done} of {len(rows)} comparisons have runs."
    shown = [row for row in rows if row.verdict.finding is not Finding.NOT_RUN]
    text = f"Of {len(rows)} comparisons: {counted(rows)}."
    if shown and len(shown) <= 6:
        text += f" {listing([f'{row.label}: {row.measured}' for row in shown])}."
    powers = [one.detectable for one in trials if one.detectable is not None]
    if powers:
        span = f"{min(powers):.3f}" if min(powers) == max(powers) else f"{min(powers):.3f} to {max(powers):.3f}"
        text += f" At 80 % power these seeds notice a gain of {span}. Holm over {tests} tests of {family}."
    reasons = list(dict.fromkeys(one.reason for one in trials if one.reason))
    return f"{text} No test: {listing(reasons, 3)}." if reasons else text

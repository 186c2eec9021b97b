"""Claims against our runs: Holm's correction over families, and what the trials come to.

A verdict needs evidence: an item whose runs support no conclusion, because they are missing, failed,
another protocol, a stand-in or a twin, leaves its part of the claim open. What the tests leave
open stays open, and the row says what gain they would have noticed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from scipy import special

from workflow.analysis.claims.cases import Need, needed
from workflow.analysis.claims.ours.cells import Runs
from workflow.analysis.claims.ours.trials import Trial
from workflow.analysis.claims.registry import Claim
from workflow.analysis.claims.results import AuditItem, Outcome, listing
from workflow.analysis.compare.words import WORDS, Finding, Verdict, verdict
from workflow.analysis.evidence.standing import Obstacle, Standing, weakest
from workflow.analysis.paper.facts import Frame
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.tests import holm

APART = (Finding.HIGHER, Finding.LOWER)  # prints that are not one of our runs
TWIN_NOTE = "Runs on synthetic twins are no evidence about the paper."


TrialsOf = Callable[[Frame, Runs], Iterable[Trial]]


@dataclass(frozen=True)
class OnRuns:
    """What a claim needs of our runs.

    Parameters
    ----------
    family : str
        The claims whose tests are corrected together; empty for those of one place.
    expected : str
        What must be found, in words.
    trials : callable
        Its comparisons.
    need : str
        Of how many of them.
    prints : bool
        Whether they are printed numbers, of which chance lets a few lie outside of their intervals.
    """

    family: str
    expected: str
    trials: TrialsOf
    need: Need = "all"
    prints: bool = False

    def family_of(self, claim: Claim) -> str:
        """The family whose tests this claim's are corrected with."""
        return self.family or claim.place


def gains(
    family: str,
    trials: TrialsOf,
    need: Need = "all",
    *,
    below: bool = False,
    bar: str = "",
    sized: bool = False,
    level: str = "",
) -> OnRuns:
    """A claim of gains: over a bar, no less than the paper's size, at a level."""
    share = {"all": "every", "majority": "more than half of the", "some": "some", "none": "no"}[need]
    parts = [f"{share} comparison{'s' * (need == 'majority')} {'below' if below else 'above'}"]
    parts += [f" by more than {bar}"] if bar else []
    parts += [", and the paper's size not above the interval"] if sized else []
    parts += [f", at {level}"] if level else []
    return OnRuns(family, "".join(parts), trials, need)


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


def conclude(claim: Claim, check: OnRuns, trials: Sequence[Trial], tests: int) -> Outcome:
    """Weigh the trials: what holds for sure, what fails for sure, and what neither."""
    wanted = check.expected
    if not trials:
        return Outcome(Verdict(Obstacle.NOT_RUN), "no run", wanted, "The campaign plans no run for this claim.")
    rows = tuple(AuditItem(one.label, one.verdict, one.measured, one.expected, one.keys) for one in trials)
    verdict = weigh_prints(trials) if check.prints else weigh(check.need, [(one.verdict, one.weight) for one in trials])
    return Outcome(
        verdict, counted(rows), wanted, _explain(trials, rows, check.family_of(claim), tests), keys_of(rows), rows
    )


def weigh(need: Need, trials: Sequence[tuple[Verdict, bool | None]]) -> Verdict:
    """Decide a claim from its comparisons, with what is unknown left open.

    Parameters
    ----------
    need : str
        How many of them must hold.
    trials : sequence of (Verdict, bool or None)
        The word of each, and whether it speaks for the claim or against it.

    Returns
    -------
    Verdict
        Of one comparison its own word. Of several `holds`, `holds, smaller` where some are, `does not hold`,
        an obstacle, or `open`.

    Examples
    --------
    >>> from workflow.analysis.evidence.standing import Ground
    >>> sure, no, open_ = ((verdict(Ground(None, Standing.REDRAWN), word), weight) for word, weight in
    ...                    ((Finding.HOLDS, True), (Finding.DOES_NOT_HOLD, False), (Finding.OPEN, None)))
    >>> weigh("majority", [sure, sure, open_]).word, weigh("all", [sure, no, open_]).word
    ('holds', 'does not hold')
    """
    verdicts = [each for each, _ in trials]
    if len(verdicts) == 1 and need != "none":
        return verdicts[0]
    findings = Counter(each.finding for each in verdicts)
    bearing = [each for each in verdicts if each.finding not in (None, *Obstacle)]
    if not bearing:
        standing = weakest(each.standing for each in verdicts if each.standing)
        return Verdict(None if findings[None] else _obstacle(findings, len(verdicts)), standing)
    standing = weakest(each.standing for each in bearing if each.standing)
    total, sure, no = len(trials), *(sum(weight is side for _, weight in trials) for side in (True, False))
    if need == "none":
        sure, no, wanted = no, sure, total
    else:
        wanted = needed(need, total)
    if sure >= wanted:
        return Verdict(Finding.SMALLER if findings[Finding.SMALLER] and need == "all" else Finding.HOLDS, standing)
    if total - no < wanted:
        return Verdict(Finding.DOES_NOT_HOLD, standing)
    return Verdict(
        next((one for one in (Obstacle.FAILED, Obstacle.INCOMPLETE) if findings[one]), Finding.OPEN), standing
    )


def weigh_prints(trials: Sequence[Trial]) -> Verdict:
    """Decide a claim that all printed numbers hold.

    Prints that tell nothing do not count, where others do. Of n true prints a binomial number, with
    probability `ALPHA` each, lies outside of its interval: those that Holm does not refute are
    forgiven if they are no more than 19 of 20 such draws have.
    """
    telling = [one for one in trials if not one.weak] or trials
    open_ = [one for one in telling if one.printed in APART and one.verdict.finding is Finding.OPEN]
    tested = sum(one.printed in (Finding.CONSISTENT, *APART) for one in telling)
    forgiven = not open_ or special.bdtr(len(open_) - 1, tested, ALPHA) < 1 - ALPHA
    return weigh(
        "all",
        [
            (verdict(one.ground, Finding.HOLDS), True) if forgiven and one in open_ else (one.verdict, one.weight)
            for one in telling
        ],
    )


def counted(rows: Sequence[AuditItem]) -> str:
    """How many items came to what."""
    counts = Counter(row.verdict.shown for row in rows)
    words = sorted(counts, key=WORDS.index)
    return ", ".join(f"{counts[word]} {word}" for word in words) or "no run"


def keys_of(rows: Sequence[AuditItem]) -> tuple[str, ...]:
    """The runs behind items, each once."""
    return tuple(dict.fromkeys(key for row in rows for key in row.evidence))


# -- parts ----------------------------------------------------------------------------


def _obstacle(findings: Counter[Finding | Obstacle | None], total: int) -> Obstacle:
    if findings[Obstacle.NOT_RUN] == total:
        return Obstacle.NOT_RUN
    return Obstacle.FAILED if findings[Obstacle.FAILED] else Obstacle.INCOMPLETE


def _explain(trials: Sequence[Trial], rows: Sequence[AuditItem], family: str, tests: int) -> str:
    if any(row.verdict.standing is Standing.SYNTHETIC for row in rows):
        done = sum(row.verdict.finding is not Obstacle.NOT_RUN for row in rows)
        return f"{TWIN_NOTE} {done} of {len(rows)} comparisons have runs."
    shown = [row for row in rows if row.verdict.finding is not Obstacle.NOT_RUN]
    text = f"Of {len(rows)} comparisons: {counted(rows)}."
    if shown and len(shown) <= 6:
        text += f" {listing([f'{row.label}: {row.measured}' for row in shown])}."
    powers = [one.detectable for one in trials if one.detectable is not None]
    if powers:
        span = f"{min(powers):.3f}" if min(powers) == max(powers) else f"{min(powers):.3f} to {max(powers):.3f}"
        text += f" At 80 % power these seeds notice a gain of {span}. Holm over {tests} tests of {family}."
    reasons = list(dict.fromkeys(one.reason for one in trials if one.reason))
    return f"{text} No test: {listing(reasons, 3)}." if reasons else text

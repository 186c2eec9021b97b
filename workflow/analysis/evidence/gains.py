"""Gain of one cell over another, with a finding from statistics and never from printed digits.

A gain has two errors: other seeds would give other runs, and another test set other AUCs of
the same runs. Its interval and its test hold both (`stats.uncertainty`), as far as the runs left
their sums by user; what is known of the seeds alone stands beside it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import sqrt

from workflow.analysis.evidence.cells import SCORES, Sample, testset_of
from workflow.analysis.evidence.number import TOLERANCE_points, signed
from workflow.analysis.evidence.verdict import Finding, Ground, Verdict, joined
from workflow.analysis.stats.effect import ALPHA, hedges_g
from workflow.analysis.stats.pairing import is_paired
from workflow.analysis.stats.permutation import permutation
from workflow.analysis.stats.samples import Interval, NoTest, TooFewSeeds, exact_mean, fraction
from workflow.analysis.stats.tests import Test, holm
from workflow.analysis.stats.uncertainty import Estimate, estimate

MARGIN = float(TOLERANCE_points) / 100  # AUC; also the paper's own bar for a gain that counts
NO_SUMS = "runs left no sums by user, so that the error over test sets is not known"
GAIN_NOTE = (
    "A gain is the difference of our means in full precision, rounded to two decimals, so it may differ by 0.01 from "
    "the difference of the truncated prints; the paper's gains are differences of its prints. Its 95 % interval holds "
    "the spread of seeds and what another test set would change; where runs left no sums by user it holds the seeds "
    "alone, and there is no finding. "
    f"Gain shown and loss shown rest on the t test of both at {ALPHA:.0%} (two-sided), Holm-corrected as each table "
    "says, over all gains that are planned; equal means that the whole interval lies within ± 0.10 (0.001 AUC, the "
    "paper's own bar), which is not corrected; anything else is not decided. "
    "Runs are paired by seed where a seed gives both the same batches, initial weights and dropout, as where only the "
    "loss differs; else it is Welch's test. Too few runs (fewer than 3 a side) give no p-value at all."
)

SHORT_NOTE = (
    "A 95 % interval holds the errors of seeds and test set, each for itself; findings are corrected (Holm) for all "
    "comparisons that a question plans, so that one may stay not decided beside an interval without zero."
)


@dataclass(frozen=True)
class Gain:
    """Mean of one cell minus mean of another.

    `mean` is in the unit of the values, AUC or seconds; `estimate` has the errors of seeds and
    test set and says why there is no test where there is none; `p` is what the finding rests on,
    after correction in a family of `family` tests. Where the test set's error is not known
    (`one_error`) there is an interval of the seeds alone, and neither p nor finding.
    """

    paper_points: Decimal | None
    mean: float | None
    estimate: Estimate | NoTest
    seeds: Estimate | NoTest  # the same, with the error of seeds alone
    paired: bool  # by seed
    values: tuple[float, ...]  # less the bar
    reference: tuple[float, ...]
    p: float | None
    ground: Ground
    one_error: bool = False
    family: int = 1

    @property
    def verdict(self) -> Verdict:
        """A gain on other ground than direct or close evidence has its numbers, but no finding."""
        return self.ground.verdict(self._finding)

    @property
    def _finding(self) -> Finding:
        if isinstance(self.estimate, TooFewSeeds):
            return Finding.TOO_FEW
        if isinstance(self.estimate, NoTest) or self.p is None or self.mean is None:
            return Finding.OPEN  # nothing varies, so that no spread can be estimated, or one of the errors is missing
        if self.p < ALPHA:
            return Finding.SHOWN if self.mean > 0 else Finding.LOSS
        return Finding.EQUAL if self.estimate.equivalence_p(MARGIN) < ALPHA / 2 else Finding.OPEN

    @cached_property
    def effect(self) -> Interval | NoTest:
        """Hedges' g over seeds."""
        return hedges_g(self.values, self.reference)

    @cached_property
    def permutation(self) -> Test | NoTest:
        """The exact test over all arrangements of the seeds."""
        return permutation(self.values, self.reference)

    @cached_property
    def interval(self) -> Interval | None:
        """95 % interval from both errors."""
        return None if isinstance(self.estimate, NoTest) else self.estimate.interval()

    @property
    def testset_se(self) -> float | None:
        """Standard error over test sets that all seeds share; None where it is not known."""
        known = isinstance(self.estimate, Estimate) and not self.one_error
        return sqrt(self.estimate.testset_variance) if known and isinstance(self.estimate, Estimate) else None

    @property
    def detectable(self) -> float | None:
        """Smallest true gain that a test of this family shows four times in five if no other has passed."""
        return self.estimate.detectable(family=self.family) if isinstance(self.estimate, Estimate) else None

    @property
    def why_no_test(self) -> str:
        """The reason; empty where there is a test."""
        return self.estimate.reason if isinstance(self.estimate, NoTest) else NO_SUMS * self.one_error

    @property
    def paper(self) -> str:
        """The paper's gain, signed."""
        return "–" if self.paper_points is None else signed(self.paper_points)

    @property
    def ours(self) -> str:
        """Our gain in points, with its 95 % interval where there is one."""
        if self.mean is None:
            return "–"
        if self.interval is None:
            return in_points(self.mean)
        return f"{in_points(self.mean)} [{in_points(self.interval.low)}, {in_points(self.interval.high)}]"

    @property
    def p_text(self) -> str:
        """The p-value that the finding rests on."""
        return p_value(self.p)


def gain(new: Sample, reference: Sample, paper_points: Decimal | None = None, bar: Fraction = Fraction(0)) -> Gain:
    """Compare two cells.

    Parameters
    ----------
    new, reference : Sample
        The gain is that of `new` over `reference`.
    paper_points : Decimal, optional
        The gain that the paper prints.
    bar : Fraction
        What the gain has to pass, in the unit of the values; it is taken off.

    Returns
    -------
    Gain
        With an uncorrected p; without one where an obstacle stands before the test.
    """
    own = tuple(float(fraction(value) - bar) for value in new.values) if bar else new.values
    mean = None
    if own and reference.values:
        mean = float(exact_mean(new.values) - bar - exact_mean(reference.values))
    paired = new.arm is not None and reference.arm is not None and is_paired(new.arm, reference.arm)
    seeds = estimate(own, reference.values, paired=paired)
    testset = None if isinstance(seeds, NoTest) else testset_of(new, reference)
    found = seeds if testset is None else estimate(own, reference.values, paired=paired, testset=testset)
    one_error = isinstance(seeds, Estimate) and testset is None and new.metric in SCORES
    ground = joined((new.ground, reference.ground))
    p = None if isinstance(found, NoTest) or one_error or ground.obstacle else found.test().p
    return Gain(paper_points, mean, found, seeds, paired, own, reference.values, p, ground, one_error)


def corrected(gains: Sequence[Gain]) -> list[Gain]:
    """Correct the p-values of a family by Holm's rule; gains without p stay, and count.

    Examples
    --------
    >>> corrected([])
    []
    """
    tested = {index: each.p for index, each in enumerate(gains) if each.p is not None}
    adjusted = dict(zip(tested, holm(list(tested.values()), planned=len(gains)), strict=True))
    return [
        replace(each, p=adjusted[index], family=len(gains)) if index in adjusted else each
        for index, each in enumerate(gains)
    ]


# -- text -----------------------------------------------------------------------------


def reasons(gains: Iterable[Gain]) -> list[str]:
    """Say why gains have no p-value, once per reason; nothing about gains whose runs are missing."""
    known = [each for each in gains if each.mean is not None]
    found = Counter(each.why_no_test for each in known if each.why_no_test)
    return [f"No p-value for {count} gain{'s'[: count > 1]}: {reason}." for reason, count in found.items()]


def power_line(title: str, each: Gain) -> str | None:
    """The smallest gain that these runs can show, beside the paper's; None where nothing was tested."""
    if each.detectable is None or each.one_error:
        return None
    claimed = "" if each.paper_points is None else f"; the paper claims {each.paper}"
    among = "" if each.family == 1 else f", as the first of {each.family} tests,"
    noticed = f"{100 * each.detectable:.2f}{among} four times in five{claimed}."
    return f"{title}: these seeds and this test set would show a true gain of {noticed}"


def in_points(value: float) -> str:
    """A difference of AUC in points, rounded and signed.

    Examples
    --------
    >>> in_points(0.00266), in_points(-0.00001)
    ('+0.27', '0.00')
    """
    return signed(Decimal(repr(float(value) * 100)).quantize(Decimal("0.01")))


def p_value(p: float | None) -> str:
    """A p-value with two digits, or a dash.

    Examples
    --------
    >>> p_value(0.000244), p_value(0.0312), p_value(None)
    ('2.4e-04', '0.031', '–')
    """
    if p is None:
        return "–"
    return f"{p:.1e}" if p < 0.001 else f"{p:.2g}"


GAIN_COLUMNS = ("over", "gain_paper", "gain", "gain_low", "gain_high", "se_seeds", "se_testset", "paired", "g", "p")
GAIN_COLUMNS += ("p_permutation", "p_corrected", "detectable", "gain_finding", "gain_standing", "why_no_test")


def gain_data(each: Gain | None, over: str = "") -> dict[str, str]:
    """Long data of a gain, with the columns of `GAIN_COLUMNS`; differences in AUC."""
    if each is None:
        return dict.fromkeys(GAIN_COLUMNS, "")
    found = None if isinstance(each.estimate, NoTest) else each.estimate
    numbers = (
        each.paper_points,
        each.mean,
        each.interval and each.interval.low,
        each.interval and each.interval.high,
        found and sqrt(found.seed_variance),
        each.testset_se,
        found and int(each.paired),
        each.effect.value if isinstance(each.effect, Interval) else None,
        found and found.test().p,
        each.permutation.p if isinstance(each.permutation, Test) else None,
        each.p,
        each.detectable,
    )
    texts = ("" if number is None else str(number) for number in numbers)
    return dict(
        zip(GAIN_COLUMNS, (over, *texts, each.verdict.word, each.ground.standing or "", each.why_no_test), strict=True)
    )

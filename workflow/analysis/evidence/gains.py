"""Gain of one cell over another, with a finding from statistics and never from printed digits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import comb

from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.number import TOLERANCE_points, signed
from workflow.analysis.evidence.verdict import Finding, Ground, Verdict, joined
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.exact import MAX_ARRANGEMENTS, permutation
from workflow.analysis.stats.samples import NoTest, TooFewSeeds, fraction
from workflow.analysis.stats.tests import Comparison, Test, compare, holm

MARGIN = float(TOLERANCE_points) / 100  # AUC; also the paper's own bar for a gain that counts
GAIN_NOTE = (
    "A gain is the difference of our means in full precision, rounded to two decimals, so it may differ by 0.01 from "
    "the difference of the truncated prints; the paper's gains are differences of its prints. "
    f"Its finding rests on Welch's t test at {ALPHA:.0%} (two-sided), Holm-corrected as each table says: shown, loss "
    "shown, equal (within 0.10, by an equivalence test, TOST, at a margin of 0.001 AUC), else not decided. "
    "Too few runs (fewer than 3 a side) give no p-value at all."
)


@dataclass(frozen=True)
class Gain:
    """Mean of one cell minus mean of another.

    `mean` is in the unit of the values, AUC or seconds; `comparison` says why there is no test
    where there is none; `p` is what the finding rests on, after correction.
    """

    paper_points: Decimal | None
    mean: float | None
    comparison: Comparison | NoTest
    permutation: Test | NoTest
    p: float | None
    ground: Ground

    @property
    def verdict(self) -> Verdict:
        """A gain on other ground than direct or close evidence has its numbers, but no finding."""
        return self.ground.verdict(self._finding)

    @property
    def _finding(self) -> Finding:
        if isinstance(self.comparison, TooFewSeeds):
            return Finding.TOO_FEW
        if isinstance(self.comparison, NoTest) or self.p is None or self.mean is None:
            return Finding.OPEN  # nothing varies, so that no spread can be estimated
        if self.p < ALPHA:
            return Finding.SHOWN if self.mean > 0 else Finding.LOSS
        return Finding.EQUAL if self.comparison.equivalence.holds() else Finding.OPEN

    @property
    def paper(self) -> str:
        """The paper's gain, signed."""
        return "–" if self.paper_points is None else signed(self.paper_points)

    @property
    def ours(self) -> str:
        """Our gain in points, with its 95 % interval where there is one."""
        if self.mean is None:
            return "–"
        if isinstance(self.comparison, NoTest):
            return in_points(self.mean)
        interval = self.comparison.difference
        return f"{in_points(self.mean)} [{in_points(interval.low)}, {in_points(interval.high)}]"

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
        With Welch's uncorrected p; without one where an obstacle stands before the test.
    """
    own = tuple(float(fraction(value) - bar) for value in new.values) if bar else new.values
    mean = None
    if own and reference.values:
        mean = float(_mean(new.values) - bar - _mean(reference.values))
    found = compare(own, reference.values, MARGIN)
    ground = joined((new.ground, reference.ground))
    p = None if isinstance(found, NoTest) or ground.obstacle else found.welch.p
    return Gain(paper_points, mean, found, _permutation(own, reference.values), p, ground)


def corrected(gains: Sequence[Gain]) -> list[Gain]:
    """Correct the p-values of a family by Holm's rule; gains without p stay.

    Examples
    --------
    >>> corrected([])
    []
    """
    family = [index for index, each in enumerate(gains) if each.p is not None]
    adjusted = dict(zip(family, holm([p for index in family if (p := gains[index].p) is not None]), strict=True))
    return [replace(each, p=adjusted[index]) if index in adjusted else each for index, each in enumerate(gains)]


def _mean(values: Sequence[float]) -> Fraction:
    return sum(map(fraction, values), Fraction(0)) / len(values)


def _permutation(new: Sequence[float], reference: Sequence[float]) -> Test | NoTest:
    count = comb(len(new) + len(reference), len(new))
    if count > MAX_ARRANGEMENTS:
        return NoTest(f"{count:,} arrangements are too many for an exact test")
    return permutation(new, reference)


def reasons(gains: Iterable[Gain]) -> list[str]:
    """Say why gains have no p-value, once per reason; nothing about gains whose runs are missing."""
    found = Counter(
        each.comparison.reason for each in gains if isinstance(each.comparison, NoTest) and each.mean is not None
    )
    return [f"No p-value for {count} gain{'s'[: count > 1]}: {reason}." for reason, count in found.items()]


# -- text -----------------------------------------------------------------------------


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


GAIN_COLUMNS = ("over", "gain_paper", "gain", "gain_low", "gain_high", "g", "p_welch", "p_permutation", "p_corrected")
GAIN_COLUMNS += ("detectable", "gain_finding", "gain_standing", "why_no_test")


def gain_data(each: Gain | None, over: str = "") -> dict[str, str]:
    """Long data of a gain, with the columns of `GAIN_COLUMNS`; differences in AUC."""
    if each is None:
        return dict.fromkeys(GAIN_COLUMNS, "")
    found = None if isinstance(each.comparison, NoTest) else each.comparison
    reason = each.comparison.reason if isinstance(each.comparison, NoTest) else ""
    exact_test = each.permutation if isinstance(each.permutation, Test) else None
    numbers = (
        each.paper_points,
        each.mean,
        found and found.difference.low,
        found and found.difference.high,
        found and found.effect.value,
        found and found.welch.p,
        exact_test and exact_test.p,
        each.p,
        found and found.detectable,
    )
    texts = ("" if number is None else str(number) for number in numbers)
    return dict(zip(GAIN_COLUMNS, (over, *texts, each.verdict.word, each.ground.standing or "", reason), strict=True))

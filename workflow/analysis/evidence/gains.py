"""Gain of one cell over another, with a verdict from statistics and never from printed digits."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import comb

from workflow.analysis.evidence.number import ResultCell, TOLERANCE_points, Verdict, signed
from workflow.analysis.pages.document import Field
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.exact import MAX_ARRANGEMENTS, permutation
from workflow.analysis.stats.samples import NoTest, TooFewSeeds, fraction
from workflow.analysis.stats.tests import Comparison, Test, compare, holm

MARGIN = float(TOLERANCE_points) / 100  # AUC; also the paper's own bar for a gain that counts
GAIN_NOTE = (
    "A gain is the difference of our means in full precision, rounded to two decimals, so it may differ by 0.01 from "
    "the difference of the truncated prints; the paper's gains are differences of its prints. "
    f"Its verdict rests on Welch's t test at {ALPHA:.0%} (two-sided), Holm-corrected as each table says: shown, loss "
    "shown, equal within 0.10 (an equivalence test, TOST, at a margin of 0.001 AUC), else not decided. "
    "Too few seeds (fewer than 3 a side) give no p-value at all."
)


class Claim(StrEnum):
    """What a claimed gain came to."""

    SHOWN = "gain shown"
    LOSS = "loss shown"
    EQUAL = "equal within 0.10"
    OPEN = "not decided"
    TOO_FEW = "too few seeds"
    NO_SPREAD = "no spread"
    MISSING = "runs missing"
    NOT_RUN = "not run"
    FAILED = "failed"
    OTHER_DATA = "other data"
    TWIN = "other data (twin)"
    OTHER_PROTOCOL = "other protocol"


@dataclass(frozen=True)
class Gain:
    """Mean of one cell minus mean of another.

    `mean` is in AUC; `comparison` says why there is no test where there is none;
    `p` is what the verdict rests on, after correction.
    """

    paper_points: Decimal | None
    mean: float | None
    comparison: Comparison | NoTest
    permutation: Test | NoTest
    p: float | None
    claim: Claim

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
        """The p-value that the verdict rests on."""
        return p_value(self.p)


def gain(new: ResultCell, reference: ResultCell, paper_points: Decimal | None = None) -> Gain:
    """Compare two cells.

    Parameters
    ----------
    new, reference : ResultCell
        The gain is that of `new` over `reference`.
    paper_points : Decimal, optional
        The gain that the paper prints.

    Returns
    -------
    Gain
        With Welch's uncorrected p. A gain on other data or under another protocol has its
        numbers, but that for a verdict: it says nothing about the paper.
    """
    mean = None
    if new.mean is not None and reference.mean is not None:
        mean = float(_mean(new) - _mean(reference))
    found = compare(new.values, reference.values, MARGIN)
    p = None if isinstance(found, NoTest) else found.welch.p
    return _decided(Gain(paper_points, mean, found, _permutation(new, reference), p, _obstacle(new, reference)))


def corrected(gains: Sequence[Gain]) -> list[Gain]:
    """Correct the p-values of a family by Holm's rule and decide again; gains without p stay.

    Examples
    --------
    >>> corrected([])
    []
    """
    family = [index for index, each in enumerate(gains) if each.p is not None]
    adjusted = dict(zip(family, holm([each.p for each in gains if each.p is not None]), strict=True))
    return [with_p(each, adjusted[index]) if index in adjusted else each for index, each in enumerate(gains)]


def with_p(each: Gain, p: float) -> Gain:
    """The same gain, judged by another p-value."""
    return _decided(replace(each, p=p))


def _mean(cell: ResultCell) -> Fraction:
    return sum((fraction(value) for value in cell.values), Fraction(0)) / len(cell.values)


def _permutation(new: ResultCell, reference: ResultCell) -> Test | NoTest:
    n, m = new.runs, reference.runs
    if comb(n + m, n) > MAX_ARRANGEMENTS:
        return NoTest(f"{comb(n + m, n):,} arrangements are too many for an exact test")
    return permutation(new.values, reference.values)


OBSTACLES: dict[Verdict, Claim] = {
    Verdict.FAILED: Claim.FAILED,
    Verdict.NOT_RUN: Claim.NOT_RUN,
    Verdict.TWIN: Claim.TWIN,
    Verdict.OTHER_DATA: Claim.OTHER_DATA,
    Verdict.OTHER_PROTOCOL: Claim.OTHER_PROTOCOL,
}


def _obstacle(*cells: ResultCell) -> Claim:
    """What forbids a verdict from statistics; `not decided` where nothing does."""
    present = {cell.verdict for cell in cells}
    for verdict, claim in OBSTACLES.items():
        if verdict in present:
            return claim
    return Claim.MISSING if any(cell.runs < cell.planned for cell in cells) else Claim.OPEN


def _decided(each: Gain) -> Gain:
    if each.claim in OBSTACLES.values() or each.claim is Claim.MISSING:
        return each
    return replace(each, claim=_claim(each))


def _claim(each: Gain) -> Claim:
    if isinstance(each.comparison, TooFewSeeds):
        return Claim.TOO_FEW
    if isinstance(each.comparison, NoTest):
        return Claim.NO_SPREAD
    assert each.p is not None
    assert each.mean is not None
    if each.p < ALPHA:
        return Claim.SHOWN if each.mean > 0 else Claim.LOSS
    return Claim.EQUAL if each.comparison.equivalence.holds() else Claim.OPEN


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


def gain_fields(each: Gain | None) -> tuple[Field, Field, Field, Field]:
    """Paper's gain, ours with its interval, p, verdict."""
    if each is None:
        return ("", "", "", "")
    return (each.paper, each.ours, each.p_text, str(each.claim))


GAIN_COLUMNS = ("over", "gain_paper", "gain", "gain_low", "gain_high", "g", "p_welch", "p_permutation", "p_corrected")
GAIN_COLUMNS += ("detectable", "gain_verdict", "why_no_test")


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
    return dict(zip(GAIN_COLUMNS, (over, *texts, each.claim, reason), strict=True))

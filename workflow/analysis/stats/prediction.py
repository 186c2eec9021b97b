"""Whether a printed number is what our runs would give: the prediction interval of one new run.

A print is one run of somebody else's, so it is compared with where a new run of ours would fall,
not with our mean's confidence interval: the paper's seed is as much a draw as ours.

Scores are AUC in [0, 1]; prints are in points, hundredths of AUC, cut to two decimals: a print p
stands for any AUC in [p, p + 0.01) points, and the nearest of these counts.

Shapes: N runs of one configuration.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Literal

from scipy import special

from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import Interval, NoTest, centred, exact_mean, fraction, untestable

NumberFinding = Literal["reproduced", "differs", "not telling", "too few runs", "near", "far"]
WIDEST_points = Decimal("0.10")  # half width from which on an interval tells nothing; also what is near
_STEP_points = Decimal("0.01")  # what a print's truncation leaves open
_NORMAL_95 = NormalDist().inv_cdf(1 - ALPHA / 2)


@dataclass(frozen=True)
class OtherSplit:
    """What it adds that the paper tested on other rows of the same kind.

    `variance` is that of an AUC over test sets, as far as all seeds share it; `clusters` are behind it.
    """

    variance: float
    clusters: int


@dataclass(frozen=True)
class Prediction:
    """Where one new run would fall, in AUC, at 95 %.

    `attainable` is the least half width that endless runs would leave, at 95 %: one run's own spread,
    taken at the lower bound of what these runs allow.
    """

    interval: Interval
    attainable: float
    se: float
    df: float

    @property
    def half_width(self) -> float:
        """Half of the interval's width."""
        return (self.interval.high - self.interval.low) / 2

    def p(self, printed_points: Decimal) -> float:
        """Two-sided p-value of the hypothesis that the print is one more run, for the nearest AUC that prints so.

        Below α exactly where the print lies outside of the interval.
        """
        low, high = Fraction(printed_points) / 100, Fraction(printed_points + _STEP_points) / 100
        mean = fraction(self.interval.value)
        away = float(max(low - mean, mean - high, Fraction(0)))
        return 2 * float(special.stdtr(self.df, -away / self.se))


@dataclass(frozen=True)
class NumberVerdict:
    """A finding, and the prediction that it rests on; for near and far there is none, but a reason."""

    finding: NumberFinding
    prediction: Prediction | NoTest


def prediction(x_N: Sequence[float], other_split: OtherSplit | None = None) -> Prediction | NoTest:
    """95 % prediction interval of one new run: mean ± t · s · sqrt(1 + 1/n).

    Parameters
    ----------
    x_N : sequence of float
        One score per run.
    other_split : OtherSplit, optional
        Where the new run would be tested on other rows than ours: its test set and ours are two
        draws, so the shared variance counts twice. s holds each run's own test noise already.
        Degrees of freedom are then Satterthwaite's. Training rows count as given all the same,
        so that the interval is if anything too short.

    Returns
    -------
    Prediction or NoTest
        `TooFewSeeds` below three runs, `NoSpread` where all runs agree to the last bit.

    Examples
    --------
    >>> found = prediction([0.9870, 0.9872, 0.9874]).interval
    >>> round(found.low, 6), round(found.high, 6)
    (0.986206, 0.988194)
    """
    fault = untestable(x_N, x_N)
    if fault:
        return fault
    x, _ = centred(x_N, x_N)
    n, spread = len(x), float(x.var(ddof=1))
    parts = [(spread * (1 + 1 / n), n - 1)]
    if other_split is not None:
        parts.append((2 * other_split.variance, other_split.clusters - 1))
    variance = sum(part for part, _ in parts)
    df = variance**2 / sum(part**2 / each for part, each in parts)
    half = -float(special.stdtrit(df, ALPHA / 2)) * sqrt(variance)
    mean = float(exact_mean(x_N))
    least_spread = spread * (n - 1) / float(special.chdtri(n - 1, ALPHA))
    endless = _NORMAL_95 * sqrt(variance - spread * (1 + 1 / n) + least_spread)
    return Prediction(Interval(mean, mean - half, mean + half), endless, sqrt(variance), df)


def judge_number(
    x_N: Sequence[float],
    printed_points: Decimal,
    reference_points: Decimal | None = None,
    other_split: OtherSplit | None = None,
) -> NumberVerdict:
    """Compare a printed number with our runs.

    Parameters
    ----------
    x_N : sequence of float
        One AUC per run, at least one.
    printed_points : Decimal
        The print, in points.
    reference_points : Decimal, optional
        What the paper prints for the row's plain reference; None where the row is that reference.
    other_split : OtherSplit, optional
        Where the paper's test rows are not ours.

    Returns
    -------
    NumberVerdict
        The first that applies: `near` or `far`, by 0.10 points from our mean, where no interval
        can be had; `differs`, where the print lies outside; `too few runs`, where the interval
        is wider than ± 0.10 points (more runs can help only if its `attainable` width is less);
        `not telling`, where the reference's print lies inside too; else `reproduced`.

    Examples
    --------
    >>> runs = [0.81503, 0.81506, 0.81501, 0.81508]
    >>> judge_number(runs, Decimal("81.50")).finding
    'reproduced'
    >>> judge_number(runs, Decimal("81.50"), reference_points=Decimal("81.51")).finding
    'not telling'
    """
    found = prediction(x_N, other_split)
    if isinstance(found, NoTest):
        mean, width = exact_mean(x_N), Fraction(WIDEST_points) / 100
        near = meets(mean - width, mean + width, printed_points)
        return NumberVerdict("near" if near else "far", found)
    low, high = found.interval.low, found.interval.high
    if not meets(low, high, printed_points):
        return NumberVerdict("differs", found)
    if found.half_width > WIDEST_points / 100:
        return NumberVerdict("too few runs", found)
    if reference_points is not None and meets(low, high, reference_points):
        return NumberVerdict("not telling", found)
    return NumberVerdict("reproduced", found)


def meets(low: float | Fraction, high: float | Fraction, printed_points: Decimal) -> bool:
    """Whether [low, high] has an AUC that prints as `printed_points`.

    Examples
    --------
    >>> meets(0.81509, 0.82, Decimal("81.50")), meets(0.8151, 0.82, Decimal("81.50"))
    (True, False)
    """
    # Python compares fractions with floats exactly.
    return low < Fraction(printed_points + _STEP_points) / 100 and Fraction(printed_points) / 100 <= high

"""Prediction intervals of a new run, with which a printed number or gain is compared.

A printed number is one run of someone else, so it is compared with where a new run of ours would fall,
not with our mean's confidence interval: the paper's seed is as much a draw as ours. A printed gain
is the difference of two such runs.

Scores are AUC in [0, 1]; prints are in points, hundredths of AUC, cut to two decimals: a print p
stands for any AUC in [p, p + 0.01) points, and the nearest of these counts.

Shapes: N runs of one configuration.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from scipy import special

from workflow.analysis.stats.moderation import Prior
from workflow.analysis.stats.samples import NoTest, fraction
from workflow.analysis.stats.uncertainty import Estimate, TestSet, combined, satterthwaite, single

STEP_points = Decimal("0.01")  # width of the range that truncation leaves open


def predicted(mean: Estimate, other_clusters: int = 0) -> Estimate:
    """Where one new draw of what an estimate is the mean of would fall: one run, or the difference of two.

    `other_clusters` are those behind the test set, where the new run would be tested on other rows than ours: its test
    set and ours are two draws, so the shared variance counts twice; the seeds' part holds each run's own test noise
    already. Training rows count as given all the same, so that the interval is if anything too short.
    """
    parts = [(mean.seed_variance + mean.run_variance, mean.seed_df)]
    if other_clusters:
        parts.append((2 * mean.testset_variance, other_clusters - 1))
    return Estimate(mean.value, sum(part for part, _ in parts), 0.0, satterthwaite(parts))


def prediction(
    x_N: Sequence[float], other_split: TestSet | None = None, prior: Prior | None = None
) -> Estimate | NoTest:
    """One new run of a configuration: mean, and s · sqrt(1 + 1/n) as its standard error.

    With `other_split`, the errors of these runs over test sets, the new run is tested on other rows: see `predicted`.
    `NoTest` below three runs, or where all runs agree to the last bit.

    Examples
    --------
    >>> found = prediction([0.9870, 0.9872, 0.9874]).interval()
    >>> round(found.low, 6), round(found.high, 6)
    (0.986206, 0.988194)
    """
    mean = combined([single(x_N)], other_split, prior)
    return mean if isinstance(mean, NoTest) else predicted(mean, other_split.clusters if other_split else 0)


def meets(low: float | Fraction, high: float | Fraction, printed_points: Decimal) -> bool:
    """Whether [low, high] has an AUC that prints as `printed_points`.

    Examples
    --------
    >>> meets(0.81509, 0.82, Decimal("81.50")), meets(0.8151, 0.82, Decimal("81.50"))
    (True, False)
    """
    # Python compares fractions with floats exactly.
    return low < Fraction(printed_points + STEP_points) / 100 and Fraction(printed_points) / 100 <= high


def print_p(found: Estimate, printed_points: Decimal) -> float:
    """Two-sided p-value of the hypothesis that a print is one more run, for the nearest AUC that prints so.

    Below α exactly where the print lies outside of the 95 % interval of where one more run would fall.
    """
    low, high = Fraction(printed_points) / 100, Fraction(printed_points + STEP_points) / 100
    mean = fraction(found.value)
    away = float(max(low - mean, mean - high, Fraction(0)))
    return 2 * float(special.stdtr(found.df, -away / found.se))

"""Two sets of runs compared: t tests, equivalence, Holm, and all about one comparison.

Scores are AUC values in [0, 1], one per seed; differences and intervals are in AUC, not
in points. A comparison that cannot be tested returns a `NoTest` with its reason, never a
p-value. Exact permutation tests are in `exact`, effect size and power in `effect`.

Shapes: N runs of one configuration, M of the other, K hypotheses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from workflow.analysis.stats.effect import ALPHA, detectable_gain, hedges_g
from workflow.analysis.stats.samples import Array, Interval, NoTest, centred, pooled_sd, untestable


@dataclass(frozen=True)
class Test:
    """A two-sided test. `statistic` is t, or the mean difference of a permutation test."""

    __test__ = False  # pytest takes the name for a test class

    p: float
    statistic: float
    df: float | None = None


@dataclass(frozen=True)
class Equivalence:
    """Outcome of TOST: `p` is the larger of the two one-sided p-values."""

    p: float
    margin: float

    def holds(self, alpha: float = ALPHA) -> bool:
        """Whether the difference lies within the margin, at level alpha."""
        return self.p < alpha


# -- tests of a difference ------------------------------------------------------------


def welch(x_N: Sequence[float], y_M: Sequence[float]) -> Test | NoTest:
    """Welch's two-sided t test of equal means; spreads may differ.

    Parameters
    ----------
    x_N, y_M : sequence of float
        One score per run.

    Returns
    -------
    Test or NoTest
        `TooFewSeeds` below three runs a side, `NoSpread` where nothing varies.

    Examples
    --------
    >>> result = welch([0.982, 0.984, 0.983], [0.980, 0.981, 0.979])
    >>> round(result.statistic, 4), round(result.df, 4), round(result.p, 4)
    (3.6742, 4.0, 0.0213)
    >>> welch([0.982], [0.980]).reason
    'too few seeds: 1 against 1, and a t test needs 3 on each side'
    """
    fault = untestable(x_N, y_M)
    if fault:
        return fault
    difference, error, df = _welch_parts(*centred(x_N, y_M))
    return _t_test(difference / error, df)


# -- size of a difference -------------------------------------------------------------


def mean_difference(x_N: Sequence[float], y_M: Sequence[float], level: float = 1 - ALPHA) -> Interval | NoTest:
    """Mean of x minus mean of y with Welch's confidence interval.

    Parameters
    ----------
    x_N, y_M : sequence of float
        One score per run.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    Interval or NoTest
        In the unit of the scores.

    Examples
    --------
    >>> found = mean_difference([0.982, 0.984, 0.983], [0.980, 0.981, 0.979])
    >>> round(found.value, 6), round(found.low, 6), round(found.high, 6)
    (0.003, 0.000733, 0.005267)
    """
    fault = untestable(x_N, y_M)
    if fault:
        return fault
    difference, error, df = _welch_parts(*centred(x_N, y_M))
    half = float(stats.t.ppf((1 + level) / 2, df)) * error
    return Interval(difference, difference - half, difference + half)


def equivalence(x_N: Sequence[float], y_M: Sequence[float], margin: float) -> Equivalence | NoTest:
    """Two one-sided Welch tests (TOST) that the means differ by less than `margin`.

    Parameters
    ----------
    x_N, y_M : sequence of float
        One score per run.
    margin : float
        Half width of what counts as equal, in the unit of the scores; above 0.

    Returns
    -------
    Equivalence or NoTest
        A small p says that the difference lies within the margin. A large p does not
        say that it lies outside.

    Raises
    ------
    ValueError
        When the margin is not positive.

    Examples
    --------
    >>> equivalence([0.9801, 0.9802, 0.9803], [0.9802, 0.9801, 0.9800], 0.001).holds()
    True
    """
    if not margin > 0:
        raise ValueError(f"margin must be positive, not {margin}")
    fault = untestable(x_N, y_M)
    if fault:
        return fault
    difference, error, df = _welch_parts(*centred(x_N, y_M))
    low = float(stats.t.sf((difference + margin) / error, df))
    high = float(stats.t.cdf((difference - margin) / error, df))
    return Equivalence(max(low, high), margin)


# -- families and planning ------------------------------------------------------------


def holm(p_K: Sequence[float]) -> list[float]:
    """Adjust p-values for a family of tests by Holm's step-down rule.

    Parameters
    ----------
    p_K : sequence of float
        P-values in [0, 1], in any order.

    Returns
    -------
    list of float
        Adjusted p-values in [0, 1], in the same order; reject where one is below alpha.

    Raises
    ------
    ValueError
        When a p-value lies outside [0, 1].

    Examples
    --------
    >>> [round(p, 2) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    if not all(0 <= p <= 1 for p in p_K):
        raise ValueError(f"p-values must lie in [0, 1]: {list(p_K)}")
    adjusted, reached = [0.0] * len(p_K), 0.0
    for rank, index in enumerate(sorted(range(len(p_K)), key=lambda position: p_K[position])):
        reached = max(reached, min(1.0, (len(p_K) - rank) * p_K[index]))
        adjusted[index] = reached
    return adjusted


# -- everything about one comparison --------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """A gain and how sure it is. `detectable` is the gain these seeds would notice at 80 % power."""

    difference: Interval
    welch: Test
    effect: Interval
    equivalence: Equivalence
    detectable: float


def compare(x_N: Sequence[float], y_M: Sequence[float], margin: float) -> Comparison | NoTest:
    """Compare two sets of runs: difference, Welch's test, effect size, equivalence, power.

    Parameters
    ----------
    x_N, y_M : sequence of float
        One score per run.
    margin : float
        Margin of the equivalence test, in the unit of the scores; above 0.

    Returns
    -------
    Comparison or NoTest
        The gain of x over y.

    Examples
    --------
    >>> compare([0.98, 0.99], [0.97, 0.98], margin=0.001).reason
    'too few seeds: 2 against 2, and a t test needs 3 on each side'
    """
    found = (
        mean_difference(x_N, y_M),
        welch(x_N, y_M),
        hedges_g(x_N, y_M),
        equivalence(x_N, y_M, margin),
    )
    difference, test, effect, within = found
    if isinstance(difference, NoTest):
        return difference
    assert isinstance(test, Test)
    assert isinstance(effect, Interval)
    assert isinstance(within, Equivalence)
    sd = pooled_sd(*centred(x_N, y_M))
    return Comparison(difference, test, effect, within, detectable_gain(min(len(x_N), len(y_M)), sd))


# -- parts ----------------------------------------------------------------------------


def _t_test(t: float, df: float) -> Test:
    return Test(2 * float(stats.t.sf(abs(t), df)), t, df)


def _welch_parts(x_N: Array, y_M: Array) -> tuple[float, float, float]:
    """Difference of means, its standard error, and Welch's degrees of freedom."""
    u, v = x_N.var(ddof=1) / len(x_N), y_M.var(ddof=1) / len(y_M)
    df = (u + v) ** 2 / (u**2 / (len(x_N) - 1) + v**2 / (len(y_M) - 1))
    return float(x_N.mean() - y_M.mean()), float(np.sqrt(u + v)), float(df)

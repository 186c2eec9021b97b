"""Size of a gain in standard deviations, and the gain that a number of seeds would notice.

Both rest on the noncentral t distribution, which supposes equal spreads.

Shapes: N runs of one configuration, M of the other.
"""

from collections.abc import Callable, Sequence
from math import exp, lgamma, sqrt

import numpy as np
from scipy import optimize, special, stats

from workflow.analysis.stats.samples import Interval, NoTest, centred, pooled_sd, untestable

ALPHA = 0.05
POWER = 0.80


def hedges_g(x_N: Sequence[float], y_M: Sequence[float], level: float = 1 - ALPHA) -> Interval | NoTest:
    """Mean difference in pooled standard deviations, corrected for small samples.

    The interval inverts the noncentral t distribution, which supposes equal spreads.

    Parameters
    ----------
    x_N, y_M : sequence of float
        One score per run.
    level : float
        Confidence level, in (0, 1).

    Returns
    -------
    Interval or NoTest
        Without unit; positive where x is larger.

    Examples
    --------
    >>> found = hedges_g([0.982, 0.984, 0.983], [0.980, 0.981, 0.979])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (2.394, 0.305, 4.391)
    """
    fault = untestable(x_N, y_M)
    if fault:
        return fault
    x, y = centred(x_N, y_M)
    df, root = len(x) + len(y) - 2, sqrt(len(x) * len(y) / (len(x) + len(y)))
    d = float(x.mean() - y.mean()) / pooled_sd(x, y)
    correction = exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
    tail = (1 - level) / 2
    low, high = (_noncentrality(d * root, df, share) / root for share in (1 - tail, tail))
    return Interval(correction * d, correction * low, correction * high)


def detectable_gain(seeds: int, sd: float, power: float = POWER, alpha: float = ALPHA) -> float:
    """Find the smallest true gain that a two-sided t test of `seeds` runs a side would notice.

    Parameters
    ----------
    seeds : int
        Runs on each side, at least 2.
    sd : float
        Standard deviation over seeds, in the unit of the scores; the same on both sides.
    power : float
        Wanted probability of noticing the gain, in (alpha, 1).
    alpha : float
        Level of the test, in (0, 1).

    Returns
    -------
    float
        The gain, in the unit of the scores.

    Raises
    ------
    ValueError
        When `seeds` is below 2, or `sd` negative.

    Examples
    --------
    >>> round(detectable_gain(5, 0.0005), 6)
    0.001012
    """
    if seeds < 2 or sd < 0:
        raise ValueError(f"needs at least 2 seeds and sd >= 0, not {seeds} and {sd}")
    df = 2 * seeds - 2
    critical = float(stats.t.isf(alpha / 2, df))

    def shortfall(nc: float) -> float:
        return float(special.nctdtr(df, nc, critical) - special.nctdtr(df, nc, -critical)) - (1 - power)

    start = critical + float(stats.norm.ppf(power))  # where the t distribution is nearly normal
    return _root(shortfall, start, 0.5) * sd * sqrt(2 / seeds)


def _noncentrality(t: float, df: int, share: float) -> float:
    """Find the noncentrality whose t distribution has `share` of its mass below t."""
    if abs(t) > 1000:  # the normal part no longer counts, and the distribution function is unknown there
        quantile = stats.chi2.isf(share, df) if t > 0 else stats.chi2.ppf(share, df)
        return t * sqrt(float(quantile) / df)
    return _root(lambda nc: share - float(special.nctdtr(df, nc, t)), t, 1.0)


def _root(function: Callable[[float], float], start: float, step: float) -> float:
    """Root of a monotone function, bracketed by doubling steps around `start`."""
    low, high = start - step, start + step
    while np.sign(function(low)) == np.sign(function(high)):
        step *= 2
        low, high = start - step, start + step
    return optimize.brentq(function, low, high, xtol=1e-13)  # pyright: ignore[reportReturnType]

"""Size of a gain in standard deviations, from the noncentral t distribution, which assumes equal spreads.

Shapes: N runs of one configuration, M of the other.
"""

from collections.abc import Sequence
from math import exp, lgamma, sqrt

from scipy import special

from workflow.analysis.stats.samples import MIN_SEEDS, Interval, NoTest, centred, exact_mean

ALPHA = 0.05
POWER = 0.80


def hedges_g(x_N: Sequence[float], y_M: Sequence[float], level: float = 1 - ALPHA) -> Interval | NoTest:
    """Mean difference of scores in pooled standard deviations, corrected for small samples; above 0 where x is larger.

    The interval, at a level in (0, 1), inverts the noncentral t distribution, which assumes equal spreads.

    Examples
    --------
    >>> found = hedges_g([0.982, 0.984, 0.983], [0.980, 0.981, 0.979])
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (2.394, 0.383, 5.503)
    """
    if min(len(x_N), len(y_M)) < MIN_SEEDS:
        return NoTest(f"too few seeds: {len(x_N)} against {len(y_M)}, and each side needs {MIN_SEEDS}")
    df, root = len(x_N) + len(y_M) - 2, sqrt(len(x_N) * len(y_M) / (len(x_N) + len(y_M)))
    squares = sum((len(each) - 1) * float(centred(each).var(ddof=1)) for each in (x_N, y_M))
    if squares == 0:
        return NoTest("all seeds agree to the last bit, so that no spread can be estimated")
    d = float(exact_mean(x_N) - exact_mean(y_M)) / sqrt(squares / df)  # in pooled standard deviations
    correction = exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
    tail = (1 - level) / 2
    low, high = (_noncentrality(d * root, df, share) / root for share in (1 - tail, tail))
    return Interval(correction * d, low, high)  # the limits need no correction for bias


def _noncentrality(t: float, df: int, share: float) -> float:
    """Find the noncentrality whose t distribution has `share` of its mass below t."""
    if abs(t) > 1000:  # the normal part is negligible, and the distribution function is not available there
        return t * sqrt(float(special.chdtri(df, share if t > 0 else 1 - share)) / df)
    return float(special.nctdtrinc(df, share, t))

"""The best of n random trials, from N independent trials: an unbiased mean, and bands for the median.

The trials are independent draws of a setting with their scores; a best is a maximum.
"""

from collections.abc import Sequence
from functools import cache
from math import comb

import numpy as np
from scipy import special

CONFIDENCE = 0.95
SIMULATED = 20_000  # samples of order statistics that a band is calibrated on


def expected_best(values_N: Sequence[float]) -> list[float]:
    """The mean best of n trials for n = 1 to N, without bias: the mean maximum over all subsets of n.

    With x₁ ≤ … ≤ x_N, that is Σ x_i · C(i−1, n−1) / C(N, n). The estimate that draws the subsets with replacement
    (Dodge et al. 2019) is biased downwards; this one is not (Tang et al. 2020, arXiv:2004.13705).
    """
    ordered = sorted(values_N)
    total = len(ordered)
    return [
        sum(value * comb(place, n - 1) / comb(total, n) for place, value in enumerate(ordered))
        for n in range(1, total + 1)
    ]


def median_best_bands(values_N: Sequence[float]) -> list[tuple[float | None, float | None]]:
    """Bounds of the median best of n trials for n = 1 to N, of all n together with probability 0.95.

    They follow from a band around the distribution of a trial's score (Lourie et al. 2023, arXiv:2311.09480): the best
    of n has its median where that distribution reaches 0.5^(1/n). None where the trials give no bound.
    """
    ordered = sorted(values_N)
    low_N, high_N = distribution_band(len(ordered))
    found = []
    for n in range(1, len(ordered) + 1):
        level = 0.5 ** (1 / n)
        reached = next((place for place, bound in enumerate(high_N) if bound >= level), len(ordered))
        passed = next((place for place, bound in enumerate(low_N) if bound >= level), None)
        found.append((ordered[reached - 1] if reached else None, None if passed is None else ordered[passed]))
    return found


@cache
def distribution_band(total: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Bounds of a continuous distribution function at each of `total` ordered draws, which hold together in 95 %.

    The i-th smallest of N uniform draws has the distribution Beta(i, N+1−i). Its equal-tailed intervals are widened,
    all to the same level, until they hold together (Learned-Miller and DeStefano 2008).
    """
    below_N = np.arange(1, total + 1)
    above_N = total + 1 - below_N
    drawn_SN = np.sort(np.random.default_rng(0).random((SIMULATED, total)), axis=1)
    tails_SN = special.betainc(below_N, above_N, drawn_SN)
    worst_S = np.minimum(tails_SN, 1 - tails_SN).min(axis=1)  # the level at which a sample would leave the band
    tail = float(np.quantile(worst_S, 1 - CONFIDENCE))
    low_N, high_N = (special.betaincinv(below_N, above_N, level) for level in (tail, 1 - tail))
    return tuple(low_N.tolist()), tuple(high_N.tolist())

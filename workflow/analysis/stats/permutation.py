"""Exact permutation tests, and the smallest p-value that a number of seeds can give.

They assume no distribution, but few runs have few arrangements: with n of them no p-value
below a floor can occur, however large the gain. A test whose floor is not below alpha
returns `NoTest`.

Shapes: N runs of one configuration, M of the other.
"""

from collections.abc import Sequence
from itertools import combinations
from math import comb, lcm

from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import NoTest, fraction

MAX_ARRANGEMENTS = 1_000_000


def smallest_p(seeds: int) -> float:
    """Return the smallest two-sided p-value that an exact test of `seeds` runs a side can give: 2/C(2n, n).

    Examples
    --------
    >>> round(smallest_p(5), 4)
    0.0079
    """
    if seeds < 1:
        raise ValueError(f"needs at least 1 seed, not {seeds}")
    return 2 / comb(2 * seeds, seeds)


def permutation(x_N: Sequence[float], y_M: Sequence[float]) -> float | NoTest:
    """P-value of the exact two-sided permutation test of two sets: every run may belong to either.

    It is the share of the C(N+M, N) divisions whose means are at least as far apart, ties counted
    exactly. `NoTest` where no division could get below alpha, or where there are more than a million.

    Examples
    --------
    >>> round(permutation([0.95, 0.96, 0.97, 0.98], [0.90, 0.91, 0.92, 0.93]), 4)
    0.0286
    >>> permutation([0.95, 0.96, 0.97], [0.90, 0.91, 0.92]).reason
    'too few seeds: 3 against 3 can give no p-value below 0.1'
    """
    n, m = len(x_N), len(y_M)
    floor = (2 if n == m else 1) / comb(n + m, n)
    if not (n and m) or floor >= ALPHA:
        least = f" below {floor:.2g}" if n and m else ""
        return NoTest(f"too few seeds: {n} against {m} can give no p-value{least}")
    if comb(n + m, n) > MAX_ARRANGEMENTS:
        return NoTest(f"{comb(n + m, n):,} arrangements are too many for an exact test")
    pooled = [*map(fraction, x_N), *map(fraction, y_M)]
    scale = lcm(*(value.denominator for value in pooled))
    whole = [int(value * scale) for value in pooled]  # so that ties are ties
    # A division's mean difference is (n+m)·sum(x) − n·total, up to a positive factor.
    distances = [abs((n + m) * sum(chosen) - n * sum(whole)) for chosen in combinations(whole, n)]
    as_far = sum(distance >= distances[0] for distance in distances)  # the first has x as it is
    return as_far / len(distances)

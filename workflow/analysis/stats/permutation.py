"""Exact permutation tests, and the smallest p-value that a number of seeds can give.

They suppose no distribution, but few runs have few arrangements: with n of them no p-value
below a floor can occur, however large the gain. A test whose floor is not below alpha
returns `TooFewSeeds`.

Shapes: N runs of one configuration, M of the other.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from math import comb, lcm

from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import NoTest, TooFewSeeds, fraction
from workflow.analysis.stats.tests import Test

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


def permutation(x_N: Sequence[float], y_M: Sequence[float], alpha: float = ALPHA) -> Test | NoTest:
    """Exact two-sided permutation test of two sets: every run may belong to either.

    Parameters
    ----------
    x_N, y_M : sequence of float
        One score per run.
    alpha : float
        Level that the test must be able to reach.

    Returns
    -------
    Test or NoTest
        `p` is the share of the C(N+M, N) divisions whose means are at least as far
        apart, ties counted exactly. `TooFewSeeds` where no division could get below alpha,
        `NoTest` where there are more than a million divisions.

    Examples
    --------
    >>> round(permutation([0.95, 0.96, 0.97, 0.98], [0.90, 0.91, 0.92, 0.93]).p, 4)
    0.0286
    >>> permutation([0.95, 0.96, 0.97], [0.90, 0.91, 0.92]).reason
    'too few seeds: 3 against 3 can give no p-value below 0.1'
    """
    n, m = len(x_N), len(y_M)
    floor = (2 if n == m else 1) / comb(n + m, n)
    if not (n and m) or floor >= alpha:
        return _floor(f"{n} against {m}", floor if n and m else None)
    if comb(n + m, n) > MAX_ARRANGEMENTS:
        return NoTest(f"{comb(n + m, n):,} arrangements are too many for an exact test")
    pooled = [*map(fraction, x_N), *map(fraction, y_M)]
    whole = _integers(pooled)
    # A division's mean difference is (n+m)·sum(x) − n·total, up to a positive factor.
    total = sum(whole)
    distances = ((n + m) * sum(chosen) - n * total for chosen in combinations(whole, n))
    difference = sum(pooled[:n]) / n - sum(pooled[n:]) / m
    return Test(_share(distances, (n + m) * sum(whole[:n]) - n * total), float(difference))


def _floor(runs: str, floor: float | None) -> TooFewSeeds:
    return TooFewSeeds(f"too few seeds: {runs} can give no p-value" + (f" below {floor:.2g}" if floor else ""))


def _integers(values: Sequence[Fraction]) -> list[int]:
    """Scale to whole numbers, so that ties are ties."""
    scale = lcm(*(value.denominator for value in values))
    return [int(value * scale) for value in values]


def _share(distances: Iterable[int], observed: int) -> float:
    counted = [abs(distance) >= abs(observed) for distance in distances]
    return sum(counted) / len(counted)

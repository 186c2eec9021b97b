"""Exact permutation tests, and the smallest p-value that a number of seeds can give.

They suppose no distribution, but few runs have few arrangements: with n of them no p-value
below a floor can occur, however large the gain. A test whose floor is not below alpha
returns `TooFewSeeds`.

Shapes: N runs of one configuration, M of the other.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations, product
from math import comb, lcm
from typing import Literal

from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.samples import NoTest, TooFewSeeds, fraction
from workflow.analysis.stats.tests import Test

ExactTest = Literal["sign_flip", "permutation", "wilcoxon"]
MAX_ARRANGEMENTS = 1_000_000


def smallest_p(seeds: int, test: ExactTest) -> float:
    """Return the smallest two-sided p-value that `seeds` runs a side, or pairs, can give.

    Parameters
    ----------
    seeds : int
        Runs on each side (permutation), or pairs (sign flip and Wilcoxon's signed ranks); at least 1.
    test : {"sign_flip", "permutation", "wilcoxon"}
        2/2ⁿ for pairs, 2/C(2n, n) for two sets.

    Returns
    -------
    float
        In (0, 1].

    Raises
    ------
    ValueError
        When `seeds` is below 1.

    Examples
    --------
    >>> smallest_p(5, "sign_flip"), round(smallest_p(5, "permutation"), 4)
    (0.0625, 0.0079)
    """
    if seeds < 1:
        raise ValueError(f"needs at least 1 seed, not {seeds}")
    return 2 / (comb(2 * seeds, seeds) if test == "permutation" else 2**seeds)


def sign_flip(x_N: Sequence[float], y_N: Sequence[float], alpha: float = ALPHA) -> Test | NoTest:
    """Exact two-sided sign-flip test of pairs: every difference may have either sign.

    Parameters
    ----------
    x_N, y_N : sequence of float
        Scores, where entry i of both belongs together.
    alpha : float
        Level that the test must be able to reach.

    Returns
    -------
    Test or NoTest
        `p` is the share of the 2ᴺ sign patterns whose mean is at least as far from 0,
        ties counted exactly. `TooFewSeeds` where 2/2ᴺ is not below alpha.

    Raises
    ------
    ValueError
        When lengths differ, or when there are more than a million patterns.

    Examples
    --------
    >>> sign_flip([3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 1, 1]).p
    0.03125
    >>> sign_flip([3, 4], [1, 1]).reason
    'too few seeds: 2 pairs can give no p-value below 0.5'
    """
    differences = [fraction(x) - fraction(y) for x, y in zip(x_N, y_N, strict=True)]
    if not differences or smallest_p(len(differences), "sign_flip") >= alpha:
        floor = smallest_p(len(differences), "sign_flip") if differences else None
        return _floor(f"{len(differences)} pairs", floor)
    _check_size(2 ** len(differences))
    whole = _integers(differences)
    # A pattern and its mirror image are equally far from 0, so half of them suffice.
    patterns = product((1, -1), repeat=len(whole) - 1)
    sums = (whole[0] + sum(sign * value for sign, value in zip(signs, whole[1:], strict=True)) for signs in patterns)
    return Test(_share(sums, sum(whole)), float(sum(differences) / len(differences)))


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
        apart, ties counted exactly. `TooFewSeeds` where no division could get below alpha.

    Raises
    ------
    ValueError
        When there are more than a million divisions.

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
    _check_size(comb(n + m, n))
    pooled = [*map(fraction, x_N), *map(fraction, y_M)]
    whole = _integers(pooled)
    # A division's mean difference is (n+m)·sum(x) − n·total, up to a positive factor.
    total = sum(whole)
    distances = ((n + m) * sum(chosen) - n * total for chosen in combinations(whole, n))
    difference = sum(pooled[:n]) / n - sum(pooled[n:]) / m
    return Test(_share(distances, (n + m) * sum(whole[:n]) - n * total), float(difference))


def arrangements(n: int, m: int) -> int:
    """Count the divisions of n + m runs into n and m."""
    return comb(n + m, n)


def _floor(runs: str, floor: float | None) -> TooFewSeeds:
    return TooFewSeeds(f"too few seeds: {runs} can give no p-value" + (f" below {floor:.2g}" if floor else ""))


def _check_size(count: int) -> None:
    if count > MAX_ARRANGEMENTS:
        raise ValueError(f"{count:,} arrangements are too many for an exact test; use a t test")


def _integers(values: Sequence[Fraction]) -> list[int]:
    """Scale to whole numbers, so that ties are ties."""
    scale = lcm(*(value.denominator for value in values))
    return [int(value * scale) for value in values]


def _share(distances: Iterable[int], observed: int) -> float:
    counted = [abs(distance) >= abs(observed) for distance in distances]
    return sum(counted) / len(counted)

"""Samples of scores: what makes two of them testable, and numbers taken from them.

Shapes: N runs of one configuration, M of the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MIN_SEEDS = 3  # with two, one degree of freedom estimates each spread


@dataclass(frozen=True)
class NoTest:
    """Why there is no p-value."""

    reason: str


class TooFewSeeds(NoTest):
    """Fewer runs than the test needs."""


class NoSpread(NoTest):
    """All runs of both sides agree to the last bit, so that no spread can be estimated."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval."""

    value: float
    low: float
    high: float


def untestable(x_N: Sequence[float], y_M: Sequence[float], what: str = "seeds") -> NoTest | None:
    """Say why the two cannot be tested; None where they can."""
    if min(len(x_N), len(y_M)) < MIN_SEEDS:
        sizes = f"{len(x_N)} against {len(y_M)}" if what == "seeds" else str(len(x_N))
        side = " on each side" if what == "seeds" else ""
        return TooFewSeeds(f"too few {what}: {sizes}, and a t test needs {MIN_SEEDS}{side}")
    if max(x_N) == min(x_N) and max(y_M) == min(y_M):
        return NoSpread(f"all {what} agree to the last bit, so no spread can be estimated")
    return None


def centred(x_N: Sequence[float]) -> Array:
    """Subtract the first exactly: scores near 1 that differ in the last digits keep them."""
    origin = fraction(x_N[0])
    return np.array([float(fraction(value) - origin) for value in x_N])


def pooled_sd(x_N: Array, y_M: Array) -> float:
    """Standard deviation within the two, supposed equal."""
    squares = (len(x_N) - 1) * x_N.var(ddof=1) + (len(y_M) - 1) * y_M.var(ddof=1)
    return float(np.sqrt(squares / (len(x_N) + len(y_M) - 2)))


@lru_cache(maxsize=4096)  # each score is compared with many
def fraction(value: float) -> Fraction:
    """Read a float as the decimal that it prints as, not as its binary value.

    Examples
    --------
    >>> fraction(0.8145) == Fraction(8145, 10_000)
    True
    """
    return Fraction(repr(float(value)))


def exact_mean(values: Sequence[float]) -> Fraction:
    """Mean of floats as the decimals that they print as.

    Examples
    --------
    >>> exact_mean([0.1, 0.2]) == Fraction(3, 20)
    True
    """
    return sum(map(fraction, values), Fraction(0)) / len(values)

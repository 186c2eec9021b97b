"""Samples of scores: why some cannot be tested, and numbers taken from them.

Shapes: N runs of one configuration.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MIN_SEEDS = 3  # two runs would leave one degree of freedom for each spread


@dataclass(frozen=True)
class NoTest:
    """Why there is no p-value."""

    reason: str


@dataclass(frozen=True)
class Interval:
    """An estimate with its confidence interval."""

    value: float
    low: float
    high: float


def centred(x_N: Sequence[float]) -> Array:
    """Subtract the first exactly: scores near 1 that differ in the last digits keep them."""
    origin = fraction(x_N[0])
    return np.array([float(fraction(value) - origin) for value in x_N])


@lru_cache(maxsize=4096)  # as each score is compared with many
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

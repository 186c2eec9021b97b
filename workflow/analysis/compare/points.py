"""Numbers as readers see them: points are hundredths of AUC, as the paper prints them (0.9872 AUC is 98.72 points).

The paper truncates to two decimals, so what stands beside its prints is truncated too.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from statistics import fmean, stdev

from workflow.analysis.stats.samples import exact_mean, fraction


def signed(points: Decimal) -> str:
    """Format a difference with its sign; zero has none."""
    return f"{points:+.2f}".replace("-", "−") if points else "0.00"


def in_points(value: float) -> str:
    """A difference of AUC in points, rounded and signed."""
    return signed(Decimal(repr(float(value) * 100)).quantize(Decimal("0.01")))


def p_value(p: float | None) -> str:
    """A p-value with two digits, or a dash. With five seeds the tails cannot be trusted below 0.001."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def truncate(value: float | Fraction) -> Decimal:
    """Cut an AUC, or a difference of two, to points with two decimals, as the paper prints: floor(10⁴ · value) / 100.

    A float counts as the decimal that it prints as: in binary 0.8145 lies below 8145/10000.
    """
    number = value if isinstance(value, Fraction) else fraction(value)
    return Decimal(floor(number * 10_000)).scaleb(-2)


def shown_mean(values: Sequence[float], planned: int, *, points: bool = True, counted: bool = True) -> str:
    """The mean of runs ± their standard deviation; a dash if there are none.

    With `points` they are AUCs, truncated as in the paper; else they have four decimals, as log loss. `counted`: the
    number of several runs follows; it always follows if some are missing.
    """
    if not values:
        return "–"
    scale, digits = (100, 2) if points else (1, 4)
    mean = str(truncate(exact_mean(values))) if points else f"{fmean(values):.4f}"
    spread = f" ± {scale * stdev(values):.{digits}f}" if len(values) > 1 else ""
    if len(values) < planned:
        return f"{mean}{spread} (n={len(values)} of {planned})"
    return f"{mean}{spread} (n={planned})" if counted and planned > 1 else f"{mean}{spread}"

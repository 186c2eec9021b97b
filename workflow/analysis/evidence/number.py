"""A number of ours beside the paper's: value, difference, verdict, and the runs behind it.

Units: `points` are hundredths of AUC, as the paper prints them (0.9872 AUC is 98.72
points). The paper truncates to two decimals, so everything printed here is truncated too.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor, sqrt
from typing import Literal

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.prints import Print
from workflow.analysis.evidence.verdict import Finding, Ground, Standing, Verdict
from workflow.analysis.stats.samples import fraction

Metric = Literal["auc", "gauc"]
TOLERANCE_points = Decimal("0.10")  # 0.001 AUC

DELTA_NOTE = (
    "Δ is ours minus the paper's, in points of AUC × 100, both truncated to two decimals as the paper prints. "
    "So a print stands for a range of 0.01, and reproduced (|Δ| ≤ 0.10) means that the nearest value "
    "in that range is within 0.001 AUC of our mean; nothing that the print leaves open counts as a difference."
)


@dataclass(frozen=True)
class Number:
    """One compared number.

    `ours_points` and `delta_points` are what is printed; `mean` and `sd` are in full
    precision and in AUC, not points. `runs` of `planned` runs gave a value: `values`, by seed.
    """

    metric: Metric
    paper_points: Decimal | None
    values: tuple[float, ...]
    planned: int
    ground: Ground
    run_keys: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    source: str | None = None
    data_note: str = ""

    @property
    def runs(self) -> int:
        """Runs that gave a value."""
        return len(self.values)

    @cached_property
    def exact_mean(self) -> Fraction | None:
        """Mean of the values as the decimals that they print as."""
        return sum(map(fraction, self.values), Fraction(0)) / self.runs if self.values else None

    @property
    def mean(self) -> float | None:
        """Mean, in AUC."""
        return None if self.exact_mean is None else float(self.exact_mean)

    @property
    def sd(self) -> float | None:
        """Sample standard deviation, from two runs on."""
        return _sd([fraction(value) for value in self.values])

    @property
    def ours_points(self) -> Decimal | None:
        """The mean as the paper would print it."""
        return None if self.exact_mean is None else truncate(self.exact_mean)

    @property
    def delta_points(self) -> Decimal | None:
        """Ours minus the print; None on a twin, where it would compare nothing."""
        if self.exact_mean is None or self.paper_points is None or self.ground.standing is Standing.TWIN:
            return None
        return difference(self.exact_mean, self.paper_points)

    @property
    def verdict(self) -> Verdict:
        """`reproduced` is a difference of at most 0.001 AUC."""
        if self.delta_points is None:
            return self.ground.verdict(Finding.NO_PRINT)
        close = abs(self.delta_points) <= TOLERANCE_points
        return self.ground.verdict(Finding.REPRODUCED if close else Finding.DIFFERS)

    @property
    def ours(self) -> str:
        """The mean as the paper would print it, with ± sd and the number of runs where they matter."""
        if self.ours_points is None:
            return "–"
        spread = "" if self.sd is None else f" ± {100 * self.sd:.2f}"
        count = "" if self.runs == self.planned == 1 else f" (n={self.runs}{_of(self.runs, self.planned)})"
        return f"{self.ours_points}{spread}{count}"

    @property
    def delta(self) -> str:
        """The signed difference, or a dash."""
        return "–" if self.delta_points is None else signed(self.delta_points)


def number(observed: Observed, metric: Metric, printed: Print | None) -> Number:
    """Compare a cell's runs with the paper's print."""
    done = [record for record in observed.records if record]
    return Number(
        metric=metric,
        paper_points=printed.points if printed else None,
        values=observed.values(metric),
        planned=len(observed.cell.runs),
        ground=observed.ground,
        run_keys=observed.keys,
        records=tuple(run.record_path.as_posix() for run in observed.cell.runs),
        source=observed.cell.source,
        data_note="; ".join(dict.fromkeys(record.provenance.data_note for record in done)),
    )


def _of(runs: int, planned: int) -> str:
    return "" if runs == planned else f" of {planned}"


def signed(points: Decimal) -> str:
    """Format a difference with its sign; zero has none.

    Examples
    --------
    >>> signed(Decimal("0.07")), signed(Decimal("-0.07")), signed(Decimal("0.00"))
    ('+0.07', '−0.07', '0.00')
    """
    return f"{points:+.2f}".replace("-", "−") if points else "0.00"


def truncate(value: float | Fraction) -> Decimal:
    """Cut an AUC to points with two decimals, as the paper prints: floor(10⁴ · value) / 100.

    Parameters
    ----------
    value : float or Fraction
        An AUC, or a difference of two. A float counts as the decimal that it prints as:
        in binary 0.8145 lies below 8145/10000, and a naive floor would print 81.44.

    Returns
    -------
    Decimal
        Points, with exactly two decimals.

    Examples
    --------
    >>> truncate(0.8145), truncate(0.987299)
    (Decimal('81.45'), Decimal('98.72'))
    """
    number = value if isinstance(value, Fraction) else fraction(value)
    return Decimal(floor(number * 10_000)).scaleb(-2)


def difference(ours: float | Fraction, paper_points: Decimal) -> Decimal:
    """Ours minus the paper's print, both truncated alike.

    The paper's value is known only to lie in [v, v + 0.01) points. Truncating ours too
    compares like with like, gives 0 exactly when ours would print the same, and can be
    checked by hand. It also gives the verdict of the lenient reading: below v − 0.10 or
    from v + 0.11 on, even the nearest value in the range is 0.001 AUC or more away.

    Parameters
    ----------
    ours : float or Fraction
        Our mean, as an AUC.
    paper_points : Decimal
        The print, in points.

    Returns
    -------
    Decimal
        Points.

    Examples
    --------
    >>> difference(0.98795, Decimal("98.72"))
    Decimal('0.07')
    """
    return truncate(ours) - paper_points


def _sd(values: list[Fraction]) -> float | None:
    if len(values) < 2:
        return None
    mean = sum(values, Fraction(0)) / len(values)
    return sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))

"""A number of ours beside the paper's: value, difference, verdict, and the runs behind it.

Units: `points` are hundredths of AUC, as the paper prints them (0.9872 AUC is 98.72
points). The paper truncates to two decimals, so everything printed here is truncated too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import floor, sqrt
from typing import Literal

from workflow.analysis.evidence.cells import Observed, Sample, sample, testset_of
from workflow.analysis.evidence.verdict import Finding, Ground, Standing, Verdict
from workflow.analysis.paper.facts import Fact
from workflow.analysis.stats.prediction import NumberVerdict, OtherSplit, WIDEST_points, judge_number
from workflow.analysis.stats.samples import NoTest, exact_mean, fraction
from workflow.analysis.stats.uncertainty import shared_variance

Metric = Literal["auc", "gauc"]
TOLERANCE_points = Decimal("0.10")  # 0.001 AUC

DELTA_NOTE = (
    "Δ is ours minus the paper's, in points of AUC × 100, both truncated to two decimals as the paper prints, so a "
    "print stands for a range of 0.01. A print is reproduced where it lies in the 95 % prediction interval of one more "
    "run of ours (seeds, and the test set where the paper's split is not ours) and that interval is no wider than "
    "± 0.10; it differs where it lies outside. A wider interval is too few runs; not telling is a print beside which "
    "that of the plain reference would have passed too. Without three runs it is near or far, by 0.10."
)


@dataclass(frozen=True)
class Number:
    """One compared number.

    `ours_points` and `delta_points` are what is printed; `mean` and `sd` are in full
    precision and in AUC, not points. `runs` of `planned` runs gave a value, in `sample`.
    `reference_points` is what the paper prints of the row's plain reference.
    """

    metric: Metric
    paper_points: Decimal | None
    sample: Sample
    planned: int
    reference_points: Decimal | None = None
    other_split: OtherSplit | None = None
    run_keys: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    source: str | None = None
    data_note: str = ""

    @property
    def values(self) -> tuple[float, ...]:
        """One per run that gave one, by seed."""
        return self.sample.values

    @property
    def ground(self) -> Ground:
        """What it rests on."""
        return self.sample.ground

    @property
    def runs(self) -> int:
        """Runs that gave a value."""
        return len(self.values)

    @cached_property
    def exact_mean(self) -> Fraction | None:
        """Mean of the values as the decimals that they print as."""
        return exact_mean(self.values) if self.values else None

    @property
    def mean(self) -> float | None:
        """Mean, in AUC."""
        return None if self.exact_mean is None else float(self.exact_mean)

    @property
    def sd(self) -> float | None:
        """Sample standard deviation, from two runs on."""
        return _sd(self.values)

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

    @cached_property
    def judged(self) -> NumberVerdict | None:
        """The print beside the prediction of one more run; None where there is nothing to compare."""
        if self.delta_points is None or self.paper_points is None:
            return None
        return judge_number(self.values, self.paper_points, self.reference_points, self.other_split)

    @property
    def verdict(self) -> Verdict:
        """See `stats.prediction.judge_number`."""
        return self.ground.verdict(Finding.NO_PRINT if self.judged is None else Finding(self.judged.finding))

    @property
    def reach_points(self) -> float | None:
        """Half the width that endless runs leave at the least, where it is too wide for `reproduced`; else None."""
        found = self.judged.prediction if self.judged else None
        if self.verdict.finding is not Finding.TOO_FEW or isinstance(found, NoTest | None):
            return None
        reach = 100 * found.attainable
        return reach if reach > WIDEST_points else None

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


def number(observed: Observed, metric: Metric, printed: Fact | None, reference: Fact | None = None) -> Number:
    """Compare a cell's runs with the paper's print.

    Parameters
    ----------
    observed : Observed
        The cell.
    metric : str
        auc or gauc.
    printed : Fact, optional
        What the paper prints of it.
    reference : Fact, optional
        What the paper prints of the row's plain reference, where the row is not that itself.
    """
    done = [record for record in observed.records if record]
    own = sample(observed, metric)
    return Number(
        metric=metric,
        paper_points=printed.points if printed else None,
        sample=own,
        planned=len(observed.cell.runs),
        reference_points=reference.points if reference else None,
        other_split=_other_split(observed, own),
        run_keys=observed.keys,
        records=observed.places,
        source=observed.cell.source,
        data_note="; ".join(dict.fromkeys(record.provenance.data_note for record in done)),
    )


def _other_split(observed: Observed, own: Sample) -> OtherSplit | None:
    """The error over test sets, where rows were split by us and not as the paper did."""
    if observed.cell.runs[0].dataset.preparation.split is None or len(own.values) < 2:
        return None
    testset = testset_of(own)
    return None if testset is None else OtherSplit(shared_variance(testset), testset.clusters)


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


def _sd(values: Sequence[float]) -> float | None:
    if len(values) < 2:
        return None
    mean = exact_mean(values)
    return sqrt(sum((fraction(value) - mean) ** 2 for value in values) / (len(values) - 1))

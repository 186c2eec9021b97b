"""One of our numbers beside the paper's: value, difference, the interval of one new run, and the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from statistics import stdev
from typing import Literal

from workflow.analysis.compare.points import shown_mean, signed, truncate
from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.cells import Observed, Sample, sample, testset_of
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Ground, Standing
from workflow.analysis.stats.prediction import meets, prediction
from workflow.analysis.stats.samples import NoTest, exact_mean
from workflow.analysis.stats.uncertainty import Estimate
from workflow.plan.config import load_experiment

Metric = Literal["auc", "gauc"]
METRICS: tuple[Metric, ...] = ("auc", "gauc")


@dataclass(frozen=True)
class Number:
    """One compared number: the values of its runs in `sample`, and where one new run of ours would fall.

    `ours_points` and `delta_points` are what is printed; `mean` and `sd` are in full precision and in AUC, not points.
    `reference_points` is what the paper prints of the row's plain reference.
    """

    metric: Metric
    paper_points: Decimal | None
    sample: Sample
    prediction: Estimate | NoTest
    reference_points: Decimal | None = None

    @property
    def ground(self) -> Ground:
        """What it rests on."""
        return self.sample.ground

    @property
    def runs(self) -> int:
        """Runs that gave a value."""
        return len(self.sample.values)

    @cached_property
    def exact_mean(self) -> Fraction | None:
        """Mean of the values as the decimals that they print as."""
        return exact_mean(self.sample.values) if self.sample.values else None

    @property
    def mean(self) -> float | None:
        """Mean, in AUC."""
        return None if self.exact_mean is None else float(self.exact_mean)

    @property
    def sd(self) -> float | None:
        """Sample standard deviation, from two runs on."""
        return stdev(self.sample.values) if self.runs > 1 else None

    @property
    def ours_points(self) -> Decimal | None:
        """The mean as the paper would print it."""
        return None if self.exact_mean is None else truncate(self.exact_mean)

    @property
    def delta_points(self) -> Decimal | None:
        """Ours minus the printed number, both truncated; None on synthetic data."""
        if self.ours_points is None or self.paper_points is None or self.ground.standing is Standing.SYNTHETIC:
            return None
        return self.ours_points - self.paper_points

    @property
    def half_width_points(self) -> float | None:
        """Half of the 95 % interval of one new run, in points; None below three runs."""
        return None if isinstance(self.prediction, NoTest) else 100 * self.prediction.half_width

    @cached_property
    def verdict(self) -> Verdict:
        """Consistent if the printed number lies in the interval; no verdict without one or below three runs."""
        if isinstance(self.prediction, NoTest) or self.paper_points is None:
            return verdict(self.ground, Finding.NONE)
        low, high = self.prediction.interval().low, self.prediction.interval().high
        if not meets(low, high, self.paper_points):
            above = Fraction(self.paper_points) / 100 > high
            return verdict(self.ground, Finding.HIGHER if above else Finding.LOWER)
        weak = self.reference_points is not None and meets(low, high, self.reference_points)
        return verdict(self.ground, Finding.CONSISTENT, weak=weak)

    @property
    def ours(self) -> str:
        """The mean as the paper would print it, with ± sd and the number of runs."""
        return shown_mean(self.sample.values, self.sample.planned)

    @property
    def delta(self) -> str:
        """The signed difference, or a dash."""
        return "–" if self.delta_points is None else signed(self.delta_points)

    @property
    def half_width(self) -> str:
        """Such as ± 0.21, or a dash."""
        return "–" if self.half_width_points is None else f"± {self.half_width_points:.2f}"


def number(evidence: Evidence, observed: Observed, metric: Metric, at: Mapping[str, str] | None = None) -> Number:
    """Compare a metric with its printed number, by default at the cell's coordinates, and with the reference's."""
    own = sample(observed, metric)
    other_split = testset_of(own) if own.own_split else None  # rows that were split by us, not by the paper
    at = observed.cell.print_at if at is None else at
    beside = {**at, **load_experiment(observed.cell.experiment).reference}
    new_run = prediction(own.values, other_split, evidence.prior(own.data, metric))
    reference = None if beside == at else printed_points(evidence, beside, metric)
    return Number(metric, printed_points(evidence, at, metric), own, new_run, reference)


def printed_points(evidence: Evidence, at: Mapping[str, str], metric: str) -> Decimal | None:
    """What the paper prints at these coordinates, in points."""
    printed = evidence.print_of(at, metric)
    return None if printed is None else printed.points

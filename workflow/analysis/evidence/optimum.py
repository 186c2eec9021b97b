"""Whether the optimum that the paper states for a sweep was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.number import Metric
from workflow.analysis.evidence.verdict import Finding, Ground, Verdict, joined

TOLERANCE = 0.001  # AUC; the paper calls this much significant


@dataclass(frozen=True)
class Point:
    """One value of the swept parameter, with the test metrics of its finished runs."""

    label: str
    at: str  # the value as a coordinate
    values: dict[Metric, tuple[float, ...]]
    planned: int
    ground: Ground
    run_keys: tuple[str, ...] = ()

    def mean(self, metric: Metric) -> float | None:
        """Mean over seeds; None where a run is missing, because the rest would be a choice."""
        return fmean(self.values[metric]) if len(self.values[metric]) == self.planned else None

    def sd(self, metric: Metric) -> float | None:
        """Sample standard deviation over seeds, from two on."""
        values = self.values[metric]
        return stdev(values) if len(values) == self.planned > 1 else None


def point(observed: Observed, coordinate: str, metrics: Sequence[Metric]) -> Point:
    """A cell of a sweep as a point."""
    values: dict[Metric, tuple[float, ...]] = {metric: observed.values(metric) for metric in metrics}
    place = observed.at[coordinate]
    return Point(observed.label, place, values, len(observed.cell.runs), observed.ground, observed.keys)


def best_of(points: Sequence[Point], metric: Metric) -> Point | None:
    """The point with the largest mean; None where no point has one."""
    known = [(mean, point) for point in points if (mean := point.mean(metric)) is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def judge_optimum(points: Sequence[Point], stated: Sequence[str]) -> Verdict:
    """Compare our best AUC with that at the stated optimum.

    Parameters
    ----------
    points : sequence of Point
        All points of one dataset.
    stated : sequence of str
        Coordinates that the paper calls best; several are a range, and one of them suffices.

    Returns
    -------
    Verdict
        `incomplete` as long as any point lacks a run: the missing one could be the best.

    Notes
    -----
    Two points within 0.001 AUC are not told apart, which is the paper's own bar.
    """
    ground = joined(point.ground for point in points)
    if not stated:
        return Verdict(Finding.NOT_STATED, ground.standing)
    best, means = best_of(points, "auc"), [point.mean("auc") for point in points if point.at in stated]
    top, at_stated = best and best.mean("auc"), [mean for mean in means if mean is not None]
    if best is None or top is None or not at_stated:
        return ground.verdict(Finding.NOT_SEEN)
    if best.at in stated:
        return ground.verdict(Finding.SEEN)
    return ground.verdict(Finding.TIED if top - max(at_stated) < TOLERANCE else Finding.NOT_SEEN)

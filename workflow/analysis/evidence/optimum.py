"""Whether the optimum that the paper states for a sweep was seen: the one answer of figures and claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from workflow.analysis.evidence.cells import Observed, Sample, sample, testset_of
from workflow.analysis.evidence.gains import MARGIN, gain
from workflow.analysis.evidence.number import Metric
from workflow.analysis.evidence.verdict import Finding, Verdict, joined
from workflow.analysis.stats import optima
from workflow.analysis.stats.uncertainty import Estimate, estimate_mean

OPTIMUM_NOTE = (
    "An optimum of Figures 6 to 9 is seen where its gain over every other point is shown, each at 5 %, since all must "
    "be; not seen where some point is shown to be better, Holm-corrected over the points, since one suffices; tied "
    "where it is shown that no point is better by 0.001 AUC. Else there are too few runs. Each dataset is judged for "
    "itself. A figure's title says “ours, too” where it is seen, “ours elsewhere” where it is not, and “ours "
    "elsewhere, within noise” where it is tied."
)


@dataclass(frozen=True)
class Point:
    """One value of the swept parameter, with the test metrics of its finished runs."""

    label: str
    at: str  # the value as a coordinate
    samples: Mapping[Metric, Sample]
    planned: int
    run_keys: tuple[str, ...] = ()

    def mean(self, metric: Metric) -> float | None:
        """Mean over seeds; None where a run is missing, because the rest would be a choice."""
        values = self.samples[metric].values
        return fmean(values) if len(values) == self.planned else None

    def sd(self, metric: Metric) -> float | None:
        """Sample standard deviation over seeds, from two on."""
        values = self.samples[metric].values
        return stdev(values) if len(values) == self.planned > 1 else None

    def estimate(self, metric: Metric, *, testset: bool = True) -> Estimate | None:
        """The mean with the errors of seeds and, where the runs left their sums by user, of the test set."""
        own = self.samples[metric]
        if len(own.values) < self.planned:
            return None
        found = estimate_mean(own.values, testset_of(own) if testset and len(own.values) > 1 else None)
        return found if isinstance(found, Estimate) else None


def point(observed: Observed, coordinate: str, metrics: Sequence[Metric]) -> Point:
    """A cell of a sweep as a point."""
    samples: dict[Metric, Sample] = {metric: sample(observed, metric) for metric in metrics}
    return Point(observed.label, observed.at[coordinate], samples, len(observed.cell.runs), observed.keys)


def best_of(points: Sequence[Point], metric: Metric) -> Point | None:
    """The point with the largest mean; None where no point has one."""
    known = [(mean, point) for point in points if (mean := point.mean(metric)) is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def judge_optimum(points: Sequence[Point], stated: Sequence[str], metric: Metric = "auc") -> Verdict:
    """Judge the optimum that the paper states by its gains over all other points.

    Parameters
    ----------
    points : sequence of Point
        All points of one dataset.
    stated : sequence of str
        Coordinates that the paper calls best; of several the best of ours stands for all.
    metric : str
        auc or gauc.

    Returns
    -------
    Verdict
        `incomplete` as long as any point lacks a run: the missing one could be the best. With one
        seed a point `too few runs`.

    Notes
    -----
    See `stats.optima`. Its gains hold the errors of seeds and test set, paired by the rule of
    `stats.pairing`. A dataset is judged for itself: an optimum is a statement about one.
    """
    ground = joined(point.samples[metric].ground for point in points)
    if not stated:
        return Verdict(Finding.NOT_STATED, ground.standing)
    best = best_of([point for point in points if point.at in stated], metric)
    others = [point for point in points if point.at not in stated]
    if ground.obstacle is not None or best is None or not others:
        return ground.verdict(Finding.NOT_SEEN)
    return judge(best.samples[metric], {point.at: point.samples[metric] for point in others}, len(stated))


def judge(stated: Sample, others: Mapping[str, Sample], alternatives: int = 1) -> Verdict:
    """Judge a stated optimum by its gain over each of the others, at least one; see `stats.optima`.

    Parameters
    ----------
    stated : Sample
        The optimum that the paper states.
    others : mapping of str to Sample
        By name, all that it must beat.
    alternatives : int
        How many the paper calls best together, of which `stated` is the best of ours.
    """
    ground = joined([stated.ground, *(other.ground for other in others.values())])
    if ground.obstacle is not None:
        return ground.verdict(Finding.NOT_SEEN)
    gains = {name: gain(stated, other).estimate for name, other in others.items()}
    return ground.verdict(Finding(optima.judge_optimum(gains, MARGIN, stated=alternatives)))

"""Whether the optimum or trend that the paper states for a sweep was seen, for figures and claims alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import fmean, stdev

from workflow.analysis.compare.gains import BAR, Gain, gain, gain_of
from workflow.analysis.compare.numbers import METRICS, Metric
from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.cells import Observed, Sample, sample, testset_of
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import joined
from workflow.analysis.paper.facts import Fact
from workflow.analysis.stats import optima
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.moderation import Prior
from workflow.analysis.stats.uncertainty import Estimate, combined, single

# Figure → what it varies, and the claims in which the text states the best value for each dataset.
SWEEPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "figure_6": ("alpha", ("P52",)),
    "figure_7": ("c", ("P53", "P54")),
    "figure_8": ("gamma", ("P56",)),
    "figure_9": ("units", ("P58",)),
}


@dataclass(frozen=True)
class Point:
    """One value of the swept parameter, with the test metrics of its finished runs."""

    label: str
    at: str  # the value as a coordinate
    samples: Mapping[Metric, Sample]
    priors: Mapping[Metric, Prior | None] = field(default_factory=dict)

    def mean(self, metric: Metric) -> float | None:
        """Mean over seeds; None if a run is missing, as the rest could be biased."""
        own = self.samples[metric]
        return fmean(own.values) if len(own.values) == own.planned else None

    def sd(self, metric: Metric) -> float | None:
        """Sample standard deviation over seeds, from two on."""
        own = self.samples[metric]
        return stdev(own.values) if len(own.values) == own.planned > 1 else None

    def estimate(self, metric: Metric, *, testset: bool = True) -> Estimate | None:
        """The mean with the errors of seeds and, if the runs have sums by user, of the test set."""
        own = self.samples[metric]
        if len(own.values) < own.planned:
            return None
        found = combined(
            [single(own.values)], testset_of(own) if testset and len(own.values) > 1 else None, self.priors.get(metric)
        )
        return found if isinstance(found, Estimate) else None


def point(evidence: Evidence, observed: Observed, coordinate: str, metrics: Sequence[Metric]) -> Point:
    """A cell of a sweep as a point."""
    samples: dict[Metric, Sample] = {metric: sample(observed, metric) for metric in metrics}
    priors: dict[Metric, Prior | None] = {metric: evidence.prior(own.data, metric) for metric, own in samples.items()}
    return Point(observed.label, observed.at[coordinate], samples, priors)


def best_of(points: Sequence[Point], metric: Metric) -> Point | None:
    """The point with the largest mean; None if no point has one."""
    known = [(mean, point) for point in points if (mean := point.mean(metric)) is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def judge_optimum(points: Sequence[Point], stated: Sequence[str]) -> Verdict:
    """Judge the optimum that the paper states on a dataset by its gains over all other points.

    Of several `stated` values the best of ours is judged. It is `incomplete` as long as any point lacks a run, which
    could be the best, and `open` with one seed per point.
    """
    ground = joined(point.samples["auc"].ground for point in points)
    if not stated:
        return Verdict(Finding.NOT_STATED, ground.standing)
    best = best_of([point for point in points if point.at in stated], "auc")
    others = [point for point in points if point.at not in stated]
    if ground.obstacle is not None or best is None or not others:
        return verdict(ground, Finding.NOT_SEEN)
    rest = {point.at: point.samples["auc"] for point in others}
    return judge(best.samples["auc"], rest, len(stated), best.priors.get("auc"))


def judge(stated: Sample, others: Mapping[str, Sample], alternatives: int = 1, prior: Prior | None = None) -> Verdict:
    """Judge a stated optimum by its gain over each of the others, at least one; see `stats.optima`.

    The paper calls `alternatives` values best, of which `stated` is the best of ours.
    """
    ground = joined([stated.ground, *(other.ground for other in others.values())])
    if ground.obstacle is not None:
        return verdict(ground, Finding.NOT_SEEN)
    gains = {name: gain(stated, other, prior).estimate for name, other in others.items()}
    return verdict(ground, Finding(optima.judge_optimum(gains, BAR, stated=alternatives)))


@dataclass(frozen=True)
class Swept:
    """A figure's sweep on one dataset, in the order of its grid, and whether the stated optimum was seen."""

    experiment: str
    dataset: str
    points: tuple[Point, ...]
    stated: tuple[str, ...]
    verdict: Verdict

    def is_stated(self, each: Point) -> bool:
        """Whether the paper calls a point best, alone or among others."""
        return each.at in self.stated

    def trend(self, position_P: Sequence[float], falling: bool) -> tuple[Gain, Verdict]:
        """The slope over the points' positions, not all equal, and whether it has the stated sign.

        It is tied if the whole change from the first point to the last surely lies within 0.001 AUC, and not seen
        if the opposite is shown.
        """
        away = [position - fmean(position_P) for position in position_P]
        square = sum(each * each for each in away)
        terms = [(each / square, point.samples["auc"]) for each, point in zip(away, self.points, strict=True)]
        found = gain_of(terms, self.points[0].priors.get("auc"))
        finding = Finding.OPEN
        if isinstance(found.estimate, Estimate) and found.p is not None:
            width = max(position_P) - min(position_P)
            if found.p < ALPHA:
                finding = Finding.SEEN if (found.estimate.value < 0) is falling else Finding.NOT_SEEN
            elif found.estimate.equivalence_p(BAR / width) < ALPHA / 2:
                finding = Finding.TIED
        return found, verdict(found.ground, finding)


@lru_cache(maxsize=2)
def sweeps_of(evidence: Evidence) -> Mapping[tuple[str, str], Swept]:
    """Every sweep of the campaign's figures 6 to 9, by experiment and dataset."""
    return {
        (experiment, dataset): _swept(evidence, experiment, dataset)
        for experiment in SWEEPS
        if experiment in evidence.plan.campaign.experiments
        for dataset in evidence.datasets_of(experiment)
    }


def _swept(evidence: Evidence, experiment: str, dataset: str) -> Swept:
    coordinate, claims = SWEEPS[experiment]
    points = tuple(point(evidence, one, coordinate, METRICS) for one in evidence.cells(experiment, dataset))
    facts = evidence.paper.frame.select(coordinate, claim=claims, dataset=dataset)
    stated = tuple(value for fact in facts for value in listed(fact))
    return Swept(experiment, dataset, points, stated, judge_optimum(points, stated))


def listed(fact: Fact) -> list[str]:
    """The values that the text calls best: one, or a set in braces."""
    return fact.text[1:-1].split(", ") if fact.text.startswith("{") else [fact.text]

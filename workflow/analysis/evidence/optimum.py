"""Whether the optimum that the paper states for a sweep was seen, in one word."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, stdev

from workflow.analysis.evidence.number import Metric
from workflow.train.record import Record

TOLERANCE = 0.001  # AUC; the paper calls this much significant


class Seen(StrEnum):
    """What a sweep says of the stated optimum."""

    SEEN = "seen"
    TIED = "tied"  # not our best, but less than the tolerance below it
    NOT_SEEN = "not seen"
    OPEN = "open"  # a run is missing or failed
    NO_EVIDENCE = "no evidence"  # twins, or a campaign with limits
    NOT_STATED = "not stated"


@dataclass(frozen=True)
class Point:
    """One value of the swept parameter, with the test metrics of its finished runs."""

    label: str
    values: dict[Metric, tuple[float, ...]]
    planned: int
    monotone: bool  # the simple term falls wherever p_t grows
    run_keys: tuple[str, ...]

    def mean(self, metric: Metric) -> float | None:
        """Mean over seeds; None where a run is missing, because the rest would be a choice."""
        return fmean(self.values[metric]) if len(self.values[metric]) == self.planned else None

    def sd(self, metric: Metric) -> float | None:
        """Sample standard deviation over seeds, from two on."""
        values = self.values[metric]
        return stdev(values) if len(values) == self.planned > 1 else None


def metric_values(records: Sequence[Record], metric: Metric) -> tuple[float, ...]:
    """The test metric of each record that has it."""
    found = [getattr(record.test, metric) for record in records]
    return tuple(value for value in found if value is not None)


def best_of(points: Sequence[Point], metric: Metric) -> Point | None:
    """The point with the largest mean; None where no point has one."""
    known = [(mean, point) for point in points if (mean := point.mean(metric)) is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def judge_optimum(points: Sequence[Point], stated: Sequence[str], evidence: bool) -> Seen:
    """Compare our best AUC with that at the stated optimum.

    Parameters
    ----------
    points : sequence of Point
        All points of one dataset.
    stated : sequence of str
        Labels that the paper calls best; several are a range, and one of them suffices.
    evidence : bool
        False on twins and where the campaign's limits change the protocol.

    Returns
    -------
    Seen
        `open` as long as any point lacks a run: the missing one could be the best.

    Notes
    -----
    Two points within 0.001 AUC are not told apart, which is the paper's own bar.
    """
    if not stated:
        return Seen.NOT_STATED
    if not evidence:
        return Seen.NO_EVIDENCE
    means = {point.label: point.mean("auc") for point in points}
    best = best_of(points, "auc")
    if best is None or None in means.values():
        return Seen.OPEN
    if best.label in stated:
        return Seen.SEEN
    at_stated = [mean for label, mean in means.items() if label in stated and mean is not None]
    top = means[best.label]
    assert top is not None
    return Seen.TIED if at_stated and top - max(at_stated) < TOLERANCE else Seen.NOT_SEEN

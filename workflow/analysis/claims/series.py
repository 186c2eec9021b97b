"""Trials that compare more than two cells: trends of sweeps, ratios of times, means over datasets.

Shapes: P points, S seeds, R rounds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from statistics import fmean

import numpy as np

from workflow.analysis.claims import checks
from workflow.analysis.claims.cells import Runs, Target
from workflow.analysis.claims.evaluate import Scope, exact_value
from workflow.analysis.claims.expressions import Selector
from workflow.analysis.claims.facts import label
from workflow.analysis.claims.results import number
from workflow.analysis.claims.trials import SCORES, Trial
from workflow.analysis.evidence.cells import Sample, testset_of
from workflow.analysis.evidence.gains import gain
from workflow.analysis.evidence.number import Number
from workflow.analysis.evidence.verdict import NOT_RUN, Finding, joined
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.prediction import Prediction, meets, prediction
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.trends import slope
from workflow.analysis.stats.uncertainty import Estimate, estimate

MARGIN_points = Fraction(1, 10)  # of a mean of scores, as of a number


def trend_trials(scope: Scope, runs: Runs, check: checks.RunTrend) -> Iterator[Trial]:
    """One trial per dataset: the slope of the score along the swept parameter."""
    for selector in check.each:
        points = runs.targets(scope, selector, {})
        for dataset in dict.fromkeys(one.at["dataset"] for one in points) or _named(selector):
            own = [one for one in points if one.at["dataset"] == dataset]
            yield _trend(str(selector.metric), dataset, own, check)


def ratio_trials(scope: Scope, runs: Runs, check: checks.RunRatio) -> Iterator[Trial]:
    """One trial per timed item: the mean ratio over rounds."""
    for selector in check.each:
        metric = str(selector.metric)
        for item in runs.targets(scope, selector, {}):
            (base,) = runs.targets(scope, check.over, item.at)
            less = runs.targets(scope, check.less, item.at)[0] if check.less else None
            near = exact_value(scope, check.near, {**item.at, "metric": metric})
            yield _ratio((item, base, less), metric, near, Fraction(check.within))


def average_trials(scope: Scope, runs: Runs, check: checks.RunAverage) -> Iterator[Trial]:
    """One trial: the mean over all items."""
    pairs: list[tuple[Target, Target | None]] = []
    for selector in check.each:
        for item in runs.targets(scope, selector, {}):
            pairs.append((item, runs.targets(scope, check.over, item.at)[0] if check.over else None))
    sides = [one for pair in pairs for one in pair if one is not None]
    ground = joined(one.ground for one in sides)
    keys = tuple(dict.fromkeys(key for one in sides for key in one.keys))
    metric = SCORES[str(check.each[0].metric)]
    size, near = (None if each is None else exact_value(scope, each, {}) for each in (check.size, check.near))
    wanted = f"no less than {number(size)}" if size is not None else f"{number(near or Fraction(0))} within 0.1"
    what = f"mean {'gain' if check.over else 'score'} over {len(pairs)} datasets ({metric})"
    asks = () if near is not None else ("bar",) if size is None else ("bar", "size")
    trial = Trial(what, ground, keys, wanted, asks=asks)
    if ground.obstacle is None:
        if near is not None:
            _near(trial, [runs.evidence.number(one.observed, metric) for one, _ in pairs if one.observed], near)
        else:
            _weigh_average(trial, [(one.sample(metric), two and two.sample(metric)) for one, two in pairs], size)
    yield trial


# -- parts ----------------------------------------------------------------------------


def _named(selector: Selector) -> Sequence[str]:
    """Datasets that a selector names where the campaign has none of its cells."""
    return (selector.dataset,) if isinstance(selector.dataset, str) else tuple(map(str, selector.dataset or ()))


def _trend(metric: str, dataset: str, points: list[Target], check: checks.RunTrend) -> Trial:
    ground = joined(one.ground for one in points) if points else NOT_RUN
    keys = tuple(dict.fromkeys(key for one in points for key in one.keys))
    trial = Trial(f"slope of {metric} along {check.along}, {dataset}", ground, keys, check.sense)
    if ground.obstacle is not None:
        return trial
    points = sorted(points, key=lambda one: float(one.at[check.along]))
    samples = [one.sample(metric) for one in points]
    score_PS = np.array([each.values for each in samples])
    found = slope([float(one.at[check.along]) for one in points], score_PS.T.tolist(), testset_of(*samples))
    if isinstance(found, NoTest):
        trial.reason = found.reason
        return trial
    trial.difference, trial.unit = 100 * found.value, f" a unit of {check.along}"
    trial.above = (found.value > 0) is (check.sense == "rising")
    trial.tests["bar"] = found.test().p
    return trial


def _ratio(cells: tuple[Target, Target, Target | None], metric: str, near: Fraction, within: Fraction) -> Trial:
    item, base, less = cells
    ground = joined(one.ground for one in cells if one is not None)
    keys = tuple(dict.fromkeys(key for one in cells if one is not None for key in one.keys))
    off = f" less {label(less.at)}'s" if less else ""
    trial = Trial(
        f"{item.label} in times of {base.label}{off} ({metric})",
        ground,
        keys,
        f"{number(near)} ± {number(within)}",
        asks=(),
    )
    if ground.obstacle is not None:
        return trial
    time_R, base_R = (np.array(one.sample(metric).values) for one in (item, base))
    ratio_R = time_R / base_R
    if less is not None:
        ratio_R = ratio_R - np.array(less.sample(metric).values) / base_R
    trial.difference, trial.unit = float(ratio_R.mean()), f"x, rounds from {ratio_R.min():.3f} to {ratio_R.max():.3f}"
    _settle_near(trial, estimate(ratio_R.tolist(), [0.0] * len(ratio_R), paired=True), float(near), float(within))
    return trial


def _settle_near(trial: Trial, found: Estimate | NoTest, near: float, within: float) -> None:
    """By equivalence: surely inside, surely outside, or neither."""
    if isinstance(found, NoTest):
        trial.reason = found.reason
        return
    inside = max(found.p_above(near - within), 1 - found.p_above(near + within))
    outside = min(1 - found.p_above(near - within), found.p_above(near + within))
    trial.agrees, trial.fails = inside < ALPHA, outside < ALPHA / 2


def _weigh_average(trial: Trial, pairs: Sequence[tuple[Sample, Sample | None]], size: Fraction | None) -> None:
    gains = [gain(x, y) for x, y in pairs if y is not None]
    trial.reason = next((each.why_no_test for each in gains if each.why_no_test), "")
    found = [each.estimate for each in gains if isinstance(each.estimate, Estimate)]
    trial.difference = 100 * fmean(each.mean or 0.0 for each in gains)
    if trial.reason:
        return
    mean = mean_of(found)
    trial.estimate, trial.scale = mean, 100
    trial.above = mean.value > 0
    trial.tests["bar"] = mean.test().p
    if size is not None:
        trial.short = 100 * mean.value < size
        trial.tests["size"] = replace(mean, value=mean.value - float(size) / 100).test().p


def _near(trial: Trial, numbers: Sequence[Number], near: Fraction) -> None:
    """The printed mean is that of one more run on each dataset; see `stats.prediction`."""
    found = [prediction(each.values, each.other_split) for each in numbers]
    trial.difference = 100 * fmean(each.mean or 0.0 for each in numbers) - float(near)
    fault = next((each for each in found if isinstance(each, NoTest)), None)
    if fault is not None:
        trial.reason = fault.reason
        return
    runs = [Estimate(each.interval.value, each.se**2, 0.0, each.df) for each in found if isinstance(each, Prediction)]
    mean = mean_of(runs)
    bounds = mean.interval()
    inside = meets(bounds.low, bounds.high, Decimal(str(float(near))))
    narrow = 100 * (bounds.high - bounds.low) / 2 <= MARGIN_points
    trial.agrees, trial.fails = inside and narrow, not inside
    if inside and not narrow:
        trial.reason = str(Finding.TOO_FEW)


def mean_of(found: Sequence[Estimate]) -> Estimate:
    """Mean of independent estimates, with Satterthwaite's degrees of freedom.

    Examples
    --------
    >>> found = mean_of([Estimate(0.2, 0.04, 0.0, 4), Estimate(0.4, 0.04, 0.0, 4)])
    >>> round(found.value, 6), found.seed_variance, round(found.df, 6)
    (0.3, 0.02, 8.0)
    """
    share = 1 / len(found) ** 2
    seeds, testset = (
        share * sum(getattr(one, name) for one in found) for name in ("seed_variance", "testset_variance")
    )
    df = (seeds + testset) ** 2 / sum((share * one.se**2) ** 2 / one.df for one in found)
    return Estimate(fmean(one.value for one in found), seeds, testset, df)

"""Trials that compare more than two cells: trends of sweeps, ratios of times, means over datasets.

Shapes: P points, S seeds, R rounds.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from statistics import fmean

import numpy as np

from workflow.analysis.claims.ours.cells import Runs, Target
from workflow.analysis.claims.ours.trials import Trial
from workflow.analysis.claims.results import number
from workflow.analysis.compare import numbers
from workflow.analysis.compare.gains import gain
from workflow.analysis.compare.numbers import Number
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.standing import Ground, joined
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.prediction import Prediction, meets
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate, estimate

MARGIN_points = Fraction(1, 10)  # of a mean of scores, as of a number
WITHIN = Fraction(1, 10)  # of a ratio


def ratio_trial(item: Target, base: Target, metric: str, near: Fraction, less: Target | None = None) -> Trial:
    """Whether seconds of an item over those of another, less those of a third, lie within 0.1 of a print."""
    cells = [one for one in (item, base, less) if one is not None]
    ground = joined(one.ground for one in cells)
    keys = tuple(dict.fromkeys(key for one in cells for key in one.keys))
    off = f" less {less.label}'s" if less else ""
    name = f"{item.label} in times of {base.label}{off} ({metric})"
    trial = Trial(name, ground, keys, f"{number(near)} ± {number(WITHIN)}", asks=())
    if ground.obstacle is not None:
        return trial
    time_R, base_R = (np.array(one.sample(metric).values) for one in (item, base))
    ratio_R = time_R / base_R
    if less is not None:
        ratio_R = ratio_R - np.array(less.sample(metric).values) / base_R
    trial.difference, trial.unit = float(ratio_R.mean()), f"x, rounds from {ratio_R.min():.3f} to {ratio_R.max():.3f}"
    _settle_near(trial, estimate(ratio_R.tolist(), [0.0] * len(ratio_R), paired=True), float(near), float(WITHIN))
    return trial


def mean_trial(runs: Runs, items: Sequence[Target], near: Fraction) -> Trial:
    """Whether the mean AUC over datasets is the printed one."""
    wanted = f"{number(near)} within 0.1"
    trial = Trial(f"mean score over {len(items)} datasets (auc)", *_behind(items), wanted, asks=())
    if trial.ground.obstacle is None:
        _near(trial, [numbers.number(runs.evidence, one.observed, "auc") for one in items if one.observed], near)
    return trial


def mean_gain_trial(pairs: Sequence[tuple[Target, Target]], size: Fraction) -> Trial:
    """Whether the mean gain over datasets is above 0 and does not fall short of the printed one."""
    sides = [one for pair in pairs for one in pair]
    wanted = f"no less than {number(size)}"
    trial = Trial(f"mean gain over {len(pairs)} datasets (auc)", *_behind(sides), wanted, asks=("bar", "size"))
    if trial.ground.obstacle is None:
        _weigh_average(trial, [(one.sample("auc"), two.sample("auc")) for one, two in pairs], size)
    return trial


# -- parts ----------------------------------------------------------------------------


def _behind(cells: Sequence[Target]) -> tuple[Ground, tuple[str, ...]]:
    return joined(one.ground for one in cells), tuple(dict.fromkeys(key for one in cells for key in one.keys))


def _settle_near(trial: Trial, found: Estimate | NoTest, near: float, within: float) -> None:
    """By equivalence: surely inside, surely outside, or neither."""
    if isinstance(found, NoTest):
        trial.reason = found.reason
        return
    inside = max(found.p_above(near - within), 1 - found.p_above(near + within))
    outside = min(1 - found.p_above(near - within), found.p_above(near + within))
    trial.agrees, trial.fails = inside < ALPHA, outside < ALPHA / 2


def _weigh_average(trial: Trial, pairs: Sequence[tuple[Sample, Sample]], size: Fraction) -> None:
    gains = [gain(x, y) for x, y in pairs]
    trial.reason = next((each.why_no_test for each in gains if each.why_no_test), "")
    found = [each.estimate for each in gains if isinstance(each.estimate, Estimate)]
    trial.difference = 100 * fmean(each.mean or 0.0 for each in gains)
    if trial.reason:
        return
    mean = mean_of(found)
    trial.estimate, trial.scale = mean, 100
    trial.above = mean.value > 0
    trial.tests["bar"] = mean.test().p
    trial.short = 100 * mean.value < size
    trial.tests["size"] = replace(mean, value=mean.value - float(size) / 100).test().p


def _near(trial: Trial, compared: Sequence[Number], near: Fraction) -> None:
    """The printed mean is that of one more run on each dataset; see `stats.prediction`."""
    found = [each.prediction for each in compared]
    trial.difference = 100 * fmean(each.mean or 0.0 for each in compared) - float(near)
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
        trial.reason = str(Finding.OPEN)


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

"""Claims about many cells at once: how far apart they lie, which rank one has, how near a mean or ratio is."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from statistics import fmean

import numpy as np

from workflow.analysis.claims.results import number
from workflow.analysis.claims.runs import Case, Ours, Side, case, ground_of, keys_of, of_gain
from workflow.analysis.compare import numbers
from workflow.analysis.compare.gains import BAR_points, Gain, corrected, gain
from workflow.analysis.compare.means import mean_of, mean_over_datasets
from workflow.analysis.paper.facts import Fact
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.prediction import Prediction, meets
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate, combined, single

WITHIN = 0.1  # of a ratio
Settled = tuple[bool | None, str, str]  # whether the claim holds, what was measured, and why there is no test


def spread(cells: Sequence[Side], by: Fraction, dataset: str, *, most: bool) -> Case:
    """Whether cells of a dataset lie at most, or at least, so many points apart, best to worst, in AUC."""

    def find() -> Settled:
        widest, known, reason = _gaps(cells)
        within = lies_within(known, float(by) / 100) if known else None
        return within if most or within is None else not within, f"{widest:+.3f}", reason

    name = f"{dataset}: best less worst of {len(cells)} (auc)"
    return _case(name, f"at {'most' if most else 'least'} {number(by)}", cells, find)


def closer(own: Sequence[Side], others: Sequence[Side], dataset: str, other: str) -> Case:
    """Whether the cells of one dataset lie closer together in AUC than those of another."""

    def find() -> Settled:
        (widest, known, reason), (other_widest, other_known, other_reason) = _gaps(own), _gaps(others)
        measured = f"{widest:.2f} beside {other_widest:.2f} points"
        if not known or not other_known:
            return None, measured, reason or other_reason
        (low, high), (other_low, other_high) = gap_bounds(known), gap_bounds(other_known)
        return _settled(high < other_low, low >= other_high), measured, ""

    name = f"{dataset} beside {other}: best less worst of {len(own)} (auc)"
    return _case(name, f"closer than on {other}", [*own, *others], find)


def rank(item: Side, rivals: Sequence[Side], wanted: int, *, from_last: bool = False) -> Case:
    """Whether a cell has a rank among others by AUC: between which ranks it surely lies."""
    end = "bottom" if from_last else "top"

    def find() -> Settled:
        gains = corrected([gain(item.sample, one.sample) for one in rivals])
        first, last = rank_bounds(gains, from_last=from_last)
        ahead = sum((each.mean or 0.0) * (1 if from_last else -1) > 0 for each in gains)
        reason = next((each.why_no_test for each in gains if each.why_no_test), "")
        holds = _settled(first == last == wanted, not first <= wanted <= last)
        return holds, f"rank {1 + ahead}, surely {first} to {last}", reason

    name = f"{item.label} among {len(rivals) + 1}, from the {end} (auc)"
    return _case(name, f"rank {wanted}", [item, *rivals], find)


def mean_gain(pairs: Sequence[tuple[Side, Side]], size: Decimal) -> Case:
    """The mean gain over datasets, with the word of a gain of which the paper prints the size."""
    sides = [one for pair in pairs for one in pair]
    found = mean_over_datasets([gain(one.sample, two.sample) for one, two in pairs], size)
    return of_gain(f"mean gain over {len(pairs)} datasets (auc)", found, keys_of(sides))


def mean_near(ours: Ours, prints: Sequence[Fact], near: Fraction) -> Case:
    """Whether the mean AUC over datasets could be the printed one: that of one more run on each of them."""

    def find() -> Settled:
        compared = [numbers.number(ours.evidence, cell, "auc") for one in prints if (cell := ours.cell(one.at))]
        measured = f"{100 * fmean(each.mean or 0.0 for each in compared) - float(near):+.3f}"
        found = [each.prediction for each in compared]
        if fault := next((each for each in found if isinstance(each, NoTest)), None):
            return None, measured, fault.reason
        runs = [Estimate(one.interval.value, one.se**2, 0.0, one.df) for one in found if isinstance(one, Prediction)]
        bounds = mean_of(runs).interval()
        inside = meets(bounds.low, bounds.high, Decimal(str(float(near))))
        narrow = 100 * (bounds.high - bounds.low) / 2 <= BAR_points
        return _settled(inside and narrow, not inside), measured, ""

    sides = ours.sides(prints)
    return _case(f"mean score over {len(sides)} datasets (auc)", f"{number(near)} within 0.1", sides, find)


def ratio_near(item: Side, base: Side, near: Fraction, less: Side | None = None) -> Case:
    """Whether seconds of an item over those of another, less those of a third, lie within 0.1 of a print.

    Shapes: R rounds.
    """
    sides = [one for one in (item, base, less) if one is not None]

    def find() -> Settled:
        time_R, base_R, less_R = (np.array(one.sample.values if one else 0.0) for one in (item, base, less))
        ratio_R = (time_R - less_R) / base_R
        measured = f"{ratio_R.mean():+.3f}x, rounds from {ratio_R.min():.3f} to {ratio_R.max():.3f}"
        found, low, high = combined([single(ratio_R.tolist())]), float(near) - WITHIN, float(near) + WITHIN
        if isinstance(found, NoTest):
            return None, measured, found.reason
        above, below = found.p_above(low), 1 - found.p_above(high)
        return _settled(max(above, below) < ALPHA, min(1 - above, 1 - below) < ALPHA / 2), measured, ""

    off = f" less {less.label}'s" if less else ""
    name = f"{item.label} in times of {base.label}{off} ({item.sample.metric})"
    return _case(name, f"{number(near)} ± {WITHIN}", sides, find)


# -- judgements -----------------------------------------------------------------------


def lies_within(pairs: Sequence[Estimate], bar: float) -> bool | None:
    """Whether the widest of all ordered differences lies below a bar: where each does; not where any surely does."""
    below = max(1 - each.p_above(bar) for each in pairs) < ALPHA
    return _settled(below, min(each.p_above(bar) for each in pairs) * len(pairs) < ALPHA)


def gap_bounds(pairs: Sequence[Estimate]) -> tuple[float, float]:
    """Bounds of the widest of some differences, each surely right at 1 − α/2.

    No difference lies above its own upper bound, so the widest does not lie above the highest of
    these; it lies above every lower bound, and the highest pays for the choice among all.
    """
    low = max(each.interval(1 - ALPHA / len(pairs)).low for each in pairs)
    return low, max(each.interval(1 - ALPHA).high for each in pairs)


def rank_bounds(gains: Sequence[Gain], *, from_last: bool = False) -> tuple[int, int]:
    """Between which ranks a cell surely lies, by its corrected gains over all others."""
    won, lost = (
        sum(each.p is not None and each.p < ALPHA and sign * (each.mean or 0.0) > 0 for each in gains)
        for sign in (1, -1)
    )
    before, behind = (won, lost) if from_last else (lost, won)
    return 1 + before, 1 + len(gains) - behind


# -- parts ----------------------------------------------------------------------------


def _case(name: str, expected: str, sides: Sequence[Side], find: Callable[[], Settled]) -> Case:
    """A case that is looked into only where every run is there."""
    if ground_of(sides).obstacle is not None:
        return case(name, expected, sides, None)
    holds, measured, reason = find()
    return case(name, expected, sides, holds, measured.replace("-", "−"), reason=reason)


def _settled(agrees: bool, fails: bool) -> bool | None:
    return False if fails else True if agrees else None


def _gaps(cells: Sequence[Side]) -> tuple[float, list[Estimate], str]:
    """The widest gap in points, and estimates of all differences, whichever way they go, or none and the reason."""
    pairs = [gain(x.sample, y.sample) for x, y in permutations(cells, 2)]
    widest = 100 * max(each.mean or 0.0 for each in pairs)
    found = [each.estimate for each in pairs if isinstance(each.estimate, Estimate) and not each.one_error]
    if len(found) == len(pairs):
        return widest, found, ""
    return widest, [], next(each.why_no_test for each in pairs if each.why_no_test)

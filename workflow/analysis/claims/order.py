"""Tests that no comparison declares: a cell against many, how far apart cells lie, ranks, means and ratios."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from statistics import fmean

import numpy as np

from workflow.analysis.claims.results import Item, number
from workflow.analysis.claims.runs import Case, Ours, keys_of, of_gain
from workflow.analysis.compare import numbers
from workflow.analysis.compare.gains import NO_SUMS, BAR_points, Gain, corrected, gain, over_best
from workflow.analysis.compare.swept import judge
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.cells import SCORES, Sample
from workflow.analysis.evidence.standing import joined
from workflow.analysis.paper.facts import Fact
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.prediction import meets
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate, combined, satterthwaite, single

WITHIN = 0.1  # of a ratio


def beats(
    item: Sample,
    rivals: Sequence[Sample],
    *,
    bar: Fraction = Fraction(0),
    below: bool = False,
    as_printed: bool = False,
) -> Case:
    """A cell's gain over the best of those that it must beat, at least one.

    The gain has to exceed `bar`, in the printed unit. With `as_printed` the paper's own number does not exceed it
    either. With `below` the item has to lie below all of them instead.
    """
    made, found = _over(item, rivals, bar, below)
    estimate = found.estimate
    made = replace(made, p=found.p, above=found.mean is not None and found.mean > 0, as_printed=as_printed)
    if isinstance(estimate, Estimate) and found.p is not None:
        made = replace(made, detectable=lambda tests: estimate.detectable(family=tests) * _unit(item))
    return made


def _best(item: Sample, rivals: Sequence[Sample]) -> Case:
    made, found = _over(item, rivals)
    if made.ground.obstacle is not None:
        return made
    estimate, word = found.estimate, judge(item, {one.label: one for one in rivals}).finding
    holds = True if word is Finding.SEEN else False if word is Finding.NOT_SEEN else None
    made = replace(made, holds=holds, notes=(*made.notes, str(word)))
    if isinstance(estimate, Estimate) and word is not None:
        made = replace(made, detectable=lambda _: estimate.detectable() * _unit(item))
    return made


def all_best(ours: Ours, facts: Iterable[Fact], field: Callable[[Fact], Iterable[Fact]]) -> list[Case]:
    """Whether cells are each the best of their field, judged as the figures judge an optimum."""
    return [_best(*ours.against(fact, field(fact))) for fact in facts]


def all_beat(
    ours: Ours, facts: Iterable[Fact], field: Callable[[Fact], Iterable[Fact]], *, below: bool = False
) -> list[Case]:
    """Whether cells each beat the rest of their field; with `below` whether they lie below it."""
    return [beats(*ours.against(fact, field(fact)), below=below) for fact in facts]


def spread(cells: Sequence[Sample], by: Fraction, dataset: str, *, most: bool) -> Case:
    """Whether cells of a dataset lie at most, or at least, so many points apart, best to worst, in AUC."""
    name = f"{dataset}: best minus worst of {len(cells)} (auc)"
    made = Case(name, f"at {'most' if most else 'least'} {number(by)}", cells)
    if made.ground.obstacle is not None:
        return made
    widest, known, reason = _gaps(cells)
    within = lies_within(known, float(by) / 100) if known else None
    holds = within if most or within is None else not within
    return replace(made, holds=holds, measured=signed(widest), reason=reason)


def closer(own: Sequence[Sample], others: Sequence[Sample], dataset: str, other: str) -> Case:
    """Whether the cells of one dataset lie closer together in AUC than those of another."""
    name = f"{dataset} beside {other}: best minus worst of {len(own)} (auc)"
    made = Case(name, f"closer than on {other}", [*own, *others])
    if made.ground.obstacle is not None:
        return made
    (widest, known, reason), (other_widest, other_known, other_reason) = _gaps(own), _gaps(others)
    made = replace(made, measured=f"{widest:.2f} beside {other_widest:.2f} points")
    if not known or not other_known:
        return replace(made, reason=reason or other_reason)
    (low, high), (other_low, other_high) = gap_bounds(known), gap_bounds(other_known)
    return replace(made, holds=settled(high < other_low, low >= other_high))


def rank(item: Sample, rivals: Sequence[Sample], wanted: int, *, from_last: bool = False) -> Case:
    """Whether a cell has a rank among others by AUC: between which ranks it surely lies."""
    end = "bottom" if from_last else "top"
    made = Case(f"{item.label} among {len(rivals) + 1}, from the {end} (auc)", f"rank {wanted}", [item, *rivals])
    if made.ground.obstacle is not None:
        return made
    gains = corrected([gain(item, one) for one in rivals])
    first, last = rank_bounds(gains, from_last=from_last)
    ahead = sum((each.mean or 0.0) * (1 if from_last else -1) > 0 for each in gains)
    reason = next((each.why_no_test for each in gains if each.why_no_test), "")
    holds = settled(first == last == wanted, not first <= wanted <= last)
    return replace(made, holds=holds, measured=f"rank {1 + ahead}, between {first} and {last}", reason=reason)


def mean_gain(pairs: Sequence[tuple[Sample, Sample]], size: Decimal) -> Item:
    """The mean gain over datasets, with the verdict of a gain that the paper prints."""
    found = mean_over_datasets([gain(one, two) for one, two in pairs], size)
    return of_gain(f"mean gain over {len(pairs)} datasets (auc)", found, keys_of(one for pair in pairs for one in pair))


def mean_near(ours: Ours, prints: Sequence[Fact], near: Fraction) -> Case:
    """Whether the mean AUC over datasets is consistent with the printed one: the mean of one more run on each."""
    made = Case(f"mean score over {len(prints)} datasets (auc)", f"{number(near)} within 0.1", ours.samples(prints))
    if made.ground.obstacle is not None:
        return made
    compared = [numbers.number(ours.evidence, cell, "auc") for one in prints if (cell := ours.evidence.cell(one.at))]
    found = [each.prediction for each in compared]
    made = replace(made, measured=signed(100 * fmean(each.mean or 0.0 for each in compared) - float(near)))
    if fault := next((each for each in found if isinstance(each, NoTest)), None):
        return replace(made, reason=fault.reason)
    bounds = mean_of([one for one in found if isinstance(one, Estimate)]).interval()
    inside = meets(bounds.low, bounds.high, Decimal(str(float(near))))
    narrow = 100 * (bounds.high - bounds.low) / 2 <= BAR_points
    return replace(made, holds=settled(inside and narrow, not inside))


def ratio_near(item: Sample, base: Sample, near: Fraction, less: Sample | None = None) -> Case:
    """Whether a ratio of seconds, minus that of a third item, lies within 0.1 of a printed number.

    Shapes: R rounds.
    """
    off, sides = f" minus {less.label}'s" if less else "", [one for one in (item, base, less) if one]
    made = Case(f"{item.label} in times of {base.label}{off} ({item.metric})", f"{number(near)} ± {WITHIN}", sides)
    if made.ground.obstacle is not None:
        return made
    time_R, base_R, less_R = (np.array(one.values if one else 0.0) for one in (item, base, less))
    ratio_R = (time_R - less_R) / base_R
    rounds = f"rounds from {ratio_R.min():.3f} to {ratio_R.max():.3f}".replace("-", "−")
    made = replace(made, measured=f"{signed(ratio_R.mean())}x, {rounds}")
    found, low, high = combined([single(ratio_R.tolist())]), float(near) - WITHIN, float(near) + WITHIN
    if isinstance(found, NoTest):
        return replace(made, reason=found.reason)
    above, below = found.p_above(low), 1 - found.p_above(high)
    return replace(made, holds=settled(max(above, below) < ALPHA, min(1 - above, 1 - below) < ALPHA / 2))


# -- over several datasets -------------------------------------------------------------


def mean_over_datasets(gains: Sequence[Gain], paper_points: Decimal | None = None) -> Gain:
    """The mean of gains on several datasets, whose test sets are independent; no interval if one of them has none."""
    ground, paired = joined(each.ground for each in gains), all(each.paired for each in gains)
    terms = tuple((weight / len(gains), sample) for each in gains for weight, sample in each.terms)
    means = [each.mean for each in gains if each.mean is not None]
    mean = fmean(means) if len(means) == len(gains) else None
    found = [each.estimate for each in gains if isinstance(each.estimate, Estimate) and not each.one_error]
    if len(found) < len(gains):
        reason = NoTest(next((each.why_no_test for each in gains if each.why_no_test), NO_SUMS))
        return Gain(terms, paper_points, mean, reason, reason, paired, None, ground)
    estimate = mean_of(found)
    p = None if ground.obstacle else estimate.p
    return Gain(terms, paper_points, mean, estimate, estimate, paired, p, ground)


def mean_of(found: Sequence[Estimate]) -> Estimate:
    """Mean of independent estimates, with Satterthwaite's degrees of freedom."""
    share = 1 / len(found) ** 2
    seeds = share * sum(one.seed_variance for one in found)
    testset = share * sum(one.testset_variance for one in found)
    df = satterthwaite([(share * one.se**2, one.df) for one in found])
    return Estimate(fmean(one.value for one in found), seeds, testset, df)


# -- judgements -----------------------------------------------------------------------


def lies_within(pairs: Sequence[Estimate], bar: float) -> bool | None:
    """Whether the largest of all ordered differences lies below a threshold."""
    below = max(1 - each.p_above(bar) for each in pairs) < ALPHA
    return settled(below, min(each.p_above(bar) for each in pairs) * len(pairs) < ALPHA)


def gap_bounds(pairs: Sequence[Estimate]) -> tuple[float, float]:
    """Bounds of the widest of some differences, each surely right at 1 − α/2.

    No difference lies above its own upper bound, so the widest does not lie above the highest of
    these; it lies above every lower bound, and the highest pays for the choice among all.
    """
    low = max(each.interval(1 - ALPHA / len(pairs)).low for each in pairs)
    return low, max(each.interval(1 - ALPHA).high for each in pairs)


def rank_bounds(gains: Sequence[Gain], *, from_last: bool = False) -> tuple[int, int]:
    """Lower and upper bound of a cell's rank, by its corrected gains over all others."""
    won, lost = (
        sum(each.p is not None and each.p < ALPHA and sign * (each.mean or 0.0) > 0 for each in gains)
        for sign in (1, -1)
    )
    before, behind = (won, lost) if from_last else (lost, won)
    return 1 + before, 1 + len(gains) - behind


def settled(agrees: bool, fails: bool) -> bool | None:
    """Whether a claim holds; None if that is not certain either way."""
    return False if fails else True if agrees else None


def signed(value: float) -> str:
    """A difference with three decimals and its sign."""
    return f"{value:+.3f}".replace("-", "−")


def _unit(one: Sample) -> int:
    """The factor to the printed unit: points for AUC and gAUC."""
    return 100 if one.metric in SCORES else 1


def _over(
    item: Sample, rivals: Sequence[Sample], bar: Fraction = Fraction(0), below: bool = False
) -> tuple[Case, Gain]:
    """The gain over the best rival as a case; with `below`, the gain of the lowest rival over the item."""
    turned = [replace(one, values=tuple(-value for value in one.values)) if below else one for one in (item, *rivals)]
    others = {one.label: one for one in turned[1:]}
    assert len(others) == len(rivals), "two rivals have one label"
    strongest, found = over_best(turned[0], others, bar=bar / _unit(item))
    name = f"{item.label} {'below' if below else 'over'} {len(rivals)} others ({item.metric})"
    if len(rivals) == 1:
        better, worse = (rivals[0], item) if below else (item, rivals[0])
        name = f"{better.label} over {worse.label} ({item.metric})"
    over = f"over {strongest}, the best of {len(rivals)}" if len(rivals) > 1 else ""
    shown = "" if found.mean is None else signed(found.mean * _unit(item) + float(bar))
    made = Case(name, f"> {number(bar)}", [item, *rivals], None, shown, (over,), found.why_no_test)
    return made, found


def _gaps(cells: Sequence[Sample]) -> tuple[float, list[Estimate], str]:
    """The widest gap in points, and estimates of all differences, whichever way they go, or none and the reason."""
    pairs = [gain(x, y) for x, y in permutations(cells, 2)]
    widest = 100 * max(each.mean or 0.0 for each in pairs)
    found = [each.estimate for each in pairs if isinstance(each.estimate, Estimate) and not each.one_error]
    if len(found) == len(pairs):
        return widest, found, ""
    return widest, [], next(each.why_no_test for each in pairs if each.why_no_test)

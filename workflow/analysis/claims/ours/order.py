"""Trials about the order of many cells on one dataset: how far apart they lie, and which rank one has."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

from workflow.analysis.claims.ours.cells import Target
from workflow.analysis.claims.ours.trials import Trial
from workflow.analysis.claims.results import number
from workflow.analysis.compare.gains import Gain, corrected, gain
from workflow.analysis.evidence.standing import Ground, joined
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.uncertainty import Estimate


def spread_trial(cells: Sequence[Target], by: Fraction, *, most: bool) -> Trial:
    """Whether cells of a dataset lie at most, or at least, so many points apart, best to worst, in AUC."""
    dataset = cells[0].at["dataset"]
    wanted = f"at {'most' if most else 'least'} {number(by)}"
    trial = Trial(f"{dataset}: best less worst of {len(cells)} (auc)", _ground(cells), _keys(cells), wanted, asks=())
    if trial.ground.obstacle is None:
        _weigh_spread(trial, _pairs(cells, "auc"), by)
        if not most:
            trial.agrees, trial.fails = trial.fails, trial.agrees
    return trial


def closer_trial(own: Sequence[Target], others: Sequence[Target]) -> Trial:
    """Whether the cells of one dataset lie closer together in AUC than those of another."""
    cells, dataset, other = [*own, *others], own[0].at["dataset"], others[0].at["dataset"]
    label = f"{dataset} beside {other}: best less worst of {len(own)} (auc)"
    trial = Trial(label, _ground(cells), _keys(cells), f"closer than on {other}", asks=())
    if trial.ground.obstacle is None:
        _weigh_closer(trial, _pairs(own, "auc"), _pairs(others, "auc"))
    return trial


def rank_trial(item: Target, among: Sequence[Target], rank: int, *, from_last: bool = False) -> Trial:
    """Whether a cell has a rank among others by AUC: between which ranks it surely lies."""
    rivals, end = [other for other in among if other.at != item.at], "bottom" if from_last else "top"
    cells = [item, *rivals]
    label = f"{item.label} among {len(cells)}, from the {end} (auc)"
    trial = Trial(label, _ground(cells), _keys(cells), f"rank {rank}", asks=())
    if rivals and trial.ground.obstacle is None:
        gains = corrected([gain(item.sample("auc"), one.sample("auc")) for one in rivals])
        _weigh_rank(trial, gains, rank, end)
    return trial


# -- parts ----------------------------------------------------------------------------


def _pairs(cells: Sequence[Target], metric: str) -> list[Gain]:
    """Of each over each other: the widest gap is one of them, whichever way it goes."""
    return [gain(x.sample(metric), y.sample(metric)) for x, y in permutations(cells, 2)]


def _known(trial: Trial, pairs: Sequence[Gain]) -> list[Estimate]:
    """Estimates of all pairs, or none and the reason."""
    found = [each.estimate for each in pairs if isinstance(each.estimate, Estimate) and not each.one_error]
    if len(found) == len(pairs):
        return found
    trial.reason = next(each.why_no_test for each in pairs if each.why_no_test)
    return []


def _weigh_spread(trial: Trial, pairs: Sequence[Gain], by: Fraction) -> None:
    """Let `agrees` be that all lie within `by`, and `fails` that some surely do not."""
    trial.difference = 100 * max(each.mean or 0.0 for each in pairs)
    known = _known(trial, pairs)
    if not known:
        return
    bar = float(by) / 100
    # All ordered pairs: the gap lies below the bar where each does, and above it where any does.
    trial.agrees = max(1 - each.p_above(bar) for each in known) < ALPHA
    trial.fails = min(each.p_above(bar) for each in known) * len(known) < ALPHA


def _weigh_closer(trial: Trial, own: Sequence[Gain], other: Sequence[Gain]) -> None:
    gaps = [100 * max(each.mean or 0.0 for each in pairs) for pairs in (own, other)]
    trial.difference = gaps[0] - gaps[1]
    trial.shown = f"{gaps[0]:.2f} beside {gaps[1]:.2f} points"
    known = _known(trial, own), _known(trial, other)
    if all(known):
        (low, high), (other_low, other_high) = map(gap_bounds, known)
        trial.agrees, trial.fails = high < other_low, low >= other_high


def gap_bounds(pairs: Sequence[Estimate]) -> tuple[float, float]:
    """Bounds of the widest of some differences, each surely right at 1 − α/2.

    No difference lies above its own upper bound, so the widest does not lie above the highest of
    these; it lies above every lower bound, and the highest pays for the choice among all.
    """
    low = max(each.interval(1 - ALPHA / len(pairs)).low for each in pairs)
    return low, max(each.interval(1 - ALPHA).high for each in pairs)


def _weigh_rank(trial: Trial, gains: Sequence[Gain], rank: int, end: str) -> None:
    won, lost = (
        sum(each.p is not None and each.p < ALPHA and sign * (each.mean or 0.0) > 0 for each in gains)
        for sign in (1, -1)
    )
    before, behind = (lost, won) if end == "top" else (won, lost)
    ahead = sum((each.mean or 0.0) * (1 if end == "bottom" else -1) > 0 for each in gains)
    first, last = 1 + before, 1 + len(gains) - behind
    trial.difference = float(1 + ahead)
    trial.shown = f"rank {1 + ahead}, surely {first} to {last}"
    trial.agrees, trial.fails = first == last == rank, not first <= rank <= last
    trial.reason = next((each.why_no_test for each in gains if each.why_no_test), "")


def _ground(cells: Sequence[Target]) -> Ground:
    return joined(one.ground for one in cells)


def _keys(cells: Sequence[Target]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for one in cells for key in one.keys))

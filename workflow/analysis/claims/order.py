"""Trials about the order of many cells on one dataset: how far apart they lie, and which rank one has."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations

from workflow.analysis.claims import checks
from workflow.analysis.claims.cells import Runs, Target
from workflow.analysis.claims.evaluate import Scope, exact_value
from workflow.analysis.claims.results import number
from workflow.analysis.claims.trials import SCORES, Trial
from workflow.analysis.evidence.gains import Gain, corrected, gain
from workflow.analysis.evidence.verdict import Ground, joined
from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.uncertainty import Estimate


def spread_trials(scope: Scope, runs: Runs, check: checks.RunSpread) -> Iterator[Trial]:
    """One trial per dataset: the best of its cells less the worst."""
    by = exact_value(scope, check.by, {})
    for selector in check.each:
        metric, cells = SCORES[str(selector.metric)], runs.targets(scope, selector, {})
        for dataset in dict.fromkeys(one.at["dataset"] for one in cells):
            own = [one for one in cells if one.at["dataset"] == dataset]
            wanted = f"{check.sense.replace('_', ' ')} {number(by)}"
            trial = Trial(f"{dataset}: best less worst of {len(own)} ({metric})", _ground(own), _keys(own), wanted)
            if trial.ground.obstacle is None:
                _weigh_spread(trial, [gain(x.sample(metric), y.sample(metric)) for x, y in permutations(own, 2)], by)
                if check.sense == "at_least":
                    trial.agrees, trial.fails = trial.fails, trial.agrees
            yield trial


def rank_trials(scope: Scope, runs: Runs, check: checks.RunRank) -> Iterator[Trial]:
    """One trial per item: between which ranks it surely lies."""
    rank = int(exact_value(scope, check.rank, {}))
    for selector in check.each:
        metric = SCORES[str(selector.metric)]
        for item in runs.targets(scope, selector, {}):
            rivals = [other for other in runs.targets(scope, check.among, item.at) if other.at != item.at]
            cells = [item, *rivals]
            label = f"{item.label} among {len(cells)}, from the {check.end} ({metric})"
            trial = Trial(label, _ground(cells), _keys(cells), f"rank {rank}")
            if rivals and trial.ground.obstacle is None:
                gains = corrected([gain(item.sample(metric), one.sample(metric)) for one in rivals])
                _weigh_rank(trial, gains, rank, check.end)
            yield trial


# -- parts ----------------------------------------------------------------------------


def _weigh_spread(trial: Trial, pairs: Sequence[Gain], by: Fraction) -> None:
    """Let `agrees` be that all lie within `by`, and `fails` that some surely do not."""
    trial.difference = 100 * max(each.mean or 0.0 for each in pairs)
    known = [each.estimate for each in pairs if isinstance(each.estimate, Estimate) and not each.one_error]
    if len(known) < len(pairs):
        trial.reason = next(each.why_no_test for each in pairs if each.why_no_test)
        return
    bar = float(by) / 100
    # All ordered pairs: the gap lies below the bar where each does, and above it where any does.
    trial.agrees = max(1 - each.p_above(bar) for each in known) < ALPHA
    trial.fails = min(each.p_above(bar) for each in known) * len(known) < ALPHA


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

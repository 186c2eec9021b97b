"""Whether a sweep shows the optimum that the paper states.

Every other point is compared with the stated one, by the gain of the stated point over it. A point is

- beaten, where the gain is above 0: each test at α, since all must pass (intersection-union);
- better, where the gain is below 0, Holm-corrected over the points, since one suffices;
- no better, where the gain is above −margin: the half of an equivalence test that matters here,
  as a stated optimum may well be far above a point.

All beaten: seen. Some point better: not seen. Each beaten or no better: tied. Else it is open. An
optimum that is one is called `not seen` with probability at most α/2.
"""

from collections.abc import Mapping
from typing import Literal

from workflow.analysis.stats.effect import ALPHA
from workflow.analysis.stats.families import holm
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate

OptimumFinding = Literal["seen", "tied", "not seen", "open"]


def judge_optimum(gains: Mapping[str, Estimate | NoTest], margin: float, stated: int = 1) -> OptimumFinding:
    """Judge a stated optimum by its gains over each other point of the sweep, at least one, in the unit of the scores.

    `margin`, above 0, is what counts as equal. `stated` says how many points the paper calls best together, of which
    the best of ours stands for all: its p-values are multiplied by it where it must win, as its mean chose it.

    Examples
    --------
    >>> judge_optimum({"0.7": Estimate(0.001, 1e-8, 0.0, 8), "0.9": Estimate(0.0001, 1e-8, 0.0, 8)}, 0.001)
    'tied'
    >>> judge_optimum({"0.7": Estimate(-0.001, 1e-8, 0.0, 8)}, 0.001)
    'not seen'
    """
    if not gains or not margin > 0:
        raise ValueError(f"needs a point to compare with and a positive margin, not {len(gains)} and {margin}")
    estimates = [each for each in gains.values() if isinstance(each, Estimate)]
    # One-sided tests at half the level agree with the intervals.
    if any(p < ALPHA / 2 for p in holm([1 - each.p_above(0.0) for each in estimates])):
        return "not seen"
    if len(estimates) < len(gains):
        return "open"
    beaten = [stated * each.p_above(0.0) < ALPHA / 2 for each in estimates]
    if all(beaten):
        return "seen"
    no_better = [stated * each.p_above(-margin) < ALPHA / 2 for each in estimates]
    return "tied" if all(no_better) else "open"  # beaten is no better, too

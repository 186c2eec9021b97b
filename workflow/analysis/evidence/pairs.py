"""The mean of two independently trained runs' logits as a cell of its own, from the sums that pairs of runs left.

With S runs of a configuration there are S(S − 1)/2 pairs, which share runs. Their mean AUC uses all of them and is
the unbiased estimate with the least variance (Hoeffding 1948); disjoint pairs would leave out most, and to count pairs
as independent would claim too much. Its error over seeds is the jackknife's: leaving one run out at a time gives each
seed a pseudo-value,

    θ_i = S · U − (S − 1) · U_(−i),

whose mean is U, the mean over all pairs, and whose variance over S is that of U. It is a weighted sum of the pairs'
AUCs, and so of what they leave of each user: a seed's pseudo-value is tested as a run is, with the error over test sets
too, and in pairs with the run of the same seed.

Shapes: S seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from workflow.analysis.evidence.cells import MEAN_OF_TWO, Observed
from workflow.analysis.evidence.standing import Ground, Obstacle
from workflow.analysis.stats.testset import ClusterSums

FEWEST = 3  # runs: with two there is only one pair


def mean_of_two(one: Observed, sums: Mapping[str, ClusterSums]) -> Observed:
    """The cell of the mean of two runs' logits; incomplete as long as a pair is lacking."""
    model = one.cell.runs[0].model.name
    at = {**one.at, "variant": MEAN_OF_TWO}
    cell = replace(one.cell, at=at, print_at=at, label=f"mean of two {model}s' logits")
    seeds = [run.seed for run in one.cell.runs]
    keys = {pair: f"{one.cell.runs[0].id}/seed{pair[0]}+seed{pair[1]}" for pair in combinations(sorted(seeds), 2)}
    found = {pair: sums[key] for pair, key in keys.items() if key in sums}
    ground = one.ground
    if ground.obstacle is None and (len(found) < len(keys) or len(seeds) < FEWEST):
        ground = Ground(Obstacle.INCOMPLETE, ground.standing)
    two = by_seed(seeds, found) if ground.obstacle is None else ()
    return replace(one, cell=cell, ground=ground, two=two, records=one.records if two else (None,) * len(seeds))


def by_seed(seeds: Sequence[int], pairs: Mapping[tuple[int, int], ClusterSums]) -> tuple[ClusterSums, ...]:
    """The pseudo-value of each of three seeds or more, as sums by user, from every pair with the smaller seed first.

    Pairs with the seed weigh 2/(S − 2), all pairs −2/((S − 1)(S − 2)): together 1.
    """
    total = len(seeds)
    found = []
    for seed in seeds:
        weights = {pair: 2 * (seed in pair) / (total - 2) - 2 / ((total - 1) * (total - 2)) for pair in pairs}
        arrays = {
            name: np.sum([weight * getattr(pairs[pair], name) for pair, weight in weights.items()], axis=0)
            for name in ("placements_positive_U", "placements_negative_U", "auc_U")
        }
        first = next(iter(pairs.values()))
        found.append(ClusterSums(first.positives_U, first.negatives_U, **arrays))
    return tuple(found)

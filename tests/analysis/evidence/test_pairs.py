"""The mean of two runs' logits: what pairs reach, and the jackknife over runs, against naive loops."""

from itertools import combinations
from statistics import fmean

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from workflow.analysis.evidence.pairs import by_seed
from workflow.analysis.stats.testset import ClusterSums
from workflow.analysis.stats.uncertainty import Estimate, combined, single
from workflow.train.placements import user_sums

SEEDS = (3, 1, 4, 5)
RNG = np.random.default_rng(0)
LABEL_N = (RNG.random(400) < 0.4).astype(np.float32)
USER_N = RNG.integers(12, size=400).astype(np.int32)
SCORE_SN = {seed: expit(LABEL_N + RNG.normal(0, 1.5, 400)).astype(np.float32) for seed in SEEDS}
Pair = tuple[int, int]


def sums_of(score_N: npt.NDArray[np.float32]) -> ClusterSums:
    return ClusterSums(**vars(user_sums(LABEL_N, score_N, USER_N)))


PAIRS: dict[Pair, ClusterSums] = {
    pair: sums_of((SCORE_SN[pair[0]] + SCORE_SN[pair[1]]) / 2) for pair in combinations(sorted(SEEDS), 2)
}
AUC: dict[Pair, float] = {pair: roc_auc_score(LABEL_N, (SCORE_SN[pair[0]] + SCORE_SN[pair[1]]) / 2) for pair in PAIRS}


def leave_one_out() -> dict[int, float]:
    """Pseudo-values by their definition."""
    total, whole = len(SEEDS), fmean(AUC.values())
    return {
        seed: total * whole - (total - 1) * fmean(auc for pair, auc in AUC.items() if seed not in pair)
        for seed in SEEDS
    }


def test_pseudo_values_are_the_jackknifes() -> None:
    found = by_seed(SEEDS, PAIRS)
    assert [each.auc for each in found] == pytest.approx([leave_one_out()[seed] for seed in SEEDS], abs=1e-12)
    assert np.mean([each.auc for each in found]) == pytest.approx(np.mean(list(AUC.values())), abs=1e-12)


def test_grouped_aucs_are_as_linear() -> None:
    found, whole = ([each.gauc or 0.0 for each in sums] for sums in (by_seed(SEEDS, PAIRS), PAIRS.values()))
    assert 0.5 < fmean(whole) < 1
    assert fmean(found) == pytest.approx(fmean(whole), abs=1e-12)


def test_the_error_over_runs_covers() -> None:
    """Of many sets of runs whose pairs gain what the mean of two noises does, about 95 % of intervals hold it."""
    rng, inside, tests = np.random.default_rng(1), 0, 400
    zeros, rows = np.zeros(2), np.full(2, 10)
    for _ in range(tests):
        luck_S = rng.normal(0, 1, 5)
        pairs = {}
        for a, b in combinations(range(5), 2):
            placed = rows * (0.5 + 0.01 * ((luck_S[a] + luck_S[b]) / 2 + rng.normal(0, 0.3)))
            pairs[a, b] = ClusterSums(rows, rows, placed, placed, zeros)
        found = combined([single([each.auc for each in by_seed(range(5), pairs)])])
        assert isinstance(found, Estimate)
        interval = found.interval()
        inside += interval.low < 0.5 < interval.high
    assert 0.93 <= inside / tests <= 0.98

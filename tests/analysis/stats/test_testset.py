"""Errors over test sets against naive loops over rows, DeLong as others wrote it, and simulation.

Shapes: N rows, U clusters, R runs.
"""

from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pauc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from sklearn.metrics import roc_auc_score

from workflow.analysis.stats import testset
from workflow.analysis.stats.testset import (
    ClusterSums,
    auc_covariance,
    gauc_draws,
    mean_sums,
)
from workflow.train.metrics import auc, grouped_auc
from workflow.train.placements import user_sums, write_sums

Rows = tuple[np.ndarray, np.ndarray, np.ndarray]  # labels, clusters, scores of shape (R, N)


def placements(y_N: np.ndarray, score_N: np.ndarray) -> np.ndarray:
    """V10 of each positive and V01 of each negative, pair by pair."""
    found, rows = [], list(zip(y_N.tolist(), score_N.tolist(), strict=True))
    for label, score in rows:
        gaps = [score - other if label else other - score for its_label, other in rows if its_label != label]
        found.append(sum(1.0 if gap > 0 else 0.5 if gap == 0 else 0.0 for gap in gaps) / len(gaps))
    return np.array(found)


def own_auc(y_N: np.ndarray, score_N: np.ndarray) -> float:
    return float(placements(y_N, score_N)[y_N == 1].mean()) if 0 < y_N.mean() < 1 else np.nan


def sums(y_N: np.ndarray, cluster_N: np.ndarray, score_N: np.ndarray) -> ClusterSums:
    placed_N = placements(y_N, score_N)
    ids = np.unique(cluster_N)
    rows = [cluster_N == each for each in ids]
    return ClusterSums(
        positives_U=np.array([y_N[at].sum() for at in rows]),
        negatives_U=np.array([(1 - y_N[at]).sum() for at in rows]),
        placements_positive_U=np.array([placed_N[at & (y_N == 1)].sum() for at in rows]),
        placements_negative_U=np.array([placed_N[at & (y_N == 0)].sum() for at in rows]),
        auc_U=np.array([own_auc(y_N[at], score_N[at]) for at in rows]),
    )


def obuchowski(y_N: np.ndarray, cluster_N: np.ndarray, score_RN: np.ndarray) -> np.ndarray:
    """The covariance by its definition: loops over clusters, and over pairs of rows within them."""
    placed_RN = np.stack([placements(y_N, score_N) for score_N in score_RN])
    m, n = y_N.sum(), (1 - y_N).sum()
    auc_R = [roc_auc_score(y_N, score_N) for score_N in score_RN]
    ids = np.unique(cluster_N)
    with_class = [len(np.unique(cluster_N[y_N == label])) for label in (0, 1)]
    covariance = np.zeros((len(score_RN), len(score_RN)))
    for r in range(len(score_RN)):
        for s in range(len(score_RN)):
            s10 = s01 = s11_rs = s11_sr = 0.0
            for cluster in ids:
                at = np.flatnonzero(cluster_N == cluster)
                for i in at:
                    for j in at:
                        product = (placed_RN[r, i] - auc_R[r]) * (placed_RN[s, j] - auc_R[s])
                        s10 += product * (y_N[i] == 1 and y_N[j] == 1)
                        s01 += product * (y_N[i] == 0 and y_N[j] == 0)
                        s11_rs += product * (y_N[i] == 1 and y_N[j] == 0)
                        s11_sr += product * (y_N[i] == 0 and y_N[j] == 1)
            s10 *= with_class[1] / ((with_class[1] - 1) * m)
            s01 *= with_class[0] / ((with_class[0] - 1) * n)
            s11 = (s11_rs + s11_sr) * len(ids) / (len(ids) - 1)
            covariance[r, s] = s10 / m + s01 / n + s11 / (m * n)
    return covariance


@st.composite
def clicks(draw: st.DrawFn, runs: int = 2) -> Rows:
    """Rows of a few users, both classes in at least two of them, scores with many ties."""
    clusters = draw(st.integers(3, 6))
    cluster_N = np.array(
        [*range(clusters), *range(clusters), *draw(st.lists(st.integers(0, clusters - 1), max_size=8))]
    )
    free = draw(st.lists(st.integers(0, 1), min_size=len(cluster_N) - 4, max_size=len(cluster_N) - 4))
    y_N = np.array([*free, 0, 1, 0, 1])
    y_N[:2], y_N[clusters : clusters + 2] = 1, 0
    grid = st.lists(st.integers(0, 9), min_size=len(y_N), max_size=len(y_N))
    return y_N, cluster_N, np.array([draw(grid) for _ in range(runs)]) / 10


# -- AUC ------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(clicks())
def test_auc_and_covariance_against_their_definitions(rows: Rows) -> None:
    y_N, cluster_N, score_RN = rows
    runs = [sums(y_N, cluster_N, score_N) for score_N in score_RN]
    assert [run.auc for run in runs] == pytest.approx([roc_auc_score(y_N, score_N) for score_N in score_RN])
    assert auc_covariance(runs) == pytest.approx(obuchowski(y_N, cluster_N, score_RN), abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(clicks())
def test_one_row_a_cluster_is_delong(rows: Rows) -> None:
    y_N, _, score_RN = rows
    runs = [sums(y_N, np.arange(len(y_N)), score_N) for score_N in score_RN]
    x, y = (pauc.ROC(y_N, score_N, direction="<") for score_N in score_RN)
    theirs = [[pauc.var(x), pauc.cov(x, y)], [pauc.cov(x, y), pauc.var(y)]]
    assert auc_covariance(runs) == pytest.approx(np.array(theirs), abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(clicks(runs=3), st.randoms(use_true_random=False))
def test_what_must_not_matter(rows: Rows, random: Random) -> None:
    y_N, cluster_N, score_RN = rows
    expected = auc_covariance([sums(y_N, cluster_N, score_N) for score_N in score_RN])
    names = random.sample(range(100), int(cluster_N.max()) + 1)
    renamed_N = np.array([names[each] for each in cluster_N])
    order_N = np.array(random.sample(range(len(y_N)), len(y_N)))
    shuffled = [sums(y_N[order_N], renamed_N[order_N], score_N[order_N]) for score_N in score_RN]
    assert auc_covariance(shuffled) == pytest.approx(expected)  # names of users, order of rows
    monotone = [sums(y_N, cluster_N, np.exp(3 * score_N)) for score_N in score_RN]
    assert auc_covariance(monotone) == pytest.approx(expected)  # calibration of scores
    mirrored = [sums(1 - y_N, cluster_N, -score_N) for score_N in score_RN]
    assert auc_covariance(mirrored) == pytest.approx(expected)  # which class is called positive


@settings(max_examples=15, deadline=None)
@given(clicks())
def test_a_covariance_is_one_of_random_variables(rows: Rows) -> None:
    x, y = (sums(rows[0], rows[1], score_N) for score_N in rows[2])
    forth, back = auc_covariance([x, y]), auc_covariance([y, x])
    assert forth == pytest.approx(back[::-1, ::-1])
    assert auc_covariance([x, x]) == pytest.approx(np.full((2, 2), auc_covariance([x])[0, 0]), abs=1e-12)
    assert np.linalg.eigvalsh(forth).min() >= -1e-12


def hanley_mcneil(auc: float, positives: int, negatives: int) -> float:
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    parts = auc * (1 - auc) + (positives - 1) * (q1 - auc**2) + (negatives - 1) * (q2 - auc**2)
    return sqrt(parts / (positives * negatives))


def test_order_of_magnitude_of_hanley_and_mcneil() -> None:
    generator = np.random.default_rng(5)
    y_N = (generator.random(400) < 0.4).astype(int)
    score_N = generator.exponential(1 + 2.0 * y_N)  # their model: negative exponential scores
    found = sums(y_N, np.arange(len(y_N)), score_N)
    theirs = hanley_mcneil(found.auc, int(y_N.sum()), int((1 - y_N).sum()))
    assert sqrt(auc_covariance([found])[0, 0]) == pytest.approx(theirs, rel=0.15)
    # the paper's test sets, in points: positives, negatives and AUC of Frappe and ML-1M
    assert 100 * hanley_mcneil(0.9872, 9_536, 19_324) == pytest.approx(0.082, abs=0.003)
    assert 100 * hanley_mcneil(0.8194, 57_520, 42_501) == pytest.approx(0.130, abs=0.006)


def simulated(generator: np.random.Generator, users: int) -> Rows:
    """Users with a rate of clicks and a shift of scores of their own; two models of one taste."""
    cluster_N = np.repeat(np.arange(users), 6)
    rate_U, shift_U = generator.uniform(0.1, 0.9, users), generator.normal(0, 1, users)
    y_N = (generator.random(len(cluster_N)) < rate_U[cluster_N]).astype(int)
    common_N = y_N + shift_U[cluster_N] + generator.normal(0, 1, len(y_N))
    return y_N, cluster_N, np.stack([common_N + generator.normal(0, sd, len(y_N)) for sd in (0.3, 0.6)])


def fast_sums(y_N: np.ndarray, cluster_N: np.ndarray, score_N: np.ndarray) -> ClusterSums:
    """As `sums`, from one comparison of all pairs; scores without ties."""
    won_PN = score_N[y_N == 1][:, None] > score_N[y_N == 0][None, :]
    placed_N = np.zeros(len(y_N))
    placed_N[y_N == 1], placed_N[y_N == 0] = won_PN.mean(1), won_PN.mean(0)

    def total(each_N: np.ndarray) -> np.ndarray:
        return np.bincount(cluster_N, weights=each_N).astype(np.float64)

    positives_U, negatives_U = total(y_N).astype(np.int64), total(1 - y_N).astype(np.int64)
    no_auc_U = np.full(len(positives_U), np.nan)
    placed = total(placed_N * y_N), total(placed_N * (1 - y_N))
    return ClusterSums(positives_U, negatives_U, *placed, no_auc_U)


def test_errors_are_as_large_as_they_say() -> None:
    generator = np.random.default_rng(11)
    aucs, said, rowwise = [], [], []
    for _ in range(300):
        y_N, cluster_N, score_RN = simulated(generator, users=60)
        runs = [fast_sums(y_N, cluster_N, score_N) for score_N in score_RN]
        aucs.append([run.auc for run in runs])
        said.append(auc_covariance(runs))
        rowwise.append(auc_covariance([fast_sums(y_N, np.arange(len(y_N)), score_N) for score_N in score_RN]))
    truth = np.cov(np.array(aucs), rowvar=False)
    assert np.mean(said, axis=0) == pytest.approx(truth, rel=0.2)
    assert np.mean(rowwise, axis=0)[0, 0] < 0.75 * truth[0, 0]  # rows as if independent: too sure


def test_what_training_writes_is_read(tmp_path: Path) -> None:
    y_N, cluster_N, score_RN = simulated(np.random.default_rng(12), users=25)
    label_N, score_N, user_N = y_N.astype(np.float32), special.expit(score_RN[0]).astype(np.float32), cluster_N + 3
    write_sums(tmp_path / "sums.npz", user_sums(label_N, score_N, user_N.astype(np.int32)))
    with np.load(tmp_path / "sums.npz") as arrays:
        found = ClusterSums(**arrays)
    assert found.auc == pytest.approx(auc(label_N, score_N))
    assert found.gauc == pytest.approx(grouped_auc(label_N, score_N, user_N.astype(np.int32)))
    assert auc_covariance([found]) == pytest.approx(auc_covariance([fast_sums(y_N, cluster_N, score_N)]))
    assert ClusterSums(**vars(user_sums(label_N, score_N, None))).gauc is None


# -- gAUC -----------------------------------------------------------------------------


def test_gauc_by_its_definition() -> None:
    y_N, cluster_N, score_RN = simulated(np.random.default_rng(2), users=12)
    found = sums(y_N, cluster_N, score_RN[0])
    weighted = total = 0.0
    for user in np.unique(cluster_N):
        at = cluster_N == user
        if 0 < y_N[at].mean() < 1:
            weighted += at.sum() * roc_auc_score(y_N[at], score_RN[0][at])
            total += at.sum()
    assert found.gauc == pytest.approx(weighted / total)
    assert fast_sums(y_N, cluster_N, score_RN[0]).gauc is None  # blocks of rows


def test_draws_against_drawing_users_one_by_one() -> None:
    y_N, cluster_N, score_RN = simulated(np.random.default_rng(3), users=40)
    runs = [sums(y_N, cluster_N, score_N) for score_N in score_RN]
    draws = np.stack([gauc_draws(run, draws=2000, seed=1) for run in runs], axis=1)
    generator = np.random.default_rng(8)
    weight_U = runs[0].weight_U
    both = np.flatnonzero(weight_U)
    naive = []
    for _ in range(2000):
        chosen = generator.choice(both, size=len(both))
        naive.append([np.average(run.auc_U[chosen], weights=weight_U[chosen]) for run in runs])
    assert draws.mean(0) == pytest.approx([run.gauc for run in runs], abs=0.004)
    # each draw has the same users for every run
    assert np.cov(draws, rowvar=False) == pytest.approx(np.cov(np.array(naive), rowvar=False), rel=0.12)


def test_draws_are_seeded_and_the_same_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    y_N, cluster_N, score_RN = simulated(np.random.default_rng(4), users=30)
    run = sums(y_N, cluster_N, score_RN[0])
    whole = gauc_draws(run, draws=70, seed=7)
    assert np.array_equal(whole, gauc_draws(run, draws=70, seed=7))
    assert not np.array_equal(whole, gauc_draws(run, draws=70, seed=8))
    monkeypatch.setattr(testset, "_BLOCK_counts", 100)  # three draws of 30 users at a time
    assert gauc_draws(run, draws=70, seed=7) == pytest.approx(whole)


# -- what is refused ------------------------------------------------------------------


def toy(**changes: Any) -> ClusterSums:
    values: dict[str, Any] = {
        "positives_U": np.array([1, 1]),
        "negatives_U": np.array([1, 1]),
        "placements_positive_U": np.array([1.0, 0.5]),
        "placements_negative_U": np.array([1.0, 0.5]),
        "auc_U": np.array([1.0, 1.0]),
    }
    return ClusterSums(**(values | changes))


def test_refusals() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        toy(auc_U=np.array([1.0]))
    with pytest.raises(ValueError, match="both classes, not 0 positives and 2 negatives"):
        toy(positives_U=np.array([0, 0]))
    with pytest.raises(ValueError, match="not the sums of one run"):
        toy(placements_negative_U=np.array([1.0, 1.0]))
    with pytest.raises(ValueError, match="other rows"):
        auc_covariance([toy(), toy(negatives_U=np.array([2, 0]))])
    with pytest.raises(ValueError, match="no runs"):
        auc_covariance([])
    one_class = np.full(2, np.nan)
    single = toy(positives_U=np.array([2, 0]), negatives_U=np.array([0, 2]), auc_U=one_class)
    with pytest.raises(ValueError, match="2 clusters with rows of each class, not 1"):
        auc_covariance([single])
    with pytest.raises(ValueError, match="2 users with both classes, not 0"):
        gauc_draws(single)
    with pytest.raises(ValueError, match="2 users with both classes, not 0"):
        gauc_draws(toy(auc_U=one_class))


@given(st.integers(0, 1000))
@settings(max_examples=20)
def test_the_mean_of_sums_has_the_mean_of_the_scores_and_of_their_errors(seed: int) -> None:
    """Oracle: the variance of a mean by the covariances of its parts."""
    draw = np.random.default_rng(seed)
    label_N, user_N = np.tile([0, 1], 60), draw.integers(0, 12, 120)
    runs = [sums(label_N, user_N, draw.random(120)) for _ in range(3)]
    mean = mean_sums(runs)
    assert mean.auc == pytest.approx(np.mean([run.auc for run in runs]))
    assert mean.gauc == pytest.approx(np.mean([run.gauc or np.nan for run in runs]))
    assert auc_covariance([mean])[0, 0] == pytest.approx(auc_covariance(runs).mean())

"""Metrics against scikit-learn, and where they are undefined; sums by user against naive placements and the metrics."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss as sk_log_loss
from sklearn.metrics import roc_auc_score

from workflow.errors import UserError
from workflow.train.metrics import auc, evaluate, grouped_auc, log_loss
from workflow.train.placements import BLOCKS, blocks_of, user_sums, write_sums


def sample(seed: int, n: int, levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n).astype(np.float32)
    y[:2] = 0, 1
    score = (rng.integers(0, levels, n) / max(levels - 1, 1)).astype(np.float32)
    group = rng.integers(0, max(n // 8, 1), n).astype(np.int32) * 3 + 5  # ids with gaps
    group[:2] = 5  # one user with both classes
    return y, score, group


def gauc_by_loop(y: np.ndarray, score: np.ndarray, group: np.ndarray) -> float:
    total = weight = 0.0
    for user in np.unique(group):
        rows = group == user
        if 0 < y[rows].sum() < rows.sum():
            total += rows.sum() * float(roc_auc_score(y[rows], score[rows]))
            weight += rows.sum()
    return total / weight


@given(st.integers(0, 10_000), st.integers(2, 300), st.sampled_from([1, 2, 3, 10, 1 << 20]))
def test_auc_equals_scikit_learn_with_any_number_of_ties(seed: int, n: int, levels: int) -> None:
    y, score, _ = sample(seed, n, levels)
    assert auc(y, score) == pytest.approx(roc_auc_score(y, score), abs=1e-12)


@given(st.integers(0, 10_000), st.integers(2, 120), st.sampled_from([2, 5, 1 << 20]))
def test_gauc_equals_a_loop_over_users(seed: int, n: int, levels: int) -> None:
    y, score, group = sample(seed, n, levels)
    assert grouped_auc(y, score, group) == pytest.approx(gauc_by_loop(y, score, group), abs=1e-12)


@given(st.integers(0, 10_000), st.integers(2, 300))
def test_log_loss_equals_scikit_learn(seed: int, n: int) -> None:
    y, score, _ = sample(seed, n, 50)
    clipped = np.clip(score.astype(np.float64), 1e-7, 1 - 1e-7)
    assert log_loss(y, score) == pytest.approx(sk_log_loss(y, clipped), rel=1e-12)


@given(st.integers(0, 10_000), st.integers(2, 200))
def test_auc_is_invariant_under_order_and_monotone_maps_and_mirrors(seed: int, n: int) -> None:
    y, score, _ = sample(seed, n, 30)
    order = np.random.default_rng(seed).permutation(n)
    assert auc(y[order], score[order]) == auc(y, score)
    assert auc(y, (score / 2).astype(np.float32)) == auc(y, score)
    assert auc(y, (1 - score).astype(np.float32)) == pytest.approx(1 - auc(y, score), abs=1e-12)


def test_gauc_of_one_user_is_the_auc() -> None:
    y, score, _ = sample(3, 500, 40)
    assert grouped_auc(y, score, np.zeros(500, dtype=np.int32)) == auc(y, score)


def test_users_of_one_class_do_not_count() -> None:
    y = np.array([0, 1, 1, 1], dtype=np.float32)
    score = np.array([0.2, 0.9, 0.1, 0.3], dtype=np.float32)
    assert grouped_auc(y, score, np.array([5, 5, 7, 7], dtype=np.int32)) == 1.0


def test_large_user_codes_and_a_negative_zero() -> None:
    y = np.array([0, 1, 0, 1], dtype=np.float32)
    score = np.array([-0.0, 0.0, 1.0, 0.5], dtype=np.float32)
    assert grouped_auc(y, score, np.array([0, 0, 2**31 - 1, 2**31 - 1], dtype=np.int32)) == 0.25


def test_one_class_is_a_clear_error() -> None:
    y, score = np.ones(3, dtype=np.float32), np.linspace(0, 1, 3, dtype=np.float32)
    with pytest.raises(UserError, match="all 3 labels are 1"):
        auc(y, score)
    with pytest.raises(UserError, match="none of 3 users"):
        grouped_auc(y, score, np.arange(3, dtype=np.int32))


def test_evaluate_gives_all_three() -> None:
    y, score, group = sample(1, 400, 1000)
    metrics = evaluate(y, score, group)
    assert (metrics.auc, metrics.gauc, metrics.logloss) == (
        auc(y, score),
        grouped_auc(y, score, group),
        log_loss(y, score),
    )
    assert evaluate(y, score, None).gauc is None


# -- sums by user ---------------------------------------------------------------------


def naive_placements(y: np.ndarray, score: np.ndarray) -> list[float]:
    """Of each row: the share of the other class that it is on the right side of, ties half."""
    found = []
    for own, label in zip(score, y, strict=True):
        others = [other for other, other_label in zip(score, y, strict=True) if other_label != label]
        right = sum((own > other) if label == 1 else (own < other) for other in others)
        found.append((right + sum(own == other for other in others) / 2) / len(others))
    return found


@given(st.integers(0, 10_000), st.integers(2, 80), st.sampled_from([1, 3, 10, 1 << 20]))
def test_sums_equal_a_naive_double_loop(seed: int, n: int, levels: int) -> None:
    y, score, group = sample(seed, n, levels)
    placements = np.array(naive_placements(y, score))
    sums = user_sums(y, score, group)
    for at, user in enumerate(np.unique(group)):
        own = group == user
        assert sums.positives_U[at] == y[own].sum()
        assert sums.negatives_U[at] == (1 - y[own]).sum()
        assert sums.placements_positive_U[at] == pytest.approx(placements[own & (y == 1)].sum(), abs=1e-12)
        assert sums.placements_negative_U[at] == pytest.approx(placements[own & (y == 0)].sum(), abs=1e-12)
        if 0 < y[own].sum() < own.sum():
            assert sums.auc_U[at] == pytest.approx(roc_auc_score(y[own], score[own]), abs=1e-12)
        else:
            assert np.isnan(sums.auc_U[at])


@given(st.integers(0, 10_000), st.integers(2, 300))
def test_the_metrics_can_be_had_from_the_sums(seed: int, n: int) -> None:
    y, score, group = sample(seed, n, 20)
    sums = user_sums(y, score, group)
    assert sums.placements_positive_U.sum() / y.sum() == pytest.approx(auc(y, score), abs=1e-12)
    assert sums.placements_negative_U.sum() / (1 - y).sum() == pytest.approx(auc(y, score), abs=1e-12)
    both = ~np.isnan(sums.auc_U)
    rows = sums.positives_U + sums.negatives_U
    assert np.average(sums.auc_U[both], weights=rows[both]) == pytest.approx(grouped_auc(y, score, group), abs=1e-12)


def test_without_users_rows_go_into_fixed_blocks() -> None:
    y, score, _ = sample(1, 50_000, 100)
    sums = user_sums(y, score, None)
    rows = sums.positives_U + sums.negatives_U
    assert rows.sum() == 50_000
    assert 9_800 < len(rows) <= BLOCKS  # some of the blocks stay empty: 10,000·e^-5 = 67 are expected
    assert rows.max() < 20
    assert np.isnan(sums.auc_U).all()
    assert np.array_equal(blocks_of(50_000)[:100], blocks_of(100))  # by the row's number alone


def test_equal_sums_are_equal_bytes(tmp_path: Path) -> None:
    sums = user_sums(*sample(2, 100, 10))
    for name in ("a", "b"):
        write_sums(tmp_path / f"{name}.npz", sums)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with np.load(tmp_path / "a.npz") as read:
        assert np.array_equal(read["auc_U"], sums.auc_U, equal_nan=True)
        assert np.array_equal(read["placements_negative_U"], sums.placements_negative_U)

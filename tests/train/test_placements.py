"""Sums by user against naive placements, scikit-learn and the metrics."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from workflow.train.metrics import auc, grouped_auc
from workflow.train.placements import BLOCKS, blocks_of, user_sums, write_sums


def sample(seed: int, n: int, levels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n).astype(np.float32)
    y[:2] = 0, 1
    score = (rng.integers(0, levels, n) / max(levels - 1, 1)).astype(np.float32)
    group = rng.integers(0, max(n // 8, 1), n).astype(np.int32) * 3 + 5  # ids with gaps
    group[:2] = 5
    return y, score, group


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

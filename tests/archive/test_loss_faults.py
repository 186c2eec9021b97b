"""Bounds of a log loss: no scores violate them, and some reach them."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss, roc_auc_score

from workflow.archive.faults.losses import ROUNDING, class_bounds, least_log_loss
from workflow.train.metrics import LOGLOSS_CLIP
from workflow.train.record import ClassCounts

PROBABILITIES = st.floats(LOGLOSS_CLIP, 1 - LOGLOSS_CLIP) | st.sampled_from([0.3, 0.5, 0.6, 0.7, LOGLOSS_CLIP])
ROWS = st.lists(st.tuples(st.integers(0, 1), PROBABILITIES), min_size=2).filter(
    lambda rows: len({y for y, _ in rows}) == 2
)


def loss(y_N: np.ndarray, p_N: np.ndarray) -> float:
    return float(log_loss(y_N, np.stack([1 - p_N, p_N], axis=1), labels=[0, 1]))


@given(ROWS)
def test_no_scores_break_the_bounds(rows: list[tuple[int, float]]) -> None:
    y_N, p_N = np.array([y for y, _ in rows]), np.array([p for _, p in rows])
    auc, positives = float(roc_auc_score(y_N, p_N)), int(y_N.sum())
    found = loss(y_N, p_N)
    assert found >= least_log_loss(auc, positives, len(rows) - positives) - ROUNDING
    low, high = class_bounds(counted(y_N, p_N))
    assert low - ROUNDING <= found <= high + ROUNDING


def counted(y_N: np.ndarray, p_N: np.ndarray) -> ClassCounts:
    p_t_N = np.where(y_N == 1, p_N, 1 - p_N)
    classes_N = (p_t_N >= 0.3).astype(int) + (p_t_N >= 0.6)
    positives, negatives = (tuple(np.bincount(classes_N[y_N == label], minlength=3).tolist()) for label in (1, 0))
    return ClassCounts(epoch=1, split="test", positives=positives, negatives=negatives)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("count", [1, 7])
def test_scores_in_the_wrong_order_around_one_half_reach_the_bound(count: int) -> None:
    """All pairs are in the wrong order, and a row at ŷ = 1/2 loses ln 2."""
    assert least_log_loss(0.0, count, count) == pytest.approx(log(2))
    assert least_log_loss(1.0, count, count) == 0.0

"""Exact AUC, group AUC and log loss, by one sort of packed integers.

Shapes: N rows, U users. A float32 score in [0, 1] has an order-preserving bit pattern, so
(user, score, label) packs into one 64-bit integer; a plain sort of these, which numpy does
with vector instructions, replaces the sorting of indices that others pay for.
"""

import numpy as np
import numpy.typing as npt

from workflow.errors import UserError
from workflow.train.record import Metrics

Scores = npt.NDArray[np.float32]
Labels = npt.NDArray[np.float32]
Groups = npt.NDArray[np.int32]
_LABEL_BITS, _SCORE_BITS = 1, 32
LOGLOSS_CLIP = 1e-7


def auc(y_N: Labels, score_N: Scores) -> float:
    """Area under the ROC curve; ties count half (mid-ranks).

    Parameters
    ----------
    y_N : ndarray of shape (n_samples,)
        Labels, 0 or 1.
    score_N : ndarray of shape (n_samples,), float32
        Scores in [0, 1]; larger means more likely 1.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    UserError
        When only one class is present: the AUC is then undefined.

    See Also
    --------
    grouped_auc : The mean over users.

    Examples
    --------
    >>> import numpy as np
    >>> auc(np.float32([0, 0, 1, 1]), np.float32([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    key_N = np.sort(_packed(y_N, score_N))
    value = _auc_of_sorted(key_N, np.zeros(1, dtype=np.int64))[0]
    if np.isnan(value):
        raise UserError(f"AUC is undefined: all {len(y_N)} labels are {y_N[0]:.0f}; evaluate on rows of both classes")
    return float(value)


def grouped_auc(y_N: Labels, score_N: Scores, group_N: Groups) -> float:
    """Mean of the users' AUCs, weighted by their rows (gAUC, equations.md).

    Users with one class only are left out of both sums.

    Parameters
    ----------
    y_N : ndarray of shape (n_samples,)
        Labels, 0 or 1.
    score_N : ndarray of shape (n_samples,), float32
        Scores in [0, 1].
    group_N : ndarray of shape (n_samples,), int32
        User of each row, from 0 to 2³¹ − 1.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    UserError
        When no user has both classes.

    Examples
    --------
    >>> import numpy as np
    >>> y, score = np.float32([0, 1, 0, 1, 1]), np.float32([0.2, 0.9, 0.8, 0.3, 0.5])
    >>> grouped_auc(y, score, np.int32([0, 0, 1, 1, 2]))
    0.5
    """
    auc_U, rows_U = auc_by_user(y_N, score_N, group_N)
    both_U = ~np.isnan(auc_U)
    if not both_U.any():
        raise UserError(f"gAUC is undefined: none of {len(auc_U)} users has rows of both classes")
    return float(np.average(auc_U[both_U], weights=rows_U[both_U]))


def auc_by_user(y_N: Labels, score_N: Scores, group_N: Groups) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """AUC and rows of every user that occurs, in the order of their ids; NaN for one class only."""
    key_N = np.sort(_packed(y_N, score_N) | (group_N.astype(np.uint64) << np.uint64(_SCORE_BITS + _LABEL_BITS)))
    user_N = key_N >> np.uint64(_SCORE_BITS + _LABEL_BITS)
    start_U = np.flatnonzero(np.r_[True, user_N[1:] != user_N[:-1]])
    return _auc_of_sorted(key_N, start_U), np.diff(np.r_[start_U, len(key_N)])


def log_loss(y_N: Labels, score_N: Scores) -> float:
    """Mean of −log p of the true label, p clipped to [1e-7, 1 − 1e-7].

    Parameters
    ----------
    y_N : ndarray of shape (n_samples,)
        Labels, 0 or 1.
    score_N : ndarray of shape (n_samples,)
        Probabilities of label 1.

    Returns
    -------
    float
        In nats, from 0 up to 16.2.

    Examples
    --------
    >>> import numpy as np
    >>> round(log_loss(np.float32([1, 0]), np.float32([0.5, 0.5])), 6)
    0.693147
    """
    p_N = np.clip(score_N.astype(np.float64), LOGLOSS_CLIP, 1.0 - LOGLOSS_CLIP)
    return float(-np.mean(np.log(np.where(y_N > 0.5, p_N, 1.0 - p_N))))


def evaluate(y_N: Labels, score_N: Scores, group_N: Groups | None) -> Metrics:
    """All metrics of a split; gauc is None without users."""
    return Metrics(
        auc=auc(y_N, score_N),
        gauc=None if group_N is None else grouped_auc(y_N, score_N, group_N),
        logloss=log_loss(y_N, score_N),
    )


def _packed(y_N: Labels, score_N: Scores) -> npt.NDArray[np.uint64]:
    """(score, label) as one integer; adding 0.0 turns −0.0 into 0.0."""
    score_bits_N = (np.ascontiguousarray(score_N, dtype=np.float32) + np.float32(0.0)).view(np.uint32)
    return (score_bits_N.astype(np.uint64) << np.uint64(_LABEL_BITS)) | (y_N > 0.5).astype(np.uint64)


def _auc_of_sorted(key_N: npt.NDArray[np.uint64], start_U: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """AUC within each run of users in sorted keys; NaN where a user has one class only.

    Equal (user, score) make a tie. Positives above a tie's start win against the negatives
    before it, and half of those within it: the Mann-Whitney count, exact in int64.
    """
    positive_N = (key_N & np.uint64(1)).astype(np.int64)
    tie_N = key_N >> np.uint64(_LABEL_BITS)
    start_T = np.flatnonzero(np.r_[True, tie_N[1:] != tie_N[:-1]])  # every user starts a tie
    positives_T = np.add.reduceat(positive_N, start_T)
    negatives_T = np.diff(np.r_[start_T, len(key_N)]) - positives_T
    first_tie_U = np.searchsorted(start_T, start_U)
    negatives_U = np.add.reduceat(negatives_T, first_tie_U)
    positives_U = np.add.reduceat(positives_T, first_tie_U)
    before_T = np.cumsum(negatives_T) - negatives_T
    ties_U = np.diff(np.r_[first_tie_U, len(start_T)])
    before_T -= np.repeat(before_T[first_tie_U], ties_U)
    twice_wins_U = np.add.reduceat(positives_T * (2 * before_T + negatives_T), first_tie_U)
    pairs_U = positives_U * negatives_U
    return np.divide(twice_wins_U, 2 * pairs_U, out=np.full(len(start_U), np.nan), where=pairs_U > 0)

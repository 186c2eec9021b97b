"""The uncertainty of a run on its test split: sums per user, small enough to publish.

With m positives and n negatives in all, the placement of a positive is the share of all
negatives scored below it, ties half; that of a negative is the share of all positives scored
above it. Their means are both the AUC. Summed by user they are all that is needed for the
standard error of an AUC, or of the difference of two, with users as clusters (Obuchowski 1997),
and the users' own AUCs for a bootstrap of gAUC over users.

Shapes: N rows of the split, U users, or blocks of rows where the dataset has no user.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workflow.files import atomic_path
from workflow.train.metrics import Groups, Labels, Scores, auc_by_user

BLOCKS = 10_000  # clusters of a dataset without users, fixed by the number of the row


@dataclass(frozen=True)
class UserSums:
    """Sums over each user's test rows, in the order of the users' ids."""

    positives_U: npt.NDArray[np.int64]
    negatives_U: npt.NDArray[np.int64]
    placements_positive_U: npt.NDArray[np.float64]
    placements_negative_U: npt.NDArray[np.float64]
    auc_U: npt.NDArray[np.float64]  # NaN where a user has one class only, or there are no users


def user_sums(y_N: Labels, score_N: Scores, group_N: Groups | None) -> UserSums:
    """Sum labels and placements by user.

    Parameters
    ----------
    y_N : ndarray of shape (n_samples,)
        Labels, 0 or 1; both must occur.
    score_N : ndarray of shape (n_samples,), float32
        Scores in [0, 1].
    group_N : ndarray of shape (n_samples,), int32, or None
        User of each row; None puts rows into `BLOCKS` blocks.

    Returns
    -------
    UserSums
        Arrays over the users that occur.

    Examples
    --------
    >>> y, score = np.float32([0, 1, 0, 1]), np.float32([0.2, 0.9, 0.8, 0.3])
    >>> sums = user_sums(y, score, np.int32([0, 0, 1, 1]))
    >>> sums.placements_positive_U, sums.auc_U
    (array([1. , 0.5]), array([1., 0.]))
    """
    positive_N = y_N > 0.5
    _, user_N = np.unique(blocks_of(len(y_N)) if group_N is None else group_N, return_inverse=True)
    users = int(user_N.max()) + 1
    sums = []
    for own_N, other_N, sign in ((positive_N, ~positive_N, 1), (~positive_N, positive_N, -1)):
        # Counted twice and halved at the end, so that ties stay whole numbers: exact up to 2**53.
        others_M = np.sort(sign * score_N[other_N])
        own_K = sign * score_N[own_N]
        twice_K = np.searchsorted(others_M, own_K, "left") + np.searchsorted(others_M, own_K, "right")
        by_user_U = np.bincount(user_N[own_N], weights=twice_K, minlength=users)
        sums.append(by_user_U / (2 * len(others_M)))
    positives_U = np.bincount(user_N[positive_N], minlength=users)
    negatives_U = np.bincount(user_N[~positive_N], minlength=users)
    auc_U = np.full(users, np.nan) if group_N is None else auc_by_user(y_N, score_N, user_N.astype(np.int32))[0]
    return UserSums(positives_U, negatives_U, sums[0], sums[1], auc_U)


def blocks_of(rows: int) -> npt.NDArray[np.int64]:
    """Block of each row: a hash of its number, the same in every run (SplitMix64's finaliser)."""
    z_N = np.arange(1, rows + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z_N = (z_N ^ (z_N >> np.uint64(shift))) * np.uint64(factor)
    return ((z_N ^ (z_N >> np.uint64(31))) % np.uint64(BLOCKS)).astype(np.int64)


def write_sums(path: Path, sums: UserSums) -> None:
    """Write the arrays as .npz, atomically; equal arrays give equal bytes."""
    arrays = {field.name: getattr(sums, field.name) for field in fields(UserSums)}
    with atomic_path(path) as part, part.open("wb") as stream:
        np.savez(stream, **arrays)

"""Errors of AUC and gAUC over test sets, from sums per user.

A user's rows depend on each other, so users are drawn, not rows. The variance of an AUC is
Obuchowski's (1997) for clustered data, which is DeLong's (1988) where every cluster has one row;
the gAUC, a ratio of sums over users, is bootstrapped over users.

V10 of a positive row is the share of all negatives with a lower score, V01 of a negative row the
share of all positives with a higher one; ties count half. Their means are the AUC.

Shapes: U clusters (users, or blocks of rows where a dataset has no users), R runs, D draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
DRAWS = 1000
_BLOCK_counts = 4_000_000  # 32 MB


@dataclass(frozen=True, eq=False)
class ClusterSums:
    """The sums of a run on a split, per cluster, in the order of the clusters' ids.

    Raises
    ------
    ValueError
        When lengths differ, a class is missing everywhere, or the two means of V10 and V01 differ.
    """

    positives_U: Counts  # rows of each class
    negatives_U: Counts
    placements_positive_U: Floats  # sum of V10 over the cluster's positives, from 0 to their number
    placements_negative_U: Floats  # sum of V01 over its negatives
    auc_U: Floats  # within the user; NaN where a class is missing, and everywhere where clusters are blocks of rows

    def __post_init__(self) -> None:
        arrays = (self.positives_U, self.negatives_U, self.placements_positive_U, self.placements_negative_U)
        if {array.shape for array in (*arrays, self.auc_U)} != {(self.clusters,)}:
            raise ValueError(f"arrays per cluster differ in length: {[len(array) for array in (*arrays, self.auc_U)]}")
        positives, negatives = self.positives_U.sum(), self.negatives_U.sum()
        if not (positives and negatives):
            raise ValueError(f"an AUC needs both classes, not {positives} positives and {negatives} negatives")
        if not np.isclose(self.auc, self.placements_negative_U.sum() / negatives, rtol=0, atol=1e-9):
            raise ValueError("the means of V10 and V01 differ, so these are not the sums of one run")

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.positives_U)

    @property
    def clusters_of_each_class(self) -> int:
        """Clusters with rows of the class that fewer of them have."""
        return min(int(np.count_nonzero(self.positives_U)), int(np.count_nonzero(self.negatives_U)))

    @cached_property
    def auc(self) -> float:
        """AUC over all rows, in [0, 1]."""
        return float(self.placements_positive_U.sum() / self.positives_U.sum())

    @property
    def weight_U(self) -> Floats:
        """Rows of each user with both classes; 0 for the others, and for blocks."""
        return np.where(np.isnan(self.auc_U), 0.0, self.positives_U + self.negatives_U)

    @cached_property
    def gauc(self) -> float | None:
        """Mean of the users' AUCs weighted by their rows; None without users of both classes."""
        total = self.weight_U.sum()
        return float(np.nansum(self.weight_U * self.auc_U) / total) if total else None

    @cached_property
    def gauc_draws_D(self) -> Floats:
        """See `gauc_draws`."""
        return gauc_draws(self)


# -- AUC ------------------------------------------------------------------------------


def auc_covariance(runs: Sequence[ClusterSums]) -> Floats:
    """Covariance of the AUCs of several runs of the same rows over test sets (Obuchowski 1997), of shape (R, R).

    Between runs, S10/m + S01/n + (S11 + S11ᵀ)/(m n) for m positives, n negatives. Supposes that clusters are
    independent draws, and many: an asymptotic formula.

    Raises
    ------
    ValueError
        When runs are of different rows, or a class stands in a single cluster only.
    """
    _check_same_rows(runs)
    first = runs[0]
    m_U, n_U = first.positives_U, first.negatives_U
    auc_R1 = np.array([[run.auc] for run in runs])
    positive_RU = (np.stack([run.placements_positive_U for run in runs]) - auc_R1 * m_U) / m_U.sum()
    negative_RU = (np.stack([run.placements_negative_U for run in runs]) - auc_R1 * n_U) / n_U.sum()
    cross_RR = _small_sample(first.clusters) * (positive_RU @ negative_RU.T)
    return (
        _small_sample(int(np.count_nonzero(m_U))) * (positive_RU @ positive_RU.T)
        + _small_sample(int(np.count_nonzero(n_U))) * (negative_RU @ negative_RU.T)
        + cross_RR
        + cross_RR.T
    )


def _small_sample(clusters: int) -> float:
    if clusters < 2:
        raise ValueError(f"a variance over clusters needs 2 clusters with rows of each class, not {clusters}")
    return clusters / (clusters - 1)


# -- gAUC -----------------------------------------------------------------------------


def gauc_draws(run: ClusterSums, draws: int = DRAWS, seed: int = 0) -> Floats:
    """The gAUC of each of some bootstrap samples of users, the same samples for all runs of the same rows.

    So the covariance of several runs' draws is theirs over test sets. Users of one class have no AUC and no weight;
    they are not drawn.

    Raises
    ------
    ValueError
        When fewer than two users have both classes.
    """
    drawn_U = np.flatnonzero(run.weight_U)
    users = len(drawn_U)
    if users < 2:
        raise ValueError(f"a bootstrap of gAUC needs 2 users with both classes, not {users}")
    weight_U = run.weight_U[drawn_U]
    summed_U2 = np.stack([weight_U * run.auc_U[drawn_U], weight_U], axis=1)  # a draw is the ratio of their sums
    counts_DU = _counts(users, draws, seed)
    block_draws = max(1, _BLOCK_counts // users)
    blocks = (counts_DU[start : start + block_draws] for start in range(0, draws, block_draws))
    sums_D2 = np.concatenate([block.astype(np.float64) @ summed_U2 for block in blocks])
    return sums_D2[:, 0] / sums_D2[:, 1]


@lru_cache(maxsize=2)
def _counts(users: int, draws: int, seed: int) -> NDArray[np.uint16]:
    """How often each user is in each draw, of shape (n_draws, n_users); kept, as all runs of a dataset share it."""
    generator = np.random.default_rng(seed)
    counts_DU = np.empty((draws, users), dtype=np.uint16)
    for row_U in counts_DU:
        row_U[:] = np.bincount(generator.integers(users, size=users), minlength=users)
    return counts_DU


def mean_sums(runs: Sequence[ClusterSums]) -> ClusterSums:
    """Sums whose AUC and gAUC are the means of the runs': both are linear in what a run leaves of a cluster.

    Raises
    ------
    ValueError
        When runs are of different rows.
    """
    _check_same_rows(runs)
    positive_U, negative_U, auc_U = (
        np.mean([getattr(run, name) for run in runs], axis=0)
        for name in ("placements_positive_U", "placements_negative_U", "auc_U")
    )
    return ClusterSums(runs[0].positives_U, runs[0].negatives_U, positive_U, negative_U, auc_U)


def same_rows(runs: Sequence[ClusterSums]) -> bool:
    """Whether all were tested on the same split: as many rows of each class in every cluster."""
    return all(
        np.array_equal(run.positives_U, runs[0].positives_U) and np.array_equal(run.negatives_U, runs[0].negatives_U)
        for run in runs[1:]
    )


def _check_same_rows(runs: Sequence[ClusterSums]) -> None:
    if not runs:
        raise ValueError("no runs to compare")
    if not same_rows(runs):
        raise ValueError("runs have other rows in their clusters: they were not tested on the same split")

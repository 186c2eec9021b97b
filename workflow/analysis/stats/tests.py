"""What a test and an equivalence test come to, and Holm's correction of a family.

Tests of a difference are in `uncertainty` (t, of seeds and test set) and `permutation`.

Shapes: K hypotheses.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.analysis.stats.effect import ALPHA


@dataclass(frozen=True)
class Test:
    """A two-sided test. `statistic` is t, or the mean difference of a permutation test."""

    __test__ = False  # pytest takes the name for a test class

    p: float
    statistic: float
    df: float | None = None


@dataclass(frozen=True)
class Equivalence:
    """Outcome of TOST: `p` is the larger of the two one-sided p-values."""

    p: float
    margin: float

    def holds(self, alpha: float = ALPHA) -> bool:
        """Whether the difference lies within the margin, at level alpha."""
        return self.p < alpha


def holm(p_K: Sequence[float]) -> list[float]:
    """Adjust p-values for a family of tests by Holm's step-down rule.

    Parameters
    ----------
    p_K : sequence of float
        P-values in [0, 1], in any order.

    Returns
    -------
    list of float
        Adjusted p-values in [0, 1], in the same order; reject where one is below alpha.

    Raises
    ------
    ValueError
        When a p-value lies outside [0, 1].

    Examples
    --------
    >>> [round(p, 2) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    if not all(0 <= p <= 1 for p in p_K):
        raise ValueError(f"p-values must lie in [0, 1]: {list(p_K)}")
    adjusted, reached = [0.0] * len(p_K), 0.0
    for rank, index in enumerate(sorted(range(len(p_K)), key=lambda position: p_K[position])):
        reached = max(reached, min(1.0, (len(p_K) - rank) * p_K[index]))
        adjusted[index] = reached
    return adjusted

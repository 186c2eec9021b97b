"""Holm's correction of a family of tests. Shapes: K hypotheses."""

from collections.abc import Sequence


def holm(p_K: Sequence[float], planned: int = 0) -> list[float]:
    """Adjust p-values of a family of tests by Holm's step-down rule, in the same order; reject those below alpha.

    `planned` counts the hypotheses of the family where some have no p-value yet: these count as 1, so
    that a family does not grow, and nothing that it found falls, while a campaign runs.

    Raises
    ------
    ValueError
        When a p-value lies outside [0, 1].

    Examples
    --------
    >>> [round(p, 2) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    >>> [round(p, 2) for p in holm([0.01, 0.04, 0.03], planned=5)]
    [0.05, 0.12, 0.12]
    """
    if not all(0 <= p <= 1 for p in p_K):
        raise ValueError(f"p-values must lie in [0, 1]: {list(p_K)}")
    family = max(planned, len(p_K))
    adjusted, reached = [0.0] * len(p_K), 0.0
    for rank, index in enumerate(sorted(range(len(p_K)), key=lambda position: p_K[position])):
        reached = max(reached, min(1.0, (family - rank) * p_K[index]))
        adjusted[index] = reached
    return adjusted

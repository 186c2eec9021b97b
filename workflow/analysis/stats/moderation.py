"""Variances moderated by those of other cells (Smyth 2004), so that an unusually small spread decides nothing.

The variances σ² of a dataset's cells are drawn from a scaled inverse χ² with d0 degrees of freedom
around s0²; a sample variance s² with d degrees of freedom is then s0² · F(d, d0). Given s², the
expectation of 1/σ² is 1/s̃² with

    s̃² = (d0 · s0² + d · s²) / (d0 + d),

known with d0 + d degrees of freedom. s0² and d0 are such that log s² has the mean and the variance
that this distribution gives it; cells that differ by no more than chance are pooled (d0 = ∞).

Shapes: K cells.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from scipy import special


@dataclass(frozen=True)
class Prior:
    """The prior of a cell's variance from similar cells: s0², d0, and the degrees of freedom of all of them."""

    variance: float
    df: float  # infinite where the cells differ by no more than chance
    total_df: float

    def moderated(self, variance: float, df: float, scale: float = 1.0) -> tuple[float, float]:
        """A sample variance and its degrees of freedom, moderated; these are at most those of all cells together.

        `scale` is the sum of squared weights where the variance is that of a weighted sum of cells by seed.

        Examples
        --------
        >>> Prior(4.0, 6.0, 100.0).moderated(1.0, 4.0)
        (2.8, 10.0)
        """
        if self.df == inf:
            return scale * self.variance, self.total_df
        mean = (self.df * scale * self.variance + df * variance) / (self.df + df)
        return mean, min(self.df + df, self.total_df)


def prior_of(variance_K: Sequence[float], df_K: Sequence[float]) -> Prior | None:
    """Estimate the prior from the sample variances of similar cells and their degrees of freedom, above 0.

    A cell without any spread tells nothing of the others and is left out. None of fewer than three cells: there is
    nothing to moderate by.

    Examples
    --------
    >>> found = prior_of([1.0, 1.0, 1.0], [4, 4, 4])
    >>> found.variance, found.df, found.total_df
    (1.0, inf, 12.0)
    """
    known = [(variance, df) for variance, df in zip(variance_K, df_K, strict=True) if variance > 0]
    if len(known) < 3:
        return None
    variance, df = np.array(known, dtype=np.float64).T
    total = float(df.sum())
    log_K = np.log(variance) - special.psi(df / 2) + np.log(df / 2)  # of mean log s0² + ψ-terms of d0 alone
    excess = float(log_K.var(ddof=1) - special.polygamma(1, df / 2).mean())
    if excess <= 0:
        return Prior(float(df @ variance) / total, inf, total)
    d0 = 2 * _inverse_trigamma(excess)
    return Prior(float(np.exp(log_K.mean() + special.psi(d0 / 2) - np.log(d0 / 2))), d0, total)


def _inverse_trigamma(value: float) -> float:
    """The x > 0 with ψ'(x) = value, by Newton's steps on 1/ψ', which is convex: they come from one side."""
    x, step = 0.5 + 1 / value, -1.0
    while step < -1e-9 * x:
        trigamma = float(special.polygamma(1, x))
        step = trigamma * (1 - trigamma / value) / float(special.polygamma(2, x))
        x += step
    return x

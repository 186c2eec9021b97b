"""A gain with both of its errors: other seeds would give another one, and so would another test set.

The law of total variance, given the test set T: with D the difference of two means over seeds,

    Var D = E_T[Var(D | T)] + Var_T(E[D | T]).

The first part is what the seeds show on the one test set that there is: s²/n for pairs,
s_x²/n + s_y²/m otherwise. It holds the runs' own test noise too, as that differs between seeds.
The second is what all seeds share: the covariance of the test errors of runs with different
seeds, averaged, c = c_xx + c_yy − 2 c_xy. Adding the whole test-set variance of the mean
difference to s²/n instead would count the runs' own noise twice.

Assumptions: seeds and test rows are drawn independently; means are near normal; the training
data stay as they are (a new split would also train on other rows, which no number here covers).
Degrees of freedom are Satterthwaite's: n − 1 for each variance over seeds, clusters − 1 for c. So
an interval can be wider than the seeds' own and its p-value smaller: more of its variance is well
known. Simulation in the tests shows that it covers 95 %; capping the degrees of freedom at the
seeds' covers 98 to 99 %.

Shapes: N runs of one configuration, M of the other, R = N + M.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from scipy import special

from workflow.analysis.stats.effect import ALPHA, POWER
from workflow.analysis.stats.samples import Array, Interval, NoTest, centred, untestable
from workflow.analysis.stats.tests import Test


@dataclass(frozen=True)
class TestSet:
    """Errors over test sets of some runs.

    Parameters
    ----------
    covariance_RR : ndarray of shape (n_runs, n_runs)
        Of their AUCs or gAUCs: runs of x first, then those of y, each in the order of its scores.
    clusters : int
        Users or blocks behind it.
    """

    __test__ = False  # pytest takes the name for a test class

    covariance_RR: Array
    clusters: int


@dataclass(frozen=True)
class Estimate:
    """A difference of means, in the unit of the scores; variances are of the mean difference.

    `seed_variance` is what other seeds would change on this test set, `testset_variance` what
    another test set would change for all seeds alike; 0 where it was not asked for.
    """

    value: float
    seed_variance: float
    testset_variance: float
    df: float

    @property
    def se(self) -> float:
        """Standard error from both."""
        return float(np.sqrt(self.seed_variance + self.testset_variance))

    def interval(self, level: float = 1 - ALPHA) -> Interval:
        """Two-sided confidence interval, for a level in (0, 1)."""
        half = float(special.stdtrit(self.df, (1 + level) / 2)) * self.se
        return Interval(self.value, self.value - half, self.value + half)

    def test(self) -> Test:
        """Two-sided t test that there is no difference."""
        t = self.value / self.se
        return Test(2 * float(special.stdtr(self.df, -abs(t))), t, self.df)

    def p_above(self, bound: float) -> float:
        """One-sided p-value of the hypothesis that the difference is `bound` or less."""
        return float(special.stdtr(self.df, (bound - self.value) / self.se))

    def equivalence_p(self, margin: float) -> float:
        """P-value of two one-sided tests (TOST) that the difference lies within ± margin, above 0.

        Below α/2 exactly where the whole 1 − α interval does.
        """
        if not margin > 0:
            raise ValueError(f"margin must be positive, not {margin}")
        below = float(special.stdtr(self.df, (self.value - margin) / self.se))
        return max(self.p_above(-margin), below)

    def detectable(self, power: float = POWER, alpha: float = ALPHA, family: int = 1) -> float:
        """Smallest true difference that the two-sided test would notice with this power.

        alpha / family, Holm's first step, is what a difference must pass when no other of its family
        has: the answer is the worst case.
        """
        return _noncentrality(self.df, power, alpha / family) * self.se


def estimate(
    x_N: Sequence[float], y_M: Sequence[float], *, paired: bool, testset: TestSet | None = None
) -> Estimate | NoTest:
    """Mean of x minus mean of y, with the error of seeds and, where given, of the test set.

    Parameters
    ----------
    x_N, y_M : sequence of float
        One score per run.
    paired : bool
        Whether entry i of both is a pair (see `pairing`); else Welch.
    testset : TestSet, optional
        Of the same runs. Without it the result is Welch's, or the paired t test's.

    Returns
    -------
    Estimate or NoTest
        `TooFewSeeds` below three runs a side or three pairs; `NoSpread` where seeds change nothing.

    Raises
    ------
    ValueError
        When pairs differ in number, or the covariance is not of these runs.

    Examples
    --------
    >>> found = estimate([0.982, 0.984, 0.983], [0.980, 0.981, 0.979], paired=False)
    >>> round(found.value, 4), round(found.se, 6), round(found.df, 1)
    (0.003, 0.000816, 4.0)
    """
    n, m = len(x_N), len(y_M)
    if paired and n != m:
        raise ValueError(f"pairs need as many runs on each side, not {n} and {m}")
    fault = untestable(x_N, y_M)
    if fault:
        return fault
    x, y = centred(x_N, y_M)
    if paired:
        fault = untestable((x - y).tolist(), (x - y).tolist(), what="pairs")
        if fault:
            return fault
        parts = [((x - y).var(ddof=1) / n, n - 1)]
    else:
        parts = [(x.var(ddof=1) / n, n - 1), (y.var(ddof=1) / m, m - 1)]
    seeds, shared = sum(variance for variance, _ in parts), 0.0
    if testset is not None:
        shared = _shared_variance(testset.covariance_RR, n, m, paired)
        parts.append((shared, testset.clusters - 1))
    return Estimate(float(x.mean() - y.mean()), float(seeds), shared, _satterthwaite(parts))


def estimate_mean(x_N: Sequence[float], testset: TestSet | None = None) -> Estimate | NoTest:
    """Mean over seeds, with their error and, where given, that of the test set; as `estimate`, of one side.

    Parameters
    ----------
    x_N : sequence of float
        One score per run.
    testset : TestSet, optional
        Of the same runs.

    Returns
    -------
    Estimate or NoTest
        `TooFewSeeds` below three runs, `NoSpread` where all agree.

    Raises
    ------
    ValueError
        When the covariance is not of these runs.

    Examples
    --------
    >>> found = estimate_mean([0.982, 0.984, 0.983])
    >>> round(found.value, 4), round(found.se, 6), found.df
    (0.983, 0.000577, 2.0)
    """
    fault = untestable(x_N, x_N)
    if fault:
        return fault
    x, _ = centred(x_N, x_N)
    n = len(x)
    parts, shared = [(float(x.var(ddof=1)) / n, n - 1)], 0.0
    if testset is not None:
        if testset.covariance_RR.shape != (n, n):
            raise ValueError(f"the covariance is {testset.covariance_RR.shape}, not of {n} runs")
        shared = shared_variance(testset)
        parts.append((shared, testset.clusters - 1))
    return Estimate(fmean(x_N), parts[0][0], shared, _satterthwaite(parts))


# -- parts ----------------------------------------------------------------------------


def _shared_variance(covariance_RR: Array, n: int, m: int, paired: bool) -> float:
    """What the test set changes for all seeds alike; an estimate below 0 counts as 0."""
    if covariance_RR.shape != (n + m, n + m):
        raise ValueError(f"the covariance is {covariance_RR.shape}, not of {n} + {m} runs")
    within_x, within_y = (_apart(covariance_RR[side, side]) for side in (slice(None, n), slice(n, None)))
    across = covariance_RR[:n, n:]
    return max(0.0, within_x + within_y - 2 * (_apart(across) if paired else float(across.mean())))


def shared_variance(testset: TestSet) -> float:
    """Variance of an AUC over test sets, as far as all seeds of one configuration (at least two) share it."""
    return max(0.0, _apart(testset.covariance_RR))


def _apart(block: Array) -> float:
    """Mean outside the diagonal: of runs with different seeds."""
    return float(block[~np.eye(len(block), dtype=bool)].mean())


def _satterthwaite(parts: Sequence[tuple[float, float]]) -> float:
    """Degrees of freedom of a sum of variances, each with its own."""
    return float(sum(part for part, _ in parts) ** 2 / sum(part**2 / df for part, df in parts))


def _noncentrality(df: float, power: float, alpha: float) -> float:
    """Noncentrality, in standard errors, at which a two-sided t test shows the right sign with this power."""
    return float(special.nctdtrinc(df, 1 - power, -special.stdtrit(df, alpha / 2)))

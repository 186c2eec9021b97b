"""A gain with both of its errors: other seeds would give another one, and so would another test set.

The law of total variance, given the test set T: with D the difference of two means over seeds,

    Var D = E_T[Var(D | T)] + Var_T(E[D | T]).

D may be any weighted sum of means over seeds: a gain (1, −1), an interaction (1, −1, −1, 1), the
mean gain of several models, a slope. Cells whose runs are pairs (see `pairing`) form a group, which
is one weighted sum a seed; groups are independent but for the test set. The first part is then
Σ s_g²/n_g over groups, with s_g² the variance of a group's sums over seeds, moderated by those of
similar cells where a prior is given. It holds the runs' own test noise too, as that differs between
seeds. The second is what all seeds share: the covariance of the test errors of runs with different
seeds, averaged. Adding the whole test-set variance of D to the first part instead would count the
runs' own noise twice.

Assumptions: seeds and test rows are drawn independently; means are near normal; the training
data stay as they are (a new split would also train on other rows, which no number here covers).
Degrees of freedom are Satterthwaite's: n − 1 for each variance over seeds (more where it is moderated,
at most those of all cells together), clusters − 1 for the test set. So
an interval can be wider than the seeds' own and its p-value smaller: more of its variance is well
known. Simulation in the tests shows that it covers 95 %; capping the degrees of freedom at the
seeds' covers 98 to 99 %.

Shapes: S seeds of a group of K cells, N runs of one cell, R runs of all groups, Q group sums by seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from scipy import special

from workflow.analysis.stats.effect import ALPHA, POWER
from workflow.analysis.stats.moderation import Prior
from workflow.analysis.stats.samples import (
    MIN_SEEDS,
    Array,
    Interval,
    NoTest,
    centred,
    exact_mean,
    fraction,
)


@dataclass(frozen=True)
class TestSet:
    """Errors over test sets of some runs."""

    __test__ = False  # else pytest takes the class for a test

    covariance_RR: Array  # of their AUCs or gAUCs
    clusters: int  # users or blocks behind it


@dataclass(frozen=True)
class Estimate:
    """A difference of means, in the unit of the scores; variances are of the mean difference.

    `seed_variance` is what other seeds would change on this test set, `testset_variance` what
    another test set would change for all seeds alike; 0 where it was not asked for. `df` are the
    degrees of freedom of both together, `seed_df` those of the seeds' part. `run_variance` is what
    one new draw of the same difference, a run of each cell, would add by its seeds.
    """

    value: float
    seed_variance: float
    testset_variance: float
    df: float
    seed_df: float = 0.0
    run_variance: float = 0.0

    @property
    def se(self) -> float:
        """Standard error from both."""
        return float(np.sqrt(self.seed_variance + self.testset_variance))

    def interval(self, level: float = 1 - ALPHA) -> Interval:
        """Two-sided confidence interval, for a level in (0, 1)."""
        half = float(special.stdtrit(self.df, (1 + level) / 2)) * self.se
        return Interval(self.value, self.value - half, self.value + half)

    @property
    def half_width(self) -> float:
        """Half of the 95 % interval's width."""
        return -float(special.stdtrit(self.df, ALPHA / 2)) * self.se

    @property
    def p(self) -> float:
        """Two-sided p-value of the t test that there is no difference."""
        return 2 * float(special.stdtr(self.df, -abs(self.value / self.se)))

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

    def detectable(self, family: int = 1) -> float:
        """Smallest true difference that the two-sided test detects with 80 % power.

        α / family, Holm's first step, is what a difference must pass when no other of its family has: the answer is the
        worst case.
        """
        critical = -special.stdtrit(self.df, ALPHA / family / 2)
        return float(special.nctdtrinc(self.df, 1 - POWER, critical)) * self.se


@dataclass(frozen=True)
class Group:
    """Cells whose runs of one seed are pairs, or a single cell: scores by seed and cell, and the cells' weights."""

    scores_SK: Array
    weight_K: tuple[float, ...]

    @cached_property
    def sum_S(self) -> Array:
        """Weighted sum of each seed, less that of the first: exact for scores that differ in the last digits."""
        columns = [weight * centred(scores_S.tolist()) for weight, scores_S in self._columns]
        return np.sum(columns, axis=0)

    @cached_property
    def mean(self) -> Fraction:
        """Weighted sum of the means over seeds, as the decimals that the scores print as."""
        return sum(
            (fraction(weight) * exact_mean(scores_S.tolist()) for weight, scores_S in self._columns), Fraction(0)
        )

    @property
    def _columns(self) -> list[tuple[float, Array]]:
        return list(zip(self.weight_K, self.scores_SK.T, strict=True))


def single(scores_N: Sequence[float], weight: float = 1.0) -> Group:
    """A cell whose runs are not paired."""
    return Group(np.array(scores_N, dtype=np.float64)[:, None], (weight,))


def combined(groups: Sequence[Group], testset: TestSet | None = None, prior: Prior | None = None) -> Estimate | NoTest:
    """Weighted sum of means over seeds, with the error of seeds and, where given, of the test set.

    Groups, at least one, are independent but for the test set, which is of the same runs: group by group, in each cell
    by cell, in each seed by seed. The prior is that of the variances of similar cells. `NoTest` below three runs of a
    cell, or where seeds change nothing.

    Raises
    ------
    ValueError
        When the covariance is not of these runs.
    """
    fewest = min(len(group.scores_SK) for group in groups)
    if fewest < MIN_SEEDS:
        return NoTest(f"too few seeds: {fewest}, and an interval needs {MIN_SEEDS}")
    of_runs = [_run_variance(group, prior) for group in groups]
    parts = [(variance / len(group.scores_SK), df) for group, (variance, df) in zip(groups, of_runs, strict=True)]
    seeds = sum(variance for variance, _ in parts)
    if seeds == 0:
        return NoTest("all seeds agree to the last bit, so that no spread can be estimated")
    seed_df, shared = satterthwaite(parts), 0.0
    seed_df = min(seed_df, prior.total_df) if prior else seed_df
    both = [(seeds, seed_df)]
    if testset is not None:
        shared = _shared_variance(groups, testset)
        both.append((shared, testset.clusters - 1))
    value, run_variance = float(sum(group.mean for group in groups)), sum(variance for variance, _ in of_runs)
    return Estimate(value, seeds, shared, satterthwaite(both), seed_df, run_variance)


def satterthwaite(parts: Sequence[tuple[float, float]]) -> float:
    """Degrees of freedom of a sum of variances, each with its own."""
    return float(sum(part for part, _ in parts) ** 2 / sum(part**2 / df for part, df in parts))


def _shared_variance(groups: Sequence[Group], testset: TestSet) -> float:
    """What the test set changes in a weighted sum for all seeds alike; an estimate below 0 counts as 0."""
    runs = sum(group.scores_SK.size for group in groups)
    if testset.covariance_RR.shape != (runs, runs):
        raise ValueError(f"the covariance is {testset.covariance_RR.shape}, not of {runs} runs")
    of_groups, start = [], 0
    for group in groups:  # from runs to a group's sums by seed
        seeds = len(group.scores_SK)
        sums_SR = np.zeros((seeds, runs))
        for weight in group.weight_K:
            sums_SR[:, start : start + seeds] = weight * np.eye(seeds)
            start += seeds
        of_groups.append(sums_SR)
    total = 0.0
    for x_SR in of_groups:
        for y_SR in of_groups:
            of_sums = x_SR @ testset.covariance_RR @ y_SR.T
            total += float((of_sums[~np.eye(len(of_sums), dtype=bool)] if x_SR is y_SR else of_sums).mean())
    return max(0.0, total)


def _run_variance(group: Group, prior: Prior | None) -> tuple[float, float]:
    """Variance of a group's weighted sum over seeds, and its degrees of freedom."""
    variance, df = float(group.sum_S.var(ddof=1)), len(group.scores_SK) - 1.0
    if prior is None:
        return variance, df
    return prior.moderated(variance, df, scale=sum(weight * weight for weight in group.weight_K))

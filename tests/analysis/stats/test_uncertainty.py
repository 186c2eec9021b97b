"""Gains with both errors: statsmodels where there is only one of them, simulation for both."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import NormalIndPower, TTestIndPower, TTestPower
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from tests.analysis.stats.two_samples import estimate, known
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate, Group, TestSet, combined

X = [0.98721, 0.98702, 0.98744, 0.98693, 0.98715]
Y = [0.98655, 0.98691, 0.98623, 0.98678, 0.98602]
SCORES = st.lists(st.integers(9_000, 9_999), min_size=4, max_size=4).map(lambda found: [x / 10_000 for x in found])


def covariance(n: int, m: int, shared: float = 4e-8, own: float = 1e-8, across: float = 3e-8) -> TestSet:
    """Runs of one side share `shared`, all runs `across`, and each has `own` noise."""
    found = np.full((n + m, n + m), across)
    found[:n, :n] = found[n:, n:] = shared
    return TestSet(found + own * np.eye(n + m), 500)


# -- one error: the textbook's --------------------------------------------------------


def test_without_a_test_set_it_is_welch_or_the_paired_t_test() -> None:
    oracles: dict[bool, Any] = {False: stats.ttest_ind(X, Y, equal_var=False), True: stats.ttest_rel(X, Y)}
    for paired, oracle in oracles.items():
        found = known(estimate(X, Y, paired=paired))
        assert (found.value / found.se, found.p, found.df) == pytest.approx(
            (oracle.statistic, oracle.pvalue, oracle.df)
        )
        bounds, interval = oracle.confidence_interval(0.95), found.interval()
        assert (interval.low, interval.high) == pytest.approx((bounds.low, bounds.high))


def test_equivalence_is_tost() -> None:
    x, y = np.array(X), np.array(Y)
    unpaired, paired = (known(estimate(X, Y, paired=each)).equivalence_p(0.001) for each in (False, True))
    assert unpaired == pytest.approx(ttost_ind(x, y, -0.001, 0.001, usevar="unequal")[0])
    assert paired == pytest.approx(ttost_paired(x, y, -0.001, 0.001)[0])
    with pytest.raises(ValueError, match="margin must be positive"):
        known(estimate(X, Y, paired=True)).equivalence_p(0)


@pytest.mark.parametrize("seeds", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("family", [1, 10])
def test_detectable_with_seeds_alone(seeds: int, family: int) -> None:
    # One tail of statsmodels: its other one, which cannot matter, is NaN for large gains.
    for sides, oracle in ((2, TTestIndPower()), (1, TTestPower())):
        found = Estimate(0.0, sides * 0.0005**2 / seeds, 0.0, sides * (seeds - 1))
        power = oracle.power(found.detectable(family=family) / 0.0005, seeds, 0.025 / family, alternative="larger")
        assert power == pytest.approx(0.8, abs=1e-5)


def test_detectable_with_a_test_set_alone() -> None:
    oracle = NormalIndPower(ddof=0).solve_power(nobs1=1, ratio=0, alpha=0.05, power=0.8)
    assert Estimate(0.0, 0.0, 0.0004**2, 9_999).detectable() == pytest.approx(0.0004 * float(oracle), rel=1e-3)


# -- both errors ----------------------------------------------------------------------


@pytest.mark.parametrize("paired", [True, False])
def test_shared_variance_by_hand(paired: bool) -> None:
    generator = np.random.default_rng(1)
    root = generator.normal(0, 1e-4, (10, 10))
    testset = TestSet(root @ root.T, 200)
    k = testset.covariance_RR
    apart = [(s, t) for s in range(5) for t in range(5) if s != t]
    crossed = apart if paired else [(s, t) for s in range(5) for t in range(5)]
    c = np.mean([k[s, t] + k[5 + s, 5 + t] for s, t in apart])
    c -= np.mean([k[s, 5 + t] + k[t, 5 + s] for s, t in crossed])
    found = known(estimate(X, Y, paired=paired, testset=testset))
    assert found.testset_variance == pytest.approx(max(c, 0))
    plain = known(estimate(X, Y, paired=paired))
    assert found.seed_variance == plain.seed_variance
    assert found.se**2 == pytest.approx(found.seed_variance + found.testset_variance)


def test_a_weighted_sum_of_many_cells_is_the_mean_of_each_seeds_and_holds_what_all_seeds_share() -> None:
    """Oracles: numpy's regression seed by seed, and a loop over pairs of points for the covariance of two seeds."""
    generator, x = np.random.default_rng(3), np.array([1.0, 2.0, 4.0])
    root = generator.normal(0, 1e-4, (9, 9))
    testset = TestSet(root @ root.T, 500)
    scores_SP = 0.98 - 0.001 * x + generator.normal(0, 1e-3, (3, 1)) + generator.normal(0, 1e-4, (3, 3))
    weight = [float(each - x.mean()) / sum((x - x.mean()) ** 2) for each in x]  # of a slope
    found, bare = (known(combined([Group(scores_SP, tuple(weight))], each)) for each in (testset, None))
    slopes = [np.polyfit(x, row, 1)[0] for row in scores_SP]
    oracle: Any = stats.ttest_1samp(slopes, 0.0)
    assert (bare.value, bare.p) == pytest.approx((np.mean(slopes), oracle.pvalue))
    of_two = [
        sum(weight[p] * weight[q] * testset.covariance_RR[3 * p + s, 3 * q + t] for p in range(3) for q in range(3))
        for s in range(3)
        for t in range(3)
        if s != t
    ]
    assert found.testset_variance == pytest.approx(max(0.0, np.mean(of_two)))
    assert (found.value, found.seed_variance) == pytest.approx((bare.value, bare.seed_variance))


@given(SCORES, SCORES, st.booleans(), st.integers(1, 50))
def test_properties(x: list[float], y: list[float], paired: bool, shared: int) -> None:
    testset = covariance(4, 4, shared=shared * 1e-8, across=shared * 5e-9)
    forth, plain = estimate(x, y, paired=paired, testset=testset), estimate(x, y, paired=paired)
    if isinstance(forth, NoTest):
        assert isinstance(plain, NoTest)
        return
    back = known(estimate(y, x, paired=paired, testset=testset))
    assert (back.value, back.se, back.df) == pytest.approx((-forth.value, forth.se, forth.df))
    assert forth.se >= known(plain).se  # a second error never helps
    scaled = TestSet(testset.covariance_RR * 100**2, testset.clusters)
    points = known(estimate([100 * v for v in x], [100 * v for v in y], paired=paired, testset=scaled))
    assert (points.value, points.se, points.df) == pytest.approx((100 * forth.value, 100 * forth.se, forth.df))
    assert points.p == pytest.approx(forth.p, abs=1e-12)
    interval = forth.interval()
    assert (interval.low > 0 or interval.high < 0) == (forth.p < 0.05)
    assert (forth.equivalence_p(0.001) < 0.025) == (interval.low > -0.001 and interval.high < 0.001)


def drawn(generator: np.random.Generator, gain: float, seed_sd: float, pair_sd: float) -> tuple[np.ndarray, np.ndarray]:
    """AUCs of five seeds a side on one test set, with the errors that `covariance(5, 5)` states."""
    testset = generator.normal(0, np.sqrt(3e-8)) + generator.normal(0, np.sqrt(1e-8), 2)
    pairs, own = generator.normal(0, pair_sd, 5), generator.normal(0, np.sqrt(1e-8), (2, 5))
    runs = 0.9 + testset[:, None] + pairs + own + generator.normal(0, seed_sd, (2, 5))
    return runs[0] + gain, runs[1]


@pytest.mark.parametrize("paired", [True, False])
def test_intervals_cover_the_truth_and_seeds_alone_do_not(paired: bool) -> None:
    generator, truth, seed_sd = np.random.default_rng(3), 0.0004, 1e-4
    both = alone = 0
    for _ in range(1500):
        x, y = drawn(generator, truth, seed_sd, pair_sd=2e-4 if paired else 0.0)
        for testset in (covariance(5, 5), None):
            interval = known(estimate(x.tolist(), y.tolist(), paired=paired, testset=testset)).interval()
            covers = interval.low <= truth <= interval.high
            both, alone = both + (covers and testset is not None), alone + (covers and testset is None)
    assert both / 1500 == pytest.approx(0.95, abs=0.018)
    assert alone / 1500 < 0.85


def test_power_is_what_the_plan_promises() -> None:
    generator, seed_sd = np.random.default_rng(4), 2e-4
    seeds, shared = 2 * (seed_sd**2 + 1e-4**2) / 5, 2e-8  # 4e-8 + 4e-8 − 2 · 3e-8 is shared
    df = (seeds + shared) ** 2 / (seeds**2 / 8 + shared**2 / 499)
    gain = Estimate(0.0, seeds, shared, df).detectable()
    shown = 0
    for _ in range(1500):
        x, y = drawn(generator, gain, seed_sd, pair_sd=0.0)
        shown += known(estimate(x.tolist(), y.tolist(), paired=False, testset=covariance(5, 5))).p < 0.05
    assert shown / 1500 == pytest.approx(0.8, abs=0.04)


# -- what is refused ------------------------------------------------------------------


def test_refusals() -> None:
    few = (estimate(X[:2], Y, paired=False), estimate(X[:2], Y[:2], paired=True))
    flat = (
        estimate([0.9] * 3, [0.8] * 3, paired=False),
        estimate([0.5, 0.25, 0.75], [0.25, 0.0, 0.5], paired=True),
    )
    for results, reason in ((few, "too few seeds: 2"), (flat, "no spread")):
        assert all(isinstance(found, NoTest) and reason in found.reason for found in results)
    with pytest.raises(ValueError, match="not of 9 runs"):
        estimate(X, Y[:4], paired=False, testset=covariance(5, 5))

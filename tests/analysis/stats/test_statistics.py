"""Statistics against statsmodels, scipy and simulation; statsmodels is used nowhere else."""

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import effectsize_smd
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from tests.analysis.stats.two_samples import estimate
from workflow.analysis.stats.effect import hedges_g
from workflow.analysis.stats.families import holm
from workflow.analysis.stats.permutation import permutation, smallest_p
from workflow.analysis.stats.samples import Interval, NoTest
from workflow.analysis.stats.uncertainty import Estimate

NEW = [0.98721, 0.98702, 0.98744, 0.98693, 0.98715]
OLD = [0.98455, 0.98391, 0.98423, 0.98478, 0.98402, 0.98461]
SCORES = st.lists(st.integers(9_000, 9_999), min_size=3, max_size=6).map(lambda found: [x / 10_000 for x in found])


def interval_of(result: Interval | NoTest) -> Interval:
    assert isinstance(result, Interval), result
    return result


def welch(x: list[float], y: list[float]) -> Estimate | NoTest:
    return estimate(x, y, paired=False)


def p_of(found: Estimate | float | NoTest) -> float:
    assert not isinstance(found, NoTest), found
    return found.p if isinstance(found, Estimate) else found


def reason_of(found: object) -> str:
    assert isinstance(found, NoTest), found
    return found.reason


# -- t tests, against statsmodels and scipy -------------------------------------------


@given(SCORES, SCORES)
def test_welch(x: list[float], y: list[float]) -> None:
    if len({*x}) == 1 and len({*y}) == 1:
        assert "no spread" in reason_of(welch(x, y))
        return
    found = welch(x, y)
    assert isinstance(found, Estimate)
    t, p, df = CompareMeans(DescrStatsW(x), DescrStatsW(y)).ttest_ind(usevar="unequal")
    assert (found.value / found.se, found.p, found.df) == pytest.approx((t, p, df), rel=1e-6, abs=1e-9)


def test_scores_that_differ_in_the_last_digits_only() -> None:
    shifted = [value + 8192 for value in (0.0, 2.0, 4.0)]
    near_one = [0.9 + step * 2e-15 for step in (0, 1, 2)]
    assert p_of(welch(shifted, [8191.0, 8192.0, 8193.0])) == pytest.approx(
        p_of(welch([0.0, 2.0, 4.0], [-1.0, 0.0, 1.0]))
    )
    assert p_of(welch(near_one, [value - 4e-15 for value in near_one])) < 0.1


# -- effect size ----------------------------------------------------------------------


def test_hedges_g_value() -> None:
    found = interval_of(hedges_g(NEW, OLD))
    # statsmodels uses the approximate correction 1 − 3/(4·df − 1).
    g, _ = effectsize_smd(np.mean(NEW), np.std(NEW, ddof=1), 5, np.mean(OLD), np.std(OLD, ddof=1), 6)
    assert found.value == pytest.approx(float(g), rel=2e-3)
    assert found.low < found.value < found.high


def test_hedges_g_interval_excludes_zero_when_students_test_rejects() -> None:
    x, y = [0.5, 0.7, 0.9, 1.1], [0.0, 0.2, 0.4, 0.5]
    level = 1 - float(np.asarray(stats.ttest_ind(x, y))[1])
    assert interval_of(hedges_g(x, y, level)).low == pytest.approx(0, abs=1e-9)


def test_hedges_g_interval_covers_the_truth() -> None:
    generator = np.random.default_rng(1)
    truth, covered = 1.2, 0
    for _ in range(400):
        found = interval_of(hedges_g(list(generator.normal(truth, 1, 5)), list(generator.normal(0, 1, 5)), 0.9))
        covered += found.low <= truth <= found.high
    assert covered / 400 == pytest.approx(0.9, abs=0.04)


@pytest.mark.parametrize("gap", [1e-6, 1e-3, 10.0, 1e4])
def test_hedges_g_of_huge_and_tiny_effects(gap: float) -> None:
    x = [0.0, 1e-3, -1e-3]
    found = interval_of(hedges_g([value + gap for value in x], x))
    assert found.low < found.value < found.high
    mirrored = interval_of(hedges_g(x, [value + gap for value in x]))
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low), rel=1e-6)


# -- exact tests ----------------------------------------------------------------------


def mean_gap(x, y, axis):
    return np.mean(x, axis=axis) - np.mean(y, axis=axis)


def test_permutation_against_scipy() -> None:
    y = [0.9862, *OLD[:4]]
    x = [0.9845, *NEW[:4]]
    oracle = stats.permutation_test((x, y), mean_gap, vectorized=True, n_resamples=10**6)
    assert p_of(permutation(x, y)) == pytest.approx(oracle.pvalue)


def test_ties_are_counted_as_ties() -> None:
    # 0.1 + 0.2 is not 0.3 in binary; every division here is as far apart as the observed one or at 0.
    assert p_of(permutation([0.3, 0.3, 0.3, 0.3], [0.1, 0.1, 0.1, 0.1])) == 2 / comb(8, 4)


@pytest.mark.parametrize("seeds", [4, 5, 6])
def test_the_floor_is_reached_by_separated_runs(seeds: int) -> None:
    x, y = [0.9 + n / 1000 for n in range(seeds)], [0.8 + n / 1000 for n in range(seeds)]
    assert p_of(permutation(x, y)) == pytest.approx(smallest_p(seeds))
    assert smallest_p(seeds) == pytest.approx(stats.mannwhitneyu(x, y, method="exact")[1])


def test_too_few_seeds_say_so() -> None:
    results = [welch(NEW[:2], OLD), hedges_g(NEW[:1], OLD[:1]), permutation(NEW[:3], OLD[:3]), permutation([], [])]
    assert all(reason_of(result).startswith("too few seeds: ") for result in results)
    assert p_of(permutation(NEW[:4], OLD[:4])) < 0.05


def test_equal_runs_have_no_spread() -> None:
    for test in (welch, hedges_g):
        assert "no spread" in reason_of(test([0.9] * 5, [0.8] * 5))
        assert not isinstance(test([0.9] * 5, OLD), NoTest)


def test_too_many_arrangements() -> None:
    assert "too many for an exact test" in reason_of(permutation([*NEW] * 3, [*OLD] * 3))
    with pytest.raises(ValueError, match="at least 1 seed"):
        smallest_p(0)


# -- families ------------------------------------------------------------------------


@settings(max_examples=10, deadline=None)  # statsmodels needs 0.1 s for each
@given(st.lists(st.integers(0, 1000).map(lambda n: n / 1000), min_size=1, max_size=8))
def test_holm(p: list[float]) -> None:
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_holm_refuses() -> None:
    assert holm([]) == []
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        holm([1.2])

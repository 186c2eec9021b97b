"""The best of n trials: against a count over all subsets, an independent simulation, and opda where it is installed."""

from itertools import combinations
from statistics import fmean

import numpy as np
import pytest
from scipy import stats

from workflow.analysis.stats.budget import distribution_band, expected_best, median_best_bands


def test_the_mean_best_is_that_over_all_subsets() -> None:
    values = [0.3, 0.9, 0.5, 0.5, 0.1, 0.8]
    counted = [fmean(max(subset) for subset in combinations(values, n)) for n in range(1, 7)]
    assert expected_best(values) == pytest.approx(counted, abs=1e-12)
    assert expected_best(values)[-1] == 0.9


def test_the_mean_best_is_without_bias_where_the_other_estimate_is_not() -> None:
    """Exponential scores: the mean best of n is the n-th harmonic number."""
    generator, total, n = np.random.default_rng(3), 8, 5
    truth = sum(1 / k for k in range(1, n + 1))
    samples_RN = generator.exponential(size=(4000, total))
    ours_R = np.array([expected_best(row)[n - 1] for row in samples_RN])
    assert abs(ours_R.mean() - truth) < 3 * ours_R.std() / np.sqrt(len(ours_R))
    level_N = np.arange(1, total + 1) / total
    weight_N = level_N**n - (level_N - 1 / total) ** n
    replaced_R = np.sort(samples_RN, axis=1) @ weight_N
    assert truth - replaced_R.mean() > 3 * replaced_R.std() / np.sqrt(len(replaced_R))


@pytest.mark.parametrize("total", [3, 8, 16])
def test_bands_hold_for_every_n_together_in_95_percent(total: int) -> None:
    """Scores of a skewed distribution, simulated with another generator than the bands."""
    scores = stats.gamma(2.0)
    truth_N = scores.ppf(0.5 ** (1 / np.arange(1, total + 1)))
    samples_RN = scores.rvs(size=(2000, total), random_state=11)
    held = 0
    for row in samples_RN:
        bounds = median_best_bands(row)
        held += all(
            (low is None or low <= truth) and (high is None or truth <= high)
            for (low, high), truth in zip(bounds, truth_N, strict=True)
        )
    # The medians are single points of the distribution, so that bands for all of it hold a little more often.
    assert held / len(samples_RN) > 0.94


def test_the_band_of_the_distribution_has_its_level() -> None:
    low_N, high_N = map(np.array, distribution_band(16))
    drawn_SN = np.sort(stats.uniform.rvs(size=(20_000, 16), random_state=5), axis=1)
    held = ((low_N <= drawn_SN) & (drawn_SN <= high_N)).all(axis=1).mean()
    assert held == pytest.approx(0.95, abs=0.006)


def test_few_trials_bound_the_best_from_below_only() -> None:
    bounds = median_best_bands([0.1, 0.2, 0.3, 0.4])
    assert bounds[-1][1] is None
    lows = [low for low, _ in bounds if low is not None]
    assert lows == sorted(lows)


def test_bands_are_those_of_opda() -> None:
    nonparametric = pytest.importorskip("opda.nonparametric")
    values_N = np.random.default_rng(0).normal(0.98, 0.002, 16)
    low, _, high = nonparametric.EmpiricalDistribution.confidence_bands(
        values_N, 0.95, a=0.0, b=1.0, method="ld_equal_tailed", generator=np.random.default_rng(1)
    )
    ns_N = np.arange(1, 17)
    # A band that lies low in probability lies high in score.
    expected = list(zip(high.quantile_tuning_curve(ns_N), low.quantile_tuning_curve(ns_N), strict=True))
    ours = [(0.0 if a is None else a, 1.0 if b is None else b) for a, b in median_best_bands(values_N.tolist())]
    assert np.array(ours) == pytest.approx(np.array(expected))

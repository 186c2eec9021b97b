"""Moderated variances: quadrature as oracle, and how often an interval covers."""

from math import inf
from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

from workflow.analysis.stats.moderation import Prior, prior_of
from workflow.analysis.stats.uncertainty import Estimate, combined, single


def drawn(generator: np.random.Generator, cells: int, df: float, d0: float, s0_squared: float) -> np.ndarray:
    """Sample variances of cells whose own variances are scaled inverse χ²."""
    true = s0_squared * d0 / generator.chisquare(d0, cells)
    return true * generator.chisquare(df, cells) / df


def test_the_prior_gives_log_variances_their_mean_and_variance() -> None:
    """Oracle: moments of log(s0² · F(d, d0)) by quadrature of scipy's density."""
    variances = drawn(np.random.default_rng(1), 60, 4, 6.0, 0.05**2)
    found = prior_of(variances.tolist(), [4] * 60)
    assert found is not None
    density: Any = stats.f(4, found.df)

    def moment(power: int, centre: float) -> float:
        def at(u: float) -> float:  # u is the logarithm of the ratio to s0²
            return (u - centre) ** power * float(density.pdf(np.exp(u))) * np.exp(u)

        return float(integrate.quad(at, -30, 30, limit=400)[0])

    mean = moment(1, 0.0)
    log_ratio = np.log(variances / found.variance)
    assert log_ratio.mean() == pytest.approx(mean, abs=1e-6)
    assert log_ratio.var(ddof=1) == pytest.approx(moment(2, mean), rel=1e-5)


def test_many_cells_give_the_prior_back() -> None:
    found = prior_of(drawn(np.random.default_rng(2), 20_000, 4, 8.0, 4.0).tolist(), [4] * 20_000)
    assert found is not None
    assert (found.df, found.variance) == pytest.approx((8.0, 4.0), rel=0.1)


def test_cells_that_differ_by_chance_are_pooled() -> None:
    """Oracle: the pooled variance, weighted by degrees of freedom."""
    generator = np.random.default_rng(3)
    df = [4, 4, 2, 4, 3, 4, 4, 4]
    variances = [4.0 * generator.chisquare(each) / each for each in df]
    found = prior_of(variances, df)
    assert found is not None
    assert found.df == inf
    assert found.variance == pytest.approx(np.average(variances, weights=df))
    assert found.moderated(1e-9, 4) == (found.variance, sum(df))
    assert found.moderated(1e-9, 4, scale=2.0)[0] == 2 * found.variance


def test_few_cells_and_constant_ones_say_nothing() -> None:
    assert prior_of([1.0, 2.0], [4, 4]) is None
    assert prior_of([1.0, 2.0, 0.0], [4, 4, 4]) is None


def test_a_moderated_variance_lies_between_and_is_known_better() -> None:
    prior = Prior(4.0, 6.0, 100.0)
    for variance in (0.01, 4.0, 50.0):
        moderated, df = prior.moderated(variance, 4)
        assert min(variance, 4.0) <= moderated <= max(variance, 4.0)
        assert df == 10
    assert Prior(4.0, 6.0, 8.0).moderated(1.0, 4)[1] == 8  # never more than all cells together


@pytest.mark.parametrize("d0", [5.0, 1e9])
def test_intervals_cover_the_truth(d0: float) -> None:
    generator, covered, trials = np.random.default_rng(4), 0, 300
    for _ in range(trials):
        true = d0 / generator.chisquare(d0, 40)
        runs = generator.normal(0, np.sqrt(true)[:, None], (40, 5))
        prior = prior_of(runs.var(axis=1, ddof=1).tolist(), [4] * 40)
        for x, y in zip(runs[0:10:2], runs[1:10:2], strict=True):
            found = combined([single(x.tolist()), single(y.tolist(), -1.0)], prior=prior)
            assert isinstance(found, Estimate)
            interval = found.interval()
            covered += interval.low <= 0 <= interval.high
    assert covered / (5 * trials) == pytest.approx(0.95, abs=0.015)

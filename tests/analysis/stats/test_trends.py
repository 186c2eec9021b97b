"""Trends against scipy and simulated series that remember."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.trends import Gradual, gradual


def seen(found: Gradual | NoTest) -> Gradual:
    assert isinstance(found, Gradual), found
    return found


def remembering(generator: np.random.Generator, steps: int, r: float, runs: int) -> np.ndarray:
    """AR(1) noise of unit variance, shape (runs, steps)."""
    noise = generator.normal(0, np.sqrt(1 - r**2), (runs, steps))
    noise[:, 0] = generator.normal(0, 1, runs)
    for step in range(1, steps):
        noise[:, step] += r * noise[:, step - 1]
    return noise


@pytest.mark.parametrize("r", [0.0, 0.5, 0.9])
def test_noise_that_remembers_is_no_trend(r: float) -> None:
    series = 10 + remembering(np.random.default_rng(3), 4000, r, runs=300)
    alarms = np.mean([seen(gradual(each)).p < 0.05 for each in series])
    assert alarms <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)
    if r == 0.9:  # treating single steps as independent gives false alarms most of the time
        assert np.mean([np.asarray(stats.kendalltau(np.arange(4000), each))[1] < 0.05 for each in series[:40]]) > 0.4


def test_a_trend_is_found_and_measured() -> None:
    generator, line = np.random.default_rng(4), np.linspace(-0.5, 0.5, 4000)
    for share in (0.3, -0.3):
        series = 10 * (1 + share * line) + remembering(generator, 4000, 0.9, runs=100)
        found = [seen(gradual(each)) for each in series]
        expected = "increasing" if share > 0 else "decreasing"
        assert np.mean([each.finding(0.1) == expected for each in found]) > 0.95
        assert np.mean([each.change.value for each in found]) == pytest.approx(share, abs=0.01)
        assert np.mean([each.change.low <= share <= each.change.high for each in found]) > 0.9


def test_steep_beginnings_are_not_taken_for_memory() -> None:
    norms = 1 + 3 * np.exp(-np.arange(4000) / 600) + 0.05 * remembering(np.random.default_rng(5), 4000, 0.5, runs=1)[0]
    found = seen(gradual(norms))
    assert (found.finding(0.1), found.blocks) == ("decreasing", 20)


def test_findings_by_margin() -> None:
    flat = 10 + 0.1 * remembering(np.random.default_rng(6), 4000, 0.5, runs=1)[0]
    assert seen(gradual(flat)).finding(0.1) == "no change"
    assert seen(gradual(flat)).finding(1e-9) == "not decided"
    slight = flat + np.linspace(0, 0.3, 4000)
    assert seen(gradual(slight)).finding(0.1) == "no change"  # surely there, and too small to count
    assert seen(gradual(slight)).finding(0.01) == "increasing"


@given(st.integers(0, 10**6), st.sampled_from([0.01, 3.0, 1e4]))
def test_unit_and_direction(seed: int, unit: float) -> None:
    values = 5 + np.random.default_rng(seed).normal(0, 1, 400)
    found, scaled, turned = (seen(gradual(each)) for each in (values, unit * values, values[::-1]))
    assert (scaled.tau, scaled.p, scaled.change.low) == pytest.approx((found.tau, found.p, found.change.low))
    assert (turned.tau, turned.p) == pytest.approx((-found.tau, found.p))
    assert (turned.change.low, turned.change.high) == pytest.approx((-found.change.high, -found.change.low))


def test_series_that_cannot_be_tested() -> None:
    few = gradual(np.ones(79))
    assert isinstance(few, NoTest)
    assert few.reason == "too few steps: 79, and a trend needs 80"
    slow = [gradual(10 + each) for each in remembering(np.random.default_rng(7), 2000, 0.99, runs=100)]
    refused = [each for each in slow if isinstance(each, NoTest)]
    assert len(refused) >= 97
    assert "depend on each other over about" in refused[0].reason
    flat = gradual(np.ones(80))
    assert isinstance(flat, NoTest)
    assert flat.reason == "all steps have the same value"

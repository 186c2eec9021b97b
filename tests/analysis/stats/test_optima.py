"""Optima of sweeps: rules by hand, and simulated sweeps with a known optimum."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.stats.two_samples import estimate
from workflow.analysis.stats.optima import judge_optimum
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate

MARGIN = 0.001


def gain(value: float, se: float = 1e-4) -> Estimate:
    return Estimate(value, se**2, 0.0, 8)


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        ([gain(0.001), gain(0.002)], "seen"),
        ([gain(0.001), gain(0.0001)], "tied"),
        ([gain(0.0005, se=1e-3)], "open"),  # neither beaten nor surely no better
        ([gain(0.01), gain(0.0008, se=7e-4)], "tied"),  # perhaps far below, but surely no better
        ([gain(0.001), gain(-0.001)], "not seen"),
        ([gain(-0.00025)], "not seen"),
        ([gain(-0.00025)] + [gain(0.01)] * 9, "tied"),  # one of ten looks better, by chance
        ([gain(0.001), NoTest("too few seeds")], "open"),
        ([gain(-0.001), NoTest("too few seeds")], "not seen"),
    ],
)
def test_rules(gains: list[Estimate | NoTest], expected: str) -> None:
    assert judge_optimum({str(number): each for number, each in enumerate(gains)}, MARGIN) == expected


def test_a_range_pays_for_the_choice() -> None:
    barely = {"a": gain(0.00025)}
    assert barely["a"].p == pytest.approx(0.0368, abs=1e-3)
    assert judge_optimum(barely, MARGIN) == "seen"
    assert judge_optimum(barely, MARGIN, stated=2) == "tied"


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(1, 9)), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_order_of_points_and_unit_do_not_matter(found: list[tuple[int, int]], random: Random) -> None:
    def judged(pairs: list[tuple[int, int]], scale: float) -> str:
        gains = {str(at): gain(scale * value * 1e-4, scale * se * 1e-4) for at, (value, se) in enumerate(pairs)}
        return judge_optimum(gains, scale * MARGIN)

    shuffled = random.sample(found, len(found))
    assert judged(shuffled, 1.0) == judged(found, 100.0) == judged(found, 1.0)


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(1, 9)), min_size=1, max_size=5))
def test_better_gains_never_make_it_worse(found: list[tuple[int, int]]) -> None:
    rank = {"not seen": 0, "open": 1, "tied": 2, "seen": 3}

    def judged(more: float) -> int:
        gains = {str(at): gain(value * 1e-4 + more, se * 1e-4) for at, (value, se) in enumerate(found)}
        return rank[judge_optimum(gains, MARGIN)]

    assert judged(0.0) <= judged(5e-4) <= judged(1e-2)
    assert judged(0.1) == rank["seen"]


def swept(generator: np.random.Generator, curve: list[float], sd: float, stated: int) -> str:
    """Five seeds at each point; a seed's luck is half shared by all points, as its batches are."""
    luck = generator.normal(0, sd / np.sqrt(2), (len(curve), 5)) + generator.normal(0, sd / np.sqrt(2), 5)
    values = (0.97 + np.array(curve)[:, None] + luck).tolist()
    others = [point for point in range(len(curve)) if point != stated]
    return judge_optimum({str(at): estimate(values[stated], values[at], paired=True) for at in others}, MARGIN)


PEAK = [-0.0012, -0.0006, 0.0, -0.0005, -0.0010, -0.0015]  # six values of α, half a tenth of a point a step


def test_an_optimum_that_is_built_in_is_seen_or_tied() -> None:
    generator = np.random.default_rng(6)
    for sd in (1e-4, 3e-4, 5e-4):  # 0.01 to 0.05 points over seeds
        found = Counter(swept(generator, PEAK, sd, stated=2) for _ in range(100))
        assert found["not seen"] == 0, (sd, found)
        assert found["seen"] + found["tied"] >= 100 * (0.95 if sd < 5e-4 else 0.8), (sd, found)
    assert Counter(swept(generator, PEAK, 1e-4, stated=2) for _ in range(100))["seen"] >= 95
    assert Counter(swept(generator, PEAK, 2e-3, stated=2) for _ in range(100))["not seen"] <= 5  # however noisy


def test_a_wrong_optimum_is_not_seen() -> None:
    generator = np.random.default_rng(7)
    found = Counter(swept(generator, PEAK, 2e-4, stated=5) for _ in range(100))
    assert found["not seen"] >= 97


def test_a_flat_sweep_is_tied_and_rarely_decided() -> None:
    generator = np.random.default_rng(8)
    found = Counter(swept(generator, [0.0] * 6, 2e-4, stated=2) for _ in range(200))
    assert found["not seen"] <= 200 * 0.025 + 6  # α/2, and chance
    assert found["seen"] <= 4
    assert found["tied"] >= 190

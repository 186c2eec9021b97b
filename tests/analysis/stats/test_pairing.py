"""The rule that pairs runs, and the benefit of pairing by simulation."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.analysis.stats.two_samples import estimate
from workflow.analysis.stats.pairing import Arm, is_paired
from workflow.analysis.stats.uncertainty import Estimate

ARM = Arm("frappe", 10_000, "DualMLP [400] dropout 0.2", (2020, 2021, 2022, 2023, 2024), "a machine")


@pytest.mark.parametrize(
    ("change", "paired"),
    [
        ({}, True),
        ({"seeds": (2020, 2021, 2022, 2023)}, False),
        ({"seeds": (2021, 2020, 2022, 2023, 2024)}, False),  # entry i is no pair
        ({"data": "ml-1m"}, False),
        ({"batch_rows": 4096}, False),
        ({"architecture": "DNN"}, False),
        ({"machine": "another"}, False),
    ],
)
def test_rule(change: dict[str, Any], paired: bool) -> None:
    assert is_paired(ARM, replace(ARM, **change)) is paired
    assert is_paired(replace(ARM, **change), ARM) is paired


def test_runs_of_several_kinds_of_machine_pair_nothing() -> None:
    several = replace(ARM, machine="")
    assert is_paired(several, several) is False


def test_a_seed_that_stands_twice_pairs_nothing() -> None:
    twice = replace(ARM, seeds=(2020, 2020, 2021))
    assert is_paired(twice, twice) is False


@pytest.mark.parametrize("seeds", [3, 5])
def test_break_even_by_simulation(seeds: int) -> None:
    """The formula of the module's docstring."""

    def squared_width_ratio(correlation: float) -> float:
        generator = np.random.default_rng(1)
        shared, own = np.sqrt(correlation), np.sqrt(1 - correlation)
        squares = {True: 0.0, False: 0.0}
        for _ in range(300):
            x, y = shared * generator.normal(0, 1, seeds) + own * generator.normal(0, 1, (2, seeds))
            for paired in squares:
                found = estimate(x.tolist(), y.tolist(), paired=paired)
                assert isinstance(found, Estimate)
                interval = replace(found, df=seeds - 1 if paired else 2 * seeds - 2).interval()
                squares[paired] += (interval.high - interval.low) ** 2
        return squares[True] / squares[False]

    least = float(1 - (stats.t.ppf(0.975, 2 * seeds - 2) / stats.t.ppf(0.975, seeds - 1)) ** 2)
    assert least == pytest.approx({3: 0.58, 5: 0.31}[seeds], abs=0.005)
    assert squared_width_ratio(least - 0.15) > 1
    assert squared_width_ratio(least + 0.15) < 1

"""The rule that pairs runs, and what pairing is worth by simulation."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from workflow.analysis.stats.pairing import Arm, break_even, pairing
from workflow.analysis.stats.uncertainty import Estimate, estimate

ARM = Arm("frappe", 10_000, "DualMLP [400] dropout 0.2", (2020, 2021, 2022, 2023, 2024))


@pytest.mark.parametrize(
    ("change", "paired", "reason"),
    [
        ({}, True, "paired: a seed gives both the same batches, initial weights and dropout"),
        ({"seeds": (2020, 2021, 2022, 2023)}, False, "Welch: the seeds are not the same"),
        ({"seeds": (2021, 2020, 2022, 2023, 2024)}, False, "Welch: the seeds are not the same"),  # entry i is no pair
        ({"data": "ml-1m"}, False, "Welch: the training rows are not the same"),
        ({"batch_rows": 4096}, False, "Welch: batches of 10,000 and of 4,096 rows are not the same"),
        (
            {"architecture": "DNN"},
            False,
            "Welch: a seed gives both the same batches only, and pairs pay from a correlation of 0.31 on",
        ),
    ],
)
def test_rule(change: dict[str, Any], paired: bool, reason: str) -> None:
    for found in (pairing(ARM, replace(ARM, **change)), pairing(replace(ARM, **change), ARM)):
        assert found.paired is paired
        assert found.reason.startswith("Welch: batches" if "batch_rows" in change else reason)
    assert pairing(ARM, replace(ARM, **change)).reason == reason


def test_a_seed_that_stands_twice_pairs_nothing() -> None:
    twice = replace(ARM, seeds=(2020, 2020, 2021))
    assert pairing(twice, twice).reason == "Welch: a seed stands twice"


@pytest.mark.parametrize("seeds", [3, 5])
def test_break_even_by_simulation(seeds: int) -> None:
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

    least = break_even(seeds)
    assert squared_width_ratio(least - 0.15) > 1
    assert squared_width_ratio(least + 0.15) < 1

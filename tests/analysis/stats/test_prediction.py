"""Printed numbers against prediction intervals: statsmodels as oracle, simulation, and edges by hand."""

from decimal import Decimal

import numpy as np
import pytest
import statsmodels.api as sm

from tests.analysis.stats.two_samples import known
from workflow.analysis.stats.moderation import Prior
from workflow.analysis.stats.prediction import meets, predicted, prediction, print_p
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.uncertainty import Estimate, TestSet, combined, single

RUNS = [0.81503, 0.81506, 0.81501, 0.81508, 0.81512]


def test_interval_against_statsmodels() -> None:
    found = known(prediction(RUNS)).interval()
    fitted = sm.OLS(RUNS, np.ones(5)).fit().get_prediction([1.0]).summary_frame(alpha=0.05)
    assert (found.low, found.high) == pytest.approx((fitted["obs_ci_lower"][0], fitted["obs_ci_upper"][0]), rel=1e-9)


def test_one_new_run_falls_inside_as_often_as_said() -> None:
    generator, inside = np.random.default_rng(1), {False: 0, True: 0}
    split = TestSet(np.full((5, 5), 4e-8), 300)
    for _ in range(2000):
        ours, theirs = generator.normal(0, 2e-4, 2)  # two test sets, each shared by its runs
        runs, new = generator.normal(0.9, 1e-4, 5), generator.normal(0.9, 1e-4)
        for other in (False, True):
            found = known(prediction((runs + ours).tolist(), split if other else None)).interval()
            inside[other] += found.low <= new + (theirs if other else ours) <= found.high
    assert inside[False] / 2000 == pytest.approx(0.95, abs=0.015)
    assert inside[True] / 2000 == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(("printed", "inside"), [("81.50", True), ("81.49", True), ("81.48", False), ("81.52", False)])
def test_a_print_is_a_range(printed: str, inside: bool) -> None:
    found = known(prediction(RUNS)).interval()
    assert 0.81490 < found.low < 0.81500  # inside the range of 81.49, outside that of 81.48
    assert 0.81510 < found.high < 0.81520
    assert meets(found.low, found.high, Decimal(printed)) is inside
    assert (print_p(known(prediction(RUNS)), Decimal(printed)) >= 0.05) is inside


def test_too_few_runs_and_none_that_spread() -> None:
    for scores, reason in (([0.815, 0.816], "too few seeds: 2"), ([0.815] * 3, "no spread")):
        found = prediction(scores)
        assert isinstance(found, NoTest)
        assert reason in found.reason
    assert known(prediction([0.815] * 3, prior=Prior(1e-8, 6.0, 100.0))).se > 0


def test_a_difference_of_two_new_runs_by_simulation() -> None:
    generator, inside = np.random.default_rng(2), 0
    for _ in range(1500):
        x, y = generator.normal(0.9, (1e-4, 3e-4), (5, 2)).T
        found = combined([single(x.tolist()), single(y.tolist(), -1.0)])
        assert isinstance(found, Estimate)
        interval = predicted(found).interval()
        inside += interval.low <= generator.normal(0.9, 1e-4) - generator.normal(0.9, 3e-4) <= interval.high
    assert inside / 1500 == pytest.approx(0.95, abs=0.02)

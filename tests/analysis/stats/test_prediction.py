"""Prints against prediction intervals: statsmodels as oracle, simulation, and edges by hand."""

from decimal import Decimal

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from workflow.analysis.stats.prediction import OtherSplit, Prediction, judge_number, prediction
from workflow.analysis.stats.samples import NoSpread, TooFewSeeds

RUNS = [0.81503, 0.81506, 0.81501, 0.81508, 0.81512]
WIDE = [0.8130, 0.8150, 0.8170]


def known(found: object) -> Prediction:
    assert isinstance(found, Prediction), found
    return found


def finding(values: list[float], printed: str, reference: str | None = None, split: OtherSplit | None = None) -> str:
    return judge_number(values, Decimal(printed), None if reference is None else Decimal(reference), split).finding


def test_interval_against_statsmodels() -> None:
    found = known(prediction(RUNS)).interval
    fitted = sm.OLS(RUNS, np.ones(5)).fit().get_prediction([1.0]).summary_frame(alpha=0.05)
    assert (found.low, found.high) == pytest.approx((fitted["obs_ci_lower"][0], fitted["obs_ci_upper"][0]), rel=1e-9)


def test_one_new_run_falls_inside_as_often_as_said() -> None:
    generator, inside, split = np.random.default_rng(1), {False: 0, True: 0}, OtherSplit(4e-8, 300)
    for _ in range(2000):
        ours, theirs = generator.normal(0, 2e-4, 2)  # two test sets, each shared by its runs
        runs, new = generator.normal(0.9, 1e-4, 5), generator.normal(0.9, 1e-4)
        for other in (False, True):
            found = known(prediction((runs + ours).tolist(), split if other else None)).interval
            inside[other] += found.low <= new + (theirs if other else ours) <= found.high
    assert inside[False] / 2000 == pytest.approx(0.95, abs=0.015)
    assert inside[True] / 2000 == pytest.approx(0.95, abs=0.015)


def test_attainable_width_is_where_many_runs_end() -> None:
    many = np.random.default_rng(2).normal(0.9, 1e-4, 20_000).tolist()
    found = known(prediction(many, OtherSplit(3e-8, 10_000)))
    assert found.half_width == pytest.approx(found.attainable, rel=1e-2)
    assert known(prediction(RUNS)).attainable < known(prediction(RUNS)).half_width


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("81.50", "reproduced"),
        ("81.49", "reproduced"),
        ("81.48", "differs"),
        ("81.51", "reproduced"),
        ("81.52", "differs"),
    ],
)
def test_a_print_is_a_range(printed: str, expected: str) -> None:
    found = known(prediction(RUNS)).interval
    assert 0.81490 < found.low < 0.81500  # inside the range of 81.49, outside that of 81.48
    assert 0.81510 < found.high < 0.81520
    assert finding(RUNS, printed) == expected


def test_order_of_findings() -> None:
    assert finding(WIDE, "81.50") == "too few runs"
    assert finding(WIDE, "81.50", "81.50") == "too few runs"  # more runs could tell them apart
    assert finding(WIDE, "83.00") == "differs"  # too wide, and yet outside
    assert finding(RUNS, "81.50", "81.41") == "reproduced"
    assert finding(RUNS, "81.50", "81.51") == "not telling"
    assert finding(RUNS, "81.41", "81.50") == "differs"


def test_another_split_makes_the_interval_wider() -> None:
    assert finding(RUNS, "81.46") == "differs"
    assert finding(RUNS, "81.46", split=OtherSplit(4e-8, 5000)) == "reproduced"
    assert finding(RUNS, "81.46", split=OtherSplit(1.3e-3**2, 5000)) == "too few runs"
    assert known(prediction(RUNS, OtherSplit(1.3e-3**2, 5000))).attainable > 0.001  # no number of runs would do


def test_few_runs_are_near_or_far() -> None:
    assert isinstance(judge_number([0.815], Decimal("81.50")).prediction, TooFewSeeds)
    assert isinstance(judge_number([0.815] * 3, Decimal("81.50")).prediction, NoSpread)
    for runs in ([0.815], [0.8149, 0.8151], [0.815] * 3):
        assert finding(runs, "81.50", "81.50") == "near"
        assert finding(runs, "81.00") == "far"
    # 0.10 from the nearest AUC that prints so: [81.40, 81.41) reaches up to 81.51, which is outside
    assert [finding([auc], "81.40") for auc in (0.8130, 0.81299, 0.81509, 0.8151)] == ["near", "far", "near", "far"]


def test_a_constant_is_never_reproduced_where_the_table_tells() -> None:
    column = ["81.38", "81.38", "81.39", "81.40", "81.39", "81.31", "81.40", "81.39", "81.36", "81.37", "81.50"]
    constant = np.random.default_rng(3).normal(0.8141, 3e-5, 5).tolist()  # whatever the row, the same model
    findings = [finding(constant, printed, reference="81.40") for printed in column]
    assert "reproduced" not in findings
    assert set(findings) == {"differs", "not telling"}


VALUES = st.lists(st.integers(0, 4000), min_size=1, max_size=6)


@given(VALUES, st.integers(7900, 8400), st.integers(7900, 8400), st.integers(-500, 500))
def test_moving_everything_by_hundredths_changes_nothing(
    values: list[int], printed: int, reference: int, shift: int
) -> None:
    def at(moved: int) -> str:
        runs = [(8_000_000 + 10 * value + 3 + 1000 * moved) / 10_000_000 for value in values]
        return finding(runs, f"{(printed + moved) / 100:.2f}", f"{(reference + moved) / 100:.2f}")

    assert at(shift) == at(0)


@given(VALUES, st.integers(7900, 8400), st.integers(7900, 8400))
def test_a_reference_only_ever_takes_reproduced_away(values: list[int], printed: int, reference: int) -> None:
    runs = [0.8 + value / 1_000_000 for value in values]
    alone = finding(runs, f"{printed / 100:.2f}")
    beside = finding(runs, f"{printed / 100:.2f}", f"{reference / 100:.2f}")
    assert beside == alone or (alone, beside) == ("reproduced", "not telling")
    assert (alone in ("near", "far")) == (len(runs) < 3 or len(set(runs)) == 1)

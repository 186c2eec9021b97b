"""Verdicts of gains: what forbids one, and what statistics decide."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.analysis.evidence.gains import (
    GAIN_COLUMNS,
    Claim,
    corrected,
    gain,
    gain_data,
    in_points,
    p_value,
    reasons,
    with_p,
)
from workflow.analysis.evidence.number import ResultCell, Verdict
from workflow.analysis.stats.samples import NoTest
from workflow.analysis.stats.tests import Comparison, holm

SPREAD = (0.0, 0.0001, -0.0001, 0.00005, -0.00005)


def cell(*values: float, verdict: Verdict = Verdict.REPRODUCED, planned: int | None = None) -> ResultCell:
    return ResultCell(
        metric="auc",
        paper_points=None,
        ours_points=None,
        mean=sum(values) / len(values) if values else None,
        sd=None,
        runs=len(values),
        planned=planned or max(len(values), 1),
        delta_points=None,
        verdict=verdict,
        run_keys=(),
        records=(),
        source=None,
        data_note="",
        values=values,
    )


def around(centre: float, verdict: Verdict = Verdict.REPRODUCED) -> ResultCell:
    return cell(*(centre + step for step in SPREAD), verdict=verdict)


@pytest.mark.parametrize(
    ("new", "claim"),
    [(0.985, Claim.SHOWN), (0.975, Claim.LOSS), (0.98, Claim.EQUAL), (0.980001, Claim.EQUAL)],
)
def test_five_seeds(new: float, claim: Claim) -> None:
    found = gain(around(new), around(0.98), Decimal("0.10"))
    assert found.claim is claim
    assert isinstance(found.comparison, Comparison)
    assert found.paper == "+0.10"


def test_wide_spread_decides_nothing() -> None:
    wide = cell(0.97, 0.98, 0.99, 0.975, 0.985)
    assert gain(wide, around(0.98)).claim is Claim.OPEN


@pytest.mark.parametrize(
    ("verdict", "claim"),
    [
        (Verdict.FAILED, Claim.FAILED),
        (Verdict.NOT_RUN, Claim.NOT_RUN),
        (Verdict.TWIN, Claim.TWIN),
        (Verdict.OTHER_DATA, Claim.OTHER_DATA),
        (Verdict.OTHER_PROTOCOL, Claim.OTHER_PROTOCOL),
    ],
)
def test_other_ground_forbids_a_verdict_on_either_side(verdict: Verdict, claim: Claim) -> None:
    assert gain(around(0.99, verdict), around(0.98)).claim is claim
    other = gain(around(0.99), around(0.98, verdict))
    assert other.claim is claim
    assert corrected([other])[0].claim is claim
    assert with_p(other, 0.0).claim is claim


def test_runs_missing_and_too_few() -> None:
    assert gain(cell(0.99, 0.991, 0.992, planned=5), around(0.98)).claim is Claim.MISSING
    single = gain(cell(0.99), cell(0.98))
    assert (single.claim, single.p, single.ours) == (Claim.TOO_FEW, None, "+1.00")
    assert isinstance(single.comparison, NoTest)
    assert reasons([single, single, gain(cell(), cell(0.98))]) == [
        "No p-value for 2 gains: too few seeds: 1 against 1, and a t test needs 3 on each side."
    ]
    assert gain(cell(0.9, 0.9, 0.9), cell(0.8, 0.8, 0.8)).claim is Claim.NO_SPREAD


def test_many_seeds_have_no_exact_test() -> None:
    many = cell(*(0.98 + number / 1e5 for number in range(30)))
    found = gain(many, many)
    assert isinstance(found.permutation, NoTest)
    assert "too many" in found.permutation.reason
    assert found.claim is Claim.EQUAL


def test_holm_over_those_with_a_p_value() -> None:
    gains = [gain(around(0.9801), around(0.98)), gain(cell(0.9), cell(0.8)), gain(around(0.985), around(0.98))]
    p = [each.p for each in gains if each.p is not None]
    after = corrected(gains)
    assert [each.p for each in after if each.p is not None] == holm(p)
    assert after[1] == gains[1]


def test_correction_can_take_a_verdict_back() -> None:
    found = gain(around(0.985), around(0.98))
    assert found.claim is Claim.SHOWN
    assert with_p(found, 0.2).claim is Claim.OPEN
    assert with_p(replace(found, mean=-0.1), 0.01).claim is Claim.LOSS


@given(st.floats(-1, 1))
def test_points_have_two_decimals_and_no_negative_zero(value: float) -> None:
    text = in_points(value)
    assert abs(float(text.replace("−", "-")) - 100 * value) <= 0.005 + 1e-9
    assert text != "−0.00"


def test_texts() -> None:
    assert [p_value(p) for p in (None, 0.00012, 0.5)] == ["–", "1.2e-04", "0.5"]
    assert set(gain_data(None)) == set(gain_data(gain(around(0.985), around(0.98)), "x")) == set(GAIN_COLUMNS)
    row = gain_data(gain(around(0.985), around(0.98)), "x")
    assert (row["over"], row["gain_verdict"], row["why_no_test"]) == ("x", "gain shown", "")
    assert float(row["gain_low"]) < float(row["gain"]) < float(row["gain_high"])

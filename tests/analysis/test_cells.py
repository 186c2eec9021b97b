"""Truncation, difference and every verdict."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.analysis.evidence.collect import COLUMNS
from workflow.analysis.evidence.number import SYMBOLS, Verdict, difference, judge, result_cell, signed, truncate


def rows(*scores: float | None, status: str = "ok", origin: str = "published", source: str | None = None):
    """Rows of the tidy frame; a None score is a run that has not happened."""
    lines = [
        {
            "cell": "SER+WSF",
            "seed": number,
            "run_key": f"key{number}",
            "record": f"r/{number}.json",
            "source": source,
            "status": "not run" if score is None else status,
            "test_auc": score if status == "ok" else None,
            "data_origin": None if score is None else origin,
            "data_note": None if score is None else "a note",
        }
        for number, score in enumerate(scores)
    ]
    return pd.DataFrame(lines, columns=list(COLUMNS)).astype(COLUMNS)


# -- truncation -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "points"),
    [(0.8145, "81.45"), (0.987228, "98.72"), (0.98729999, "98.72"), (0.29, "29.00"), (1.0, "100.00"), (0.0, "0.00")],
)
def test_truncate_known(value: float, points: str) -> None:
    assert str(truncate(value)) == points


@given(st.integers(0, 10_000))
def test_four_decimals_survive(ten_thousandths: int) -> None:
    assert truncate(ten_thousandths / 10_000) == Decimal(ten_thousandths) / 100


@given(st.integers(0, 10**6 - 1), st.integers(1, 9))
def test_cuts_the_digits_as_text(millionths: int, last: int) -> None:
    text = f"0.{millionths:06d}{last}"
    assert str(truncate(float(text))).replace(".", "").zfill(4) == text[2:6]


@given(st.floats(0, 1), st.floats(0, 1))
def test_truncate_is_monotone_and_never_rounds_up(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert truncate(low) <= truncate(high)
    assert truncate(low) <= Decimal(repr(low)) * 100 < truncate(low) + Decimal("0.01")


@given(st.integers(0, 9_999), st.integers(1, 7))
def test_mean_of_equal_runs_prints_like_one(ten_thousandths: int, seeds: int) -> None:
    value = ten_thousandths / 10_000
    assert result_cell(rows(*[value] * seeds), "auc", None).ours_points == truncate(value)


# -- difference -----------------------------------------------------------------------


@given(st.integers(9_000, 9_999), st.integers(0, 999_999))
def test_verdict_is_that_of_the_nearest_value_in_the_printed_range(print_: int, millionths: int) -> None:
    """Oracle: the paper's value may be anything in [v, v + 0.01); take the nearest."""
    ours, low = Fraction(millionths, 10**6) * 100, Fraction(print_, 100)
    nearest = max(low - ours, ours - low - Fraction(1, 100), Fraction(0))
    below_is_closed = ours < low and nearest == Fraction(1, 10)
    expected = Verdict.REPRODUCED if nearest < Fraction(1, 10) or below_is_closed else Verdict.DIFFERS
    delta = difference(ours / 100, Decimal(print_).scaleb(-2))
    assert judge(["ok"], ["published"], delta) is expected


def test_difference_can_be_checked_by_hand() -> None:
    cell = result_cell(rows(0.98799), "auc", Decimal("98.72"))
    assert (cell.ours, cell.delta, cell.verdict) == ("98.79", "+0.07", Verdict.REPRODUCED)
    assert [signed(Decimal(text)) for text in ("-0.10", "0.00", "1.5")] == ["−0.10", "0.00", "+1.50"]


# -- verdicts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("auc", "verdict"),
    [
        (0.9872, Verdict.REPRODUCED),
        (0.98829999, Verdict.REPRODUCED),
        (0.9883, Verdict.DIFFERS),
        (0.9862, Verdict.REPRODUCED),
        (0.98619, Verdict.DIFFERS),
    ],
)
def test_the_bounds_of_reproduced(auc: float, verdict: Verdict) -> None:
    assert result_cell(rows(auc), "auc", Decimal("98.72")).verdict is verdict


def test_verdicts_without_a_comparison() -> None:
    paper = Decimal("98.72")
    assert result_cell(rows(None, None), "auc", paper).verdict is Verdict.NOT_RUN
    assert result_cell(rows(0.9872, status="failed"), "auc", paper).verdict is Verdict.FAILED
    assert result_cell(rows(0.9872, origin="other"), "auc", paper).verdict is Verdict.OTHER_DATA
    assert result_cell(rows(0.9872, origin="twin"), "auc", paper).verdict is Verdict.TWIN
    assert result_cell(rows(0.9872), "auc", None).verdict is Verdict.NO_PAPER_VALUE


def test_one_bad_run_decides_the_cell() -> None:
    good, paper = rows(0.9872), Decimal("98.72")
    for bad, verdict in (
        (rows(0.9872, status="failed"), Verdict.FAILED),
        (rows(0.9872, origin="other"), Verdict.OTHER_DATA),
        (rows(0.9872, origin="twin"), Verdict.TWIN),
    ):
        assert result_cell(pd.concat([good, bad]), "auc", paper).verdict is verdict


def test_other_data_still_shows_the_difference_but_a_twin_does_not() -> None:
    paper = Decimal("98.72")
    assert result_cell(rows(0.5, origin="other"), "auc", paper).delta == "−48.72"
    twin = result_cell(rows(0.5, origin="twin"), "auc", paper)
    assert (twin.ours, twin.delta) == ("50.00", "–")


def test_mean_sd_and_number_of_runs() -> None:
    cell = result_cell(rows(0.98, 0.99, None, source="log 1"), "auc", Decimal("98.50"))
    assert cell.ours == "98.50 ± 0.71 (n=2 of 3)"
    assert cell.sd == pytest.approx(0.5**0.5 / 100)
    assert (cell.run_keys, cell.source, cell.data_note) == (("key0", "key1", "key2"), "log 1", "a note")
    assert result_cell(rows(0.98, 0.99), "auc", None).ours == "98.50 ± 0.71 (n=2)"
    assert result_cell(rows(None), "auc", None).ours == "–"


def test_every_verdict_has_its_own_sign() -> None:
    assert set(SYMBOLS) == set(Verdict)
    assert len(set(SYMBOLS.values())) == len(Verdict)


@given(st.integers(-300, 300))
def test_a_cheaper_run_never_counts_as_reproduced_or_different(hundredths: int) -> None:
    delta = Decimal(hundredths).scaleb(-2)
    assert judge(["ok", "ok"], ["published"] * 2, delta, ["paper", "other"]) is Verdict.OTHER_PROTOCOL
    assert judge(["ok"], ["other"], delta, ["other"]) is Verdict.OTHER_DATA
    assert judge(["ok"], ["published"], None, ["other"]) is Verdict.OTHER_PROTOCOL

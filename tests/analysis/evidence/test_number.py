"""Truncation, difference, and a number's verdict."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from statistics import NormalDist, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.number import Number, difference, signed, truncate
from workflow.analysis.evidence.verdict import Finding, Ground, Standing, ground_of
from workflow.analysis.stats.prediction import OtherSplit

DIRECT = Ground(None, Standing.DIRECT)
PRINT = Decimal("98.72")


def number(
    *scores: float, paper: Decimal | None = PRINT, ground: Ground = DIRECT, planned: int | None = None
) -> Number:
    return Number("auc", paper, Sample(scores, ground), planned or len(scores))


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
    assert number(*[value] * seeds).ours_points == truncate(value)


# -- difference -----------------------------------------------------------------------


@given(st.integers(9_000, 9_999), st.integers(0, 999_999))
def test_verdict_is_that_of_the_nearest_value_in_the_printed_range(print_: int, millionths: int) -> None:
    """Oracle: the paper's value may be anything in [v, v + 0.01); take the nearest."""
    ours, low = Fraction(millionths, 10**6) * 100, Fraction(print_, 100)
    nearest = max(low - ours, ours - low - Fraction(1, 100), Fraction(0))
    below_is_closed = ours < low and nearest == Fraction(1, 10)
    expected = Finding.NEAR if nearest < Fraction(1, 10) or below_is_closed else Finding.FAR
    assert number(millionths / 10**6, paper=Decimal(print_).scaleb(-2)).verdict.finding is expected


def test_difference_can_be_checked_by_hand() -> None:
    assert difference(0.98799, PRINT) == Decimal("0.07")
    found = number(0.98799)
    assert (found.ours, found.delta, found.verdict.finding) == ("98.79", "+0.07", Finding.NEAR)
    assert [signed(Decimal(text)) for text in ("-0.10", "0.00", "1.5")] == ["−0.10", "0.00", "+1.50"]


@pytest.mark.parametrize(
    ("auc", "finding"),
    [
        (0.9872, Finding.NEAR),
        (0.98829999, Finding.NEAR),
        (0.9883, Finding.FAR),
        (0.9862, Finding.NEAR),
        (0.98619, Finding.FAR),
    ],
)
def test_the_bounds_of_near(auc: float, finding: Finding) -> None:
    assert number(auc).verdict.finding is finding


FIVE = (0.98721, 0.98715, 0.98724, 0.98718, 0.98722)  # sd 0.000035: a new run falls within 0.0001


@pytest.mark.parametrize(
    ("paper", "reference", "finding"),
    [
        ("98.72", None, Finding.REPRODUCED),
        ("98.72", "98.50", Finding.REPRODUCED),
        ("98.72", "98.71", Finding.NOT_TELLING),
        ("98.74", None, Finding.DIFFERS),
        ("98.74", "98.72", Finding.DIFFERS),
    ],
)
def test_a_print_is_held_against_one_more_run_and_the_plain_reference(
    paper: str, reference: str | None, finding: Finding
) -> None:
    printed, beside = Decimal(paper), None if reference is None else Decimal(reference)
    found = Number("auc", printed, Sample(FIVE, DIRECT), 5, beside)
    assert found.verdict.finding is finding


def test_runs_that_scatter_are_too_few_but_can_still_differ() -> None:
    wide = (0.987, 0.9858, 0.9882, 0.9866, 0.9876)
    assert number(*wide).verdict.finding is Finding.TOO_FEW
    assert number(*wide, paper=Decimal("97.00")).verdict.finding is Finding.DIFFERS


def test_another_split_widens_what_a_print_may_be() -> None:
    narrow = Number("auc", Decimal("98.74"), Sample(FIVE, DIRECT), 5)
    wide = replace(narrow, other_split=OtherSplit(variance=(0.0002**2), clusters=900))
    assert (narrow.verdict.finding, wide.verdict.finding) == (Finding.DIFFERS, Finding.REPRODUCED)


def test_without_a_print_there_is_nothing_to_compare() -> None:
    assert number(0.9872, paper=None).verdict.finding is Finding.NO_PRINT


def test_a_stand_in_still_shows_the_difference_but_a_twin_does_not() -> None:
    assert number(0.5, ground=Ground(None, Standing.STAND_IN)).delta == "−48.72"
    twin = number(0.5, ground=Ground(None, Standing.TWIN))
    assert (twin.ours, twin.delta, twin.verdict.word) == ("50.00", "–", "twin")


def test_mean_sd_and_number_of_runs() -> None:
    found = number(0.98, 0.99, planned=3, ground=ground_of(["ok", "ok", "not run"], [Standing.DIRECT]))
    assert found.ours == "98.50 ± 0.71 (n=2 of 3)"
    assert found.sd == pytest.approx(0.5**0.5 / 100)
    assert found.verdict.word == "incomplete"
    assert number(0.98, 0.99).ours == "98.50 ± 0.71 (n=2)"
    assert number(planned=1).ours == "–"


# -- what no number of runs could show ------------------------------------------------


@pytest.mark.parametrize(
    ("step", "variance", "finding", "reached"),
    [
        (4e-5, 0.0, Finding.REPRODUCED, True),
        (3e-4, 0.0, Finding.TOO_FEW, True),
        (3e-4, 4e-7, Finding.TOO_FEW, False),
        (1.2e-3, 0.0, Finding.TOO_FEW, False),
    ],
)
def test_too_few_runs_says_where_more_would_not_do(
    step: float, variance: float, finding: Finding, reached: bool
) -> None:
    """Oracle: a normal's 95 % interval, of one run's spread at its lower bound and of two test sets."""
    scores = [0.98725 + step * each for each in (-1.5, -0.5, 0.5, 1.5)]
    split = OtherSplit(variance, 10**6) if variance else None
    found = replace(number(*scores), other_split=split)
    known = 100 * NormalDist().inv_cdf(0.975) * sqrt(3 * stdev(scores) ** 2 / stats.chi2.ppf(0.95, 3) + 2 * variance)
    assert found.verdict.finding is finding
    assert found.reach_points == (None if reached else pytest.approx(known))

"""Truncation, difference, and a number's verdict."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from workflow.analysis.compare.numbers import Number
from workflow.analysis.compare.points import signed, truncate
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.cells import Sample
from workflow.analysis.evidence.standing import Ground, Standing, ground_of
from workflow.analysis.stats.moderation import Prior
from workflow.analysis.stats.prediction import prediction
from workflow.analysis.stats.uncertainty import TestSet

DIRECT = Ground(None, Standing.PUBLISHED)
PRINT = Decimal("98.72")


def number(
    *scores: float,
    paper: Decimal | None = PRINT,
    ground: Ground = DIRECT,
    planned: int | None = None,
    reference: Decimal | None = None,
    split: TestSet | None = None,
    prior: Prior | None = None,
) -> Number:
    new_run = prediction(scores, split, prior)
    keys = tuple(f"a/seed{number}" for number in range(planned or len(scores)))
    return Number("auc", paper, Sample(scores, ground, keys=keys), new_run, reference)


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


def test_difference_can_be_checked_by_hand() -> None:
    found = number(0.98799)
    assert (found.ours, found.delta, found.half_width, found.verdict.word) == ("98.79", "+0.07", "–", "")
    assert [signed(Decimal(text)) for text in ("-0.10", "0.00", "1.5")] == ["−0.10", "0.00", "+1.50"]


FIVE = (0.98721, 0.98715, 0.98724, 0.98718, 0.98722)  # sd 0.000035: a new run falls within 0.0001


@pytest.mark.parametrize(
    ("paper", "reference", "word"),
    [
        ("98.72", None, "consistent"),
        ("98.72", "98.50", "consistent"),
        ("98.72", "98.71", "consistent (weak)"),
        ("98.74", None, "paper higher"),
        ("98.69", "98.72", "paper lower"),
    ],
)
def test_a_print_is_compared_with_one_more_run_and_the_plain_reference(
    paper: str, reference: str | None, word: str
) -> None:
    found = number(*FIVE, paper=Decimal(paper), reference=None if reference is None else Decimal(reference))
    assert found.verdict.word == word
    assert found.half_width == "± 0.01"


@pytest.mark.parametrize("scores", [(0.987,), (0.9871, 0.9873)])
def test_below_three_runs_there_is_a_difference_and_no_word(scores: tuple[float, ...]) -> None:
    found = number(*scores)
    assert (found.verdict.word, found.half_width) == ("", "–")
    assert found.delta_points is not None


def test_runs_that_scatter_are_consistent_and_their_width_says_how_little_that_means() -> None:
    wide = (0.987, 0.9858, 0.9882, 0.9866, 0.9876)
    found = number(*wide)
    # Oracle: the t interval of one new run, by scipy.
    half = stats.t.ppf(0.975, 4) * np.std(wide, ddof=1) * np.sqrt(1 + 1 / 5)
    assert (found.verdict.word, found.half_width) == ("consistent", f"± {100 * half:.2f}")
    assert number(*wide, paper=Decimal("97.00")).verdict.finding is Finding.LOWER


def test_another_split_widens_what_a_print_may_be() -> None:
    assert number(*FIVE, paper=Decimal("98.74")).verdict.finding is Finding.HIGHER
    split = TestSet(np.full((5, 5), 0.0002**2), clusters=900)
    assert number(*FIVE, paper=Decimal("98.74"), split=split).verdict.finding is Finding.CONSISTENT


def test_a_freak_spread_is_moderated() -> None:
    prior = Prior(0.0006**2, 6.0, 100.0)
    assert number(*FIVE, paper=Decimal("98.80")).verdict.finding is Finding.HIGHER
    assert number(*FIVE, paper=Decimal("98.80"), prior=prior).verdict.finding is Finding.CONSISTENT


def test_without_a_print_there_is_nothing_to_compare() -> None:
    assert number(*FIVE, paper=None).verdict.finding is Finding.NONE


def test_a_stand_in_still_shows_the_difference_but_synthetic_data_do_not() -> None:
    assert number(0.5, ground=Ground(None, Standing.STAND_IN)).delta == "−48.72"
    synthetic = number(0.5, ground=Ground(None, Standing.SYNTHETIC))
    assert (synthetic.ours, synthetic.delta, synthetic.verdict.word) == ("50.00", "–", "synthetic")


def test_mean_sd_and_number_of_runs() -> None:
    found = number(0.98, 0.99, planned=3, ground=ground_of(["ok", "ok", "not run"], [Standing.PUBLISHED]))
    assert found.ours == "98.50 ± 0.71 (n=2 of 3)"
    assert found.sd == pytest.approx(0.5**0.5 / 100)
    assert found.verdict.word == "incomplete"
    assert number(0.98, 0.99).ours == "98.50 ± 0.71 (n=2)"
    assert number(planned=1).ours == "–"

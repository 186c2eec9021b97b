import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.data.encode.transforms import transform


def exact_bucket(number: int) -> int:
    return math.floor(math.log(number) ** 2) if number > 2 else number


def buckets(numbers: list[int]) -> list[str | None]:
    return transform("squared_log", pl.Series([str(number) for number in numbers])).to_list()


@pytest.mark.parametrize(
    ("raw", "token"),
    [
        ("", ""),  # missing
        ("0", ""),  # a true zero is lost with the missing ones
        ("-0.5", ""),
        ("1", "1"),
        ("2", "2"),
        ("3", "1"),  # floor(1.0986^2)
        ("4", "1"),
        ("5", "2"),
        ("-1", "-1"),
        ("-2", "-2"),
        ("2.5", ""),  # floor(0.9163^2) = 0
        ("7.0", "3"),
        ("1e3", "47"),
        (" 20 ", "8"),
        ("65535", "122"),
    ],
)
def test_squared_log_of_known_values(raw: str, token: str) -> None:
    assert transform("squared_log", pl.Series([raw])).to_list() == [token]


def test_squared_log_equals_the_exact_formula_on_every_small_number() -> None:
    numbers = np.arange(-100, 300_000)
    exact = ["" if exact_bucket(int(n)) == 0 else str(exact_bucket(int(n))) for n in numbers]
    assert buckets(numbers.tolist()) == exact


def test_squared_log_equals_the_exact_formula_around_every_boundary() -> None:
    # The formula is monotone, so agreement beside each boundary is agreement in between.
    numbers = []
    for bucket in range(1, 700):  # up to e^26, far above the largest count of Criteo
        boundary = round(math.exp(math.sqrt(bucket)))
        numbers += [number for number in range(boundary - 3, boundary + 4) if number > 2]
    assert buckets(numbers) == [str(exact_bucket(number)) for number in numbers]


@given(st.integers(min_value=3, max_value=2**53))
def test_squared_log_equals_the_exact_formula_anywhere(number: int) -> None:
    assert buckets([number]) == [str(exact_bucket(number))]


@pytest.mark.parametrize("name", ["squared_log", "age_bucket"])
@pytest.mark.parametrize("raw", ["abc", "nan", "inf", "1,5", "0x10"])
def test_what_is_no_number_becomes_null(name: str, raw: str) -> None:
    assert transform(name, pl.Series([raw, "12"]))[0] is None


def test_country_is_the_first_two_characters() -> None:
    assert transform("country", pl.Series(["QQ0123456789", "", "é9x", "J"])).to_list() == ["QQ", "", "é9", "J"]


def test_age_buckets_and_ages_out_of_range() -> None:
    ages = {"": "", "0": "", "-43": "", "96": "", "1051": "", "1": "1", "10": "1", "11": "2", "20": "2", "21": "3",
            "30": "3", "31": "4", "40": "4", "50": "5", "51": "6", "60": "6", "61": "7", "95": "7",
            "27.0": "3"}  # fmt: skip
    assert transform("age_bucket", pl.Series(list(ages))).to_list() == list(ages.values())


def test_no_transform_changes_nothing() -> None:
    values = ["", " a", "A", "é"]
    assert transform("none", pl.Series(values)).to_list() == values

"""From raw values to transformed ones, vocabularies and ids, and from rows to splits."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from tests.data.made import naive_ids
from workflow.data.encode.coding import FieldCoding, learn
from workflow.data.encode.lists import split_tokens
from workflow.data.encode.split import as_times, split_rows, split_sizes
from workflow.data.encode.transforms import transform
from workflow.errors import UserError
from workflow.spec import FieldSpec, ListColumn, RowSplit


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


# -- vocabulary ------------------------------------------------------------------------


WORDS = st.lists(st.text(max_size=4), min_size=1, max_size=40)


def encode(column: ListColumn, strings: dict[str, int], min_count: int = 1) -> tuple[list[str], list[list[int]]]:
    """Vocabulary and ids of strings that occur so often in the training split."""
    field = FieldSpec(name="f", list=column)
    values = pl.Series(list(strings))
    coding = learn(field, values, np.array(list(strings.values())), min_count)
    return list(coding.tokens), coding.encode(values).tolist()


def plain(values: list[str], counts: list[int], min_count: int) -> FieldCoding:
    """The coding of a field without a list."""
    return learn(FieldSpec(name="f"), pl.Series(values, dtype=pl.String), np.array(counts, dtype=np.int64), min_count)


def ids(coding: FieldCoding, values: list[str]) -> list[int]:
    return coding.encode(pl.Series(values, dtype=pl.String))[:, 0].tolist()


def test_ids_are_sorted_by_bytes_between_pad_and_oov() -> None:
    coding = plain(["b", "é", "B", "10", "9", ""], [5] * 6, 2)
    assert coding.tokens == ("10", "9", "B", "b", "é")
    assert coding.meta.vocab_size == 7
    assert ids(coding, ["10", "é", "", "unseen"]) == [1, 5, 6, 6]


def test_an_empty_vocabulary_has_pad_and_oov() -> None:
    coding = plain(["a"], [1], 2)
    assert (coding.meta.vocab_size, ids(coding, ["a"])) == (2, [1])


def test_raw_values_with_the_same_token_count_together() -> None:
    raw = pl.Series(["7", "8", "7.0"])
    assert learn(FieldSpec(name="f", transform="number"), raw, np.array([1, 1, 1]), 2).tokens == ("7",)


@given(WORDS, WORDS, st.integers(1, 3))
def test_ids_agree_with_a_naive_count(train: list[str], values: list[str], min_count: int) -> None:
    distinct = sorted(set(train + values))
    coding = plain(distinct, [train.count(value) for value in distinct], min_count)
    found, kept = ids(coding, values), list(coding.tokens)
    assert found == naive_ids(train, values, min_count)
    assert ids(coding, kept) == list(range(1, len(kept) + 1))  # a bijection
    assert all(kept[i - 1] == value for i, value in zip(found, values, strict=True) if i != coding.oov)


def test_paper_preset_counts_whole_strings_and_encodes_words() -> None:
    paper = ListColumn(vocabulary="strings")
    tokens, ids = encode(paper, {"465": 3, "A Mei": 2, "Mei": 2, "rare": 1, "": 9, "465  A Mei Mei": 1}, min_count=2)
    assert tokens == ["465", "A Mei", "Mei"]
    # "A" is no whole string, so it is OOV (4) although "A Mei" has an id that nothing can use.
    assert ids == [[1, 0, 0], [4, 3, 0], [3, 0, 0], [4, 0, 0], [0, 0, 0], [1, 4, 3]]


def test_bars_preset_counts_and_encodes_words() -> None:
    tokens, ids = encode(ListColumn(), {"a b": 2, "b c": 1, "": 5}, min_count=2)
    assert tokens == ["a", "b"]
    assert ids == [[1, 2, 0], [2, 3, 0], [0, 0, 0]]


def test_a_long_list_keeps_its_first_tokens_but_all_of_them_count() -> None:
    tokens, ids = encode(ListColumn(max_len=2, separator="|"), {"a|b|c": 1, "c": 1}, min_count=2)
    assert tokens == ["c"]
    assert ids == [[2, 2], [1, 0]]


def test_a_repeated_token_counts_each_time() -> None:
    assert encode(ListColumn(), {"a a": 1, "b": 1}, min_count=2)[0] == ["a"]


@given(st.text(alphabet="ab \t\u3000\u00a0\x1c\n", max_size=12))
def test_white_space_splits_as_python_does(text: str) -> None:
    split = split_tokens(pl.Series([text]), ListColumn(vocabulary="strings")).to_list()[0]
    assert split == text.split()


@given(st.text(alphabet="ab |", max_size=12))
def test_a_literal_separator_splits_as_python_does(text: str) -> None:
    split = split_tokens(pl.Series([text]), ListColumn(separator="|")).to_list()[0]
    assert split == [token for token in text.split("|") if token]


# -- split -----------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [10, 11, 99, 1003, 1_000_209])
def test_sizes_are_those_of_scikit_learn(rows: int) -> None:
    rest, test = train_test_split(np.arange(rows), test_size=0.1, random_state=0)
    _, valid = train_test_split(rest, test_size=1 / 9, random_state=0)
    ours = split_sizes(rows, (8, 1, 1))
    assert sum(ours) == rows
    assert abs(ours[1] - len(valid)) <= 1  # the second division is of a rounded number
    assert (ours[2], ours[0]) == (len(test), rows - ours[1] - len(test))


@given(st.integers(20, 500), st.integers(0, 5), st.tuples(*[st.integers(1, 9)] * 3))
def test_parts_partition_the_rows(rows: int, seed: int, parts: tuple[int, int, int]) -> None:
    sizes = split_sizes(rows, parts)
    if min(sizes) < 1:
        with pytest.raises(UserError, match="too few"):
            split_rows(rows, RowSplit(seed=seed, parts=parts))
        return
    split_N = split_rows(rows, RowSplit(seed=seed, parts=parts))
    assert np.bincount(split_N, minlength=3).tolist() == list(sizes)
    assert len(split_N) == rows


def test_the_seed_decides_and_rows_are_shuffled() -> None:
    first, again, other = (split_rows(1000, RowSplit(seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert set(first[:100]) == {0, 1, 2}


@pytest.mark.parametrize("form", ["%m/%d/%Y", "%d/%m/%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M:%S"])
def test_where_a_day_is_above_12_it_says_where_the_month_stands(form: str) -> None:
    moments = [datetime(2023, 11, 3, 4, 5, tzinfo=UTC) + timedelta(days=step) for step in range(0, 90, 5)]
    texts = [moment.strftime(form) for moment in moments]
    expected = [datetime.strptime(text, form).replace(tzinfo=UTC).timestamp() for text in texts]
    assert as_times(pl.Series(texts)).to_list() == expected
    short = [text.replace("/0", "/").removeprefix("0") for text in texts]
    assert as_times(pl.Series(short)).to_list() == expected


@pytest.mark.parametrize("dates", [["01/02/2024", "12/11/2024"], ["13/01/2024", "01/13/2024"]])
def test_dates_that_may_be_either_day_are_not_read(dates: list[str]) -> None:
    assert as_times(pl.Series(dates)).null_count() == 2

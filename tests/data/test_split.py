from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from workflow.data.encode.split import as_times, split_rows, split_sizes
from workflow.errors import UserError
from workflow.spec import RowSplit


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

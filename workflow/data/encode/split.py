"""How rows of one file become train, valid and test: at random, by time, or by user."""

import numpy as np
import numpy.typing as npt
import polars as pl

from workflow.data.encode.codes import Codes, CodeStore
from workflow.data.numbers import numbers_in
from workflow.errors import UserError
from workflow.spec import SPLITS, RowSplit

# Dates that are read as ISO's, and an hour of one digit.
SPELLINGS = (
    (r"^(\d{4})/(\d{2})/(\d{2})", "$1-$2-$3"),
    (r"^(\d{2})\.(\d{2})\.(\d{4})", "$3-$2-$1"),
    (r" (\d):", " 0$1:"),
)
SLASHES = r"^(\d{1,2})/(\d{1,2})/(\d{4})"  # 01/02/2024 is ambiguous; a day above 12 in the column decides
SLASHED = "one such as 01/31/2024 is read where a day of the column is above 12"
OFFSET = r"([+-])(\d{2}):?(\d{2})$"  # from UTC


def split_sizes(rows: int, parts: tuple[int, int, int]) -> tuple[int, int, int]:
    """Rows of train, valid and test; the two small parts are rounded up.

    These are the sizes that scikit-learn's `train_test_split` gives.

    >>> split_sizes(1_000_209, (8, 1, 1))
    (800167, 100021, 100021)
    """
    whole = sum(parts)
    valid, test = (-(-rows * part // whole) for part in parts[1:])
    return rows - valid - test, valid, test


def split_rows(rows: int, split: RowSplit) -> npt.NDArray[np.int8]:
    """Assign rows to splits at random: 0, 1 or 2 per row, the index in `workflow.spec.SPLITS`."""
    return _dealt(np.random.default_rng(split.seed).permutation(rows), split)


def split_table(store: CodeStore, dictionaries: dict[str, pl.Series], split: RowSplit) -> npt.NDArray[np.int8]:
    """Assign the rows of a table to splits by raw values: each row's index in `workflow.spec.SPLITS`."""
    order_N = np.arange(store.rows)
    if split.by is not None:
        times = as_times(dictionaries[split.by])
        fault = f"is neither a number nor a date such as 2024-03-01 or 2024-03-01 12:00:00; {SLASHED}"
        store.require_readable(split.by, dictionaries[split.by], times, fault)
        # Rows of one time keep the file's order.
        order_N = np.argsort(times.fill_null(0.0).to_numpy()[store.column(split.by)], kind="stable")
    if split.leave_last_out is not None:
        return split_last(store.column(split.leave_last_out), order_N, split.leave_last_out)
    if split.by is None:
        return split_rows(store.rows, split)
    return _dealt(order_N, split)


def split_last(user_N: Codes, order_N: npt.NDArray[np.int64], column: str) -> npt.NDArray[np.int8]:
    """Each user's last row is for test and the one before it for validation; users with one or two rows only train.

    >>> split_last(np.array([0, 0, 0, 1, 1], dtype=np.uint32), np.arange(5), "user").tolist()
    [0, 1, 2, 0, 0]
    """
    by_user_N = order_N[np.argsort(user_N[order_N], kind="stable")]
    sorted_N = user_N[by_user_N]
    end_N = np.searchsorted(sorted_N, sorted_N, side="right")
    rows_N = end_N - np.searchsorted(sorted_N, sorted_N, side="left")
    from_end_N = end_N - 1 - np.arange(len(sorted_N))
    split_N = np.zeros(len(user_N), dtype=np.int8)
    for place, name in ((0, "test"), (1, "valid")):
        split_N[by_user_N[(from_end_N == place) & (rows_N > 2)]] = SPLITS.index(name)
    if not (split_N == SPLITS.index("test")).any():
        raise UserError(
            f"preparation.split.leave_last_out: no {column!r} has three rows or more; split by time instead"
        )
    return split_N


def as_times(raw: pl.Series) -> pl.Series:
    """Numbers as they are, else dates as seconds since 1970 in UTC; null where neither.

    >>> as_times(pl.Series(["1970-01-02", "1970-01-01 00:00:01", ""])).to_list()
    [86400.0, 1.0, None]
    >>> as_times(pl.Series(["1970/01/02", "02.01.1970", "1970-01-02T01:30:00+01:30", "01/02/1970"])).to_list()
    [86400.0, 86400.0, 86400.0, None]
    >>> as_times(pl.Series(["1/2/1970", "12/31/1970 9:00"])).to_list()
    [86400.0, 31482000.0]
    """
    text = raw.str.strip_chars()
    numbers = numbers_in(raw)
    filled = text != ""
    if 2 * int((filled & numbers.is_not_null()).sum()) >= int(filled.sum()):
        return numbers
    iso = _unslashed(text.str.replace("T", " ", literal=True).str.strip_suffix("Z"))
    for written, as_iso in SPELLINGS:
        iso = iso.str.replace(written, as_iso)
    hours, minutes = (iso.str.extract(OFFSET, group).cast(pl.Float64).fill_null(0.0) for group in (2, 3))
    west = (iso.str.extract(OFFSET, 1) == "-").fill_null(False).cast(pl.Float64)
    iso = iso.str.replace(OFFSET, "")
    for form, rest in (("2024-03-01", " 00:00:00"), ("2024-03-01 12:30", ":00")):
        iso = iso.zip_with(iso.str.len_chars() != len(form), iso + rest)
    times = iso.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False)
    return times.dt.epoch("us").cast(pl.Float64) / 1e6 - (1 - 2 * west) * (3600 * hours + 60 * minutes)


def _unslashed(text: pl.Series) -> pl.Series:
    """Dates such as 01/31/2024 or 31/01/2024 as ISO's, where the column has a day above 12 and no month above it."""
    parts = [text.str.extract(SLASHES, group) for group in (1, 2, 3)]
    is_day = [bool((part.cast(pl.Int64) > 12).any()) for part in parts[:2]]
    if is_day[0] == is_day[1]:
        return text
    day, month = parts[:2] if is_day[0] else parts[1::-1]
    iso = parts[2] + "-" + month.str.zfill(2) + "-" + day.str.zfill(2) + text.str.replace(SLASHES, "")
    return iso.fill_null(text)


def _dealt(order_N: npt.NDArray[np.int64], split: RowSplit) -> npt.NDArray[np.int8]:
    sizes = split_sizes(len(order_N), split.parts)
    if min(sizes) < 1:
        raise UserError(
            f"preparation.split: {len(order_N)} rows are too few for parts {list(split.parts)}: a split is empty"
        )
    split_N = np.empty(len(order_N), dtype=np.int8)
    split_N[order_N] = np.repeat(np.arange(len(SPLITS), dtype=np.int8), sizes)
    return split_N

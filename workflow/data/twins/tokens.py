"""Spellings of a twin's values: every value of a column, in the order of its index.

All of them are made up; none is taken from a public file.
"""

import base64
import hashlib
from collections.abc import Callable

import numpy as np
import polars as pl
import pyarrow as pa

from workflow.data.twins.schema import Column

SYLLABLES = ("ka", "ri", "mo", "té", "lun", "sa", "vi", "dor", "né", "ya", "山", "光")
COUNTRIES = ["TW", "US", "GB", "JP", "KR", "HK", "FR", "DE", "CN", "SE"]


def spellings(column: Column, size: int, place: int) -> pl.Series:
    """Strings of `size` values; `place` keeps columns apart that would look the same.

    >>> spellings(Column(name="c", cardinality=3, kind="hex"), 3, 0).to_list()
    ['00000000', '9e3779b1', '3c6ef362']
    """
    if column.kind == "word":
        return pl.Series(column.words[:size])
    if column.kind == "genres":  # one, two or three numbers: about a tenth are real lists, as in KKBox
        return pl.Series([column.separator.join(map(str, _genre_list(value))) for value in range(size)])
    return MAKERS[column.kind](size, place)


def _hex(size: int, place: int) -> pl.Series:
    scrambled = np.arange(size, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(place * 40_503)
    text = pa.py_buffer(scrambled.astype(">u4").tobytes().hex().encode())
    fixed = pa.Array.from_buffers(pa.binary(8), size, [None, text])
    return pl.Series(fixed.cast(pa.binary()).cast(pa.string()))


def _keys(size: int, place: int) -> pl.Series:
    digests = (hashlib.sha256(f"{place}:{value}".encode()).digest() for value in range(size))
    return pl.Series([base64.b64encode(digest).decode() for digest in digests])


def _genre_list(value: int) -> list[int]:
    second, third = value % 9 == 4, value % 27 == 13
    return [300 + 3 * value] + [301 + value % 40] * second + [299] * third


def _artist(value: int) -> str:
    """A name of one to four words; some need quotes in CSV, some repeat others' words."""
    base = len(SYLLABLES)
    first = SYLLABLES[value % base] + SYLLABLES[value // base % base]
    last = "".join(SYLLABLES[value // base**power % base] for power in (2, 1, 3))
    match value % 8:
        case 0:
            return f"{first}{last}".title()
        case 1 | 2:
            return f"{last} ({first} {value})".title()
        case 3:
            return f"{first}, {last} & Band {value}".title()
        case 4:
            return f'{first} "{last}" {value}'.title()
        case 5:
            return f"{first}|{last}|{value}"
        case _:
            return f"{first} {last} {value}".title()


def _isrc(size: int, _: int) -> pl.Series:
    value = np.arange(size)
    country = pl.Series(COUNTRIES).gather(np.floor(len(COUNTRIES) * ((value * 0.618034) % 1.0) ** 2).astype(np.int64))
    number = pl.Series(value).cast(pl.String).str.zfill(10)
    return country + number


def _ages(size: int, _: int) -> pl.Series:
    """Ages as people type them: the default 0 is the most frequent, some are absurd."""
    ages = [0, *range(17, 70), -43, 1051, 103, *range(3, 17), *range(70, 96)]
    return pl.Series(ages[:size]).cast(pl.String)


def _counts(size: int, place: int) -> pl.Series:
    """Whole numbers that grow by a third from value to value: 0, 1, 2, 3, 4, 5, 7, 9, 12, 17."""
    value = np.arange(size)
    numbers = np.where(value < 4, value, np.floor(4 * 1.35 ** (value - 4))).astype(np.int64)
    numbers[1:2] = -1 if place % 4 == 1 else 1
    return pl.Series(numbers).cast(pl.String)


MAKERS: dict[str, Callable[[int, int], pl.Series]] = {
    "id": lambda size, place: pl.Series(np.arange(size) + 10_000 * place + 1).cast(pl.String),
    "hex": _hex,
    "key": _keys,
    "artist": lambda size, _: pl.Series([_artist(value) for value in range(size)]),
    "isrc": _isrc,
    "age": _ages,
    "count": _counts,
}

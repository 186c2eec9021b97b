"""The first rows of an unknown table: its columns, whether it has a header, and values."""

from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from workflow.data.drafts.names import LABELS, TIMES, USERS, is_named
from workflow.data.encode.missing import MARKS, PANDAS
from workflow.data.numbers import numbers_in
from workflow.data.tables.content import kind_of, opened, text_blocks
from workflow.data.tables.files import Files
from workflow.data.tables.parquet import parquet_frames
from workflow.data.tables.text import Dialect, dialect_of, first_line, text_frames, values_of
from workflow.errors import UserError

ROWS = 200_000
MAX_COLUMNS = 5_000  # more than any click log has; more would take seconds
BLOCK_BYTES = 8 << 20
LINES = 200  # below the first, which show whether that is a header


@dataclass(frozen=True)
class Sample:
    """A table's first rows, as strings."""

    file: str
    separator: str | None  # None for Parquet
    has_header: bool
    frame: pl.DataFrame
    is_whole: bool  # whether these are all of its rows


def sample_of(path: Path, label: str | None = None, rows: int = ROWS) -> Sample:
    """Read the first rows of a file of any kind that preparing reads; a line with the name `label` is a header."""
    files, name = Files(), str(path)
    dialect = None
    if kind_of(files, name) == "parquet":
        with opened(files, name, "parquet") as stream:
            columns = tuple(pq.ParquetFile(pa.PythonFile(stream, "r")).schema_arrow.names)
        _refuse_many(name, len(columns))
        frames = parquet_frames(files, name, columns)
    else:
        line, blocks = first_line(text_blocks(files, name, BLOCK_BYTES), name)
        dialect = dialect_of(line, name, ())
        _refuse_many(name, len(dialect.names))
        start = next(blocks)
        blocks = chain([start], blocks)
        if _is_header(dialect.names, _rows_below(start, name, dialect), label):
            dialect = dialect_of(line, name, dialect.names, dialect.separator)  # which refuses repeated names
        else:
            names = tuple(f"column_{place}" for place in range(1, len(dialect.names) + 1))
            dialect = Dialect(dialect.separator, names, has_header=False)
        frames = text_frames(blocks, name, dialect, dialect.names)
    found, count = [], 0
    for _, frame in frames:
        found.append(frame)
        count += len(frame)
        if count >= rows:
            break
    separator, has_header = (dialect.separator, dialect.has_header) if dialect else (None, True)
    return Sample(name, separator, has_header, pl.concat(found).head(rows), is_whole=count < rows)


def _refuse_many(name: str, columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise UserError(
            f"{name}: has {columns:,} columns, and at most {MAX_COLUMNS:,} are looked at; "
            "write a file with only those that are to be fields"
        )


def _rows_below(start: bytes, name: str, dialect: Dialect) -> list[list[str]]:
    """The values of the lines below the first; lines that are cut or faulty are left out."""
    rows = []
    for line in start.split(b"\n", LINES + 1)[1 : LINES + 1]:
        with suppress(UserError):
            rows.append(values_of(line.decode(errors="replace").removesuffix("\r"), dialect.separator, name))
    return [row for row in rows if len(row) == len(dialect.names)]


def _is_header(names: tuple[str, ...], rows: list[list[str]], label: str | None) -> bool:
    """Whether a first line has names and no values.

    One with a number, or with a value twice, is a row, unless it has the label's name or a usual one that is no value
    below, or most are words and below one of them are only numbers.
    """
    is_number = pl.Series(names).str.strip_chars().cast(pl.Float64, strict=False).is_not_null()
    if not is_number.any() and len(set(names)) == len(names):
        return True
    columns = [[row[place] for row in rows] for place in range(len(names))]
    for name, below in zip(names, columns, strict=True):
        if (name == label or is_named(name, (*LABELS, *USERS, *TIMES))) and name not in below:
            return True
    words = [place for place, name in enumerate(names) if not is_number[place] and not _is_missing(name)]
    return 2 * len(words) > len(names) and any(_are_numbers(columns[place]) for place in words)


def _are_numbers(values: list[str]) -> bool:
    filled = [value for value in values if not _is_missing(value)]
    return bool(filled) and not numbers_in(pl.Series(filled)).has_nulls()


def _is_missing(value: str) -> bool:
    return value.strip() in (*PANDAS, *MARKS)

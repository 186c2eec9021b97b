"""The first rows of a table that nothing is known of yet: its columns, header or not, and values."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from workflow.data.tables.content import kind_of, opened, text_blocks
from workflow.data.tables.files import Files
from workflow.data.tables.parquet import parquet_frames
from workflow.data.tables.text import Dialect, dialect_of, first_line, text_frames
from workflow.errors import UserError

ROWS = 200_000
MAX_COLUMNS = 5_000  # so many as no click log has, and looking at them takes seconds
BLOCK_BYTES = 8 << 20


@dataclass(frozen=True)
class Sample:
    """A table's first rows, as strings."""

    file: str
    separator: str | None  # None for Parquet
    has_header: bool
    frame: pl.DataFrame
    is_whole: bool  # whether these are all of its rows


def sample_of(path: Path, rows: int = ROWS) -> Sample:
    """Read the first rows of a file of any kind that preparing reads."""
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
        if _is_row(dialect.names):
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


def _is_row(names: tuple[str, ...]) -> bool:
    """Whether a first line has values and no names: one is a number, empty, or there twice."""
    numbers = pl.Series(names).str.strip_chars().cast(pl.Float64, strict=False)
    return bool(numbers.is_not_null().any()) or len(set(names)) < len(names)

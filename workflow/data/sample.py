"""The first rows of a table that nothing is known of yet: its columns, header or not, and values."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from workflow.data.archive import Files, Loose
from workflow.data.content import damage_is_an_error, kind_of, text_blocks
from workflow.data.parquet import parquet_frames
from workflow.data.text import MAX_RECORD_BYTES, Dialect, dialect_of, text_frames
from workflow.errors import UserError
from workflow.spec import FieldSpec, Preparation

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
    """Read the first rows of a file of any kind that preparing reads.

    Raises
    ------
    UserError
        When it cannot be read.
    """
    files, name = Loose(), str(path)
    if kind_of(files, name) == "parquet":
        with damage_is_an_error(name, "parquet"), files.open(name) as stream:
            columns = tuple(pq.ParquetFile(pa.PythonFile(stream, "r")).schema_arrow.names)
        _refuse_many(name, len(columns))
        return _sampled(name, None, True, (frame for _, frame in parquet_frames(files, name, columns)), rows)
    dialect = _dialect(files, name)
    _refuse_many(name, len(dialect.names))
    named = not _is_row(dialect.names)
    names = dialect.names if named else tuple(f"column_{place}" for place in range(1, len(dialect.names) + 1))
    preparation = Preparation(
        format="csv",
        files={"all": path.name},
        split={},  # pyright: ignore[reportArgumentType]
        fields=(FieldSpec(name=names[0]),),
        separator=dialect.separator,
        columns=None if named else names,
    )
    frames = text_frames(text_blocks(files, name, BLOCK_BYTES), name, preparation, names)
    return _sampled(name, dialect.separator, named, (frame for _, frame in frames), rows)


def _refuse_many(name: str, columns: int) -> None:
    if columns > MAX_COLUMNS:
        raise UserError(
            f"{name}: has {columns:,} columns, and at most {MAX_COLUMNS:,} are looked at; "
            "write a file with only those that are to be fields"
        )


def _dialect(files: Files, name: str) -> Dialect:
    first = b""
    for block in text_blocks(files, name, 1 << 20):
        first += block
        if b"\n" in block or len(first) > MAX_RECORD_BYTES:
            break
    line = first.partition(b"\n")[0]
    if not line.strip():
        raise UserError(f"{name}: is empty, or its first line is")
    bare = Preparation(format="split-csv", files=dict.fromkeys(("train", "valid", "test"), "x"), fields=(_ANY,))
    return dialect_of(line, name, bare, ())


_ANY = FieldSpec(name="x")


def _is_row(names: tuple[str, ...]) -> bool:
    """Whether a first line has values and no names: one is a number, empty, or there twice."""
    numbers = pl.Series(names).str.strip_chars().cast(pl.Float64, strict=False)
    return bool(numbers.is_not_null().any()) or len(set(names)) < len(names)


def _sampled(file: str, separator: str | None, has_header: bool, frames: Iterator[pl.DataFrame], rows: int) -> Sample:
    found, count = [], 0
    for frame in frames:
        found.append(frame)
        count += len(frame)
        if count >= rows:
            break
    if not found:
        raise UserError(f"{file}: has a header but no data rows")
    return Sample(file, separator, has_header, pl.concat(found).head(rows), is_whole=count < rows)

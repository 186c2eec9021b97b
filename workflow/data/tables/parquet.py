"""Parquet tables as blocks of strings, spelt as a CSV of the same values would be."""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from workflow.data.numbers import number_texts
from workflow.data.tables.content import opened
from workflow.data.tables.files import Files
from workflow.data.tables.place import Place, no_rows
from workflow.errors import UserError, nearest

BATCH_ROWS = 1 << 16


def parquet_frames(archive: Files, name: str, columns: tuple[str, ...]) -> Iterator[tuple[Place, pl.DataFrame]]:
    """Yield a Parquet file's rows as strings."""
    where = archive.shown(name)
    row = 1
    with opened(archive, name, "parquet") as stream:
        file = pq.ParquetFile(pa.PythonFile(stream, "r"))
        for column in columns:
            if column not in file.schema_arrow.names:
                raise UserError(f"{where}: has no column {column!r}; {nearest(column, file.schema_arrow.names)}")
        for batch in file.iter_batches(BATCH_ROWS, columns=list(columns)):
            frame = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))
            yield Place(where, row), pl.DataFrame([as_text(frame[column], where) for column in columns])
            row += len(frame)
    if row == 1:
        raise no_rows(where)


def as_text(values: pl.Series, where: str) -> pl.Series:
    """A column as strings: "" where missing, 7 for 7.0, true and false, lists as JSON.

    A column of whole numbers becomes one of floats as soon as one is missing. The same number is
    the same text in both.

    >>> as_text(pl.Series([7.0, None, 0.5, float("nan")]), "").to_list()
    ['7', '', '0.5', '']
    >>> as_text(pl.Series([[1, 2], []]), "").to_list()
    ['[1, 2]', '[]']
    """
    kind = values.dtype
    if kind.is_float() or (isinstance(kind, pl.Decimal) and kind.scale):
        return number_texts(values if kind.is_float() else values.cast(pl.Float64)).fill_null("")
    if isinstance(kind, pl.List | pl.Array):
        return _list_text(values)
    if isinstance(kind, pl.Struct | pl.Object) or kind == pl.Null:
        if kind == pl.Null:
            return pl.Series(values.name, [""] * len(values), dtype=pl.String)
        raise UserError(f"{where}: column {values.name!r} holds {kind}, which is no value; flatten it")
    return values.cast(pl.String).fill_null("")


def _list_text(values: pl.Series) -> pl.Series:
    texts = ["" if items is None else json.dumps([_plain(item) for item in items], default=str) for items in values]
    return pl.Series(values.name, texts, dtype=pl.String)


def _plain(item: Any) -> Any:
    if isinstance(item, pl.Series):
        return item.to_list()
    return int(item) if isinstance(item, float) and item.is_integer() else item

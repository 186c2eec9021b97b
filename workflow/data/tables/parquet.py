"""Parquet tables as blocks of strings, spelt as a CSV of the same values would be."""

import json
import math
from collections.abc import Iterator
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from workflow.data.numbers import number_texts
from workflow.data.tables.content import opened
from workflow.data.tables.files import Files
from workflow.data.tables.place import Place, no_rows, require_once
from workflow.errors import UserError, shortened

BATCH_ROWS = 1 << 16
FLATTEN = "flatten it"
REMEDIES = {
    pl.Duration: "write it as a number, such as its seconds",
    pl.Binary: "write it as text in UTF-8, such as its hexadecimal digits",
}


def parquet_frames(archive: Files, name: str, columns: tuple[str, ...]) -> Iterator[tuple[Place, pl.DataFrame]]:
    """Yield a Parquet file's rows as strings."""
    where = archive.shown(name)
    row = 1
    with opened(archive, name, "parquet") as stream:
        file = pq.ParquetFile(pa.PythonFile(stream, "r"))
        for column in columns:
            require_once(where, column, file.schema_arrow.names)
            kind = file.schema_arrow.field(column).type
            if pa.types.is_decimal256(kind):  # polars would end the program
                raise _no_value(where, column, kind, "write it as decimals of at most 38 digits")
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
    >>> as_text(pl.Series([[1.0, float("nan"), None], []]), "").to_list()
    ['[1, null, null]', '[]']
    """
    kind = values.dtype
    if kind.is_float() or (isinstance(kind, pl.Decimal) and kind.scale):
        return number_texts(values if kind.is_float() else values.cast(pl.Float64)).fill_null("")
    if isinstance(kind, pl.List | pl.Array):
        if kind.inner.is_nested():
            raise _no_value(where, values.name, kind, FLATTEN)
        return _list_text(values)
    if kind == pl.Null:
        return pl.Series(values.name, [""] * len(values), dtype=pl.String)
    if isinstance(kind, pl.Struct):
        raise _no_value(where, values.name, kind, FLATTEN)
    try:
        return values.cast(pl.String).fill_null("")
    except pl.exceptions.PolarsError as error:
        raise _no_value(where, values.name, kind, REMEDIES.get(kind.base_type(), FLATTEN)) from error


def _no_value(where: str, column: str, kind: object, remedy: str) -> UserError:
    return UserError(f"{where}: column {column!r} holds {shortened(str(kind))}, which is no value; {remedy}")


def _list_text(values: pl.Series) -> pl.Series:
    texts = ["" if items is None else json.dumps([_plain(item) for item in items], default=str) for items in values]
    return pl.Series(values.name, texts, dtype=pl.String)


def _plain(item: Any) -> Any:
    if isinstance(item, float):
        return None if math.isnan(item) else int(item) if item.is_integer() else item
    return item

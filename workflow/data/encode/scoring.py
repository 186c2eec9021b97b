"""Tables of new rows to score: they need no label, and their columns may be named in any order."""

from contextlib import suppress
from pathlib import Path

import polars as pl

from workflow.data.encode.labels import read_labels
from workflow.data.tables.content import kind_of, text_blocks
from workflow.data.tables.files import Files
from workflow.data.tables.parquet import parquet_frames
from workflow.data.tables.read import Frames
from workflow.data.tables.text import Dialect, decoded_line, dialect_of, first_line, text_frames, values_of
from workflow.errors import UserError
from workflow.spec import Preparation

BLOCK_BYTES = 8 << 20


def frames_to_score(table: Path, preparation: Preparation) -> Frames:
    """Yield the fields of a table beside the dataset's own, whose first line names them in any order.

    If the dataset's own file has no header, the columns may also be in its order, with or without the label.
    """
    files, name = Files(), str(table)
    columns = tuple(one.name for one in preparation.fields)
    if kind_of(files, name) == "parquet":
        return parquet_frames(files, name, columns)
    line, blocks = first_line(text_blocks(files, name, BLOCK_BYTES), name)
    return text_frames(blocks, name, _dialect(line, name, preparation, columns), columns)


def _dialect(line: bytes, file: str, preparation: Preparation, columns: tuple[str, ...]) -> Dialect:
    separators = dict.fromkeys((preparation.separator, None))  # the dataset's own, then any
    named, label = preparation.columns, preparation.label
    for separator in separators:
        with suppress(UserError):
            return dialect_of(line, file, columns, separator)
    if named is None:
        return dialect_of(line, file, columns)  # which reports the fault
    for names in (named, tuple(name for name in named if name != label)):
        for separator in separators:
            with suppress(UserError):
                found = dialect_of(line, file, columns, separator, names)
                if _is_row(line, file, found, preparation):
                    return found
    raise UserError(
        f"{file}: its first line is neither a row like those of training nor names the columns "
        f"{', '.join(columns)}; correct it"
    )


def _is_row(line: bytes, file: str, dialect: Dialect, preparation: Preparation) -> bool:
    """Whether the label, if it is there, is one: a first line of other names would be scored as a row."""
    if preparation.label not in dialect.names:
        return True
    value = values_of(decoded_line(line), dialect.separator, file)[dialect.names.index(preparation.label)]
    label = read_labels(pl.Series([value]), preparation.label_at_least, preparation.label_is)
    return not value or not label.is_null().any()

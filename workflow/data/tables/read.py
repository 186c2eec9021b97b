"""Raw tables in blocks of rows, columns chosen by name, everything as strings."""

from collections.abc import Iterator

import polars as pl

from workflow.data.tables.chunk import Chunk, Place
from workflow.data.tables.content import kind_of, text_blocks
from workflow.data.tables.files import BLOCK_BYTES, Archive, Files
from workflow.data.tables.movielens import movielens_chunks
from workflow.data.tables.parquet import parquet_frames
from workflow.data.tables.text import dialect_of, first_line, text_frames
from workflow.spec import SPLITS, Preparation


def read_chunks(
    archive: Archive, preparation: Preparation, columns: tuple[str, ...], block_bytes: int = BLOCK_BYTES
) -> Iterator[Chunk]:
    """Yield the rows of a dataset's files in their order.

    Parameters
    ----------
    archive : Archive
        The opened archive.
    preparation : Preparation
        Names the format and the files.
    columns : tuple of str
        Columns to read, by name.
    block_bytes : int
        Bytes that are parsed at a time; the rows do not depend on it.

    Yields
    ------
    Chunk
        With exactly `columns`.

    Raises
    ------
    UserError
        When a file or column is missing, a file has no rows or is of an unknown format, rows have
        another number of values than the header, or bytes are no text.
    """
    if preparation.format == "movielens-1m":
        yield from movielens_chunks(archive, preparation, columns, block_bytes)
        return
    for key, split in table_files(preparation):
        for place, frame in table_frames(archive, preparation.files[key], preparation, columns, block_bytes):
            yield Chunk(place, split, frame)


def table_frames(
    files: Files, name: str, preparation: Preparation, columns: tuple[str, ...], block_bytes: int
) -> Iterator[tuple[Place, pl.DataFrame]]:
    """Yield the rows of one table, of whatever kind its content is; for the errors see `read_chunks`."""
    if kind_of(files, name) == "parquet":
        return parquet_frames(files, name, columns)
    shown = files.shown(name)
    line, blocks = first_line(text_blocks(files, name, block_bytes), shown)
    dialect = dialect_of(line, shown, columns, preparation.separator, preparation.columns)
    return text_frames(blocks, shown, dialect, columns)


def table_files(preparation: Preparation) -> list[tuple[str, str | None]]:
    """Keys of the files that hold rows, and the split of each; None where the rows are dealt out later."""
    if preparation.format == "split-csv":
        return [(split, split) for split in SPLITS]
    return [(next(iter(preparation.files)), None)]

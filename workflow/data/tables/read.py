"""Raw tables in blocks of rows, columns chosen by name, everything as strings; "" is a missing value."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from workflow.data.tables.content import kind_of, text_blocks
from workflow.data.tables.files import BLOCK_BYTES, Archive, Files
from workflow.data.tables.parquet import parquet_frames
from workflow.data.tables.place import Place
from workflow.data.tables.text import Dialect, dialect_of, first_line, text_frames
from workflow.errors import UserError, nearest
from workflow.spec import SPLITS, Preparation

MOVIELENS_COLUMNS = {
    "ratings": ("UserID", "MovieID", "Rating", "Timestamp"),
    "users": ("UserID", "Gender", "Age", "Occupation", "Zip-code"),
}
Frames = Iterator[tuple[Place, pl.DataFrame]]


def read_frames(
    archive: Archive, preparation: Preparation, columns: tuple[str, ...], block_bytes: int = BLOCK_BYTES
) -> Frames:
    """Yield the rows of a dataset's files in their order; they do not depend on the bytes parsed at a time."""
    if preparation.format == "movielens-1m":
        yield from _movielens_frames(archive, preparation, columns, block_bytes)
    elif preparation.format == "split-csv":
        for split in SPLITS:
            for place, frame in table_frames(archive, preparation.files[split], preparation, columns, block_bytes):
                yield replace(place, split=split), frame
    else:
        name = next(iter(preparation.files.values()))
        yield from table_frames(archive, name, preparation, columns, block_bytes)


def table_frames(
    files: Files, name: str, preparation: Preparation, columns: tuple[str, ...], block_bytes: int
) -> Frames:
    """Yield the rows of one table, of whatever kind its content is."""
    if kind_of(files, name) == "parquet":
        return parquet_frames(files, name, columns)
    shown = files.shown(name)
    line, blocks = first_line(text_blocks(files, name, block_bytes), shown)
    dialect = dialect_of(line, shown, columns, preparation.separator, preparation.columns)
    return text_frames(blocks, shown, dialect, columns)


# -- MovieLens-1M: ratings.dat joined with users.dat ----------------------------------


def _movielens_frames(archive: Archive, preparation: Preparation, columns: tuple[str, ...], block_bytes: int) -> Frames:
    known = tuple(dict.fromkeys(MOVIELENS_COLUMNS["ratings"] + MOVIELENS_COLUMNS["users"]))
    for column in columns:
        if column not in known:
            raise UserError(f"preparation: movielens-1m has no column {column!r}; {nearest(column, known)}")
    users = archive.shown(preparation.files["users"])
    people = pl.concat([frame for _, frame in _dat_frames(archive, preparation, "users", block_bytes)])
    if people["UserID"].is_duplicated().any():
        twice = people.filter(pl.col("UserID").is_duplicated())["UserID"][0]
        raise UserError(f"{users}: user {twice!r} occurs twice; take another copy of the archive")
    for place, frame in _dat_frames(archive, preparation, "ratings", block_bytes):
        joined = frame.join(people, on="UserID", how="left", maintain_order="left")
        unknown = joined["Gender"].is_null().arg_true()
        if len(unknown):
            user = joined["UserID"][int(unknown[0])]
            raise UserError(f"{place.of(int(unknown[0]))}: user {user!r} is not in {users}")
        yield place, joined.select(columns)


def _dat_frames(archive: Archive, preparation: Preparation, table: str, block_bytes: int) -> Frames:
    """Parse Latin-1 lines whose fields are separated by "::"."""
    name, columns = preparation.files[table], MOVIELENS_COLUMNS[table]
    blocks = (block.decode("latin-1").encode() for block in archive.blocks(name, block_bytes))
    return text_frames(blocks, archive.shown(name), Dialect("::", columns, has_header=False), columns)

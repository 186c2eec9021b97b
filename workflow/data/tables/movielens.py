"""MovieLens-1M: ratings.dat joined with users.dat, as blocks of rows."""

from collections.abc import Iterator

import polars as pl

from workflow.data.tables.chunk import Chunk, Place
from workflow.data.tables.files import Archive
from workflow.data.tables.text import Dialect, text_frames
from workflow.errors import UserError, nearest
from workflow.spec import Preparation

MOVIELENS_COLUMNS = {
    "ratings": ("UserID", "MovieID", "Rating", "Timestamp"),
    "users": ("UserID", "Gender", "Age", "Occupation", "Zip-code"),
}


def movielens_chunks(
    archive: Archive, preparation: Preparation, columns: tuple[str, ...], block_bytes: int
) -> Iterator[Chunk]:
    """Yield the ratings with their users' columns; for the errors see `workflow.data.tables.read.read_chunks`."""
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
        yield Chunk(place, None, joined.select(columns))


def _dat_frames(
    archive: Archive, preparation: Preparation, table: str, block_bytes: int
) -> Iterator[tuple[Place, pl.DataFrame]]:
    """Parse Latin-1 lines whose fields are separated by "::"."""
    name, columns = preparation.files[table], MOVIELENS_COLUMNS[table]
    blocks = (block.decode("latin-1").encode() for block in archive.blocks(name, block_bytes))
    return text_frames(blocks, archive.shown(name), Dialect("::", columns, has_header=False), columns)

"""MovieLens-1M: ratings.dat joined with users.dat, as blocks of rows."""

from collections.abc import Iterator

import polars as pl

from workflow.data.archive import Archive
from workflow.data.chunk import Chunk, Place
from workflow.errors import UserError, nearest
from workflow.spec import Preparation

MOVIELENS_COLUMNS = {
    "ratings": ("UserID", "MovieID", "Rating", "Timestamp"),
    "users": ("UserID", "Gender", "Age", "Occupation", "Zip-code"),
}


def movielens_chunks(
    archive: Archive, preparation: Preparation, columns: tuple[str, ...], block_bytes: int
) -> Iterator[Chunk]:
    """Yield the ratings with their users' columns; for the errors see `workflow.data.read.read_chunks`."""
    known = tuple(dict.fromkeys(MOVIELENS_COLUMNS["ratings"] + MOVIELENS_COLUMNS["users"]))
    for column in columns:
        if column not in known:
            raise UserError(f"preparation: movielens-1m has no column {column!r}; {nearest(column, known)}")
    ratings, users = (archive.shown(preparation.files[table]) for table in MOVIELENS_COLUMNS)
    people_blocks, rating_blocks = (
        archive.blocks(preparation.files[table], block_bytes) for table in ("users", "ratings")
    )
    people = pl.concat([frame for _, frame in _dat_frames(people_blocks, users, MOVIELENS_COLUMNS["users"])])
    if people["UserID"].is_duplicated().any():
        twice = people.filter(pl.col("UserID").is_duplicated())["UserID"][0]
        raise UserError(f"{users}: user {twice!r} occurs twice; take another copy of the archive")
    for row, frame in _dat_frames(rating_blocks, ratings, MOVIELENS_COLUMNS["ratings"]):
        joined = frame.join(people, on="UserID", how="left", maintain_order="left")
        unknown = joined["Gender"].is_null().arg_true()
        if len(unknown):
            user = joined["UserID"][int(unknown[0])]
            raise UserError(f"{ratings}: line {row + int(unknown[0])}: user {user!r} is not in {users}")
        yield Chunk(Place(ratings, row, row), None, joined.select(columns))


def _dat_frames(blocks: Iterator[bytes], name: str, columns: tuple[str, ...]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Parse Latin-1 lines whose fields are separated by "::"."""
    row = 1
    for record_bytes in _whole_lines(blocks):
        lines = [line.rstrip("\r") for line in record_bytes.decode("latin-1").split("\n")]
        fields = pl.Series(lines, dtype=pl.String).str.split("::")
        wrong = (fields.list.len() != len(columns)).arg_true()
        if len(wrong):
            place = int(wrong[0])
            raise UserError(f"{name}: line {row + place}: {len(fields[place])} values, not {len(columns)}; fix it")
        yield row, fields.list.to_struct(fields=columns).struct.unnest()
        row += len(lines)
    if row == 1:
        raise UserError(f"{name}: has no rows; take another copy of the archive")


def _whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    tail = b""
    for block in blocks:
        head, line_end, rest = (tail + block).rpartition(b"\n")
        if line_end:
            yield head
        tail = rest if line_end else tail + block
    if tail:
        yield tail

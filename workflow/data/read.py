"""Raw tables in blocks of rows, columns chosen by name, everything as strings."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from workflow.data.archive import BLOCK_BYTES, Archive
from workflow.errors import UserError, nearest, shortened
from workflow.spec import SPLITS, Preparation

MAX_RECORD_BYTES = 64 << 20
OTHER_SEPARATORS = (";", "\t", "|")
FIELD = re.compile(r'(?:"(?:[^"]|"")*"|[^",\n]*)\r?(,|\n|\Z)')  # a value and what ends it
MOVIELENS_COLUMNS = {
    "ratings": ("UserID", "MovieID", "Rating", "Timestamp"),
    "users": ("UserID", "Gender", "Age", "Occupation", "Zip-code"),
}


@dataclass(frozen=True)
class Chunk:
    """Consecutive data rows of one file, as strings; "" is a missing value."""

    file: str
    split: str | None  # None: rows are dealt out later
    first_row: int  # from 1, the header not counted
    frame: pl.DataFrame


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
        When a file or column is missing, a file has no rows, a row has another number of
        fields than the header, or bytes are no UTF-8.
    """
    if preparation.format == "movielens-1m":
        yield from _movielens(archive, preparation, columns, block_bytes)
        return
    for key, split in _csv_files(preparation):
        name = preparation.files[key]
        label = f"{archive.path.name}: {name}"
        rows = 0
        for first_row, frame in _csv_frames(archive.blocks(name, block_bytes), label, columns):
            rows += len(frame)
            yield Chunk(label, split, first_row, frame)
        if rows == 0:
            raise UserError(f"{label}: has a header but no data rows; take another copy of the archive")


def _csv_files(preparation: Preparation) -> list[tuple[str, str | None]]:
    if preparation.format == "split-csv":
        return [(split, split) for split in SPLITS]
    return [(next(iter(preparation.files)), None)]


# -- CSV ------------------------------------------------------------------------------


def _csv_frames(blocks: Iterator[bytes], name: str, columns: tuple[str, ...]) -> Iterator[tuple[int, pl.DataFrame]]:
    header: list[str] | None = None
    row = 1
    for record_bytes in _whole_records(blocks, name):
        body = record_bytes
        if header is None:
            header, body = _header(record_bytes, name, columns)
        if body:
            frame = _parse(body, header, name, row)
            yield row, frame.select(columns)
            row += len(frame)
    if header is None:
        raise UserError(f"{name}: is empty; take another copy of the archive")


def _whole_records(blocks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Cut a stream of bytes where records end."""
    tail = b""
    for block in blocks:
        data = tail + block
        cut = _last_record_end(data)
        if cut:
            yield data[:cut]
        tail = data[cut:]
        if len(tail) > MAX_RECORD_BYTES:
            _refuse_old_line_ends(tail, name)
            start = tail[:60].decode(errors="replace")
            raise UserError(f"{name}: a quote is opened and never closed, in the record that starts {start!r}")
    if tail:
        yield tail


def _last_record_end(data: bytes) -> int:
    """Place behind the last line end that is not inside quotes; 0 if there is none."""
    end = data.rfind(b"\n") + 1
    quotes = data.count(b'"', 0, end)
    while end and quotes % 2:
        before = data.rfind(b"\n", 0, end - 1) + 1
        quotes -= data.count(b'"', before, end)
        end = before
    return end


def _refuse_old_line_ends(data: bytes, name: str) -> None:
    line = data.partition(b"\n")[0].removesuffix(b"\r")
    if b"\r" in line:
        raise UserError(f"{name}: its lines end in CR alone; convert it, such as with `tr '\\r' '\\n'`")


def _header(data: bytes, name: str, columns: tuple[str, ...]) -> tuple[list[str], bytes]:
    _refuse_old_line_ends(data, name)
    line, _, body = data.partition(b"\n")
    text = line.decode("utf-8-sig", errors="replace").removesuffix("\r")
    try:
        header = next(csv.reader([text]), [])
    except csv.Error as error:
        raise UserError(f"{name}: its header cannot be read ({error}); take another copy of the file") from error
    if not header:
        raise UserError(f"{name}: its first line is empty, and must name the columns; take another copy of the file")
    if len(header) == 1:
        other = next((mark for mark in OTHER_SEPARATORS if mark in header[0]), None)
        hint = f"it seems to be separated by {other!r}" if other else f"it has only {shortened(header[0])!r}"
        raise UserError(f"{name}: has one column, and a label and a field are needed; {hint}, commas must separate")
    for column in columns:
        count = header.count(column)
        if count == 0:
            raise UserError(f"{name}: has no column {column!r}; {nearest(column, header)}")
        if count > 1:
            raise UserError(f"{name}: has {count} columns called {column!r}; rename all but one")
    return header, body


def _parse(data: bytes, header: list[str], name: str, first_row: int) -> pl.DataFrame:
    places = [f"column_{place}" for place in range(len(header))]
    schema = dict.fromkeys(places, pl.String)
    try:
        frame = pl.read_csv(data, has_header=False, schema=schema, empty_string_is_null=False)
    except pl.exceptions.PolarsError as error:
        raise _fault(data, len(header), name, first_row, str(error)) from error
    # polars fills short rows up in silence: separators tell.
    separators = data.count(b",")
    if b'"' in data:
        separators -= sum(frame[place].str.count_matches(",", literal=True).sum() for place in places)
    if separators != len(frame) * (len(header) - 1):
        raise _fault(data, len(header), name, first_row, "rows differ in their number of fields")
    return frame.rename(dict(zip(places, _unique(header), strict=True)))


def _unique(header: list[str]) -> list[str]:
    """Column names made distinct; the repeated ones are not read."""
    return [name if header.index(name) == place else f"{name}\0{place}" for place, name in enumerate(header)]


def _fault(data: bytes, fields: int, name: str, first_row: int, message: str) -> UserError:
    """Find the row that cannot be read."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        row = first_row + data.count(b"\n", 0, error.start)
        return UserError(f"{name}, data row {row}: bytes that are not UTF-8 ({error.reason}); re-encode the file")
    found, row, place = 0, first_row, 0
    while place < len(text) or found:
        field = FIELD.match(text, place)
        if field is None:
            fault = "a quote that is not closed, or in a value without quotes"
            return UserError(f"{name}, data row {row}: {fault}; mend the row")
        found, place = found + 1, field.end()
        if field[1] != ",":
            found = 0 if found == 1 and not field[0].strip() else found  # an empty line
            if found != fields:
                return UserError(f"{name}, data row {row}: {found} fields, but the header has {fields}; mend the row")
            row, found = row + 1, 0
    rows = text.count("\n")
    return UserError(f"{name}, one of the {rows} data rows from {first_row}: {message.splitlines()[0]}; mend the row")


# -- MovieLens-1M ---------------------------------------------------------------------


def _movielens(
    archive: Archive, preparation: Preparation, columns: tuple[str, ...], block_bytes: int
) -> Iterator[Chunk]:
    known = tuple(dict.fromkeys(MOVIELENS_COLUMNS["ratings"] + MOVIELENS_COLUMNS["users"]))
    for column in columns:
        if column not in known:
            raise UserError(f"preparation: movielens-1m has no column {column!r}; {nearest(column, known)}")
    ratings, users = (f"{archive.path.name}: {preparation.files[table]}" for table in MOVIELENS_COLUMNS)
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
            raise UserError(f"{ratings}, data row {row + int(unknown[0])}: user {user!r} is not in {users}")
        yield Chunk(ratings, None, row, joined.select(columns))


def _dat_frames(blocks: Iterator[bytes], name: str, columns: tuple[str, ...]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Parse Latin-1 lines whose fields are separated by "::"."""
    row = 1
    for record_bytes in _whole_lines(blocks):
        lines = [line.rstrip("\r") for line in record_bytes.decode("latin-1").split("\n")]
        fields = pl.Series(lines, dtype=pl.String).str.split("::")
        wrong = (fields.list.len() != len(columns)).arg_true()
        if len(wrong):
            place = int(wrong[0])
            raise UserError(f"{name}, data row {row + place}: {len(fields[place])} fields, not {len(columns)}")
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

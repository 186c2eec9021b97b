"""Tables as text: one line a row, values between separators, quotes around values that need them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import polars as pl

from workflow.data.tables.place import Lines, Place, no_rows, require_once
from workflow.data.tables.text_faults import faults_of
from workflow.errors import UserError, nearest, shortened

MAX_RECORD_BYTES = 64 << 20
SEPARATORS = (",", "\t", ";", "|", "::", " ")  # searched if none is set


@dataclass(frozen=True)
class Dialect:
    """How a file's lines are divided, and the names of its columns."""

    separator: str
    names: tuple[str, ...]
    has_header: bool = True


def first_line(blocks: Iterator[bytes], file: str) -> tuple[bytes, Iterator[bytes]]:
    """A file's first line, and all of its blocks."""
    start = b""
    for block in blocks:
        start += block
        if b"\n" in block or len(start) > MAX_RECORD_BYTES:
            break
    if not start:
        raise UserError(f"{file}: is empty; take another copy of the file")
    return start.partition(b"\n")[0], chain([start], blocks)


def text_frames(
    blocks: Iterator[bytes], file: str, dialect: Dialect, columns: tuple[str, ...]
) -> Iterator[tuple[Place, pl.DataFrame]]:
    """Yield a table's rows, with where they are."""
    row = line = 1
    places = [_place(number) for number in range(len(dialect.names))]
    parse = _split if len(dialect.separator.encode()) > 1 else _parse_csv
    records = _without_blank_end(_whole_records(blocks, file))
    for record_bytes in records:
        body = record_bytes
        if dialect.has_header and line == 1:
            body, line = record_bytes.partition(b"\n")[2], 2
        if body:
            frame = parse(body, dialect.separator, places)
            if frame is None:
                raise faults_of(body, records, dialect.separator, len(dialect.names), file, line)
            lines = body.count(b"\n") + (not body.endswith(b"\n"))
            wanted = frame.select(pl.col(_place(dialect.names.index(name))).alias(name) for name in columns)
            yield Place(file, row, line, _added_lines(frame, lines)), wanted
            row, line = row + len(frame), line + lines
    if row == 1:
        raise no_rows(file)


# -- records --------------------------------------------------------------------------


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


def _without_blank_end(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Leave out empty lines after the last row, which editors add."""
    held = b""
    for piece in pieces:
        data = held + piece
        text = data.rstrip(b"\r\n")
        end = data.find(b"\n", len(text)) + 1 or len(data)
        held = data[end:] if text else data
        if text:
            yield data[:end]


# -- header ---------------------------------------------------------------------------


def dialect_of(
    first: bytes,
    file: str,
    columns: tuple[str, ...],
    separator: str | None = None,
    names: tuple[str, ...] | None = None,
) -> Dialect:
    """Read the names of the columns, and find the separator where it is not set.

    The first of `SEPARATORS` that gives all wanted columns is taken; without any, that of most columns. Names may
    have spaces, so that a space divides only where nothing else does.
    """
    line = decoded_line(first)
    divided = {one: values_of(line, one, file) for one in ((separator,) if separator else SEPARATORS)}
    if names is not None:
        return _named_dialect(divided, file, names, columns)
    fitting = [one for one, found in divided.items() if columns and set(columns) <= set(found)]
    likely = [one for one, found in divided.items() if len(found) > 1 and one != " "] or [*divided]
    separator = fitting[0] if fitting else max(likely, key=lambda one: len(divided[one]))
    found = divided[separator]
    if not line:
        raise UserError(f"{file}: its first line is empty, and must name the columns; take another copy of the file")
    if len(found) == 1 and not {"\0", "\ufffd"}.isdisjoint(line):  # "\ufffd" stands for bytes that are not UTF-8
        raise UserError(
            f"{file}: its first line is no text but {shortened(line)!r}; take another copy of the file, "
            "or convert it to CSV or Parquet"
        )
    if len(found) == 1:
        raise UserError(
            f"{file}: has one column, and a label and a field are needed; it has only {shortened(found[0])!r}: "
            "set preparation.separator"
        )
    for column in columns:
        require_once(file, column, found, _without_header(found))
    return Dialect(separator, tuple(found))


def decoded_line(first: bytes) -> str:
    """A file's first line as text, without a byte order mark."""
    return first.decode("utf-8-sig", errors="replace").removesuffix("\r")


def values_of(line: str, separator: str, file: str) -> list[str]:
    """The values of one line, without the quotes around them."""
    if len(separator.encode()) > 1 or '"' not in line:
        return line.split(separator)
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error as error:
        raise UserError(f"{file}: its first line cannot be read ({error}); take another copy of the file") from error


def _named_dialect(
    divided: dict[str, list[str]], file: str, names: tuple[str, ...], columns: tuple[str, ...]
) -> Dialect:
    """The dialect of a file without a header, whose columns the configuration names."""
    for column in columns:
        if column not in names:
            raise UserError(f"preparation.columns: has no {column!r}; {nearest(column, names)}")
    for separator, values in divided.items():
        if len(values) == len(names):
            if tuple(values) == names:
                raise UserError(f"{file}: its first line has the names of the columns; remove preparation.columns")
            return Dialect(separator, names, has_header=False)
    found = max(len(values) for values in divided.values())
    raise UserError(
        f"{file}: its first line has {found} values, and preparation.columns names {len(names)}; correct it"
    )


def _without_header(names: list[str]) -> str:
    """A hint if the first line looks like a row."""
    numbers = sum(name.strip().lstrip("+-").replace(".", "", 1).isdecimal() for name in names)
    return "; is it a row? name the columns in preparation.columns then" if 2 * numbers > len(names) else ""


# -- rows -----------------------------------------------------------------------------


def _place(number: int) -> str:
    return f"column_{number}"


def _parse_csv(data: bytes, separator: str, places: list[str]) -> pl.DataFrame | None:
    """The rows as strings, in columns called by their place; None where a row cannot be read."""
    if b'"' in data and not _quotes_pair_up(data, separator):
        return None
    schema = dict.fromkeys(places, pl.String)
    try:
        frame = pl.read_csv(data, has_header=False, separator=separator, schema=schema, empty_string_is_null=False)
    except pl.exceptions.PolarsError:
        return None
    # polars fills short rows silently, so separators are counted.
    separators = data.count(separator.encode())
    if b'"' in data:
        separators -= sum(frame[place].str.count_matches(separator, literal=True).sum() for place in places)
    return frame if separators == len(frame) * (len(places) - 1) else None


def _quotes_pair_up(data: bytes, separator: str) -> bool:
    """Whether a quote that opens a value also ends it; polars reads on to the next one, over lines, where text follows.

    Within quotes it is written twice. In a value without quotes it is a letter, if both of a pair are.
    """
    byte_N = np.frombuffer(b"\n" + data.removeprefix(b"\xef\xbb\xbf") + b"\n", dtype=np.uint8)
    place_Q = np.flatnonzero(byte_N == ord('"'))
    if len(place_Q) % 2:
        return False
    ends_N = (byte_N == ord(separator)) | (byte_N == ord("\n"))
    open_P, close_P = place_Q[::2], place_Q[1::2]
    again_P = np.append(False, open_P[1:] == close_P[:-1] + 1)  # a quote within quotes
    starts_P = ends_N[open_P - 1] | again_P
    closes_P = ends_N[close_P + 1] | (byte_N[close_P + 1] == ord("\r")) | np.append(again_P[1:], False)
    end_E = np.flatnonzero(ends_N)
    within_P = np.searchsorted(end_E, open_P) == np.searchsorted(end_E, close_P)
    return bool(np.where(starts_P, closes_P, within_P).all())


def _split(data: bytes, separator: str, places: list[str]) -> pl.DataFrame | None:
    """Divide lines at a separator of several bytes; quotes are letters like others."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    values = pl.Series(lines, dtype=pl.String).str.split(separator)
    if (values.list.len() != len(places)).any():
        return None
    return values.list.to_struct(fields=places).struct.unnest()


def _added_lines(frame: pl.DataFrame, lines: int) -> Lines | None:
    """Lines that rows take beyond one each, summed up to each row; None where there are none."""
    if lines == len(frame):
        return None
    added = frame.select(pl.sum_horizontal(pl.all().str.count_matches("\n", literal=True)))
    return np.cumsum(added.to_series().to_numpy(), dtype=np.int64)

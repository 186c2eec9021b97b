"""The kind of a table's file, by its first bytes, and its text as UTF-8, decompressed if needed."""

import bz2
import codecs
import gzip
import lzma
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

import pyarrow as pa

from workflow.data.tables.files import BLOCK_BYTES, HARMLESS_BYTES, MAX_RATIO, Archive, Files
from workflow.errors import UserError
from workflow.reading import in_one_line

Kind = Literal["text", "parquet", "gzip", "bzip2", "xz", "zstd", "zip"]
Readable = IO[bytes] | gzip.GzipFile | pa.CompressedInputStream
START_BYTES = 4096
MAGIC: dict[bytes, Kind] = {
    b"PAR1": "parquet",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\3\4": "zip",
}
REFUSED = {  # formats that are recognised and not read
    b"ARROW1": "an Arrow (Feather) file",
    b"ORC": "an ORC file",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a NumPy array",
    b"SQLite format 3": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"Obj\1": "an Avro file",
}
MARKS = (  # byte order marks, the longer first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def kind_of(archive: Files, name: str) -> Kind:
    """What kind of file a member is."""
    start = archive.start(name, START_BYTES)
    for magic, what in REFUSED.items():
        if start.startswith(magic):
            raise UserError(f"{archive.shown(name)}: is {what}; convert it to CSV or Parquet")
    for magic, kind in MAGIC.items():
        if start.startswith(magic):
            return kind
    return "text"


def text_blocks(archive: Files, name: str, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield a table's text as UTF-8, unpacked, with line feeds where lines ended in CR alone."""
    kind = kind_of(archive, name)
    blocks = archive.blocks(name, size) if kind == "text" else _unpacked(archive, name, kind, size)
    yield from _with_line_feeds(_as_utf8(blocks, archive.shown(name)))


# -- compression ----------------------------------------------------------------------


@contextmanager
def opened(files: Files, name: str, kind: Kind) -> Iterator[IO[bytes]]:
    """Open a file that must be decoded: its checksums are kept, and damage is reported in one line."""
    files.note(name)
    with in_one_line(files.shown(name), f"or cut short {kind}", "take another copy"), files.open(name) as stream:
        yield stream


def _unpacked(files: Files, name: str, kind: Kind, size: int) -> Iterator[bytes]:
    where, made, packed = files.shown(name), 0, files.size(name)
    with opened(files, name, kind) as stream, _decompressed(stream, name, kind, where) as content:
        while block := content.read(size):
            made += len(block)
            if made > max(HARMLESS_BYTES, MAX_RATIO * packed):
                raise UserError(f"{where}: refused: it unpacks to more than {MAX_RATIO} times its {packed:,} bytes")
            yield block


def _decompressed(stream: IO[bytes], name: str, kind: Kind, where: str) -> Readable:
    if kind == "gzip":
        return gzip.GzipFile(fileobj=stream)
    if kind == "bzip2":
        return bz2.BZ2File(stream)
    if kind == "xz":
        return lzma.LZMAFile(stream)
    if kind == "zip":
        inner = zipfile.ZipFile(stream)
        return inner.open(Archive(Path(where), inner, only_file=True).member(name))
    return pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd")


# -- text -----------------------------------------------------------------------------


def _as_utf8(blocks: Iterator[bytes], where: str) -> Iterator[bytes]:
    first = next(blocks, b"")
    while len(first) < 4 and (more := next(blocks, b"")):
        first += more
    encoding = _encoding(first)
    if encoding is None:
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        yield decoder.decode(first).encode()
        for block in blocks:
            yield decoder.decode(block).encode()
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise UserError(
            f"{where}: begins as {encoding} but does not continue so ({error}); save it as UTF-8"
        ) from error


def _encoding(first: bytes) -> str | None:
    """UTF-16 or UTF-32, by their mark or by the zero bytes of Latin letters; None otherwise."""
    for mark, encoding in MARKS:
        if first.startswith(mark):
            return encoding
    start = first[:START_BYTES]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if min(even, odd) == 0 and max(even, odd) > len(start) // 4:
        return "utf-16-le" if odd else "utf-16-be"
    return None


def _with_line_feeds(blocks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(blocks, b"")
    old = b"\r" in first[:-1] and b"\n" not in first  # the last CR may be half of a line end
    yield first.replace(b"\r", b"\n") if old else first
    for block in blocks:
        yield block.replace(b"\r", b"\n") if old else block

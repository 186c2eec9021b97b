"""What kind of file a table is, by its first bytes, and its text as UTF-8 whatever it is wrapped in."""

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Literal

import pyarrow as pa

from workflow.data.archive import BLOCK_BYTES, HARMLESS_BYTES, MAX_RATIO, Archive, Files
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
    """What kind of file a member is.

    Raises
    ------
    UserError
        When it is of a kind that is known and not read, or damaged where it begins.
    """
    start = archive.start(name, START_BYTES)
    for magic, what in REFUSED.items():
        if start.startswith(magic):
            raise UserError(f"{archive.shown(name)}: is {what}; convert it to CSV or Parquet")
    for magic, kind in MAGIC.items():
        if start.startswith(magic):
            return kind
    return "text"


def text_blocks(archive: Files, name: str, size: int = BLOCK_BYTES) -> Iterator[bytes]:
    """Yield a table's text as UTF-8, unpacked, with line feeds where lines ended in CR alone.

    Parameters
    ----------
    archive : Files
        The opened archive, or files as they lie.
    name : str
        The file.
    size : int
        Bytes at a time.

    Raises
    ------
    UserError
        When packed bytes are damaged, unpack to too much, or are no text in UTF-16.
    """
    where, kind = archive.shown(name), kind_of(archive, name)
    raw = archive.blocks(name, size)
    yield from _with_line_feeds(_as_utf8(raw if kind == "text" else _unpacked(archive, name, kind, raw, size), where))


# -- compression ----------------------------------------------------------------------


class _Stream(io.RawIOBase):
    """Blocks of bytes as a file, so that decompressors can read them."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest, self.taken = blocks, b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        if not self._rest:
            self._rest = next(self._blocks, b"")
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        self.taken += len(part)
        return len(part)


def _unpacked(archive: Files, name: str, kind: Kind, raw: Iterator[bytes], size: int) -> Iterator[bytes]:
    where, made = archive.shown(name), 0
    packed = archive.size(name)
    with damage_is_an_error(where, kind), _opened(archive, name, kind, raw) as stream:
        while block := stream.read(size):
            made += len(block)
            if made > max(HARMLESS_BYTES, MAX_RATIO * packed):
                raise UserError(f"{where}: refused: it unpacks to more than {MAX_RATIO} times its {packed:,} bytes")
            yield block


@contextmanager
def _opened(archive: Files, name: str, kind: Kind, raw: Iterator[bytes]) -> Iterator[Readable]:
    if kind == "zip":
        for _ in raw:  # its checksum; a zip is read from its end
            pass
        with archive.open(name) as outer, zipfile.ZipFile(outer) as inner:
            yield inner.open(Archive(Path(archive.shown(name)), inner, only_file=True).member(name))
    else:
        yield _decompressor(kind, io.BufferedReader(_Stream(raw)))


def _decompressor(kind: Kind, stream: io.BufferedReader) -> Readable:
    if kind == "gzip":
        return gzip.GzipFile(fileobj=stream)
    if kind == "bzip2":
        return bz2.BZ2File(stream)
    if kind == "xz":
        return lzma.LZMAFile(stream)
    return pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd")


def damage_is_an_error(where: str, kind: str) -> AbstractContextManager[None]:
    """Whatever is wrong with a packed file is one line."""
    return in_one_line(where, f"or cut short {kind}", "take another copy")


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
        raise UserError(f"{where}: begins as {encoding} and does not go on so ({error}); save it as UTF-8") from error


def _encoding(first: bytes) -> str | None:
    """UTF-16 and UTF-32, by their mark, or by the zero bytes of Latin letters; None for all else."""
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

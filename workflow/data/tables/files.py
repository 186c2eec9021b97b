"""Raw archives and loose files: hostile or damaged ones are refused, members are found by base name.

Nothing is ever extracted under a path that the archive names: members are streamed.
"""

import hashlib
import json
import stat
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any, TypeVar

from workflow.errors import UserError
from workflow.reading import SMALL_BYTES, in_one_line, regular_file

MAX_RATIO = 200  # real archives unpack to 3..8 times their size; a bomb to hundreds
MAX_TOTAL_BYTES = 64 << 30  # five times the largest of the five datasets
HARMLESS_BYTES = 256 << 20  # at any ratio
BLOCK_BYTES = 32 << 20
ARCHIVE = ""  # the key of `Archive.own` for the archive itself
TAKE_ANOTHER = "fetch it again, or take it from a mirror or a local copy"
T = TypeVar("T")


@dataclass(frozen=True)
class Digest:
    """Checksums of one file's bytes."""

    name: str
    sha256: str
    md5: str


class Files:
    """Files to read tables from, by their paths; any fault of a file becomes one line."""

    def shown(self, name: str) -> str:
        """The name of a file in messages."""
        return name

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading from any place of it."""
        with self.damage_is_an_error(name):
            return regular_file(Path(name))

    def size(self, name: str) -> int:
        """Bytes of a file."""
        return Path(name).stat().st_size

    def damage_is_an_error(self, name: str) -> AbstractContextManager[None]:
        """Turn any error of reading into one line."""
        return in_one_line(name, "file", "name a CSV or Parquet file", f"{name}: no such file")

    def start(self, name: str, size: int) -> bytes:
        """The first bytes of a file."""
        with self.damage_is_an_error(name), self.open(name) as stream:
            return stream.read(size)

    def blocks(self, name: str, size: int = BLOCK_BYTES) -> Iterator[bytes]:
        """Yield a file's bytes."""
        with self.damage_is_an_error(name), self.open(name) as stream:
            while block := stream.read(size):
                yield block

    def note(self, name: str) -> None:
        """Compute the checksums of a file that is not read from start to end; loose files need none."""


@dataclass
class Archive(Files):
    """An opened zip whose members were checked; keeps checksums of the members that were read."""

    path: Path
    zip: zipfile.ZipFile
    only_file: bool = False  # one file is wanted, which may have any name if it is the only one
    own: Mapping[str, str] = field(default_factory=dict)  # the user's own files, by the name that they have here
    read: list[Digest] = field(default_factory=list)

    def shown(self, name: str) -> str:
        """The name of a file in messages: the user's own path if it is known."""
        return self.own.get(name) or f"{self.path.name}: {name}"

    def member(self, name: str) -> zipfile.ZipInfo:
        """The member of this base name; if one file is wanted and there is only one, it may have any name."""
        files = [info for info in self.zip.infolist() if not _is_litter(info)]
        listing = ", ".join(sorted(info.filename for info in files)[:20]) or "nothing"
        try:
            return only_named(name, [(info.filename, info) for info in files])
        except LookupError as error:
            if self.only_file and len(files) == 1:
                return files[0]
            raise UserError(
                f"{self.own.get(ARCHIVE) or self.path}: {error} in the archive, which holds: {listing}. "
                "Correct preparation.files in the dataset's configuration or take another archive."
            ) from error

    def open(self, name: str) -> IO[bytes]:
        """Open a member for reading from any place of it."""
        with self.damage_is_an_error(name):
            return self.zip.open(self.member(name))

    def size(self, name: str) -> int:
        """Bytes of a member."""
        return self.member(name).file_size

    def blocks(self, name: str, size: int = BLOCK_BYTES) -> Iterator[bytes]:
        """Yield a member's bytes; its checksums are kept at the end."""
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        for block in super().blocks(name, size):
            sha256.update(block)
            md5.update(block)
            yield block
        self.read.append(Digest(name, sha256.hexdigest(), md5.hexdigest()))

    def note(self, name: str) -> None:
        """Read a member to its end for its checksums."""
        for _ in self.blocks(name):
            pass

    def damage_is_an_error(self, name: str) -> AbstractContextManager[None]:  # noqa: ARG002 - a zip knows only itself
        """Turn any error of reading into one line that names the archive."""
        return _damage(self.path)

    def json(self, name: str) -> Any:
        """Content of a small member."""
        with in_one_line(self.shown(name), "JSON", TAKE_ANOTHER):
            return json.loads(self.start(name, SMALL_BYTES))


def _damage(path: Path) -> AbstractContextManager[None]:
    return in_one_line(path, "or cut short zip archive", TAKE_ANOTHER)


def only_named(name: str, files: Sequence[tuple[str, T]]) -> T:
    """The only file of a base name, else the only one that differs in its suffixes: train.csv.gz for train.csv.

    Raises LookupError that says how many there are.

    >>> only_named("train.csv", [("a/train.csv.gz", 1), ("a/.train", 2)])
    1
    """
    found = [file for path, file in files if PurePosixPath(path).name == name]
    found = found or [file for path, file in files if _stem(PurePosixPath(path).name) == _stem(name)]
    if len(found) == 1:
        return found[0]
    raise LookupError(f"{len(found)} files called {name!r}" if found else f"no file {name!r}")


def _stem(name: str) -> str:
    return name[:1] + name[1:].partition(".")[0]


@contextmanager
def open_archive(path: Path, only_file: bool = False, own: Mapping[str, str] | None = None) -> Iterator[Archive]:
    """Open a zip archive and check its members; `own` has what messages call its files, and itself as `ARCHIVE`."""
    if not path.is_file():
        raise UserError(f"{path}: no such archive; fetch the dataset first")
    with regular_file(path) as stream:  # closed at the end, even if a member is still being read
        with _damage(path):
            opened = zipfile.ZipFile(stream)
        _check_members(path, opened.infolist())
        yield Archive(path, opened, only_file, own or {})


def check_archive(path: Path, names: tuple[str, ...]) -> None:
    """Check that the archive is safe and that each named member reads to its end."""
    with open_archive(path, only_file=len(names) == 1) as archive:
        for name in names:
            archive.note(name)


def _is_litter(info: zipfile.ZipInfo) -> bool:
    """Folders, and what file managers add."""
    parts = PurePosixPath(info.filename).parts
    return info.is_dir() or "__MACOSX" in parts or parts[-1:] in ((".DS_Store",), ("Thumbs.db",))


def _check_members(path: Path, members: list[zipfile.ZipInfo]) -> None:
    if any(info.filename == "xl/workbook.xml" for info in members):
        raise UserError(f"{path}: is an Excel workbook; save the sheet as CSV")
    for info in members:
        if fault := _hostile(info):
            raise UserError(f"{path}: refused: member {info.filename!r} {fault}. Take the archive from its source.")
    total, packed = sum(info.file_size for info in members), path.stat().st_size
    if total > MAX_TOTAL_BYTES or total > max(HARMLESS_BYTES, MAX_RATIO * packed):
        raise UserError(
            f"{path}: refused: its {packed:,} bytes would unpack to {total:,} (at most {MAX_RATIO} times as much, "
            f"and {MAX_TOTAL_BYTES:,} in all, is accepted). Take the archive from its source."
        )


def _hostile(info: zipfile.ZipInfo) -> str | None:
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or (len(name) > 1 and name[1] == ":"):
        return "has an absolute path"
    if ".." in PurePosixPath(name).parts:
        return "points outside the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a symbolic link"
    return "is encrypted" if info.flag_bits & 0x1 else None

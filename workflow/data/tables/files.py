"""Raw archives: hostile or damaged ones are refused, members are found by base name.

An archive of the user's own file is made by us (workflow.data.local); messages then name that file.

Nothing is ever extracted under a path that the archive names: members are streamed.
"""

import hashlib
import json
import stat
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from workflow.errors import UserError
from workflow.reading import SMALL_BYTES, in_one_line, regular_file

MAX_RATIO = 200  # real archives unpack to 3..8 times their size; a bomb to hundreds
MAX_TOTAL_BYTES = 64 << 30  # five times the largest of the five datasets
HARMLESS_BYTES = 256 << 20  # whatever the ratio
BLOCK_BYTES = 32 << 20
ARCHIVE = ""  # the key of `Archive.own` for the archive itself
TAKE_ANOTHER = "fetch it again, or take it from a mirror or a local copy"


@dataclass(frozen=True)
class Digest:
    """Checksums of one file's bytes."""

    name: str
    sha256: str
    md5: str


class Files(ABC):
    """Files to read tables from; whatever is wrong with one of them is one line."""

    @abstractmethod
    def shown(self, name: str) -> str:
        """What messages call a file."""

    @abstractmethod
    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading from any place of it."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Bytes of a file."""

    @abstractmethod
    def damage_is_an_error(self, name: str) -> AbstractContextManager[None]:
        """Turn whatever reading raises into one line."""

    def start(self, name: str, size: int) -> bytes:
        """The first bytes of a file."""
        with self.damage_is_an_error(name), self.open(name) as stream:
            return stream.read(size)

    def blocks(self, name: str, size: int = BLOCK_BYTES) -> Iterator[bytes]:
        """Yield a file's bytes."""
        with self.damage_is_an_error(name), self.open(name) as stream:
            while block := stream.read(size):
                yield block

    def note(self, name: str) -> None:  # noqa: B027 - of loose files none are kept
        """Remember the checksums of a file that is not read from its start to its end."""


class Loose(Files):
    """Files as they lie, by their paths."""

    def shown(self, name: str) -> str:
        """Its path."""
        return name

    def open(self, name: str) -> IO[bytes]:
        """Open it, a regular file."""
        try:
            with self.damage_is_an_error(name):
                return regular_file(Path(name))
        except FileNotFoundError as error:
            raise UserError(f"{name}: no such file") from error

    def size(self, name: str) -> int:
        """Its bytes."""
        return Path(name).stat().st_size

    def damage_is_an_error(self, name: str) -> AbstractContextManager[None]:
        """Name the file."""
        return in_one_line(name, "file", "name a CSV or Parquet file")


@dataclass
class Archive(Files):
    """An opened zip whose members were checked; remembers checksums of what was read."""

    path: Path
    zip: zipfile.ZipFile
    only_file: bool = False  # one file is wanted: an archive with one file may call it what it likes
    own: Mapping[str, str] = field(default_factory=dict)  # the user's own files, by the name that they have here
    read: list[Digest] = field(default_factory=list)

    def shown(self, name: str) -> str:
        """What messages call a file: the user's own path where it is known."""
        return self.own.get(name) or f"{self.path.name}: {name}"

    def member(self, name: str) -> zipfile.ZipInfo:
        """Find the only member whose base name is `name`.

        Where there is none, a member with the same name but other suffixes will do (train.csv.gz or
        train.parquet for train.csv), and any, where one file is wanted and there is one.

        Raises
        ------
        UserError
            When no member, or more than one, has that base name.
        """
        files = [info for info in self.zip.infolist() if not _is_litter(info)]
        found = [info for info in files if PurePosixPath(info.filename).name == name]
        found = found or [info for info in files if stem(PurePosixPath(info.filename).name) == stem(name)]
        if not found and self.only_file and len(files) == 1:
            return files[0]
        if len(found) == 1:
            return found[0]
        listing = ", ".join(sorted(info.filename for info in files)[:20]) or "nothing"
        problem = f"no file {name!r}" if not found else f"{len(found)} files called {name!r}"
        where = self.own.get(ARCHIVE) or str(self.path)
        raise UserError(
            f"{where}: {problem} in the archive, which holds: {listing}. "
            "Correct preparation.files in the dataset's configuration or take another archive."
        )

    def open(self, name: str) -> IO[bytes]:
        """Open a member for reading from any place of it."""
        with self.damage_is_an_error(name):
            return self.zip.open(self.member(name))

    def size(self, name: str) -> int:
        """Bytes of a member."""
        return self.member(name).file_size

    def blocks(self, name: str, size: int = BLOCK_BYTES) -> Iterator[bytes]:
        """Yield a member's bytes; its checksums are remembered at the end."""
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        for block in super().blocks(name, size):
            sha256.update(block)
            md5.update(block)
            yield block
        self.read.append(Digest(name, sha256.hexdigest(), md5.hexdigest()))

    def note(self, name: str) -> None:
        """Read a member to its end."""
        for _ in self.blocks(name):
            pass

    def damage_is_an_error(self, name: str) -> AbstractContextManager[None]:  # noqa: ARG002 - a zip knows only itself
        """Name the archive."""
        return _damage(self.path)

    def json(self, name: str) -> Any:
        """Content of a small member."""
        with in_one_line(self.shown(name), "JSON", TAKE_ANOTHER):
            return json.loads(self.start(name, SMALL_BYTES))


def _damage(path: Path) -> AbstractContextManager[None]:
    return in_one_line(path, "or cut short zip archive", TAKE_ANOTHER)


def stem(name: str) -> str:
    """A file's name without its suffixes.

    Examples
    --------
    >>> stem("train.csv.gz"), stem(".train")
    ('train', '.train')
    """
    return name[:1] + name[1:].partition(".")[0]


@contextmanager
def open_archive(path: Path, only_file: bool = False, own: Mapping[str, str] | None = None) -> Iterator[Archive]:
    """Open a zip archive and check its members.

    Parameters
    ----------
    path : Path
        The archive.
    only_file : bool
        Whether one file of it is wanted, which may then have any name.
    own : mapping of str to str, optional
        What messages call its files, and itself under the key `ARCHIVE`.

    Yields
    ------
    Archive
        Opened; closed at the end of the block.

    Raises
    ------
    UserError
        When the file is missing, no whole zip, or has members that no honest archive has.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such archive; fetch the dataset first")
    with regular_file(path) as stream:  # closed at the end, whatever still reads a member then
        with _damage(path):
            opened = zipfile.ZipFile(stream)
        _check_members(path, opened.infolist())
        yield Archive(path, opened, only_file, own or {})


def check_archive(path: Path, names: tuple[str, ...]) -> None:
    """Check that the archive is safe and that each named member reads to its end.

    Raises
    ------
    UserError
        When it is not, or a member is missing or damaged.
    """
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

"""A user's data: the files that a campaign's `local` names, and the copies made of them.

A copy lies in data/raw as if it had been downloaded. Beside it stands a note of the files that it was made from, which
is how a later change of them is seen: by size and digest, whatever their times say. Snakemake knows the note as what
the copy is made from, so that a note which says something new has the data fetched and prepared again.
"""

import os
import shutil
import zipfile
from contextlib import suppress
from pathlib import Path

from workflow.data.sources import local_path, raw_archive
from workflow.data.tables.files import ARCHIVE, only_named
from workflow.errors import UserError
from workflow.files import sha256_file, write_text
from workflow.plan.config import CampaignConfig, DatasetConfig
from workflow.reading import SMALL_BYTES, in_one_line, regular_bytes
from workflow.settings import Frozen
from workflow.spec import DatasetSpec


class Original(Frozen):
    """A file as it was when it was looked at. The time only spares reading it again."""

    size: int
    mtime_ns: int
    sha256: str


class Note(Frozen):
    """Files that a copy was made from, by name in the archive; none where it came from elsewhere."""

    files: dict[str, Original] = {}

    @property
    def content(self) -> dict[str, str]:
        """The digests of the files."""
        return {name: one.sha256 for name, one in self.files.items()}


# -- copies ---------------------------------------------------------------------------


def take(config: DatasetConfig, source: Path, part: Path) -> None:
    """Copy a zip; files of a folder, or a single file, become one whose bytes depend on names and files only."""
    files = originals(config, source)
    if is_whole(config, source):
        shutil.copyfile(source, part)
        return
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files.items():
            member = zipfile.ZipInfo(name)  # a fixed time, of 1980
            member.file_size = path.stat().st_size
            with path.open("rb") as stream, archive.open(member, "w") as out:
                shutil.copyfileobj(stream, out, 1 << 20)


def originals(config: DatasetConfig, source: Path) -> dict[str, Path]:
    """The files that are taken, by the name that they get."""
    names = tuple(config.preparation.files.values())
    if source.exists() and not (source.is_dir() or source.is_file()):
        raise UserError(f"{source}: is a device or a pipe, not a file; put a file in its place")
    if source.is_dir():
        files = [(path.as_posix(), path) for path in sorted(source.rglob("*")) if path.is_file()]
        try:
            return {name: only_named(name, files) for name in names}
        except LookupError as error:
            remedy = "it must hold the files of preparation.files once each"
            raise UserError(f"{source}: {error} in this folder; {remedy}") from error
    return {config.source.archive if is_whole(config, source) else names[0]: source}  # whatever its name


def own_names(config: DatasetConfig, campaign: CampaignConfig) -> dict[str, str]:
    """The names of copied files in messages: their paths on the user's side."""
    source, names = local_path(config.name, campaign), _as_they_are(config, campaign)
    if source is None or not names:
        return {}
    if is_whole(config, source):
        return {ARCHIVE: str(source), **{name: f"{source}: {name}" for name in config.preparation.files.values()}}
    return {ARCHIVE: str(source), **{name: str(path) for name, path in names.items()}}


def _as_they_are(config: DatasetConfig, campaign: CampaignConfig) -> dict[str, Path]:
    """The user's files, by the name of their copy; none if they are gone or a folder has changed."""
    source = local_path(config.name, campaign)
    try:
        return originals(config, source) if source and source.exists() else {}
    except UserError:
        return {}


def is_whole(config: DatasetConfig, source: Path) -> bool:
    """Whether the source is used as the archive itself."""
    return source.is_file() and (zipfile.is_zipfile(source) or len(config.preparation.files) > 1)


# -- notes ----------------------------------------------------------------------------


def note_path(copy: Path) -> Path:
    """Where the note about a copy in data/raw/<dataset> lies."""
    return Path("data/local", copy.parent.name, f"{copy.name}.json")


def look(config: DatasetConfig, campaign: CampaignConfig, copy: Path) -> tuple[Note | None, Note]:
    """The note about a copy (None without one), and the note as it should be now.

    Only a file whose size or time is another than noted is read. Files that are gone changed nothing: what was taken
    from them stands, as it does for a campaign that names no file.
    """
    noted = read_note(copy)
    known = noted.files if noted else {}
    seen = {name: _looked_at(path, known.get(name)) for name, path in _as_they_are(config, campaign).items()}
    return noted, Note(files=seen) if seen else noted or Note()


def is_changed(config: DatasetConfig, campaign: CampaignConfig, copy: Path) -> bool:
    """Whether the user's files have changed since they were copied, as far as is known.

    A note that is newer than the copy is about files that were only seen since, as in a dry run, and not copied.
    """
    noted, now = look(config, campaign, copy)
    if noted is None:
        return False
    seen_since = bool(noted.files) and copy.exists() and note_path(copy).stat().st_mtime_ns > copy.stat().st_mtime_ns
    return seen_since or noted.content != now.content


def refuse_changed(config: DatasetConfig, spec: DatasetSpec, campaign: CampaignConfig) -> None:
    """Refuse to continue with a copy of a user's file that was edited since."""
    raw = raw_archive(config, spec)
    if spec.preparation.twin is None and is_changed(config, campaign, raw):
        raise UserError(
            f"{raw}: {local_path(config.name, campaign) or 'your file'} was changed after it was copied here; "
            f"fetch {config.name} again, then prepare it"
        )


def read_note(copy: Path) -> Note | None:
    """The note about a copy; None if it cannot be read."""
    with suppress(FileNotFoundError, UserError), in_one_line(note_path(copy), "note", "fetch again"):
        return Note.model_validate_json(regular_bytes(note_path(copy), SMALL_BYTES))
    return None


def write_note(copy: Path, note: Note) -> None:
    """Write a note that says something new, and is newer than the copy also where the clock was set back.

    One whose files only have new times keeps its own time.
    """
    path, before = note_path(copy), read_note(copy)
    if note == before:
        return
    times = path.stat() if before is not None and before.content == note.content else None
    write_text(path, note.model_dump_json(indent=1) + "\n")
    if times is not None:
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    elif copy.exists() and path.stat().st_mtime_ns <= copy.stat().st_mtime_ns:
        later_ns = copy.stat().st_mtime_ns + 1_000_000  # resolution of file systems and Snakemake
        os.utime(path, ns=(later_ns, later_ns))


def note_taken(copy: Path, note: Note) -> None:
    """Note the files that an existing copy was made from; the note is not newer than the copy."""
    if note.files or note_path(copy).exists():
        write_note(copy, note)
        made_ns = min(copy.stat().st_mtime_ns, note_path(copy).stat().st_mtime_ns)
        os.utime(note_path(copy), ns=(made_ns, made_ns))


def _looked_at(path: Path, known: Original | None) -> Original:
    found = path.stat()
    if known is not None and (known.size, known.mtime_ns) == (found.st_size, found.st_mtime_ns):
        return known
    return Original(size=found.st_size, mtime_ns=found.st_mtime_ns, sha256=sha256_file(path))

"""Files of models of one's own in an archive: packed, read with bounds, shown."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path

from workflow.errors import UserError, shortened
from workflow.provenance.own_code import LARGEST_BYTES, STORE, is_carried
from workflow.reading import in_one_line
from workflow.train.record import Record

TOTAL_BYTES = 4 * LARGEST_BYTES


def gathered(records: Iterable[Record]) -> dict[str, bytes]:
    """Files that records' own models have loaded, by SHA-256: from the store, or from their place if unchanged."""
    found: dict[str, bytes] = {}
    for name, digest in names_of(records):
        for path in (STORE / digest, Path(name)):
            if digest not in found and path.is_file() and path.stat().st_size <= LARGEST_BYTES:
                content = path.read_bytes()
                if hashlib.sha256(content).hexdigest() == digest:
                    found[digest] = content
    return found


def names_of(records: Iterable[Record]) -> list[tuple[str, str]]:
    """Path and SHA-256 of all files that archives carry for these records."""
    named = {pair for record in records for pair in record.provenance.own_files.items()}
    return sorted((name, digest) for name, digest in named if is_carried(name))


def lacking(records: Iterable[Record], files: Collection[str]) -> Iterator[str]:
    """Files that users' models have loaded and that are missing, a line each."""
    for name, digest in sorted({pair for record in records for pair in record.provenance.own_files.items()}):
        if digest not in files:
            why = "is another now" if is_carried(name) else "lies outside the working directory, or is data"
            yield f"{name}: {why}, so the archive cannot carry it; whoever trains these runs again needs it"


def packed(records: Iterable[Record], files: Mapping[str, bytes]) -> bytes:
    """The zip of these files; equal files give equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, digest in names_of(records):
            if digest in files:
                member = zipfile.ZipInfo(f"{digest}/{name}")  # a fixed time, of 1980
                archive.writestr(member, files[digest], zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def unpacked(content: bytes, promised: Collection[str], where: str) -> dict[str, bytes]:
    """Read such a zip: only members whose SHA-256 is in a record, and only up to a maximum size."""
    found: dict[str, bytes] = {}
    remedy = "take the archive from its source again"
    with in_one_line(where, "zip", remedy), zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            digest = member.filename.partition("/")[0]
            if digest not in promised:
                raise UserError(f"{where}: {shortened(member.filename)}: no record names this file; remove it")
            room = min(LARGEST_BYTES, TOTAL_BYTES - sum(map(len, found.values())))
            with archive.open(member) as stream:
                data = stream.read(room + 1)
            if len(data) > room or hashlib.sha256(data).hexdigest() != digest:
                raise UserError(f"{where}: {shortened(member.filename)}: too large, or not of the SHA-256 in its name")
            found[digest] = data
    return found


def shown(record: Record, read: Callable[[str], bytes]) -> Iterator[str]:
    """The code of a record's own model, line by line, for a reader who decides whether to run it."""
    for name, digest in sorted(record.provenance.own_files.items()):
        content = read(name)
        yield f"{name} ({len(content):,} bytes, SHA-256 {digest}) is loaded by {record.spec.key}"
        if name.endswith(".py"):
            yield from (f"    {line}" for line in content.decode(errors="replace").splitlines())


def put(record: Record, read: Callable[[str], bytes], folder: Path) -> None:
    """Write the files of a record's own model below a folder, at their relative paths."""
    for name in record.provenance.own_files:
        if not is_carried(name):
            raise UserError(f"{record.spec.key}: its model loads {shortened(name)}, which no archive carries")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(read(name))

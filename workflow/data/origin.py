"""Whether the raw bytes are the published ones, and a line that says so."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from workflow.data.store import RawFile
from workflow.data.tables.files import Digest
from workflow.files import md5_file, sha256_file
from workflow.plan.config import DatasetConfig
from workflow.spec import DatasetSpec

Origin = Literal["published", "other", "twin"]


def origin_of(
    config: DatasetConfig, spec: DatasetSpec, archive: Path, digests: Sequence[Digest]
) -> tuple[Origin, str, tuple[RawFile, ...]]:
    """What meta.json says of the bytes: origin, note, and files, from the checksums of the members that were read.

    "published" only if the bytes of every file are proved to be the published ones, by the file's own checksum or by
    the whole archive's.
    """
    sha256 = sha256_file(archive)
    twin, known = spec.preparation.twin, {}
    whole = None
    if twin is None:
        whole = _archive_is_published(config, archive, sha256)
        known = {spec.preparation.files[key]: md5 for key, md5 in config.source.file_md5.items()}
    files = tuple(
        RawFile(name=d.name, sha256=d.sha256, published=whole or _equal(known.get(d.name), d.md5)) for d in digests
    )
    raw = (RawFile(name=archive.name, sha256=sha256, published=whole), *files)
    if twin is not None:
        return "twin", f"{twin.rows:,} rows, seed {twin.seed}, labels from a planted model", raw
    if whole or (files and all(file.published for file in files)):
        return "published", "every file is the published one, by its checksum", raw
    return "other", _differences(raw[0], digests, known), raw


def _archive_is_published(config: DatasetConfig, archive: Path, sha256: str) -> bool | None:
    source = config.source
    if source.sha256 is not None:
        return sha256 == source.sha256
    return _equal(source.md5, md5_file(archive)) if source.md5 is not None else None


def _equal(published: str | None, found: str) -> bool | None:
    return None if published is None else published == found


def _differences(archive: RawFile, digests: Sequence[Digest], known: dict[str, str]) -> str:
    """One line: which files differ, and for which nothing is known."""
    parts = [
        f"{d.name} is not the published file (md5 {d.md5}, published {known[d.name]})"
        for d in digests
        if d.name in known and d.md5 != known[d.name]
    ]
    if archive.published is False and not known:
        parts.append(f"{archive.name} is not the published archive (sha256 {archive.sha256})")
    elif unknown := [d.name for d in digests if d.name not in known]:
        parts.append(f"no checksum of the published {', '.join(unknown)} is known")
    return "; ".join(parts)

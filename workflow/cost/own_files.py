"""Rows of the user's own files, counted before they are prepared, so that `plan` need not assume their number."""

import gzip
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from io import BufferedIOBase
from pathlib import Path
from typing import IO

from workflow.cost.epochs import Data, published_data
from workflow.data.local import local_path, originals
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import CampaignConfig, DatasetConfig
from workflow.reading import in_one_line
from workflow.spec import DatasetSpec

SAMPLE_BYTES = 32 << 20  # of a larger file the rest is taken to have lines of the same length


def own_data(plan: Plan) -> dict[str, Data]:
    """By identity, the size of datasets that `local` names and that are not prepared yet, from their files."""
    found = {}
    for config, spec in plan.sources:
        if config.name not in plan.campaign.local or spec.preparation.twin or spec.is_prepared:
            continue
        if rows := rows_in(config, plan.campaign, spec):
            train, valid, test = rows
            found[spec.id] = replace(published_data(spec), train_rows=train, valid_rows=valid, test_rows=test)
    return found


def rows_in(config: DatasetConfig, campaign: CampaignConfig, spec: DatasetSpec) -> tuple[int, int, int] | None:
    """Rows of train, valid and test; None where the files are not text with a line a row."""
    source = local_path(config, campaign)
    if source is None or config.preparation.format not in ("csv", "split-csv"):
        return None
    try:
        with in_one_line(source, "file", "fetch it"):
            lines = _lines_of(originals(config, source))
            files = config.preparation.files
            if config.preparation.format == "split-csv":
                train, valid, test = (lines[files[split]] for split in ("train", "valid", "test"))
                return train, valid, test
    except (UserError, FileNotFoundError):
        return None  # fetching tells what is wrong
    if not lines:
        return None
    total = sum(lines.values())
    parts = spec.preparation.split.parts if spec.preparation.split else (8, 1, 1)
    train, valid, test = (total * part // sum(parts) for part in parts)
    return train, valid, test


def _lines_of(files: Mapping[str, Path]) -> dict[str, int]:
    """Rows below the header by a file's name, of files and of the members of a zip."""
    found: dict[str, int] = {}
    for name, path in files.items():
        stat = path.stat()
        found |= {member or name: rows for member, rows in _lines_in(path, stat.st_size, stat.st_mtime_ns).items()}
    return found


@cache
def _lines_in(path: Path, size_bytes: int, mtime_ns: int) -> dict[str, int]:  # noqa: ARG001 - what the cache goes by
    """Rows by a zip's members, or of the file itself under an empty name; none of what is no text."""
    if zipfile.is_zipfile(path):
        found = {}
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with archive.open(member) as stream:
                    found[Path(member.filename).name] = _rows(stream, member.file_size)
        return found
    if _head(path).startswith(b"\x1f\x8b"):
        with gzip.open(path) as stream:
            return {"": _rows(stream, None)}
    if b"\0" in _head(path):
        return {}
    with path.open("rb") as stream:
        return {"": _rows(stream, size_bytes)}


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(1024)


def _rows(stream: IO[bytes] | BufferedIOBase, size_bytes: int | None) -> int:
    """Lines below the header; of what is longer than the sample, an estimate where its size is known."""
    lines = read = 0
    while (size_bytes is None or read < SAMPLE_BYTES) and (block := stream.read(1 << 20)):
        lines += block.count(b"\n")
        read += len(block)
    if size_bytes is not None and read < size_bytes:
        lines = round(lines * size_bytes / read)
    return max(0, lines - 1)

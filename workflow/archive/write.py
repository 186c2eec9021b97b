"""Writing an archive: what it is, `workflow.archive.layout` says."""

import gzip
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workflow.archive.crate import write_crate
from workflow.archive.layout import CAMPAIGN, OWN, RECORDS, SHARED, SUMS, TIMING, WORKFLOW, Contents
from workflow.config import ROOT
from workflow.files import atomic_path, canonical_json, sha256_file, write_text
from workflow.train.placements import UserSums
from workflow.train.record import Record


def write_archive(folder: Path, contents: Contents) -> list[Path]:
    """Write an archive; equal contents give equal bytes. `SHA256SUMS` is written last.

    Returns
    -------
    list of Path
        The files, `SHA256SUMS` included.
    """
    written = [
        _write(folder / CAMPAIGN, contents.campaign.model_dump_json(indent=1).encode() + b"\n"),
        _write(folder / RECORDS, _zipped(contents.records.values())),
    ]
    for dataset, keys in _by_dataset(contents).items():
        written.append(_write(folder / f"user_sums-{dataset}.npz", _packed({key: contents.sums[key] for key in keys})))
    for meta in contents.metas.values():
        written.append(_write(folder / f"meta-{meta.dataset.name}.json", _lines(meta.model_dump(mode="json"))))
    if contents.timing is not None:
        written.append(_write(folder / TIMING, _lines(contents.timing.model_dump(mode="json"))))
    written.append(_write(folder / WORKFLOW, (ROOT / WORKFLOW).read_bytes()))
    written.append(write_crate(folder, written, contents))
    return [*written, write_sums_file(folder, written)]


def write_sums_file(folder: Path, files: Iterable[Path]) -> Path:
    """Write `SHA256SUMS` over the files of an archive."""
    lines = [f"{sha256_file(path)}  {path.relative_to(folder)}" for path in sorted(files)]
    write_text(folder / SUMS, "\n".join(lines) + "\n")
    return folder / SUMS


def _by_dataset(contents: Contents) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key in sorted(contents.sums):
        found[contents.records[key].spec.dataset.name].append(key)
    return dict(sorted(found.items()))


def _place(record: Record) -> tuple[str, str, str, int]:
    spec = record.spec
    return spec.dataset.name, spec.model.name, spec.id, spec.seed


def _zipped(records: Iterable[Record]) -> bytes:
    text = "".join(canonical_json(record.model_dump(mode="json")) + "\n" for record in sorted(records, key=_place))
    return gzip.compress(text.encode(), mtime=0)


def _packed(sums: Mapping[str, UserSums]) -> bytes:
    first = next(iter(sums.values()))
    arrays: dict[str, Any] = {"keys_R": np.array(list(sums))}
    arrays |= {name: getattr(first, name) for name in SHARED}
    arrays |= {f"{name.removesuffix('_U')}_RU": np.stack([getattr(own, name) for own in sums.values()]) for name in OWN}
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def _lines(values: object) -> bytes:
    return (json.dumps(values, indent=1, sort_keys=True) + "\n").encode()


def _write(path: Path, content: bytes) -> Path:
    with atomic_path(path) as part:
        part.write_bytes(content)
    return path

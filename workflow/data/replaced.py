"""Finished runs of data that were prepared again: moved aside, and moved back if the earlier data return.

A run's identity says how its data are prepared but not which bytes they were, so runs on an edited file
have the same paths as those on the earlier file.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from workflow.errors import UserError
from workflow.spec import DatasetSpec
from workflow.train.record import Record, read_record

RUNS, EARLIER = Path("results/runs"), Path("results/earlier")
SHOWN = 12  # digits of a fingerprint in a folder's name


def change_data(spec: DatasetSpec, fingerprint: str) -> list[str]:
    """Keep only runs on the data of this fingerprint in place; return what was moved, a line each."""
    said = []
    places: dict[Path, int] = {}
    for path, record in _runs_on(spec, RUNS):
        found = record.provenance.data_fingerprint
        if found != fingerprint:
            folder = EARLIER / found[:SHOWN]
            _move(path, folder / path.relative_to(RUNS))
            places[folder] = places.get(folder, 0) + 1
    for folder, count in places.items():
        said.append(f"{spec.name}: finished runs of other data than now are kept in {folder}: {count}")
    own, back = EARLIER / fingerprint[:SHOWN], 0
    for path, record in _runs_on(spec, own):
        place = RUNS / path.relative_to(own)
        if record.provenance.data_fingerprint == fingerprint and not place.exists():
            _move(path, place)
            back += 1
    return [*said, f"{spec.name}: finished runs of these data put back from {own}: {back}"] if back else said


def _runs_on(spec: DatasetSpec, root: Path) -> Iterator[tuple[Path, Record]]:
    """Records of a dataset's runs below a folder; damaged ones are left out and stay."""
    for path in sorted((root / spec.name).glob("*/*/seed*.json")):
        if re.fullmatch(r"seed\d+\.json", path.name):
            try:
                record = read_record(path)
            except (OSError, UserError):
                continue
            if record.spec.dataset == spec:
                yield path, record


def _move(record: Path, target: Path) -> None:
    """Move a record and the files beside it; the record last, so that a killed move is repeated."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for path in sorted(record.parent.glob(f"{record.stem}.*")):
        if path != record:
            path.replace(target.with_name(path.name))
    record.replace(target)

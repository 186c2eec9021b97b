"""Training some of an archive's runs again, and holding the results against its records."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.archive.compare import compare
from workflow.archive.layout import CAMPAIGN, RunArchive
from workflow.data.provide import provide
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT
from workflow.train.record import Record, read_record


@dataclass(frozen=True)
class Again:
    """A run that was trained again, and how it compares with its record; None: it is another."""

    record: Record
    how: str | None
    same_machine: bool  # of one kind, as far as its name tells
    faults: tuple[str, ...] = ()  # where the record says of its data what the data here do not bear


def retrain(archive: RunArchive, records: Sequence[Record], say: Callable[[str], None]) -> list[Again]:
    """Train runs again in a folder of their own, on prepared data of the working directory.

    Raises
    ------
    UserError
        When the data cannot be had, are others than those of the archive, or training fails.
    """
    plan = Plan(archive.campaign)
    for identity in dict.fromkeys(record.spec.dataset.id for record in records):
        provide(*plan.prepared(identity), plan.campaign, say)
    with tempfile.TemporaryDirectory(prefix="retrain-") as name:
        Path(name, "data").symlink_to(Path("data").resolve())
        return [_again(archive, record, Path(name), say) for record in records]


def _again(archive: RunArchive, record: Record, folder: Path, say: Callable[[str], None]) -> Again:
    run = record.spec
    say(f"training {run.dataset.name} {run.model.name} {run.key} again")
    command = [sys.executable, "-m", "workflow", "train", run.key]
    given = ["--configfile", str((archive.folder / CAMPAIGN).resolve())]
    done = subprocess.run(
        [*command, *given],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UserError(f"{run.key}: cannot be trained again: {done.stderr.strip()}")
    found = read_record(folder / run.record_path)
    if found.provenance.data_fingerprint != record.provenance.data_fingerprint:
        raise UserError(
            f"{run.key}: the prepared data are not those of the archive (fingerprint "
            f"{found.provenance.data_fingerprint[:12]}, not {record.provenance.data_fingerprint[:12]}); "
            "fetch the archive's raw files, or set `mirror`"
        )
    siblings = [one for one in archive.records.values() if one.spec.id == run.id and one is not record]
    same = found.provenance.hardware == record.provenance.hardware
    return Again(record, compare(record, found, siblings), same, tuple(_other_data(record, found)))


def _other_data(record: Record, found: Record) -> Iterator[str]:
    """What the record claims of its data, and the same data prepared here do not bear.

    The digest of the archive itself may differ: the same files can be packed in another way.
    """
    said, here = record.provenance, found.provenance
    if said.data_origin != here.data_origin:
        yield f"data origin {said.data_origin!r}, the same data are {here.data_origin!r} here"
    for name in said.raw_sha256.keys() | here.raw_sha256.keys():
        if Path(name).suffix != ".zip" and said.raw_sha256.get(name) != here.raw_sha256.get(name):
            yield f"SHA-256 of {name} is not that of the same file here"

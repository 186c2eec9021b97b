"""Train some of an archive's runs again, and compare the results with its records.

As a program it trains one run, from its specification alone.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from workflow.archive.compare import compare
from workflow.archive.layout import RunArchive
from workflow.archive.own_models import put, shown
from workflow.data.provide import provide
from workflow.errors import UserError
from workflow.plan.config import ROOT
from workflow.spec import RunSpec
from workflow.train.record import Record, read_record

SPEC = "spec.json"


@dataclass(frozen=True)
class Again:
    """A run that was trained again, and how it compares with its record; None if they conflict."""

    record: Record
    how: str | None
    same_machine: bool  # of the same kind, judging by its name
    faults: tuple[str, ...] = ()  # contradictions between the record's data and the data here


def retrain(archive: RunArchive, records: Sequence[Record], say: Callable[[str], None]) -> list[Again]:
    """Train runs again in a folder of their own, on prepared data of the working directory.

    The code of models of one's own is that of the archive. It is shown before it runs.
    """
    plan = archive.plan
    for identity in dict.fromkeys(record.spec.dataset.id for record in records):
        provide(*plan.prepared(identity), plan.campaign, say)
    total_s = sum(record.provenance.wall_s for record in records)
    say(f"{len(records)} runs to train again: about {minutes(total_s)}, as their records say")
    found = []
    for number, record in enumerate(records, start=1):
        say(f"{number} of {len(records)}, about {minutes(record.provenance.wall_s)}:")
        found.append(_again(archive, record, say))
    return found


def minutes(seconds: float) -> str:
    """A time to wait.

    >>> minutes(40), minutes(150)
    ('1 min', '3 min')
    """
    return f"{max(1, ceil(seconds / 60))} min"


def _again(archive: RunArchive, record: Record, say: Callable[[str], None]) -> Again:
    run, own_file = record.spec, archive.own_file(record)
    with tempfile.TemporaryDirectory(prefix="retrain-") as name:
        folder = Path(name)
        (folder / "data").symlink_to(Path("data").resolve())
        try:
            for line in shown(record, own_file):
                say(line)
            put(record, own_file, folder)
            say(f"training {run.dataset.name} {run.model.name} {run.key} again")
            _train(record, archive.campaign.device, folder, say)
            found = read_record(folder / run.record_path)
        except UserError as error:  # the next run may still succeed
            return Again(record, None, same_machine=False, faults=(f"cannot be trained again: {error}",))
    siblings = [one for one in archive.records.values() if one.spec.id == run.id and one is not record]
    same = found.provenance.hardware == record.provenance.hardware
    return Again(record, compare(record, found, siblings), same, tuple(_other_data(record, found)))


def _train(record: Record, device: str, folder: Path, say: Callable[[str], None]) -> None:
    (folder / SPEC).write_text(record.spec.model_dump_json(), encoding="utf-8")
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as faults,
        # The archive's files come after the project on the path, so that they replace no module.
        subprocess.Popen(
            [sys.executable, "-u", "-P", "-m", "workflow.archive.retrain", SPEC, device],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)])},
            stdout=subprocess.PIPE,
            stderr=faults,
            text=True,
        ) as training,
    ):
        assert training.stdout is not None
        for line in training.stdout:
            if " epoch " in line:
                say(f"  {line.rstrip()}")
        if training.wait():
            faults.seek(0)
            raise UserError(faults.read().strip().removeprefix("error: "))


def _other_data(record: Record, found: Record) -> Iterator[str]:
    """What the record states about its data and the same data prepared here contradict.

    The digest of the archive itself may differ: the same files can be packed in another way.
    """
    said, here = record.provenance, found.provenance
    if said.data_fingerprint != here.data_fingerprint:
        yield (
            f"the prepared data are not those of the archive (fingerprint {here.data_fingerprint[:12]}, not "
            f"{said.data_fingerprint[:12]}); fetch the archive's raw files, or set `mirror`"
        )
        return
    if said.data_origin != here.data_origin:
        yield f"data origin {said.data_origin!r}, the same data are {here.data_origin!r} here"
    for name in said.raw_sha256.keys() | here.raw_sha256.keys():
        if Path(name).suffix != ".zip" and said.raw_sha256.get(name) != here.raw_sha256.get(name):
            yield f"SHA-256 of {name} is not that of the same file here"


def _main(spec: str, device: str) -> int:
    """Train a run in its own process and folder, with its record there; a user's mistake is one line and status 1."""
    from workflow.train.pack import train_pack, trainer  # noqa: PLC0415 - loads torch

    run = RunSpec.model_validate_json(Path(spec).read_bytes())
    try:
        train_pack((run,), trainer(device, 1, 30.0))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))

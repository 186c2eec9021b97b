"""Whether an archive can be believed: seals, protocol, possible numbers, and runs trained again.

A seal and `SHA256SUMS` find accidents, not a forger, who can write both anew. What a forger
cannot so easily do is forge a number and all that hangs on it: the sums by user must give the
record's AUC and gAUC, the learning rates must follow from the validation metrics, and the run
must come out again when it is trained again.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isclose

import numpy as np

from workflow.archive.layout import SUMS, RunArchive, undescribed
from workflow.archive.retrain import retrain
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.spec import RunSpec
from workflow.train.keep import training_code
from workflow.train.placements import UserSums
from workflow.train.record import Record

SAME = 1e-12  # between a metric and what the sums by user give for it: the last digits of a sum


@dataclass(frozen=True)
class Findings:
    """What was found; an archive with no fault can be believed as far as looking goes."""

    faults: tuple[str, ...]
    incomplete: tuple[str, ...]  # cells that lack seeds: no finding rests on them
    other_code: int  # records that this checkout's code did not make
    records: int


def check(archive: RunArchive, retrained: int, seed: int, *, strict: bool, say: Callable[[str], None]) -> None:
    """Look at an archive, train some of its runs again, and tell.

    Raises
    ------
    UserError
        When anything is not as it must be.
    """
    found = verify(archive)
    for line in found.faults:
        say(f"fault: {line}")
    for line in found.incomplete:
        say(f"incomplete, so that no finding rests on it: {line}")
    faults = len(found.faults) + (len(found.incomplete) if strict else 0)
    for again in retrain(archive, sample(archive, retrained, seed), say) if retrained else ():
        expected = "equal" if again.same_machine else None
        wrong = again.how is None or (expected is not None and again.how != expected)
        faults += wrong
        kind = "this kind of machine" if again.same_machine else "another kind of machine"
        say(f"{'fault: ' if wrong else ''}{again.record.spec.key}: {again.how or 'another result'}, on {kind}")
    if retrained and len(archive.records) == found.other_code:
        raise UserError(f"{archive.folder}: no run was made by this checkout's code; check out the archive's commit")
    said = f"{found.records} records, {found.other_code} of them by other code than this checkout's"
    if faults:
        raise UserError(f"{archive.folder}: {said}: {faults} fault{'s' if faults > 1 else ''}")
    say(f"{archive.folder}: {said}: no fault found")


def verify(archive: RunArchive) -> Findings:
    """Look at every file and record of an archive."""
    contents = archive.contents()
    plan = Plan(contents.campaign)
    faults = [f"{name}: not named in {SUMS}; remove it, or export again" for name in archive.unlisted]
    faults += undescribed(contents)
    faults += [fault for record in archive.records.values() for fault in faults_of(record, archive, plan)]
    faults += [
        f"{key}: sums by user of a run that has no record" for key in archive.sums.keys() - archive.records.keys()
    ]
    other = sum(record.provenance.code != training_code(record.spec.model) for record in archive.records.values())
    return Findings(tuple(faults), tuple(incomplete(archive, plan)), other, len(archive.records))


def faults_of(record: Record, archive: RunArchive, plan: Plan) -> Iterator[str]:
    """What cannot be, of one record."""
    spec = record.spec
    where = f"{spec.dataset.name} {spec.model.name} {spec.key}"
    planned = plan.runs.get(spec.key)
    if planned is None:
        yield f"{where}: no run of campaign {plan.campaign.campaign}"
    if record.status != "ok":
        return
    meta = archive.meta(spec.dataset)
    if meta is not None and meta.fingerprint != record.provenance.data_fingerprint:
        yield f"{where}: was trained on other data than {meta.dataset.name}'s description"
    yield from (f"{where}: {fault}" for fault in protocol_faults(record))
    sums = archive.user_sums(record)
    if sums is None:
        yield f"{where}: has no sums by user"
    else:
        yield from (f"{where}: {fault}" for fault in metric_faults(record, sums))


def protocol_faults(record: Record) -> Iterator[str]:
    """Whether the epochs obey the stopping protocol that the specification states."""
    from workflow.train.checkpoint import Progress  # noqa: PLC0415
    from workflow.train.loop import follow_monitor, goes_on  # noqa: PLC0415

    progress = Progress(learning_rate=record.spec.optimizer.learning_rate)
    for number, epoch in enumerate(record.epochs, start=1):
        if not goes_on(record.spec, progress):
            yield f"epoch {number} follows where training had to stop"
            return
        if epoch.epoch != number or epoch.learning_rate != progress.learning_rate:
            by_protocol = f"the protocol gives {progress.learning_rate:g}"
            yield f"epoch {number}: learning rate {epoch.learning_rate:g}, {by_protocol}"
            return
        progress.epochs.append(epoch)
        follow_monitor(record.spec, progress, epoch.valid)
    if goes_on(record.spec, progress):
        yield f"stops after epoch {len(record.epochs)}, where the protocol goes on"
    if record.best_epoch != progress.best_epoch:
        yield f"best epoch {record.best_epoch}, the validation metrics say {progress.best_epoch}"
    elif record.valid != record.epochs[progress.best_epoch - 1].valid:
        yield "validation metrics are not those of the best epoch"


def metric_faults(record: Record, sums: UserSums) -> Iterator[str]:
    """Whether the test metrics are those that the sums by user give."""
    assert record.test is not None
    positives, negatives = sums.positives_U.sum(), sums.negatives_U.sum()
    for name, value in (
        ("AUC", sums.placements_positive_U.sum() / positives),
        ("AUC", sums.placements_negative_U.sum() / negatives),
        ("gAUC", grouped(sums)),
    ):
        said = record.test.gauc if name == "gAUC" else record.test.auc
        if (said is None) != (value is None):
            yield f"test {name} is {said}, the sums by user give {value}"
        elif said is not None and value is not None and not isclose(said, value, rel_tol=0, abs_tol=SAME):
            yield f"test {name} is {said:.9f}, the sums by user give {value:.9f}"


def grouped(sums: UserSums) -> float | None:
    """GAUC of the users that have both classes; None where there are no users."""
    both_U = ~np.isnan(sums.auc_U)
    if not both_U.any():
        return None
    return float(np.average(sums.auc_U[both_U], weights=(sums.positives_U + sums.negatives_U)[both_U]))


def incomplete(archive: RunArchive, plan: Plan) -> Iterator[str]:
    """Cells that have some of their seeds and not all: a choice among seeds would look so."""
    lacking: dict[str, set[int]] = defaultdict(set)
    having: dict[str, RunSpec] = {}
    for key, (run, _) in plan.runs.items():
        if key in archive.records:
            having[run.id] = run
        else:
            lacking[run.id].add(run.seed)
    for identity, run in having.items():
        if identity in lacking:
            seeds = ", ".join(map(str, sorted(lacking[identity])))
            yield f"{run.dataset.name} {run.model.name} {identity}: lacks seed {seeds}"


def sample(archive: RunArchive, count: int, seed: int) -> list[Record]:
    """Draw finished runs to train again; the same seed draws the same."""
    able = [
        record
        for _, record in sorted(archive.records.items())
        if record.status == "ok" and record.provenance.code == training_code(record.spec.model)
    ]
    return random.Random(seed).sample(able, min(count, len(able)))

"""Joining archives: of other people, of other machines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path
from statistics import stdev

from scipy import special

from workflow.archive.layout import Archive, Contents
from workflow.archive.write import write_archive
from workflow.errors import UserError
from workflow.train.record import Record


@dataclass(frozen=True)
class Twice:
    """A run that two archives have, and how the two compare."""

    key: str
    how: str  # equal, or by how much they differ


def result_of(record: Record) -> dict[str, object]:
    """What a record says without its times: the same, bit for bit, on one kind of machine."""
    epochs = [epoch.model_dump(exclude={"train_s", "eval_s"}) for epoch in record.epochs]
    parts = record.model_dump(include={"status", "failure", "best_epoch", "valid", "test", "parameters", "files"})
    return {**parts, "epochs": epochs, "probes": record.probes.model_dump()}


def compare(own: Record, other: Record, siblings: Sequence[Record]) -> str | None:
    """How two records of one run compare; None where they are in conflict.

    Parameters
    ----------
    own, other : Record
        Records of the same run.
    siblings : sequence of Record
        The same configuration's records of other seeds: their spread is what a run that rounds
        differently may move by.

    Returns
    -------
    str or None
        "equal", or a difference of test AUC within the 95 % prediction interval of a difference
        of two runs, t(n - 1)·s·√2 with the standard deviation s of all n seeds.
    """
    if result_of(own) == result_of(other):
        return "equal"
    if own.test is None or other.test is None:
        return None
    values = [own.test.auc, *(record.test.auc for record in siblings if record.test)]
    if len(values) < 2:
        return None
    allowed = float(special.stdtrit(len(values) - 1, 0.975)) * stdev(values) * sqrt(2)
    difference = abs(own.test.auc - other.test.auc)
    if difference > allowed:
        return None
    return f"test AUC differs by {difference:.6f}, within the seeds' {allowed:.6f}"


def merge(archives: Sequence[Archive], folder: Path) -> list[Twice]:
    """Join archives of one campaign; what the first has stands.

    Returns
    -------
    list of Twice
        Runs that more than one archive had.

    Raises
    ------
    UserError
        When two archives are of different campaigns, or disagree on a run beyond the spread of
        its seeds.
    """
    joined, twice = archives[0].contents(), []
    for archive in archives[1:]:
        joined, more = _join(joined, archive.contents(), archives[0].folder, archive.folder)
        twice += more
    write_archive(folder, joined)
    return twice


def _join(own: Contents, other: Contents, first: Path, second: Path) -> tuple[Contents, list[Twice]]:
    if own.campaign != other.campaign:
        raise UserError(
            f"{second}: is of another campaign than {first} (or of the same with other settings); merge archives of one"
        )
    twice = []
    for key in sorted(own.records.keys() & other.records.keys()):
        record, rival = own.records[key], other.records[key]
        siblings = [one for one in own.records.values() if one.spec.id == record.spec.id and one is not record]
        how = compare(record, rival, siblings)
        if how is None:
            raise UserError(
                f"{key} ({record.spec.dataset.name}, {record.spec.model.name}): {first} and {second} are in conflict: "
                f"test AUC {_auc(record)} and {_auc(rival)}; `verify --retrain` one of them, and leave the other out"
            )
        twice.append(Twice(key, how))
    new = {key: record for key, record in other.records.items() if key not in own.records}
    return replace(
        own,
        records={**own.records, **new},
        sums={**own.sums, **{key: sums for key, sums in other.sums.items() if key in new}},
        metas={**other.metas, **own.metas},
        timing=own.timing or other.timing,
    ), twice


def _auc(record: Record) -> str:
    return "none" if record.test is None else f"{record.test.auc:.6f}"

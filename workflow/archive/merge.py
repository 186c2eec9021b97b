"""Joining archives: of other people, of other machines."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workflow.archive.compare import compare
from workflow.archive.layout import Contents, RunArchive
from workflow.archive.write import refuse_loss, write_archive
from workflow.errors import UserError
from workflow.train.record import Record


@dataclass(frozen=True)
class Twice:
    """A run that two archives have, and how the two compare."""

    key: str
    how: str  # equal, or by how much they differ


def merge(archives: Sequence[RunArchive], folder: Path, *, force: bool = False) -> list[Twice]:
    """Join archives of one campaign; what the first has stands.

    Returns
    -------
    list of Twice
        Runs that more than one archive had.

    Raises
    ------
    UserError
        When two archives are of different campaigns, or disagree on a run beyond the spread of
        its seeds, or the folder holds an archive with what these lack; `force` overwrites it.
    """
    joined, twice = archives[0].contents(), []
    for archive in archives[1:]:
        joined, more = _join(joined, archive.contents(), archives[0].folder, archive.folder)
        twice += more
    if not force:
        refuse_loss(folder, joined)
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
        own_files={**own.own_files, **other.own_files},
    ), twice


def _auc(record: Record) -> str:
    return "none" if record.test is None else f"{record.test.auc:.6f}"

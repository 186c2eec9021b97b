"""Joining archives from other people or machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workflow.archive.compare import compare
from workflow.archive.configuration import experiments_of
from workflow.archive.layout import Contents, RunArchive
from workflow.archive.write import refuse_loss, refuse_mixed_data, write_archive
from workflow.errors import UserError
from workflow.train.choice import follow
from workflow.train.record import Record


@dataclass(frozen=True)
class Merged:
    """The result of a merge."""

    runs: int
    twice: Mapping[str, str]  # runs that two archives have, and how the two compare
    left_out: int  # runs that the first archive's campaign does not plan


def merge(archives: Sequence[RunArchive], folder: Path, *, force: bool = False) -> Merged:
    """Join archives under the campaign of the first; runs of the first are kept.

    Runs belong to no campaign, so another campaign's archive gives those that the first one plans. Refused are
    archives that share no run, that disagree on a run beyond the spread of its seeds or are of different data, and a
    loss in `folder`.
    """
    contents = [archive.contents() for archive in archives]
    joined, twice, left_out = contents[0], dict[str, str](), 0
    with experiments_of(joined.configuration):  # by which its runs were planned and chosen
        for archive, other in zip(archives[1:], contents[1:], strict=True):
            is_same = (other.campaign, other.configuration) == (joined.campaign, joined.configuration)
            part = other if is_same else _planned(joined, other)
            left_out += len(other.records) - len(part.records)
            if not part.records:
                raise UserError(
                    f"{archive.folder}: campaign {other.campaign.campaign} shares no run with "
                    f"{joined.campaign.campaign} of {archives[0].folder}; merge archives that share runs"
                )
            joined, more = _join(joined, part, archives[0].folder, archive.folder)
            twice |= more
        _, choices = follow(joined.campaign, lambda run: joined.records.get(run.key))
    joined = replace(joined, choices=choices)
    refuse_mixed_data(joined, "merge archives whose runs are on the same data")
    if not force:
        refuse_loss(folder, joined)
    write_archive(folder, joined)
    return Merged(len(joined.records), twice, left_out)


def _planned(own: Contents, other: Contents) -> Contents:
    """The part of another campaign's archive that belongs to runs of ours."""
    both = {**other.records, **own.records}
    planned = follow(own.campaign, lambda run: both.get(run.key))[0].runs.keys() | own.records.keys()
    records = {key: record for key, record in other.records.items() if key in planned}
    data = {record.spec.dataset.id for record in records.values()}
    return replace(
        other,
        records=records,
        sums={key: sums for key, sums in other.sums.items() if key in records},
        metas={identity: meta for identity, meta in other.metas.items() if identity in data},
        pairs={key: sums for key, sums in other.pairs.items() if _members(key) <= records.keys()},
        timing=None,
    )


def _join(own: Contents, other: Contents, first: Path, second: Path) -> tuple[Contents, dict[str, str]]:
    twice: dict[str, str] = {}
    for key in sorted(own.records.keys() & other.records.keys()):
        record, rival = own.records[key], other.records[key]
        siblings = [one for one in own.records.values() if one.spec.id == record.spec.id and one is not record]
        how = compare(record, rival, siblings)
        if how is None:
            remedy = "`verify --retrain` one of them, and leave the other out"
            if record.status != rival.status:
                remedy = "`retry` the run where it failed, and export again"
            raise UserError(
                f"{key} ({record.spec.dataset.name}, {record.spec.model.name}): {first} and {second} are in conflict: "
                f"test AUC {_auc(record)} and {_auc(rival)}; {remedy}"
            )
        twice[key] = how
    new = {key: record for key, record in other.records.items() if key not in own.records}
    return replace(
        own,
        records={**own.records, **new},
        sums={**own.sums, **{key: sums for key, sums in other.sums.items() if key in new}},
        pairs={**{key: sums for key, sums in other.pairs.items() if _members(key) <= new.keys()}, **own.pairs},
        metas={**other.metas, **own.metas},
        timing=own.timing or other.timing,
        own_files={**own.own_files, **other.own_files},
    ), twice


def _members(pair: str) -> set[str]:
    """Keys of both runs."""
    first, _, second = pair.partition("+")
    return {first, f"{first.partition('/')[0]}/{second}"}


def _auc(record: Record) -> str:
    return "none (failed)" if record.test is None else f"{record.test.auc:.6f}"

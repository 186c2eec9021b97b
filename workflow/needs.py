"""What a campaign asks of a machine besides time: download, disk, memory. About, and at least."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workflow.basis import data_of, published_data
from workflow.data.sources import raw_archive
from workflow.fits import columns_of
from workflow.plan import Plan
from workflow.spec import DatasetSpec
from workflow.train.record import Record

PROCESS_BYTES = 1 << 30  # torch, a model and a batch of 10,000 rows: what runs on Frappe reached
RECORD_BYTES = 10_000  # a record and its sums by user
VALUE_BYTES = 4  # int32 and float32
TEXT_BYTES = 8  # of a value in a raw file, packed


@dataclass(frozen=True)
class Needs:
    """Bytes to download, with datasets of unknown size; to write; and of memory for each run in training."""

    download_bytes: int
    unknown: tuple[str, ...]
    disk_bytes: int
    memory_bytes: int


def needs_of(plan: Plan, records: Iterable[Record], *, fresh: bool = False) -> Needs:
    """What the campaign needs that is not there yet; memory from finished runs where there are any.

    `fresh: True` takes nothing as there: what it needs on a machine that has only the code.
    """
    download_bytes, disk_bytes, unknown, seen = 0, 0, [], set[str]()
    for config, spec in plan.sources:
        has_raw, is_prepared = raw_archive(config, spec).exists(), Path(spec.prepared_dir).is_dir()
        if spec.id in seen:
            continue
        seen.add(spec.id)
        if fresh or not is_prepared:
            disk_bytes += array_bytes(spec, fresh)
        if not fresh and (has_raw or is_prepared):
            continue
        if spec.preparation.twin is not None:
            disk_bytes += spec.preparation.twin.rows * columns_of(spec) * TEXT_BYTES
        elif config.name not in plan.campaign.local:
            disk_bytes += config.source.size_bytes or 0
            download_bytes += config.source.size_bytes or 0
            unknown += [config.name] * (config.source.size_bytes is None)
    disk_bytes += RECORD_BYTES * sum(fresh or not run.record_path.is_file() for run, _ in plan.runs.values())
    measured = [record.provenance.peak_memory_bytes for record in records]
    largest = max((array_bytes(spec, fresh) for spec in plan.datasets), default=0)
    return Needs(download_bytes, tuple(unknown), disk_bytes, max([PROCESS_BYTES + largest, *measured]))


def array_bytes(dataset: DatasetSpec, fresh: bool = False) -> int:
    """Bytes of a dataset's arrays: its columns, a label and a group of each row, test rows as many as valid ones."""
    data = published_data(dataset) if fresh else data_of(dataset)
    return (data.train_rows + 2 * data.valid_rows) * (columns_of(dataset) + 2) * VALUE_BYTES

"""What a campaign needs besides time: download, disk, memory. Approximate lower bounds."""

from dataclasses import dataclass

from workflow.cost.epochs import Basis, Data
from workflow.data.sources import raw_archive
from workflow.plan.campaign import Plan
from workflow.spec import DatasetSpec, RunSpec

# Resident memory as measured, rounded up.
TORCH_BYTES = {"cpu": 600_000_000, "cuda": 4_000_000_000}  # a process that has loaded it, and the driver's part
COPIES = 6  # of parameters: they, their gradients, Adam's two means, the best so far, and a state being saved
TRAINED = 3  # of what the backward pass needs: it, and the gradients of about as much, twice
ROW_BYTES = 80  # of a row: label, user, and what shuffling, scoring and sorting make
LARGEST_ROWS, EVALUATION_BYTES = 8192, 2 << 30  # of an evaluation batch on a CPU, see workflow/train/predict.py
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


def needs_of(plan: Plan, basis: Basis) -> Needs:
    """What the campaign still needs, and the memory of its largest run on a kind of device."""
    fresh = basis.fresh
    download_bytes, disk_bytes, unknown, seen = 0, 0, [], set[str]()
    for config, spec in plan.sources:
        has_raw = raw_archive(config, spec).exists()
        if spec.id in seen:
            continue
        seen.add(spec.id)
        if fresh or not spec.is_prepared:
            disk_bytes += array_bytes(spec, basis.data_of(spec))
        if not fresh and (has_raw or spec.is_prepared):
            continue
        if spec.preparation.twin is not None:
            disk_bytes += spec.preparation.twin.rows * columns_of(spec) * TEXT_BYTES
        elif config.name not in plan.campaign.local:
            disk_bytes += config.source.size_bytes or 0
            download_bytes += config.source.size_bytes or 0
            unknown += [config.name] * (config.source.size_bytes is None)
    disk_bytes += RECORD_BYTES * sum(fresh or not run.record_path.is_file() for run, _ in plan.runs.values())
    memory_bytes = max((process_bytes(run, basis) for run, _ in plan.runs.values()), default=0)
    return Needs(download_bytes, tuple(unknown), disk_bytes, memory_bytes)


def process_bytes(run: RunSpec, basis: Basis, *, counted: bool = True) -> int:
    """Memory of a process that trains a run: rows × columns × copies, parameters, activations.

    Of a run on a GPU this is the host's part. `counted: False` leaves the model out, so that
    none has to be counted for it; nor is one that does not start.
    """
    data = basis.data_of(run.dataset)
    total_bytes = TORCH_BYTES[basis.device] + data.rows * (VALUE_BYTES * data.columns + ROW_BYTES)
    work = basis.work(run) if counted and basis.device == "cpu" else None
    if work is None:
        return total_bytes
    batch_rows = min(run.training.batch_size, data.train_rows)
    evaluated_bytes = min(min(LARGEST_ROWS, data.rows) * work.bytes, EVALUATION_BYTES)
    model_bytes = VALUE_BYTES * COPIES * work.parameters(data.tokens)
    return total_bytes + model_bytes + TRAINED * batch_rows * work.held_bytes + evaluated_bytes


def array_bytes(dataset: DatasetSpec, data: Data) -> int:
    """Bytes of a dataset's arrays: its columns, a label and a group of each row."""
    return data.rows * (columns_of(dataset) + 2) * VALUE_BYTES


def columns_of(dataset: DatasetSpec) -> int:
    """Columns of x."""
    return sum(field.columns for field in dataset.preparation.fields)


def readable(size_bytes: int) -> str:
    """A size in the unit that fits it.

    >>> readable(5 << 29)
    '2.5 GiB'
    """
    power = min((size_bytes.bit_length() - 1) // 10, 6) if size_bytes else 0
    return f"{size_bytes / 1024**power:.3g} {('B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB')[power]}"

"""What a campaign will cost, before it is paid: from finished runs, or from counted work.

Torch is loaded only where finished runs do not suffice, and what it counted and measured is kept
for the next call.
"""

import csv
import platform
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

from pydantic import NonNegativeInt, PositiveFloat, ValidationError

from workflow.config import ROOT, load_dataset
from workflow.data.store import load_meta
from workflow.errors import UserError
from workflow.files import sha256_json, write_text
from workflow.plan import Plan
from workflow.settings import Frozen
from workflow.spec import DatasetSpec, RunSpec
from workflow.train.keep import training_code
from workflow.train.record import Record, read_record

KEPT = Path("results/cost_basis.json")
DEFAULT_EPOCHS = 20  # where neither finished runs nor the authors' logs tell
LAUNCH_S = {"cpu": 0.0, "cuda": 2e-3}  # of a step's 200 operations, however small they are
STEP_BYTES = 28  # per parameter and step: Adam, the dense L2 and the clip, in bytes written
ONE = 1.5  # between runs of one kind, where only one has finished
UNHELD = 2.0  # between the count and the clock, where no finished run tells
CHECKED = 12  # finished runs that the count is held against
FINISHED, SEEDS, MODEL, COUNTED, UNKNOWN = "finished", "other seeds", "same model and data", "counted work", "nothing"


class Work(Frozen):
    """What a model asks of a machine: of each row, and of each step of the optimiser."""

    training_multiply_adds: NonNegativeInt
    training_bytes: NonNegativeInt
    multiply_adds: NonNegativeInt
    bytes: NonNegativeInt
    parameters: NonNegativeInt


class Speed(Frozen):
    """What one process reaches on a machine that is left alone."""

    multiply_adds_per_s: PositiveFloat
    bytes_per_s: PositiveFloat


# Where the campaign's device is not here to be measured: the order of a data-centre GPU of 2020.
ASSUMED = {"cuda": Speed(multiply_adds_per_s=10e12, bytes_per_s=300e9)}


class Kept(Frozen):
    """What was counted and measured so far, by what it depends on."""

    works: dict[str, Work] = {}
    speeds: dict[str, Speed] = {}


@dataclass(frozen=True)
class Forecast:
    """Seconds of one run, between which they may lie, and where the figure comes from."""

    seconds: float
    source: str
    low_s: float = 0.0
    high_s: float = 0.0


@dataclass(frozen=True)
class Costs:
    """Estimates by run key, and what can be said of them."""

    of: dict[str, Forecast]
    notes: tuple[str, ...] = ()


def read_all(plan: Plan) -> tuple[dict[str, Record], list[str]]:
    """Finished records of a campaign by run key, and what is wrong with unreadable ones."""
    records, faults = {}, []
    for key, (run, _) in plan.runs.items():
        path = Path(run.record_path)
        if path.is_file():
            try:
                records[key] = read_record(path)
            except UserError as error:
                faults.append(str(error))
    return records, faults


def forecast(plan: Plan, records: dict[str, Record], device: str) -> Costs:
    """Seconds of every run of the campaign on `device`, cpu or cuda."""
    finished = [r for r in records.values() if r.status == "ok" and r.provenance.device == device]
    walls_s: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for record in finished:
        for alike in _alike(record.spec):
            walls_s[alike].append(record.provenance.wall_s)
    found: dict[str, Forecast] = {}
    for key, (run, _) in plan.runs.items():
        if key in records:
            wall_s = records[key].provenance.wall_s
            found[key] = Forecast(wall_s, FINISHED, wall_s, wall_s)
        else:
            for alike, source in zip(_alike(run), (SEEDS, MODEL), strict=True):
                if key not in found and alike in walls_s:
                    found[key] = _like(walls_s[alike], source)
    rest = [run for key, (run, _) in plan.runs.items() if key not in found]
    if not rest:
        return Costs(found)
    counted = _counted(rest, finished, device)
    return Costs(found | counted.of, counted.notes)


def _like(walls_s: list[float], source: str) -> Forecast:
    """The median of what like runs took, and their range; of a single one, half as much again each way."""
    if len(walls_s) == 1:
        return Forecast(walls_s[0], source, walls_s[0] / ONE, walls_s[0] * ONE)
    return Forecast(median(walls_s), source, min(walls_s), max(walls_s))


def wall_s(costs: Iterable[Forecast], at_once: int) -> tuple[float, float]:
    """Seconds that runs take side by side, at least and at most: never less than the longest of them.

    Examples
    --------
    >>> wall_s([Forecast(10, "", 8, 12), Forecast(2, "", 2, 2)], at_once=2)
    (8, 12)
    """
    low, high = zip(*((cost.low_s, cost.high_s) for cost in costs), strict=True)
    return max(sum(low) / at_once, *low), max(sum(high) / at_once, *high)


def _alike(run: RunSpec) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What runs of about the same time share, the closest first."""
    return (run.id,), (run.dataset.id, run.model.name, str(run.training.max_epochs), str(run.training.threads))


# -- from counted work ----------------------------------------------------------------


def _counted(runs: list[RunSpec], finished: list[Record], device: str) -> Costs:
    basis = _Basis(device)
    found: dict[str, Forecast] = {}
    # One record for each kind of run that the count can be held against.
    kinds = {_alike(record.spec)[1]: record for record in finished if record.epochs}
    ratios = []
    for record in list(kinds.values())[:CHECKED]:
        if (epoch_s := basis.epoch_s(record.spec)) is not None:
            ratios.append(median(epoch.train_s + epoch.eval_s for epoch in record.epochs) / epoch_s)
    factor = median(ratios) if ratios else 1.0
    low, high = (min(ratios), max(ratios)) if len(ratios) > 1 else (factor / UNHELD, factor * UNHELD)
    for run in runs:
        epoch_s = basis.epoch_s(run)
        if epoch_s is None:
            found[run.key] = Forecast(0.0, UNKNOWN)
        else:
            counted_s = epoch_s * epochs_of(run, finished)
            found[run.key] = Forecast(factor * counted_s, COUNTED, low * counted_s, high * counted_s)
    basis.keep()
    notes = [basis.note]
    if ratios:
        low, high = min(ratios), max(ratios)
        kinds_of = "a finished run" if len(ratios) == 1 else f"{len(ratios)} kinds of finished runs"
        notes.append(f"{kinds_of} took {low:.2f} to {high:.2f} times the count, so it is taken times {factor:.2f}.")
    return Costs(found, tuple(notes))


class _Basis:
    """Counts and measures as it is asked, at most once for each model and setting."""

    def __init__(self, device: str) -> None:
        self.device = device
        works, speeds = _kept()
        self.works, self.speeds = dict(works), dict(speeds)
        self.data: dict[str, Data] = {}
        self.measured = True

    @property
    def note(self) -> str:
        """Where the speed comes from."""
        if not self.measured:
            return f"No {self.device} device is here: its speed is assumed."
        return f"Work is counted; the speed of {platform.node()} is that of its matrix products and passes over memory."

    def epoch_s(self, run: RunSpec) -> float | None:
        """Seconds of an epoch with its evaluation; None where the model does not start."""
        work = self._work(run)
        if work is None:
            return None
        speed, data = self._speed(run), self._data(run)
        train = work.training_multiply_adds / speed.multiply_adds_per_s + work.training_bytes / speed.bytes_per_s
        predict = work.multiply_adds / speed.multiply_adds_per_s + work.bytes / speed.bytes_per_s
        step = LAUNCH_S[self.device] + STEP_BYTES * work.parameters / speed.bytes_per_s
        # Forward pass, gradient of the input, gradient of the weights.
        return data.train_rows * (3 * train + step / run.training.batch_size) + data.valid_rows * predict

    def _data(self, run: RunSpec) -> "Data":
        if run.dataset.id not in self.data:
            self.data[run.dataset.id] = data_of(run.dataset)
        return self.data[run.dataset.id]

    def _work(self, run: RunSpec) -> Work | None:
        fields = self._data(run).fields
        key = sha256_json([run.model.model_dump(mode="json"), fields, training_code(run.model)])
        if key not in self.works:
            from workflow.work import work_of  # noqa: PLC0415

            try:
                self.works[key] = work_of(run.model, fields)
            except Exception:  # a model of the user's own; training tells what is wrong with it
                if run.model.name != "Custom":
                    raise
                return None
        return self.works[key]

    def _speed(self, run: RunSpec) -> Speed:
        threads, precision = run.training.threads, run.training.precision
        key = f"{platform.node()} {self.device} {precision}, threads {threads}"
        if key not in self.speeds:
            from workflow.work import has_device, measure_speed  # noqa: PLC0415

            if not has_device(self.device):
                self.measured = False
                return ASSUMED[self.device]
            self.speeds[key] = measure_speed(threads, precision, self.device)
        return self.speeds[key]

    def keep(self) -> None:
        """Leave what was found for the next call, where that can be written."""
        if (self.works, self.speeds) != _kept():
            with suppress(UserError):
                write_text(KEPT, Kept(works=self.works, speeds=self.speeds).model_dump_json(indent=1) + "\n")


def _kept() -> tuple[dict[str, Work], dict[str, Speed]]:
    try:
        kept = Kept.model_validate_json(KEPT.read_bytes())
    except (OSError, ValidationError):
        return {}, {}
    return kept.works, kept.speeds


# -- what is known of the data --------------------------------------------------------


@dataclass(frozen=True)
class Data:
    """Size of a dataset; of each field its vocabulary size, columns and pooling."""

    train_rows: int
    valid_rows: int
    fields: tuple[tuple[int, int, str], ...]


def data_of(dataset: DatasetSpec) -> Data:
    """What is known of a dataset: as prepared, else a twin's share of rows or what is published."""
    with suppress(UserError):
        meta = load_meta(dataset.prepared_dir)
        fields = tuple((field.vocab_size, field.columns, field.pooling) for field in meta.fields)
        return Data(meta.splits["train"].rows, meta.splits["valid"].rows, fields)
    published, twin = load_dataset(dataset.name.removesuffix("-twin")).published, dataset.preparation.twin
    own = dataset.preparation.fields
    usual = max(2, (published.features or 1000 * len(own)) // len(own))
    fields = tuple(
        (
            published.vocabulary.get(field.name, usual),
            field.list.max_len if field.list else 1,
            field.list.pooling if field.list else "mean",
        )
        for field in own
    )
    if twin is not None:
        return Data(twin.rows * 8 // 10, twin.rows // 10, fields)
    return Data(published.rows.get("train", 1_000_000), published.rows.get("valid", 100_000), fields)


def epochs_of(run: RunSpec, finished: Iterable[Record]) -> int:
    """Epochs until training stops: those of finished runs on the same data, of the authors' logs, or 20."""
    own = [len(record.epochs) for record in finished if record.spec.dataset.id == run.dataset.id]
    usual = own or _logged_epochs().get(load_dataset(run.dataset.name.removesuffix("-twin")).title) or [DEFAULT_EPOCHS]
    return min(round(median(usual)), run.training.max_epochs)


@cache
def _logged_epochs() -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    with (ROOT / "paper/author_logs.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["dataset"]].append(int(row["epochs_run"]))
    return dict(found)

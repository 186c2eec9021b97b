"""The cost of an epoch: the work of the model, the size of the data, the speed of the machine.

Counts of the paper's models come with the code (`make counts`); others are kept for the next call. Torch is loaded
only for what is in neither.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pydantic import TypeAdapter

from workflow.cost.speed import ASSUMED, Speed, speed_here
from workflow.data.store import load_meta
from workflow.errors import UserError, shortened
from workflow.files import sha256_json, write_text
from workflow.plan.campaign import Plan
from workflow.plan.cells import config_name
from workflow.plan.config import ROOT, CampaignConfig, load_campaign, load_dataset
from workflow.reading import SMALL_BYTES, in_one_line, regular_bytes
from workflow.settings import Custom, Frozen, ModelSettings, NonNegativeInt
from workflow.spec import DatasetSpec, RunSpec
from workflow.train.keep import model_code, training_code

KEPT = Path("results/counts.json")
SHIPPED = ROOT / "workflow/cost/counts.json"
LAUNCH_S = {"cpu": 0.0, "cuda": 2e-3}  # overhead of a step's 200 operations
LOOKUP_S = {"cpu": 1.15e-6, "cuda": 0.0}  # per row of a training epoch and column: an embedding and its gradient
STEP_BYTES = 28  # per parameter and step: Adam, the dense L2 and the clip, in bytes written


class Work(Frozen):
    """The work of a model: for each row, and for each step of the optimiser.

    `held_bytes` is the memory that a row occupies from the forward pass of a training step to its
    backward pass; the other bytes are of all tensors made, most of which live for a moment.
    `token_parameters` are those of one token of each field's vocabulary, `other_parameters` all
    that no vocabulary changes.
    """

    training_multiply_adds: NonNegativeInt
    training_bytes: NonNegativeInt
    multiply_adds: NonNegativeInt
    bytes: NonNegativeInt
    held_bytes: NonNegativeInt
    token_parameters: NonNegativeInt
    other_parameters: NonNegativeInt

    def parameters(self, tokens: int) -> int:
        """Of the model on data of so many tokens, over all fields."""
        return self.token_parameters * tokens + self.other_parameters


WORKS = TypeAdapter(dict[str, Work])


class Basis:
    """Counts, made on demand and once for each model, and a speed, measured here or assumed.

    `fresh`: as if nothing were prepared here. `data`: what is known otherwise of datasets, by identity.
    """

    def __init__(
        self, device: str, *, here: bool = False, fresh: bool = False, data: Mapping[str, "Data"] | None = None
    ) -> None:
        self.device, self.here, self.fresh = device, here, fresh
        self.known = published_data if fresh else data_of
        self.works = shipped() | _kept()
        self.data: dict[str, Data] = dict(data or {})
        self.keys: dict[str, str] = {}  # of counts, by run without its seed

    @cached_property
    def speed(self) -> Speed:
        """Of a core, or a GPU."""
        return (speed_here(self.device) if self.here else None) or ASSUMED[self.device]

    @property
    def note(self) -> str:
        """Where the speed comes from."""
        rate = f"{self.speed.multiply_adds_per_s / 1e9:,.0f} billion multiply-adds a second"
        unit = "a core" if self.device == "cpu" else "a GPU"
        if self.here and speed_here(self.device):
            return f"Counted work, at the speed of {unit} measured just now: {rate}; other work slows it down."
        return f"Counted work, at an assumed speed of {unit}: {rate}."

    def epoch_s(self, run: RunSpec) -> float | None:
        """Seconds of an epoch with its evaluation; None if the model does not start."""
        work = self.work(run)
        if work is None:
            return None
        speed, data = self.speed, self.data_of(run.dataset)
        train = work.training_multiply_adds / speed.multiply_adds_per_s + work.training_bytes / speed.bytes_per_s
        predict = work.multiply_adds / speed.multiply_adds_per_s + work.bytes / speed.bytes_per_s
        step = LAUNCH_S[self.device] + STEP_BYTES * work.parameters(data.tokens) / speed.bytes_per_s
        threads = run.training.threads if self.device == "cpu" else 1
        # Forward pass, gradient of the input, gradient of the weights.
        row_s = 3 * train + data.columns * LOOKUP_S[self.device] + step / run.training.batch_size
        one_s = data.train_rows * row_s + data.valid_rows * predict
        return one_s / threads

    def data_of(self, dataset: DatasetSpec) -> "Data":
        """What is known of data."""
        if dataset.id not in self.data:
            self.data[dataset.id] = self.known(dataset)
        return self.data[dataset.id]

    def work(self, run: RunSpec) -> Work | None:
        """What the run's model asks for; None where the model does not start."""
        fields = self.data_of(run.dataset).fields
        if run.id not in self.keys:
            self.keys[run.id] = key_of(run.model, fields)
        key = self.keys[run.id]
        if key not in self.works:
            from workflow.cost.machine import work_of  # noqa: PLC0415

            try:
                self.works[key] = work_of(run.model, fields)
            except Exception:  # a user's model; training reports what is wrong with it
                if run.model.name != "Custom":
                    raise
                return None
        return self.works[key]

    def keep(self) -> None:
        """Cache the counts for the next call, if possible."""
        own = {key: work for key, work in self.works.items() if key not in shipped()}
        if own != _kept():
            with suppress(UserError, OSError):  # a forecast works without its cache
                write_text(KEPT, WORKS.dump_json(own, indent=1).decode() + "\n")


def key_of(model: ModelSettings, fields: Iterable["Field"]) -> str:
    """The key of a count: the model, its code, and the columns that it reads."""
    code = training_code(model) if isinstance(model, Custom) else model_code(model)
    columns = [(columns, pooling) for _, columns, pooling in fields]
    return sha256_json([model.model_dump(mode="json"), columns, code])[:16]


@cache
def shipped() -> dict[str, Work]:
    """Counts that are shipped with the code; those of older code have keys that are never used."""
    remedy = f"restore it: git checkout -- {SHIPPED}"
    found = {}
    with suppress(FileNotFoundError), in_one_line(SHIPPED, "counts", remedy):
        for key, values in json.loads(regular_bytes(SHIPPED)).items():
            with in_one_line(f"{SHIPPED}: {shortened(key)}", "counts", remedy):
                found[key] = Work(**dict(zip(Work.model_fields, values, strict=True)))
    return found


def every_run(plan: Plan) -> list[RunSpec]:
    """Runs that are trained, and those that are timed."""
    timed = [run for name in plan.timed for cell in plan.timed_cells_of(name) for run in cell.runs]
    return [*(run for run, _ in plan.runs.values()), *timed]


def timing_s(plan: Plan, basis: Basis) -> float:
    """Seconds of timing models, an epoch and two evaluations of each, several times; 0 where none is, or it is done."""
    if not plan.timed or plan.timing_path.is_file():
        return 0.0
    runs = [cell.runs[0] for name in plan.timed for cell in plan.timed_cells_of(name)]
    return 2 * (plan.campaign.timing.repeats + 1) * sum(basis.epoch_s(run) or 0.0 for run in runs)


def write_shipped(path: Path, campaigns: Iterable[CampaignConfig]) -> None:
    """Count every model of some campaigns, on data as published, for `SHIPPED`."""
    path.unlink(missing_ok=True)  # older code may have counted differently
    basis = Basis("cpu")
    basis.works = {}
    for campaign in campaigns:
        for run in every_run(Plan(campaign)):
            basis.data.setdefault(run.dataset.id, published_data(run.dataset))
            basis.work(run)
    lines = [f'"{key}": {list(work.model_dump().values())}' for key, work in sorted(basis.works.items())]
    write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def _kept() -> dict[str, Work]:
    with suppress(FileNotFoundError, UserError), in_one_line(KEPT, "counts", "delete it"):
        return WORKS.validate_json(regular_bytes(KEPT, SMALL_BYTES))
    return {}


# -- what is known of the data --------------------------------------------------------


PREPARE_S = 1e-6  # per row and column
SUPPOSED_rows = {"train": 1_000_000, "valid": 100_000, "test": 100_000}
Field = tuple[int, int, str]  # vocabulary size, columns, pooling


@dataclass(frozen=True)
class Data:
    """Size of a dataset, and its fields."""

    train_rows: int
    valid_rows: int
    test_rows: int
    fields: tuple[Field, ...]

    @property
    def rows(self) -> int:
        """Of all splits."""
        return self.train_rows + self.valid_rows + self.test_rows

    @property
    def columns(self) -> int:
        """Of x, over all fields."""
        return sum(columns for _, columns, _ in self.fields)

    @property
    def tokens(self) -> int:
        """Size of all vocabularies together."""
        return sum(size for size, _, _ in self.fields)


def data_of(dataset: DatasetSpec) -> Data:
    """What is known of a dataset: as prepared, else a twin's share of rows or what is published."""
    with suppress(UserError):
        meta = load_meta(dataset.prepared_dir)
        fields = tuple((field.vocab_size, field.columns, field.pooling) for field in meta.fields)
        return Data(meta.splits["train"].rows, meta.splits["valid"].rows, meta.splits["test"].rows, fields)
    return published_data(dataset)


def prepare_s(data: Data) -> float:
    """Seconds that preparing data takes, once a process has started."""
    return data.rows * data.columns * PREPARE_S


def is_supposed(dataset: DatasetSpec) -> bool:
    """Whether its rows are neither prepared nor a twin's nor published, so that `SUPPOSED_rows` stand for them."""
    if dataset.preparation.twin is not None or load_dataset(dataset.name).published.rows:
        return False
    return not dataset.is_prepared


def published_data(dataset: DatasetSpec) -> Data:
    """What is known before a dataset is prepared: a twin's share of rows, or what is published."""
    published, twin = load_dataset(config_name(dataset)).published, dataset.preparation.twin
    own = dataset.preparation.fields
    usual = max(2, (published.features or 1000 * len(own)) // len(own))
    fields = tuple((published.vocabulary.get(field.name, usual), field.columns, field.pooling) for field in own)
    if twin is not None:
        return Data(twin.rows * 8 // 10, twin.rows // 10, twin.rows // 10, fields)
    rows = SUPPOSED_rows | {str(k): n for k, n in published.rows.items()}
    return Data(rows["train"], rows["valid"], rows["test"], fields)


if __name__ == "__main__":  # `make counts`
    write_shipped(
        SHIPPED,
        [load_campaign(ROOT / f"config/{name}.yaml") for name in ("paper", "small", "figures", "evidence", "demo")],
    )

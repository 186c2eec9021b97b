"""Run specification: everything that decides a run's result, and the identity made of it."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from workflow.files import sha256_json
from workflow.plan.names import Column, DatasetName, FileName, Name
from workflow.settings import Frozen, LossSettings, ModelSettings, NonNegative, NonNegativeInt, PositiveInt, Width

Precision = Literal["fp32", "tf32", "bf16"]
SPLITS = ("train", "valid", "test")


def _distinct(seeds: tuple[int, ...]) -> tuple[int, ...]:
    twice = sorted({seed for seed in seeds if seeds.count(seed) > 1})
    if twice:
        raise ValueError(f"seed {twice[0]} is given {seeds.count(twice[0])} times; one run would count as several")
    return seeds


# Strict, because `true` is no seed; the range is that of torch, numpy and every other generator.
Seed = Annotated[int, Field(ge=0, lt=2**32, strict=True)]
Seeds = Annotated[tuple[Seed, ...], Field(min_length=1, max_length=1000), AfterValidator(_distinct)]
Threads = Annotated[int, Field(ge=1, le=1024, strict=True)]
TwinRows = Annotated[int, Field(ge=100, le=200_000_000, strict=True)]  # four times Criteo's
Separator = Annotated[str, Field(min_length=1, max_length=8, pattern=r'^[^"\r\n]+$')]


def UnlessDefault(default: object) -> Any:
    """Leave a key out of what is written while it has its default.

    A run's identity is a digest of its specification as written. A key that is added later must
    leave the identities of all earlier runs as they are.
    """
    return Field(exclude_if=lambda value: value == default)


# -- data: how raw files become the arrays that a run reads ---------------------------


class ListColumn(Frozen):
    """A column that holds several tokens.

    `vocabulary: strings` builds the vocabulary from whole strings although encoding
    splits them: the quirk of the paper's library, needed to meet its feature counts.
    """

    max_len: Width = 3
    separator: Annotated[str, Field(min_length=1)] = " "
    vocabulary: Literal["strings", "tokens"] = "tokens"
    pooling: Literal["mean", "sum"] = "mean"
    keep: Annotated[Literal["first", "last"], UnlessDefault("first")] = "first"  # of more than max_len tokens


class FieldSpec(Frozen):
    """One field, read from the column of the same name.

    It is a category, except with the transforms `standard` and `log`: these give a number to models of
    one's own, which the project's models do not take.
    """

    name: Column
    transform: Literal["none", "number", "quantiles", "squared_log", "country", "age_bucket", "standard", "log"] = (
        "none"
    )
    list: ListColumn | None = None

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if self.list is not None and self.is_number:
            raise ValueError(f"field {self.name}: a list holds tokens; remove transform: {self.transform}")
        return self

    @property
    def is_number(self) -> bool:
        """Whether it is a number to the model."""
        return self.transform in ("standard", "log")

    @property
    def columns(self) -> int:
        """Its columns of x: of a number its bits and whether it is missing."""
        return 2 if self.is_number else self.list.max_len if self.list else 1

    @property
    def pooling(self) -> Literal["mean", "sum", "number"]:
        """How these columns are pooled."""
        return "number" if self.is_number else self.list.pooling if self.list else "mean"


class RowSplit(Frozen):
    """How the rows of one file are split into three: at random, by time, or by user.

    `by` names a column of times or numbers: the earliest rows train, the latest test.
    `leave_last_out` names the user column: each user's last row (by `by`, else in the file's order)
    is tested, the one before it validates. Without either, rows are drawn at random by `seed`.
    """

    seed: NonNegativeInt = 2023
    parts: tuple[PositiveInt, PositiveInt, PositiveInt] = (8, 1, 1)
    by: Annotated[Column | None, UnlessDefault(None)] = None
    leave_last_out: Annotated[Column | None, UnlessDefault(None)] = None


class Twin(Frozen):
    """A synthetic stand-in with the dataset's fields: never evidence about the paper."""

    rows: TwinRows = 4000
    seed: NonNegativeInt = 1


class Preparation(Frozen):
    """From raw files to arrays.

    `format`: `split-csv` is three tables; `csv` is one, split by `split`; what kind of file a table
    is (CSV, TSV, Parquet, compressed) its content decides. `movielens-1m` is GroupLens's
    ratings.dat and users.dat, split by `split`.

    `missing` lists the values that count as missing, or names pandas' list. Records that were
    written before the key existed lack it, so its default is the empty cell alone;
    `workflow.plan.cells.dataset_spec` takes pandas' list where a dataset's file does not say.
    """

    format: Literal["split-csv", "csv", "movielens-1m"] = "split-csv"
    files: dict[Name, FileName]
    label: Column = "label"
    label_at_least: float | None = None
    label_is: Annotated[tuple[str, ...] | None, UnlessDefault(None)] = None  # these are 1, all others 0
    separator: Annotated[Separator | None, UnlessDefault(None)] = None  # None: guessed from the first line
    columns: Annotated[tuple[Column, ...] | None, UnlessDefault(None)] = None  # names, for files without a header
    missing: Annotated[Literal["pandas"] | tuple[str, ...], UnlessDefault(("",))] = ("",)
    group: Column | None = None
    fields: Annotated[tuple[FieldSpec, ...], Field(min_length=1)]
    min_count: PositiveInt = 1
    split: RowSplit | None = None
    twin: Twin | None = None

    @model_validator(mode="after")
    def _split_where_needed(self) -> Self:
        if (self.format == "split-csv") == (self.split is not None):
            raise ValueError("`split` is needed for one-file formats and not allowed for split-csv")
        if self.format == "split-csv" and set(self.files) != set(SPLITS):
            raise ValueError(f"`files` of split-csv must name {', '.join(SPLITS)}")
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            raise ValueError("two fields have the same name")
        if self.columns is not None and len(set(self.columns)) != len(self.columns):
            raise ValueError("`columns` names a column twice")
        if self.label_is is not None and self.label_at_least is not None:
            raise ValueError("`label_is` and `label_at_least` are both set; keep one of them")
        return self

    @property
    def table_columns(self) -> tuple[str, ...]:
        """The columns that are read: fields, label, user, and those that the split goes by."""
        split = self.split or RowSplit()
        others = (self.label, self.group, split.by, split.leave_last_out)
        return tuple(dict.fromkeys([*(field.name for field in self.fields), *filter(None, others)]))


class DatasetSpec(Frozen):
    """The part of a dataset's configuration that decides its arrays."""

    name: DatasetName
    preparation: Preparation

    @cached_property
    def id(self) -> str:
        """Identity of the prepared data: 12 hex digits over name and preparation."""
        return sha256_json(self.model_dump(mode="json"))[:12]

    @property
    def prepared_dir(self) -> Path:
        """Where the arrays lie, below the working directory."""
        return Path("data/prepared", self.name, self.id)

    @property
    def meta_path(self) -> str:
        """The description that is written last: the prepared data are whole where it stands."""
        return str(self.prepared_dir / "meta.json")

    @property
    def is_prepared(self) -> bool:
        """Whether its arrays lie there whole."""
        return Path(self.meta_path).is_file()


# -- training -------------------------------------------------------------------------


class Optimizer(Frozen):
    """Adam with a global gradient-norm clip and a dense L2 on every embedding row."""

    name: Literal["adam"] = "adam"
    learning_rate: Annotated[float, Field(gt=0.0)] = 1e-3
    embedding_l2: NonNegative = 0.0
    max_gradient_norm: Annotated[float, Field(gt=0.0)] = 10.0


def _higher_is_better(name: object) -> object:
    """Log loss is followed by its negative: the protocol looks for the largest sum."""
    return "neg_logloss" if name == "logloss" else name


Monitored = Annotated[Literal["auc", "gauc", "neg_logloss"], BeforeValidator(_higher_is_better)]


class Training(Frozen):
    """The protocol of an epoch and of stopping, and settings that affect the last digits of its numbers.

    `threads` is among them: sums over a batch are split between CPU threads, so one thread and
    two give different records. `cuda_graph` replays a captured step on CUDA; that this changes
    no number has not been shown on a GPU yet. `monitor` names what stops a run: auc, gauc, logloss, or
    several, whose sum counts.
    """

    batch_size: Annotated[PositiveInt, Field(lt=2**31)] = 10_000
    max_epochs: PositiveInt = 100
    patience: PositiveInt = 2
    lr_factor: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.1
    min_learning_rate: NonNegative = 1e-6
    min_improvement: NonNegative = 1e-6
    monitor: Annotated[tuple[Monitored, ...], Field(min_length=1)] = ("auc", "gauc")
    precision: Precision = "fp32"
    threads: Threads = 1
    cuda_graph: bool = False
    keep_scores: bool = False
    # Changes no number, so it is not written: a run is the same run with and without its weights.
    keep_weights: Annotated[bool, Field(exclude=True)] = False


class Probes(Frozen):
    """What a run records during training, for figures. It does not change the training."""

    histogram_epochs: tuple[PositiveInt, ...] = ()  # ŷ per label on train and validation
    gradient_norm_epochs: tuple[PositiveInt, ...] = ()  # of z_s and z_c, at each step
    sample_classes: bool = False  # misclassified, poorly and well classified rows, each epoch


class RunSpec(Frozen):
    """A fully resolved run."""

    dataset: DatasetSpec
    model: ModelSettings
    loss: LossSettings
    optimizer: Optimizer
    training: Training
    probes: Probes = Probes()
    seed: Seed

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if "gauc" in self.training.monitor and self.dataset.preparation.group is None:
            raise ValueError(f"monitor names gauc, but dataset {self.dataset.name} has no group column")
        number = next((field for field in self.dataset.preparation.fields if field.is_number), None)
        if number is not None and self.model.name != "Custom":
            raise ValueError(
                f"{self.model.name} reads ids, and field {number.name} of dataset {self.dataset.name} has transform: "
                f"{number.transform}; set transform: quantiles"
            )
        if self.loss.name == "twin_focus" and not self.model.two_branches:
            raise ValueError(f"twin_focus needs a model with two branches; {self.model.name} has one")
        if self.probes.gradient_norm_epochs and not self.model.two_branches:
            raise ValueError(f"gradient_norm_epochs needs a model with two branches; {self.model.name} has one")
        return self

    def canonical(self) -> dict[str, Any]:
        """Every value explicit, as plain JSON types.

        `cuda_graph` is named only where it is on: it can then leave the identity, once it is shown
        to change no number, without a new identity for every other run.
        """
        values = self.model_dump(mode="json")
        if not self.training.cuda_graph:
            del values["training"]["cuda_graph"]
        return values

    @cached_property
    def id(self) -> str:
        """Identity of the configuration: 12 hex digits over all but the seed.

        The seed is the file name in the configuration's folder, so the seeds of one
        configuration lie side by side.
        """
        return sha256_json({key: value for key, value in self.canonical().items() if key != "seed"})[:12]

    @property
    def key(self) -> str:
        """`<id>/seed<seed>`: the identity of the run."""
        return f"{self.id}/seed{self.seed}"

    @property
    def record_path(self) -> Path:
        """Where the run's record lies, below the working directory."""
        return Path("results/runs", self.dataset.name, self.model.name, self.id, f"seed{self.seed}.json")

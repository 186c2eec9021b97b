"""The record of a run: the only output of training. Schema-checked and sealed."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeInt,
    PositiveInt,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from workflow.errors import UserError
from workflow.plan.names import printable
from workflow.provenance.seal import Hex64, Sealed, read_sealed, write_sealed
from workflow.settings import Frozen
from workflow.spec import RunSpec

Score = Annotated[float, Field(ge=0.0, le=1.0)]
OwnFile = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(printable)]
Seconds = Annotated[float, Field(ge=0.0)]


class Metrics(Frozen):
    """Metrics of one split; gauc is None where the dataset has no user column."""

    auc: Score
    gauc: Score | None
    logloss: Annotated[float, Field(ge=0.0)]

    @property
    def neg_logloss(self) -> float:
        """For a protocol that looks for the largest value."""
        return -self.logloss


class Epoch(Frozen):
    """One pass over the training split and the evaluation after it."""

    epoch: PositiveInt
    train_loss: float  # mean over rows, without the L2 term
    l2_penalty: float  # lambda/2 * sum of squares at the end of the epoch
    learning_rate: float  # used in this epoch
    train_s: Seconds
    eval_s: Seconds
    valid: Metrics


# -- what probes leave: counts and norms that figures draw ----------------------------

HISTOGRAM_BINS = 50  # equal bins of ŷ in [0, 1]; 0.02 wide, so that class bounds are bin edges
MISCLASSIFIED_BELOW, WELL_FROM = 0.3, 0.6  # bounds of p_t between the three sample classes
Counts = tuple[NonNegativeInt, ...]
ThreeCounts = tuple[NonNegativeInt, NonNegativeInt, NonNegativeInt]


class Histogram(Frozen):
    """Rows per bin of ŷ, by label, after an epoch."""

    epoch: PositiveInt
    split: Literal["train", "valid"]
    positives: Annotated[Counts, Field(min_length=HISTOGRAM_BINS, max_length=HISTOGRAM_BINS)]
    negatives: Annotated[Counts, Field(min_length=HISTOGRAM_BINS, max_length=HISTOGRAM_BINS)]


class GradientNorms(Frozen):
    """Mean over the batch of ‖∂ℓ_i/∂z_i‖ for z_s and z_c, at each step of an epoch."""

    epoch: PositiveInt
    simple: tuple[float, ...]
    complex: tuple[float, ...]


class ClassCounts(Frozen):
    """Misclassified, poorly and well classified rows, by label, after an epoch."""

    epoch: PositiveInt
    split: Literal["valid", "test"]
    positives: ThreeCounts
    negatives: ThreeCounts


class ProbeData(Frozen):
    """All that the probes of a run recorded; empty where nothing was asked for."""

    histograms: tuple[Histogram, ...] = ()
    gradient_norms: tuple[GradientNorms, ...] = ()
    class_counts: tuple[ClassCounts, ...] = ()


class Parameters(Frozen):
    """Trainable parameters."""

    embedding: NonNegativeInt
    rest: NonNegativeInt

    @property
    def total(self) -> int:
        """All of them."""
        return self.embedding + self.rest


class Provenance(Frozen):
    """Everything besides the specification that the result may depend on."""

    data_origin: Literal["published", "other", "twin"]
    data_note: str
    data_fingerprint: Hex64
    raw_sha256: dict[str, Hex64]
    code: Hex64
    versions: dict[str, str]
    hardware: str
    device: str
    eval_batch_rows: NonNegativeInt  # 0 where the run could not start
    started: str
    wall_s: Seconds
    peak_memory_bytes: NonNegativeInt
    own_files: dict[OwnFile, Hex64] = {}  # SHA-256 of what a model of one's own has loaded, by path

    @model_serializer(mode="wrap")
    def _as_ever(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Named only where there are any: records of other models are written as they always were."""
        values = serialize(self)
        return values if self.own_files else {key: value for key, value in values.items() if key != "own_files"}


FileName = Literal["user_sums.npz", "valid_scores.npy", "test_scores.npy"]


class Record(Sealed):
    """A finished run, successful or failed."""

    spec: RunSpec
    status: Literal["ok", "failed"]
    failure: str | None = None
    epochs: tuple[Epoch, ...]
    best_epoch: PositiveInt | None
    valid: Metrics | None
    test: Metrics | None
    parameters: Parameters
    probes: ProbeData = ProbeData()
    files: dict[FileName, Hex64] = {}  # SHA-256 of what lies beside the record
    provenance: Provenance

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.status == "ok" and (self.test is None or self.valid is None or self.best_epoch is None):
            raise ValueError("a finished run must have validation and test metrics")
        if self.status == "ok" and "user_sums.npz" not in self.files:
            raise ValueError("a finished run must have the sums of its test split")
        if self.status == "failed" and not self.failure:
            raise ValueError("a failed run must say why")
        return self


def write_record(path: Path, record: Record) -> Record:
    """Seal the record and write it atomically; return it as it reads back."""
    return write_sealed(path, record)


def record_named(path: Path) -> Record:
    """Read the record that a user names; any other file is said to be none, and stays."""
    example = "name a run's JSON file, results/runs/…/seed<n>.json"
    if re.fullmatch(r"seed\d+\.json", path.name):
        again = "delete it and train the run again"
        return read_sealed(path, Record, "record", again, f"{path}: no such record; {example}")
    try:
        return read_record(path)
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; {example}") from error
    except UserError as error:
        raise UserError(f"{path}: is not a record; {example}") from error


def read_record(path: Path) -> Record:
    """Read a record; a damaged or edited one is refused, as `workflow.provenance.seal.read_sealed` does."""
    return read_sealed(path, Record, "record")

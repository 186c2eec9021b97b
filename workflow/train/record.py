"""The record of a run: the only output of training. Schema-checked and sealed."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, ValidationError, model_validator

from workflow.errors import UserError
from workflow.files import canonical_json, sha256_json, write_text
from workflow.settings import Frozen
from workflow.spec import RunSpec

Score = Annotated[float, Field(ge=0.0, le=1.0)]
Seconds = Annotated[float, Field(ge=0.0)]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Metrics(Frozen):
    """Metrics of one split; gauc is None where the dataset has no user column."""

    auc: Score
    gauc: Score | None
    logloss: Annotated[float, Field(ge=0.0)]


class Epoch(Frozen):
    """One pass over the training split and the evaluation after it."""

    epoch: PositiveInt
    train_loss: float  # mean over rows, without the L2 term
    l2_penalty: float  # lambda/2 * sum of squares at the end of the epoch
    learning_rate: float  # used in this epoch
    train_s: Seconds
    eval_s: Seconds
    valid: Metrics


class Parameters(Frozen):
    """Trainable parameters."""

    embedding: NonNegativeInt
    rest: NonNegativeInt

    @property
    def total(self) -> int:
        """All of them."""
        return self.embedding + self.rest


class Provenance(Frozen):
    """Everything but the spec that the result may depend on."""

    data_origin: Literal["published", "other", "twin"]
    data_note: str
    data_fingerprint: Hex64
    raw_sha256: dict[str, Hex64]
    code: Hex64
    versions: dict[str, str]
    hardware: str
    device: str
    threads: PositiveInt
    started: str
    wall_s: Seconds
    peak_memory_bytes: NonNegativeInt


class Record(Frozen):
    """A finished run, successful or failed."""

    spec: RunSpec
    status: Literal["ok", "failed"]
    failure: str | None = None
    epochs: tuple[Epoch, ...]
    best_epoch: PositiveInt | None
    valid: Metrics | None
    test: Metrics | None
    parameters: Parameters
    probes: dict[str, Any] = {}
    provenance: Provenance
    seal: Hex64 = "0" * 64

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.status == "ok" and (self.test is None or self.valid is None or self.best_epoch is None):
            raise ValueError("a finished run must have validation and test metrics")
        if self.status == "failed" and not self.failure:
            raise ValueError("a failed run must say why")
        return self

    def content(self) -> dict[str, Any]:
        """Everything that the seal covers, as plain JSON types."""
        return self.model_dump(mode="json", exclude={"seal"})


def write_record(path: Path, record: Record) -> Record:
    """Seal the record and write it atomically; return it as it reads back."""
    content = json.loads(canonical_json(record.content()))
    content["seal"] = sha256_json(content)
    write_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")
    return Record.model_validate(content)


def read_record(path: Path) -> Record:
    """Read a record; a damaged or edited one is refused.

    Raises
    ------
    UserError
        When the file is not JSON, breaks the schema, or does not match its seal.
    """
    remedy = "delete it and run the same command again"
    try:
        content = json.loads(path.read_bytes())
        record = Record.model_validate(content)
    except FileNotFoundError:
        raise
    except (ValueError, ValidationError) as error:
        fault = str(error).splitlines()[0]
        raise UserError(f"{path}: damaged record ({fault}); {remedy}") from error
    seal = content.pop("seal", None)
    if sha256_json(content) != seal:
        raise UserError(f"{path}: the record was changed after it was written; {remedy}")
    return record

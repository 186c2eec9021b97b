"""What timing leaves: one sealed JSON file per campaign. Does not load torch."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from workflow.errors import UserError
from workflow.files import canonical_json, sha256_json, write_text
from workflow.settings import Frozen
from workflow.spec import RunSpec
from workflow.train.record import Hex64, Parameters, Seconds

Times = Annotated[tuple[Seconds, ...], Field(min_length=1)]


class Timed(Frozen):
    """One model: seconds of each round, and its largest memory."""

    label: str
    spec: RunSpec
    train_s: Times  # the first epoch, without any evaluation
    infer_s: Times  # ŷ of every validation row
    peak_memory_bytes: NonNegativeInt
    parameters: Parameters


class TimingRecord(Frozen):
    """All models of a table, timed in turns on one machine."""

    models: Annotated[tuple[Timed, ...], Field(min_length=1)]
    train_rows: PositiveInt
    valid_rows: PositiveInt
    data_origin: Literal["published", "other", "twin"]
    data_note: str
    data_fingerprint: Hex64
    code: Hex64
    versions: dict[str, str]
    hardware: str
    device: str
    started: str
    others_share: Annotated[float, Field(ge=0.0, le=1.0)]  # of all cores, used by other processes meanwhile
    seal: Hex64 = "0" * 64

    @property
    def threads(self) -> int:
        """CPU threads that every model was timed with."""
        return self.models[0].spec.training.threads


def write_timing(path: Path, timing: TimingRecord) -> None:
    """Seal the record and write it atomically."""
    content = json.loads(canonical_json(timing.model_dump(mode="json", exclude={"seal"})))
    content["seal"] = sha256_json(content)
    write_text(path, json.dumps(content, indent=1, sort_keys=True) + "\n")


def read_timing(path: Path) -> TimingRecord | None:
    """Read the record; None where there is none.

    Raises
    ------
    UserError
        When the file is damaged or does not match its seal.
    """
    remedy = "delete it and run the same command again"
    try:
        content = json.loads(path.read_bytes())
        timing = TimingRecord.model_validate(content)
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: damaged record ({str(error).splitlines()[0]}); {remedy}") from error
    seal = content.pop("seal", None)
    if sha256_json(content) != seal:
        raise UserError(f"{path}: the record was changed after it was written; {remedy}")
    return timing

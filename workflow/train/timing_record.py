"""The result of timing: one sealed JSON file per campaign. Does not load torch."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from workflow.provenance.seal import Hex64, Sealed, sealed_if_there, write_sealed
from workflow.settings import Frozen
from workflow.spec import RunSpec
from workflow.train.record import Parameters, Seconds

Times = Annotated[tuple[Seconds, ...], Field(min_length=1)]


class Timed(Frozen):
    """One model: seconds of each round, and its largest memory."""

    label: str
    spec: RunSpec
    train_s: Times  # the first epoch, without any evaluation
    infer_s: Times  # ŷ of every validation row
    peak_memory_bytes: NonNegativeInt
    parameters: Parameters


class TimingRecord(Sealed):
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

    @property
    def threads(self) -> int:
        """CPU threads that every model was timed with."""
        return self.models[0].spec.training.threads


def write_timing(path: Path, timing: TimingRecord) -> None:
    """Seal the record and write it atomically."""
    write_sealed(path, timing)


def read_timing(path: Path) -> TimingRecord | None:
    """Read the record; None where there is none."""
    return sealed_if_there(path, TimingRecord, "record of a timing")

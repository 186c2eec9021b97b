"""The prepared form of a dataset: .npy arrays and meta.json. Needs numpy and pydantic only.

Column layout of x_NC: the fields in order; a list field takes `columns` columns, padded
with 0. Values are ids within the field: PAD 0, tokens 1..n, OOV n+1.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, NonNegativeInt, PositiveInt, ValidationError

from workflow.errors import UserError
from workflow.files import sha256_json
from workflow.settings import Frozen
from workflow.spec import DatasetSpec

SplitName = Literal["train", "valid", "test"]
ArrayName = Literal["x", "y", "group"]
T = TypeVar("T", bound=np.generic)
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class FieldMeta(Frozen):
    """One field of the prepared data."""

    name: str
    vocab_size: Annotated[int, Field(ge=2)]  # PAD and OOV included
    columns: PositiveInt = 1
    pooling: Literal["mean", "sum"] = "mean"


class SplitMeta(Frozen):
    """One split of the prepared data."""

    rows: PositiveInt
    positives: NonNegativeInt
    groups: NonNegativeInt  # distinct users; 0 where the dataset has none
    sha256: dict[ArrayName, Hex64]


class RawFile(Frozen):
    """A raw file that was read, and whether its bytes are the published ones.

    `published` is None where no checksum of the published file is known.
    """

    name: str
    sha256: Hex64
    published: bool | None


class Meta(Frozen):
    """meta.json: what was prepared, from which bytes."""

    dataset: DatasetSpec
    title: str
    origin: Literal["published", "other", "twin"]
    origin_note: str  # one line for readers, such as "train.csv is not the published file"
    raw: tuple[RawFile, ...]
    fields: tuple[FieldMeta, ...]
    splits: dict[SplitName, SplitMeta]
    bayes_auc: dict[SplitName, float] | None = None  # twins only
    code: Hex64
    fingerprint: Hex64

    @property
    def features(self) -> int:
        """Vocabulary rows over all fields, as Table I counts them."""
        return sum(field.vocab_size for field in self.fields)


def fingerprint(fields: tuple[FieldMeta, ...], splits: dict[str, SplitMeta]) -> str:
    """What the arrays are, whatever produced them."""
    return sha256_json(
        {
            "fields": [field.model_dump(mode="json") for field in fields],
            "splits": {name: split.model_dump(mode="json") for name, split in splits.items()},
        }
    )


@dataclass(frozen=True)
class Split:
    """Arrays of one split."""

    x_NC: npt.NDArray[np.int32]
    y_N: npt.NDArray[np.float32]
    group_N: npt.NDArray[np.int32] | None


def load_meta(directory: Path) -> Meta:
    """Read and check meta.json of a prepared dataset."""
    path = directory / "meta.json"
    try:
        return Meta.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise UserError(f"{path}: not prepared; run `snakemake --cores 2 -- {path}`") from error
    except ValidationError as error:
        faults = error.error_count()
        raise UserError(f"{path}: damaged ({faults} faults); delete its folder and prepare again") from error


def load_split(directory: Path, name: SplitName, meta: Meta) -> Split:
    """Map the arrays of a split into memory and check their shapes against `meta`.

    Raises
    ------
    UserError
        When an array is missing, truncated or of another shape than meta.json says.
    """
    rows, columns = meta.splits[name].rows, sum(field.columns for field in meta.fields)
    has_group = meta.splits[name].groups > 0
    return Split(
        x_NC=_load(directory / f"x_{name}.npy", (rows, columns), np.int32),
        y_N=_load(directory / f"y_{name}.npy", (rows,), np.float32),
        group_N=_load(directory / f"group_{name}.npy", (rows,), np.int32) if has_group else None,
    )


def _load(path: Path, shape: tuple[int, ...], dtype: type[T]) -> npt.NDArray[T]:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"{path}: cannot be read ({error}); delete its folder and prepare again") from error
    if array.shape != shape or array.dtype != dtype:
        raise UserError(
            f"{path}: is {array.dtype}{list(array.shape)}, meta.json says {np.dtype(dtype)}{list(shape)}; "
            "delete its folder and prepare again"
        )
    return array

"""The prepared form of a dataset: .npy arrays and a sealed meta.json that holds their digests.

Needs only numpy and pydantic. Every load compares the arrays' bytes with
the digests.

Column layout of x_NC: the fields in order; a list field takes `columns` columns, padded
with 0. Values are ids within the field: PAD 0, tokens 1..n, OOV n+1.
"""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, NonNegativeInt, PositiveInt

from workflow.errors import UserError
from workflow.files import sha256_json
from workflow.provenance.seal import Hex64, Sealed, read_sealed, write_sealed
from workflow.reading import in_one_line, regular_file
from workflow.settings import Frozen
from workflow.spec import DatasetSpec

SplitName = Literal["train", "valid", "test"]
ArrayName = Literal["x", "y", "group"]
T = TypeVar("T", bound=np.generic)
READ_BYTES = 16 << 20
AGAIN = "delete its folder and prepare again"


class FieldMeta(Frozen):
    """One field of the prepared data.

    A number has two columns, the bits of a float32 and 1 where it is missing; its pooling is "number".
    """

    name: str
    vocab_size: Annotated[int, Field(ge=2)]  # PAD and OOV included
    columns: PositiveInt = 1
    pooling: Literal["mean", "sum", "number"] = "mean"


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


class Meta(Sealed):
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
        return sum(field.vocab_size for field in self.fields if field.pooling != "number")


def fingerprint(fields: tuple[FieldMeta, ...], splits: dict[str, SplitMeta]) -> str:
    """A digest of the arrays, whatever produced them."""
    return sha256_json(
        {
            "fields": [field.model_dump(mode="json") for field in fields],
            "splits": {name: split.model_dump(mode="json") for name, split in splits.items()},
        }
    )


@dataclass(frozen=True)
class Split:
    """Arrays of one split, in memory."""

    x_NC: npt.NDArray[np.int32]
    y_N: npt.NDArray[np.float32]
    group_N: npt.NDArray[np.int32] | None


def write_meta(directory: Path, meta: Meta) -> Meta:
    """Seal and write meta.json, after all arrays: a folder without it is not finished."""
    return write_sealed(directory / "meta.json", meta)


def load_meta(directory: Path) -> Meta:
    """Read and check meta.json of a prepared dataset."""
    path = directory / "meta.json"
    missing = f"{path}: not prepared; run `./tf4ctr run CAMPAIGN all_data` with your campaign"
    return read_sealed(path, Meta, "description of prepared data", AGAIN, missing)


def load_split(directory: Path, name: SplitName, meta: Meta) -> Split:
    """Read the arrays of a split; their bytes must be those that meta.json describes."""
    split, columns = meta.splits[name], sum(field.columns for field in meta.fields)

    def load(kind: ArrayName, shape: tuple[int, ...], dtype: type[T]) -> npt.NDArray[T]:
        return _load(directory / f"{kind}_{name}.npy", shape, dtype, split.sha256.get(kind))

    return Split(
        x_NC=load("x", (split.rows, columns), np.int32),
        y_N=load("y", (split.rows,), np.float32),
        group_N=load("group", (split.rows,), np.int32) if split.groups else None,
    )


def npy_header(shape: tuple[int, ...], dtype: npt.DTypeLike) -> bytes:
    """The bytes that a .npy file of this shape and type begins with."""
    stream = io.BytesIO()
    about = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, about)
    return stream.getvalue()


def _load(path: Path, shape: tuple[int, ...], dtype: type[T], sha256: str | None) -> npt.NDArray[T]:
    """Read an array and its digest in one pass. Its header is compared and never parsed: numpy evaluates it."""
    header, missing = npy_header(shape, dtype), f"{path}: cannot be read (No such file or directory); {AGAIN}"
    with in_one_line(path, "array", AGAIN, missing), regular_file(path) as stream:
        if stream.read(len(header)) != header:
            described = f"{np.dtype(dtype)}{list(shape)}"
            raise UserError(f"{path}: does not begin as the array {described} that meta.json describes; {AGAIN}")
        array = np.empty(shape, dtype)
        digest = hashlib.sha256(header)
        target = array.data.cast("B")
        for start in range(0, len(target), READ_BYTES):
            block = target[start : start + READ_BYTES]
            if stream.readinto(block) != len(block):
                raise EOFError("it ends too early")
            digest.update(block)
        digest.update(stream.read(1))  # nothing may follow
    if digest.hexdigest() != sha256:
        raise UserError(f"{path}: was changed after it was prepared (its SHA-256 is not meta.json's); {AGAIN}")
    return array

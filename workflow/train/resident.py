"""A prepared dataset held whole on the device, so that an epoch copies nothing.

Shapes: N rows of a split, C columns of x, B rows of a batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.embedding import Features
from workflow.data.store import Meta, Split, load_meta, load_split
from workflow.errors import UserError


@dataclass(frozen=True)
class ResidentSplit:
    """One split: tensors for the model, arrays for the metrics."""

    x_NC: Tensor  # int32
    y_N: Tensor  # float32
    labels_N: npt.NDArray[np.float32]
    group_N: npt.NDArray[np.int32] | None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.labels_N)


@dataclass(frozen=True)
class Resident:
    """All splits of a dataset."""

    meta: Meta
    features: Features
    train: ResidentSplit
    valid: ResidentSplit
    test: ResidentSplit


def load_resident(directory: Path, device: torch.device) -> Resident:
    """Load a prepared dataset onto the device.

    Raises
    ------
    UserError
        When arrays are damaged, or validation or test has one class only.
    """
    meta = load_meta(directory)
    for name in ("valid", "test"):
        split = meta.splits[name]
        if not 0 < split.positives < split.rows:
            raise UserError(
                f"{directory}: the {name} split has {split.positives} positive of {split.rows} rows; "
                "AUC needs both classes, so give it rows of both"
            )
    splits = [_resident(load_split(directory, name, meta), device) for name in ("train", "valid", "test")]
    return Resident(meta, features_of(meta), *splits)


def features_of(meta: Meta) -> Features:
    """What models need to know of a dataset."""
    return Features(
        vocab_sizes=tuple(field.vocab_size for field in meta.fields),
        columns=tuple(field.columns for field in meta.fields),
        pooling=tuple(field.pooling for field in meta.fields),
    )


def _resident(split: Split, device: torch.device) -> ResidentSplit:
    return ResidentSplit(
        x_NC=torch.from_numpy(split.x_NC).to(device),
        y_N=torch.from_numpy(split.y_N).to(device),
        labels_N=split.y_N,
        group_N=split.group_N,
    )


def batches(order_N: Tensor, batch_size: int) -> Iterator[Tensor]:
    """Row numbers of each batch; the last, smaller one is kept.

    A last batch of one row joins the batch before it: BatchNorm cannot normalise one row.
    """
    if len(order_N) % batch_size == 1 and len(order_N) > 1:
        tail = min(batch_size + 1, len(order_N))
        yield from order_N[:-tail].split(batch_size) if tail < len(order_N) else ()
        yield order_N[-tail:]
    else:
        yield from order_N.split(batch_size)

"""Sums by user of many runs as the arrays of one file.

Shapes: R runs of a dataset, U users of its test split.
"""

import io
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from workflow.archive.faults.records import SHARED
from workflow.reading import npz_arrays
from workflow.train.placements import UserSums

OWN = tuple(one.name for one in fields(UserSums) if one.name not in SHARED)


def packed_sums(sums: Mapping[str, UserSums]) -> bytes:
    """An .npz file of what runs, or pairs of runs, of one dataset wrote about its test split, by key."""
    first = next(iter(sums.values()))
    arrays: dict[str, Any] = {"keys_R": np.array(list(sums))}
    arrays |= {name: getattr(first, name) for name in SHARED}
    arrays |= {f"{name.removesuffix('_U')}_RU": np.stack([getattr(own, name) for own in sums.values()]) for name in OWN}
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def unpacked_sums(content: bytes) -> dict[str, UserSums]:
    """Read such a file."""
    arrays: dict[str, Any] = dict(npz_arrays(content))
    keys_R, shared = arrays["keys_R"], {one: arrays[one] for one in SHARED}
    own = {one: arrays[f"{one.removesuffix('_U')}_RU"] for one in OWN}
    users = shared["positives_U"].shape
    if keys_R.ndim != 1 or keys_R.dtype.kind != "U" or len(users) != 1 or users[0] == 0:
        raise ValueError(f"keys of shape {keys_R.shape}, users of shape {users}")
    for name, array, shape, kind in (
        *((name, array, users, "i") for name, array in shared.items()),
        *((name, array, (len(keys_R), *users), "f") for name, array in own.items()),
    ):
        if array.shape != shape or array.dtype.kind != kind or array.dtype.itemsize != 8:
            raise ValueError(f"{name} is {array.dtype}{list(array.shape)}, not of {list(shape)}")
    if any((array < 0).any() or array.sum() == 0 for array in shared.values()):
        raise ValueError("users without rows of both classes, or a negative count")
    if any(not np.isfinite(array).all() for name, array in own.items() if name != "auc_U"):
        raise ValueError("a sum that is not finite")
    return {
        str(key): UserSums(**shared, **{one: values[row] for one, values in own.items()})
        for row, key in enumerate(keys_R)
    }

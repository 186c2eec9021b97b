"""A synthetic set with Frappe's shape, once as our arrays and once as FuxiCTR reads it.

Shapes: N rows, F fields. Every field has heavy tails, so embedding rows are touched as
unevenly as in real data; labels follow planted effects of each token, so training converges.
"""

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from workflow.data.store import ArrayName, FieldMeta, Meta, SplitMeta, fingerprint, write_meta
from workflow.files import sha256_file
from workflow.spec import DatasetSpec, FieldSpec, Preparation

NAME = "engine-benchmark"
VOCAB_SIZES = {
    "user": 942,
    "item": 4084,
    "daytime": 9,
    "weekday": 9,
    "isweekend": 4,
    "homework": 5,
    "cost": 4,
    "weather": 11,
    "country": 82,
    "city": 233,
}
# Frappe's validation and test splits, as shares of its train split.
VALID_SHARE, TEST_SHARE = 57_722 / 202_027, 28_860 / 202_027
SplitName = Literal["train", "valid", "test"]


def dataset_spec() -> DatasetSpec:
    """Specification of the set; its files are never read, because the arrays are drawn."""
    return DatasetSpec(
        name=NAME,
        preparation=Preparation(
            format="split-csv",
            files={name: f"{name}.csv" for name in ("train", "valid", "test")},
            group="user",
            fields=tuple(FieldSpec(name=name) for name in VOCAB_SIZES),
        ),
    )


def write(directory: Path, train_rows: int, seed: int = 1) -> None:
    """Draw the set and write it in both forms."""
    rng = np.random.default_rng(seed)
    effects = [rng.normal(0.0, 0.6, size) for size in VOCAB_SIZES.values()]
    rows: dict[SplitName, int] = {
        "train": train_rows,
        "valid": max(2, round(train_rows * VALID_SHARE)),
        "test": max(2, round(train_rows * TEST_SHARE)),
    }
    (directory / "fuxictr").mkdir(parents=True)
    splits: dict[SplitName, SplitMeta] = {}
    for name, count in rows.items():
        x_NF = _draw_tokens(rng, count)
        y_N = _draw_labels(rng, x_NF, effects)
        splits[name] = _write_split(directory, name, x_NF, y_N)
        columns = {field: x_NF[:, index] for index, field in enumerate(VOCAB_SIZES)}
        np.savez(directory / "fuxictr" / f"{name}.npz", allow_pickle=False, label=y_N, **columns)
    _write_meta(directory, splits)
    _write_feature_map(directory / "fuxictr")


def _draw_tokens(rng: np.random.Generator, rows: int) -> npt.NDArray[np.int32]:
    # Squaring a uniform draw favours small ids: a few users and items own most rows.
    sizes_F = np.array(list(VOCAB_SIZES.values()))
    return (1 + (sizes_F - 1) * rng.random((rows, len(sizes_F))) ** 2).astype(np.int32)


def _draw_labels(
    rng: np.random.Generator, x_NF: npt.NDArray[np.int32], effects: list[npt.NDArray[np.float64]]
) -> npt.NDArray[np.float32]:
    logit_N = sum(effect[x_NF[:, index]] for index, effect in enumerate(effects)) - 0.7
    return (rng.random(len(x_NF)) < 1.0 / (1.0 + np.exp(-logit_N))).astype(np.float32)


def _write_split(
    directory: Path, name: SplitName, x_NF: npt.NDArray[np.int32], y_N: npt.NDArray[np.float32]
) -> SplitMeta:
    group_N = np.ascontiguousarray(x_NF[:, 0])
    arrays: dict[ArrayName, npt.NDArray[Any]] = {"x": x_NF, "y": y_N, "group": group_N}
    sha256: dict[ArrayName, str] = {}
    for kind, array in arrays.items():
        np.save(directory / f"{kind}_{name}.npy", array)
        sha256[kind] = sha256_file(directory / f"{kind}_{name}.npy")
    return SplitMeta(rows=len(y_N), positives=int(y_N.sum()), groups=len(np.unique(group_N)), sha256=sha256)


def _write_meta(directory: Path, splits: dict[SplitName, SplitMeta]) -> None:
    fields = tuple(FieldMeta(name=name, vocab_size=size) for name, size in VOCAB_SIZES.items())
    meta = Meta(
        dataset=dataset_spec(),
        title="Frappe-shaped synthetic set",
        origin="twin",
        origin_note="drawn by the engine benchmark",
        raw=(),
        fields=fields,
        splits=splits,
        code="0" * 64,  # nothing reads these arrays again, so nothing can become stale
        fingerprint=fingerprint(fields, {**splits}),
    )
    write_meta(directory, meta)


def _write_feature_map(directory: Path) -> None:
    features = [
        {name: {"source": "", "type": "categorical", "padding_idx": 0, "vocab_size": size}}
        for name, size in VOCAB_SIZES.items()
    ]
    content = {
        "dataset_id": NAME,
        "num_fields": len(features),
        "total_features": sum(VOCAB_SIZES.values()),
        "input_length": len(features),
        "labels": ["label"],
        "features": features,
    }
    (directory / "feature_map.json").write_text(json.dumps(content), encoding="utf-8")

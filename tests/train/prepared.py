"""A small prepared dataset with a known structure, made without the data stage."""

from pathlib import Path
from typing import Any

import numpy as np

from workflow.data.store import ArrayName, FieldMeta, Meta, SplitMeta, fingerprint, write_meta
from workflow.files import sha256_file
from workflow.settings import DNN, Custom, LogLoss, LossSettings, ModelSettings
from workflow.spec import DatasetSpec, FieldSpec, Optimizer, Preparation, RunSpec, Training

VOCABULARY = (22, 42, 6)
FILES = {"train": "train.csv", "valid": "valid.csv", "test": "test.csv"}
DATASET = DatasetSpec(
    name="toy",
    preparation=Preparation(
        files=FILES, group="user", fields=tuple(FieldSpec(name=name) for name in ("user", "item", "hour"))
    ),
)


def write_prepared(rows: int = 1200, seed: int = 0, one_class: bool = False) -> DatasetSpec:
    """Write the arrays below the working directory; labels follow user and item effects."""
    rng = np.random.default_rng(seed)
    effects = [rng.normal(0, 1.5, size) for size in VOCABULARY]
    directory = DATASET.prepared_dir
    directory.mkdir(parents=True, exist_ok=True)
    splits = {}
    for name, count in (("train", rows), ("valid", rows // 3), ("test", rows // 3)):
        x = np.stack([rng.integers(1, size, count) for size in VOCABULARY], axis=1).astype(np.int32)
        logit = sum(effect[x[:, column]] for column, effect in enumerate(effects))
        y = (rng.random(count) < 1 / (1 + np.exp(-logit))).astype(np.float32)
        if one_class and name == "valid":
            y[:] = 1
        splits[name] = write_split(directory, name, x, y)
    fields = tuple(
        FieldMeta(name=field.name, vocab_size=size)
        for field, size in zip(DATASET.preparation.fields, VOCABULARY, strict=True)
    )
    meta = Meta(
        dataset=DATASET,
        title="Toy",
        origin="other",
        origin_note="made by a test",
        raw=(),
        fields=fields,
        splits=splits,
        code="0" * 64,
        fingerprint=fingerprint(fields, splits),
    )
    write_meta(directory, meta)
    return DATASET


def write_split(directory: Path, name: str, x: np.ndarray, y: np.ndarray) -> SplitMeta:
    arrays: dict[ArrayName, np.ndarray] = {"x": x, "y": y, "group": x[:, 0].astype(np.int32)}
    for kind, array in arrays.items():
        np.save(directory / f"{kind}_{name}.npy", array)
    digests: dict[ArrayName, str] = {kind: sha256_file(directory / f"{kind}_{name}.npy") for kind in arrays}
    return SplitMeta(rows=len(y), positives=int(y.sum()), groups=len(np.unique(x[:, 0])), sha256=digests)


def run_spec(
    model: ModelSettings | None = None,
    loss: LossSettings | None = None,
    optimizer: Optimizer | None = None,
    seed: int = 1,
    **training: Any,
) -> RunSpec:
    """A run that takes a moment; keyword arguments go to its training settings."""
    settings = {"batch_size": 100, "max_epochs": 4, **training}
    return RunSpec(
        dataset=DATASET,
        model=model or DNN(hidden_units=(16, 8), dropout=0.1),
        loss=loss or LogLoss(),
        optimizer=optimizer or Optimizer(embedding_l2=1e-4, learning_rate=0.01),
        training=Training.model_validate(settings),
        seed=seed,
    )


def own(name: str, seed: int = 1, **arguments: str) -> RunSpec:
    """A run of one epoch of a class in own.py."""
    return run_spec(model=Custom(module=f"own.py:{name}", arguments=arguments), seed=seed, max_epochs=1)

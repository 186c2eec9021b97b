"""Records of runs that were never trained, as many as a campaign plans: what the analysis takes, by their number.

Shapes: U users of the test split.
"""

import hashlib
from functools import cache

import numpy as np

from tests.made_records import HEX, made_record
from workflow.data.store import FieldMeta, Meta, RawFile, SplitMeta, fingerprint, write_meta
from workflow.plan.campaign import Plan
from workflow.plan.config import DatasetConfig
from workflow.spec import DatasetSpec, RunSpec
from workflow.train.placements import UserSums, write_sums
from workflow.train.record import (
    HISTOGRAM_BINS,
    ClassCounts,
    GradientNorms,
    Histogram,
    Metrics,
    ProbeData,
    write_record,
)

USERS, ROWS, EPOCHS = 500, 100_000, 12


def write_all(plan: Plan) -> int:
    """Describe every dataset below the working directory and leave a record of every run; give their number.

    The descriptions name the published data, so that every test and table is computed.
    """
    metas = {spec.id: described(config, spec) for config, spec in plan.sources}
    for run, _ in plan.runs.values():
        finish(run, metas[run.dataset.id])
    return len(plan.runs)


def described(config: DatasetConfig, spec: DatasetSpec) -> Meta:
    """Write the description of a dataset whose arrays do not exist."""
    fields = tuple(FieldMeta(name=field.name, vocab_size=1_000) for field in spec.preparation.fields)
    groups = USERS if spec.preparation.group else 0
    one = SplitMeta(rows=ROWS, positives=int(shares(spec.name)[0].sum()), groups=groups, sha256={"x": HEX, "y": HEX})
    splits = {"train": one, "valid": one, "test": one}
    meta = Meta(
        dataset=spec,
        title=config.title,
        origin="published",
        origin_note="made for a benchmark",
        raw=(RawFile(name="all", sha256=HEX, published=True),),
        fields=fields,
        splits={"train": one, "valid": one, "test": one},
        code=HEX,
        fingerprint=fingerprint(fields, dict(splits)),
    )
    return write_meta(spec.prepared_dir, meta)


@cache
def shares(dataset: str) -> tuple[np.ndarray, np.ndarray]:
    """Positives and negatives of each user of a dataset's test split."""
    draw = np.random.default_rng(len(dataset))
    rows_U = np.full(USERS, ROWS // USERS)
    positives_U = draw.integers(20, ROWS // USERS - 20, USERS)
    return positives_U, rows_U - positives_U


def finish(run: RunSpec, meta: Meta) -> None:
    """Leave the record of a run, and its sums by user: each cell has a level of its own, and its seeds spread."""
    level = 0.78 + 0.002 * (int(run.id[:4], 16) % 10)
    draw = np.random.default_rng([int(run.id[:8], 16), run.seed])
    sums = sums_of(run, level + 0.0005 * draw.standard_normal(), draw)
    auc = float(sums.placements_positive_U.sum() / sums.positives_U.sum())
    weights_U = sums.positives_U + sums.negatives_U
    gauc = float(np.average(sums.auc_U, weights=weights_U)) if meta.dataset.preparation.group else None
    found = Metrics(auc=auc, gauc=gauc, logloss=1.2 - auc)
    path = run.record_path.with_suffix(".user_sums.npz")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sums(path, sums)
    made = made_record(
        run,
        found,
        sums=hashlib.sha256(path.read_bytes()).hexdigest(),
        data_fingerprint=meta.fingerprint,
        raw_sha256={file.name: file.sha256 for file in meta.raw},
    )
    epochs = tuple(made.epochs[0].model_copy(update={"epoch": n}) for n in range(1, EPOCHS + 1))
    record = made.model_copy(update={"epochs": epochs, "best_epoch": EPOCHS, "probes": probes_of(run, draw)})
    write_record(run.record_path, record)


def sums_of(run: RunSpec, auc: float, draw: np.random.Generator) -> UserSums:
    """Sums by user whose placements of positives and of negatives give one AUC."""
    positives_U, negatives_U = shares(run.dataset.name)
    placed_U = np.clip(auc + 0.02 * draw.standard_normal(USERS), 0, 1)
    positive_U, negative_U = positives_U * placed_U, negatives_U * placed_U
    negative_U *= positive_U.sum() / positives_U.sum() / (negative_U.sum() / negatives_U.sum())
    auc_U = placed_U if run.dataset.preparation.group else np.full(USERS, np.nan)
    return UserSums(positives_U, negatives_U, positive_U, negative_U, auc_U)


def probes_of(run: RunSpec, draw: np.random.Generator) -> ProbeData:
    """What the run's probes would have counted."""
    counts = tuple(draw.integers(1, 100, HISTOGRAM_BINS).tolist())
    third = (ROWS // 8, ROWS // 8, ROWS // 4)
    epochs = range(1, EPOCHS + 1)
    return ProbeData(
        histograms=tuple(
            Histogram(epoch=epoch, split=split, positives=counts, negatives=counts)
            for epoch in run.probes.histogram_epochs
            for split in ("train", "valid")
        ),
        gradient_norms=tuple(
            GradientNorms(epoch=epoch, simple=(0.1, 0.2), complex=(0.2, 0.1))
            for epoch in run.probes.gradient_norm_epochs
        ),
        class_counts=tuple(
            ClassCounts(epoch=epoch, split=split, positives=third, negatives=third)
            for epoch in (epochs if run.probes.sample_classes else ())
            for split in ("valid", "test")
        ),
    )

"""One tidy table of runs for other programs: a row per experiment, dataset, cell and seed."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.load import Evidence, status_of
from workflow.files import atomic_path, canonical_json
from workflow.plan.campaign import Plan
from workflow.spec import RunSpec
from workflow.train.record import Record

# Column → pandas type and value. Nullable types, so that a column keeps its type when no run has a value.
PLANNED: Mapping[str, tuple[str, Callable[[Observed, RunSpec], Any]]] = {
    "experiment": ("string", lambda one, _: one.cell.experiment),
    "dataset": ("string", lambda one, _: one.cell.dataset),  # the configuration's name, also for a twin
    "cell": ("string", lambda one, _: one.label),
    "coordinates": ("string", lambda one, _: canonical_json(dict(one.at))),
    "model": ("string", lambda _, run: run.model.name),
    "loss": ("string", lambda _, run: run.loss.name),
    "seed": ("int64", lambda _, run: run.seed),
    "run_id": ("string", lambda _, run: run.id),
    "run_key": ("string", lambda _, run: run.key),
    "record": ("string", lambda _, run: run.record_path.as_posix()),  # path, below the working directory
    "source": ("string", lambda one, _: one.cell.source),  # where cell-specific settings come from
    "precision": ("string", lambda _, run: run.training.precision),
    "threads": ("Int64", lambda _, run: run.training.threads),
}
HAPPENED: Mapping[str, tuple[str, Callable[[Record], Any]]] = {
    "failure": ("string", lambda record: record.failure),
    "best_epoch": ("Int64", lambda record: record.best_epoch),
    "epochs": ("Int64", lambda record: len(record.epochs)),
    **{
        f"{split}_{metric}": (
            "Float64",
            lambda record, split=split, metric=metric: getattr(getattr(record, split), metric, None),
        )
        for split in ("valid", "test")
        for metric in ("auc", "gauc", "logloss")
    },
    "parameters": ("Int64", lambda record: record.parameters.total),
    "parameters_embedding": ("Int64", lambda record: record.parameters.embedding),
    "first_train_s": ("Float64", lambda record: record.epochs[0].train_s if record.epochs else None),
    "first_eval_s": ("Float64", lambda record: record.epochs[0].eval_s if record.epochs else None),
    **{
        name: (kind, lambda record, name=name: getattr(record.provenance, name))
        for name, kind in {
            "wall_s": "Float64",
            "peak_memory_bytes": "Int64",
            "data_origin": "string",
            "data_note": "string",
            "data_fingerprint": "string",
            "code": "string",
            "device": "string",
            "hardware": "string",
            "started": "string",
        }.items()
    },
}
COLUMNS: Mapping[str, str] = {
    **{name: kind for name, (kind, _) in PLANNED.items()},
    "standing": "string",  # standing, if it has a record
    "status": "string",  # ok, failed, not run
    **{name: kind for name, (kind, _) in HAPPENED.items()},
}


def collect(evidence: Evidence) -> pd.DataFrame:
    """Lay the runs of a campaign out as one tidy frame with the columns of `COLUMNS`, in the plan's order.

    A run that several cells share has a row in each. A run without a record has status "not run" and no values.
    """
    rows = [
        {
            **{name: value(one, run) for name, (_, value) in PLANNED.items()},
            "standing": one.ground.standing if record else None,
            "status": status_of(record),
            **{name: value(record) for name, (_, value) in HAPPENED.items() if record},
        }
        for experiment in evidence.plan.campaign.experiments
        for one in evidence.cells(experiment)
        for run, record in zip(one.cell.runs, one.records, strict=False)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict(COLUMNS))


def write_parquet(frame: pd.DataFrame, path: Path, plan: Plan) -> None:
    """Write the frame atomically, with the campaign's configuration in the file's metadata, as JSON under `tf4ctr`.

    Left out is what is true of one machine only: mirror and local folders.
    """
    campaign = plan.campaign.model_dump(mode="json", exclude={"mirror", "local"})
    table = pa.Table.from_pandas(frame, preserve_index=False)
    metadata = {**(table.schema.metadata or {}), b"tf4ctr": canonical_json({"campaign": campaign}).encode()}
    with atomic_path(path) as part:
        pq.write_table(table.replace_schema_metadata(metadata), part)

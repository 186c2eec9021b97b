"""From records to one tidy table: a row per experiment, dataset, cell and seed."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from workflow.config import Limits
from workflow.errors import UserError
from workflow.files import atomic_path, canonical_json
from workflow.plan import Cell, Plan
from workflow.spec import RunSpec
from workflow.train.record import Metrics, Record, read_record

PAPER_PRESET = "paper"  # how the paper's library reads columns that hold lists

# Column → pandas type. Nullable types, so that a column keeps its type when no run has a value.
COLUMNS: dict[str, str] = {
    # what was planned
    "experiment": "string",
    "dataset": "string",  # the configuration's name, also for a twin
    "cell": "string",
    "keys": "string",  # the cell's grid point, as JSON
    "model": "string",
    "loss": "string",
    "seed": "int64",
    "run_id": "string",
    "run_key": "string",
    "record": "string",  # path, below the working directory
    "source": "string",  # where cell-specific settings come from
    "precision": "string",
    "protocol": "string",  # paper, or other where the campaign's limits or preset change the run
    # what happened
    "status": "string",  # ok, failed, not run
    "failure": "string",
    "best_epoch": "Int64",
    "epochs": "Int64",
    "valid_auc": "Float64",
    "valid_gauc": "Float64",
    "valid_logloss": "Float64",
    "test_auc": "Float64",
    "test_gauc": "Float64",
    "test_logloss": "Float64",
    "parameters": "Int64",
    "parameters_embedding": "Int64",
    "first_train_s": "Float64",  # training part of the first epoch
    "first_eval_s": "Float64",  # evaluation after the first epoch
    "wall_s": "Float64",
    "peak_memory_bytes": "Int64",
    # what it rests on
    "data_origin": "string",  # published, other, twin
    "data_note": "string",
    "data_fingerprint": "string",
    "code": "string",
    "device": "string",
    "hardware": "string",
    "threads": "Int64",
    "started": "string",
}


def collect(plan: Plan, experiments: Iterable[str] | None = None) -> pd.DataFrame:
    """Read the records of a campaign's runs into one tidy frame.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    experiments : iterable of str, optional
        Only these experiments; by default all of the campaign's.

    Returns
    -------
    pandas.DataFrame
        One row per experiment, dataset, cell and seed, in the plan's order, with the
        columns of `COLUMNS`. A run that several cells share has a row in each. A run
        without a record has status "not run" and no values.

    Raises
    ------
    UserError
        When a record is damaged, cannot be read, or holds another run than the planned one.
    """
    names = tuple(plan.campaign.experiments if experiments is None else experiments)
    unlimited = Plan(plan.campaign.model_copy(update={"limits": Limits(), "preset": PAPER_PRESET}))
    records: dict[str, Record | None] = {}
    rows = []
    for cell, papers in zip(_cells(plan, names), _cells(unlimited, names), strict=True):
        protocol = "paper" if cell.runs[0].id == papers.runs[0].id else "other"
        for run in cell.runs:
            if run.key not in records:
                records[run.key] = read_planned(run)
            rows.append({**_planned(cell, run), "protocol": protocol, **_happened(records[run.key])})
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _cells(plan: Plan, experiments: Iterable[str]) -> list[Cell]:
    return [cell for name in experiments for cell in plan.cells_of(name)]


def read_planned(run: RunSpec) -> Record | None:
    """Read the record of a planned run; None where it has none.

    Raises
    ------
    UserError
        When the record is damaged, cannot be read, or holds another run.
    """
    path = run.record_path
    try:
        record = read_record(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); make it readable and try again") from error
    if record.spec != run:
        raise UserError(
            f"{path}: holds run {record.spec.dataset.name} {record.spec.key}, but the plan expects {run.key} here; "
            "move it to its own place or delete it, then run the same command again"
        )
    return record


def write_parquet(frame: pd.DataFrame, path: Path, plan: Plan) -> None:
    """Write the frame atomically, with the campaign in the file's metadata.

    The metadata key is `tf4ctr`: JSON with the campaign's configuration, less what is
    true of one machine only (mirror and local folders).
    """
    campaign = plan.campaign.model_dump(mode="json", exclude={"mirror", "local"})
    table = pa.Table.from_pandas(frame, preserve_index=False)
    metadata = {**(table.schema.metadata or {}), b"tf4ctr": canonical_json({"campaign": campaign}).encode()}
    with atomic_path(path) as part:
        pq.write_table(table.replace_schema_metadata(metadata), part)


def read_campaign(path: Path) -> dict[str, Any]:
    """Read the campaign's configuration out of a file that `write_parquet` made."""
    return json.loads(pq.read_schema(path).metadata[b"tf4ctr"])["campaign"]


def _planned(cell: Cell, run: RunSpec) -> dict[str, Any]:
    return {
        "experiment": cell.experiment,
        "dataset": cell.dataset,
        "cell": cell.label,
        "keys": canonical_json(dict(cell.keys)),
        "model": run.model.name,
        "loss": run.loss.name,
        "seed": run.seed,
        "run_id": run.id,
        "run_key": run.key,
        "record": run.record_path.as_posix(),
        "source": cell.source,
        "precision": run.training.precision,
    }


def _happened(record: Record | None) -> dict[str, Any]:
    if record is None:
        return {"status": "not run"}
    source = record.provenance
    first = record.epochs[0] if record.epochs else None
    return {
        "status": record.status,
        "failure": record.failure,
        "best_epoch": record.best_epoch,
        "epochs": len(record.epochs),
        **_metrics("valid", record.valid),
        **_metrics("test", record.test),
        "parameters": record.parameters.total,
        "parameters_embedding": record.parameters.embedding,
        "first_train_s": first.train_s if first else None,
        "first_eval_s": first.eval_s if first else None,
        "wall_s": source.wall_s,
        "peak_memory_bytes": source.peak_memory_bytes,
        "data_origin": source.data_origin,
        "data_note": source.data_note,
        "data_fingerprint": source.data_fingerprint,
        "code": source.code,
        "device": source.device,
        "hardware": source.hardware,
        "threads": source.threads,
        "started": source.started,
    }


def _metrics(split: str, metrics: Metrics | None) -> dict[str, float | None]:
    if metrics is None:
        return {}
    return {f"{split}_auc": metrics.auc, f"{split}_gauc": metrics.gauc, f"{split}_logloss": metrics.logloss}

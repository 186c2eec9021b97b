"""What a campaign will cost, before it is paid: from finished records, or a stated default."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from workflow.config import load_dataset
from workflow.errors import UserError
from workflow.plan import Plan
from workflow.spec import RunSpec
from workflow.train.record import Record, read_record

# Used only where nothing has been measured: rows per second of a TF4CTR training epoch with
# its evaluation, and epochs until early stopping (the authors' 76 logs: 10 to 33).
DEFAULT_ROWS_PER_S = {"cpu": 40_000, "cuda": 1_000_000}
DEFAULT_EPOCHS = 20


@dataclass(frozen=True)
class Forecast:
    """Seconds of one run, and where the figure comes from."""

    seconds: float
    source: str  # "finished", "same model and data", "same data", "default"


def read_all(plan: Plan) -> tuple[dict[str, Record], list[str]]:
    """Finished records of a campaign by run key, and what is wrong with unreadable ones."""
    records, faults = {}, []
    for key, (run, _) in plan.runs.items():
        path = Path(run.record_path)
        if path.is_file():
            try:
                records[key] = read_record(path)
            except UserError as error:
                faults.append(str(error))
    return records, faults


def forecast(plan: Plan, records: dict[str, Record], device: str) -> dict[str, Forecast]:
    """Seconds of every run of the campaign, by run key."""
    by_model: dict[tuple[str, str], list[float]] = defaultdict(list)
    by_data: dict[str, list[float]] = defaultdict(list)
    for record in records.values():
        if record.status == "ok" and record.provenance.device == device:
            by_model[record.spec.dataset.id, record.spec.model.name].append(record.provenance.wall_s)
            by_data[record.spec.dataset.id].append(record.provenance.wall_s)
    return {key: _forecast(run, records.get(key), by_model, by_data, device) for key, (run, _) in plan.runs.items()}


def _forecast(
    run: RunSpec,
    record: Record | None,
    by_model: dict[tuple[str, str], list[float]],
    by_data: dict[str, list[float]],
    device: str,
) -> Forecast:
    if record is not None:
        return Forecast(record.provenance.wall_s, "finished")
    if seconds := by_model.get((run.dataset.id, run.model.name)):
        return Forecast(median(seconds), "same model and data")
    if seconds := by_data.get(run.dataset.id):
        return Forecast(median(seconds), "same data")
    epochs = min(DEFAULT_EPOCHS, run.training.max_epochs)
    return Forecast(epochs * train_rows(run) / DEFAULT_ROWS_PER_S[device], "default")


def train_rows(run: RunSpec) -> int:
    """Training rows of a run's dataset: a twin's share, or the published count."""
    twin = run.dataset.preparation.twin
    if twin is not None:
        return twin.rows * 8 // 10
    rows = load_dataset(run.dataset.name).published.rows
    return rows.get("train", 1_000_000)

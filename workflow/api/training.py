"""Runs of one configuration: trained, read, and as frames."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from workflow.api.data import Dataset, Frame, as_polars, require_unchanged
from workflow.errors import UserError, nearest
from workflow.plan.cells import Cell, expand
from workflow.plan.config import Arm, ExperimentConfig, validate
from workflow.train.keep import Say, weights_path
from workflow.train.pack import train_pack
from workflow.train.record import Epoch, Metrics, Record, read_record, record_named
from workflow.train.run import train_runs
from workflow.train.weights import predict as scored

Metric = Literal["auc", "gauc", "logloss"]
DEVICES = ("auto", "cpu", "cuda")
CURVE = (
    *("model", "seed", *(name for name in Epoch.model_fields if name != "valid")),
    *(f"valid_{name}" for name in Metrics.model_fields),
)


def require_metric(metric: str) -> None:
    """Refuse a metric that records do not have."""
    require_known("metric", metric, get_args(Metric))


def require_known(what: str, name: str, known: Sequence[str]) -> None:
    """Refuse a name that is none of those that are known."""
    if name not in known:
        raise UserError(f"no {what} {name!r}; {nearest(name, known)}")


@dataclass(frozen=True)
class Runs:
    """The runs of one configuration, one per seed."""

    cell: Cell
    records: tuple[Record, ...]

    @property
    def label(self) -> str:
        """What frames call it."""
        return self.cell.label

    @property
    def finished(self) -> tuple[Record, ...]:
        """Those that did not fail."""
        return tuple(record for record in self.records if record.status == "ok")

    @property
    def frame(self) -> pd.DataFrame:
        """A row per run: test metrics, validation AUC, epochs, parameters, and the failure of a failed one."""
        return pd.DataFrame([_row(self.label, record) for record in self.records])

    @property
    def curves(self) -> pd.DataFrame:
        """A row per run and epoch: training loss, validation metrics, learning rate, seconds."""
        rows = [
            {"model": self.label, "seed": record.spec.seed, **epoch.model_dump(exclude={"valid"})}
            | {f"valid_{name}": value for name, value in epoch.valid.model_dump().items()}
            for record in self.records
            for epoch in record.epochs
        ]
        return pd.DataFrame(rows, columns=list(CURVE))

    def scores(self, metric: Metric) -> list[float]:
        """The test metric of each finished run that has it; an unknown one is a UserError."""
        require_metric(metric)
        found = [getattr(record.test, metric) for record in self.finished]
        return [value for value in found if value is not None]


def fit(
    data: Dataset,
    model: str | Mapping[str, Any],
    *,
    seeds: Sequence[int],
    loss: str | Mapping[str, Any] = "log",
    optimizer: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    label: str | None = None,
    device: str = "auto",
    keep_weights: bool = False,
    say: Say = print,
) -> Runs:
    """Train a model once for each seed; finished runs are read instead.

    Parameters
    ----------
    data : Dataset
        The data.
    model, loss : str or mapping
        A name, or settings with a `name`, as `model` and `loss` of an experiment's arm; a model of your
        own is `{"name": "Custom", "module": "my_models/toy.py:Toy", "arguments": {}}`.
    seeds : sequence of int
        One run each.
    optimizer, training : mapping, optional
        Settings in the place of the dataset's protocol, such as `{"max_epochs": 3}`.
    label : str, optional
        What frames call it; by default the model's name.
    device : str
        "auto", "cpu" or "cuda".
    keep_weights : bool
        Whether to keep each run's weights, for `predict`; runs that are there without them are trained again.
    say : callable
        Receives a line per epoch.

    Raises
    ------
    UserError
        When a setting is faulty, gAUC is monitored and undefined, or the data were prepared again from other rows.
        A run that fails is a record; delete the file `spec.record_path` to train it again.
    """
    require_known("device", device, DEVICES)
    require_unchanged(data)
    settings = {"name": model} if isinstance(model, str) else dict(model)
    chosen = {"name": loss} if isinstance(loss, str) else dict(loss)
    shown = label or str(settings.get("name"))
    arm = validate(
        Arm,
        {"label": shown, "model": settings, "loss": chosen}
        | {"optimizer": dict(optimizer or {}), "training": dict(training or {})},
        "fit",
    )
    listed = np.asarray(seeds).tolist()  # numpy's integers are none for a schema
    values = {"name": "notebook", "title": shown, "datasets": [data.config.name], "arms": [arm], "seeds": listed}
    experiment = validate(ExperimentConfig, values, "fit")
    campaign = data.campaign.model_copy(update={"keep_weights": keep_weights})
    (cell,) = expand(campaign, experiment, data.config.name, data.config)
    train_pack(cell.runs, lambda waiting, tell: train_runs(waiting, device, 30.0, tell), say)
    return Runs(cell, tuple(read_record(run.record_path) for run in cell.runs))


def predict(record: Record, rows: Frame | Path | str, *, device: str = "auto") -> npt.NDArray[np.float32]:
    """Score new rows with a run whose weights were kept.

    Parameters
    ----------
    record : Record
        Of `Runs.records`, or as `load` reads it.
    rows : DataFrame, Path or str
        The rows, or a file of them, with the columns of all fields; no label is needed.
    device : str
        "auto", "cpu" or "cuda".

    Returns
    -------
    array of float32
        The probability of each row, in their order.

    Raises
    ------
    UserError
        When a column is missing, a value cannot be read, or the weights were not kept.
    """
    require_known("device", device, DEVICES)
    weights = weights_path(record.spec)
    if isinstance(rows, str | Path):
        return scored(record, weights, Path(rows), device)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "rows.parquet")
        as_polars(rows).write_parquet(table)
        return scored(record, weights, table, device)


def load(path: Path | str) -> Record:
    """Read a run's record.

    Raises
    ------
    UserError
        When there is no such file, it is not a record, or the record is damaged or was edited.
    """
    return record_named(Path(path))


def track(runs: Runs, folder: Path | str) -> Path:
    """Write the curves of runs for a tracker: TensorBoard's scalars where it is installed, else a CSV file.

    Returns
    -------
    Path
        The folder of the event files, or the CSV file.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - optional
    except ImportError:
        runs.curves.to_csv(place / "curves.csv", index=False)
        return place / "curves.csv"
    for seed, curve in runs.curves.groupby("seed"):
        with SummaryWriter(str(place / f"{runs.label}-seed{seed}")) as writer:
            for row in curve.to_dict("records"):
                for key in ("train_loss", "valid_auc", "valid_gauc", "valid_logloss", "learning_rate"):
                    if row[key] is not None:
                        writer.add_scalar(key, row[key], row["epoch"])
    return place


def _row(label: str, record: Record) -> dict[str, Any]:
    test: dict[str, float | None] = dict.fromkeys(("auc", "gauc", "logloss"))
    if record.test:
        test = record.test.model_dump()
    return {
        "model": label,
        "seed": record.spec.seed,
        **test,
        "valid_auc": record.valid.auc if record.valid else None,
        "best_epoch": record.best_epoch,
        "epochs": len(record.epochs),
        "parameters": record.parameters.total,
        "failure": record.failure,
        "run": record.spec.key,
    }

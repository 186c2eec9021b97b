"""What stops a run is one metric of choice."""

from pathlib import Path

import pytest

from tests.train.prepared import run_spec, write_prepared
from workflow.archive.faults.records import protocol_faults
from workflow.spec import RunSpec, Training
from workflow.train.record import Metrics, read_record
from workflow.train.run import train_runs


@pytest.mark.parametrize("name", ["auc", "gauc", "logloss"])
def test_the_best_epoch_is_best_in_what_is_monitored(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_prepared(rows=300)
    run = run_spec(max_epochs=6)
    training = Training.model_validate({**run.training.model_dump(), "monitor": [name]})
    run = RunSpec.model_validate({**run.model_dump(), "training": training})
    train_runs([run], "cpu", 0.0, lambda _: None)
    record = read_record(run.record_path)
    values = [getattr(epoch.valid, name) for epoch in record.epochs]
    best = min(values) if name == "logloss" else max(values)
    assert record.best_epoch == values.index(best) + 1
    assert list(protocol_faults(record)) == []


def test_log_loss_is_monitored_by_its_negative() -> None:
    assert Training(monitor=("logloss",)).monitor == ("neg_logloss",)  # pyright: ignore[reportArgumentType]
    assert Metrics(auc=0.5, gauc=None, logloss=0.25).neg_logloss == -0.25
    with pytest.raises(ValueError, match="monitor"):
        Training(monitor=("accuracy",))  # pyright: ignore[reportArgumentType]

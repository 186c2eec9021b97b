"""Packs: nothing finished is trained twice, lost, or half written, and no run stops another."""

import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.train.prepared import run_spec, write_prepared
from workflow.archive.faults.records import protocol_faults
from workflow.data.store import load_meta
from workflow.errors import UserError
from workflow.settings import DNN
from workflow.spec import Optimizer, RunSpec
from workflow.train import keep
from workflow.train import run as run_module
from workflow.train.keep import file_path
from workflow.train.pack import train_pack
from workflow.train.record import read_record
from workflow.train.run import train_runs


@pytest.fixture(autouse=True)
def folder(here: Path) -> Path:
    write_prepared(rows=300)
    return here


RUNS = tuple(run_spec(seed=seed, max_epochs=2) for seed in (1, 2))


def train(*runs: RunSpec) -> list[str]:
    lines: list[str] = []
    train_pack(runs, lambda waiting, say: train_runs(waiting, "cpu", 0.0, say), lines.append)
    return lines


def test_every_run_gets_a_record_with_its_provenance() -> None:
    train(*RUNS)
    for run in RUNS:
        record = read_record(run.record_path)
        assert record.spec == run
        assert record.status == "ok"
        assert record.provenance.data_fingerprint == load_meta(run.dataset.prepared_dir).fingerprint
        assert record.provenance.code == keep.training_code(DNN())
        assert record.parameters.embedding == 70 * 16
        assert record.provenance.peak_memory_bytes > 0
        assert record.provenance.hardware.endswith(torch.backends.cpu.get_cpu_capability())
        assert not keep.state_path(run).exists()


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


CODE = "workflow.train.keep.training_code"
AGAIN: dict[str, tuple[Callable[[RunSpec, pytest.MonkeyPatch], object], int]] = {
    "nothing": (lambda *_: None, 0),
    "a record is gone": (lambda run, _: run.record_path.unlink(), 1),
    "a record is cut": (lambda run, _: run.record_path.write_bytes(run.record_path.read_bytes()[:200]), 1),
    "a digit is edited": (lambda run, _: flip(run.record_path, run.record_path.read_bytes().index(b'"auc":') + 12), 1),
    "its scores are gone": (lambda run, _: file_path(run, "test_scores.npy").unlink(), 1),
    "its sums are damaged": (lambda run, _: flip(file_path(run, "user_sums.npz"), -300), 1),
    "other data": (lambda *_: write_prepared(rows=300, seed=9), 2),
    "other code": (lambda _, patch: patch.setattr(CODE, lambda _: "f" * 64), 2),
}


@pytest.mark.parametrize("change", AGAIN)
def test_runs_that_are_not_what_they_were_are_trained_again(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [run_spec(seed=seed, max_epochs=2, keep_scores=True) for seed in (1, 2)]
    train(*runs)
    first, second = (run.record_path for run in runs)
    before, test = second.read_bytes(), read_record(first).test
    spoil, count = AGAIN[change]
    spoil(runs[0], monkeypatch)
    lines = train(*runs)
    assert f"{2 - count} of 2 runs are finished, {count} to train" in "".join(lines)
    assert any("damaged record" in line for line in lines) is (change == "a record is cut")
    assert (second.read_bytes() == before) is (count < 2)
    assert (read_record(first).test == test) is (change != "other data")


@pytest.mark.parametrize("name", ["auc", "gauc", "logloss"])
def test_the_best_epoch_is_best_in_what_is_monitored(name: str) -> None:
    run = run_spec(max_epochs=6, monitor=[name])
    train(run)
    record = read_record(run.record_path)
    values = [getattr(epoch.valid, name) for epoch in record.epochs]
    assert record.best_epoch == values.index(min(values) if name == "logloss" else max(values)) + 1
    assert list(protocol_faults(record)) == []


def test_a_nan_run_is_a_recorded_failure_and_the_rest_goes_on() -> None:
    bad = run_spec(optimizer=Optimizer(learning_rate=1e38), max_epochs=2)
    train(bad, RUNS[0])
    record = read_record(bad.record_path)
    assert record.status == "failed"
    assert record.failure is not None
    assert "learning_rate" in record.failure
    assert read_record(RUNS[0].record_path).status == "ok"
    assert "0 to train" in train(bad, RUNS[0])[0]


class Boom(BaseException):
    """Like a user's Ctrl-C: nothing to record."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 21 GiB"), "not enough memory"),
        (MemoryError(), "not enough memory (MemoryError)"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"), "pack_workers"),
        (TypeError("forward() takes 1 argument"), "TypeError: forward() takes 1 argument"),
        (KeyError("weight"), "KeyError: 'weight'"),
    ],
)
def test_what_ends_a_run_is_recorded_and_others_go_on(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    released: list[str] = []
    monkeypatch.setattr("workflow.train.run.release_memory", lambda: released.append("memory"))
    failing_for(monkeypatch, 1, error)
    lines = train(*RUNS)
    record = read_record(RUNS[0].record_path)
    assert (record.status, record.epochs, record.test) == ("failed", (), None)
    assert record.failure is not None
    assert words in record.failure
    assert "tf4ctr retry CAMPAIGN" in record.failure
    assert "\n" not in record.failure
    assert any("Traceback" in line for line in lines)  # the log says where
    assert released == ["memory"]
    assert read_record(RUNS[1].record_path).status == "ok"
    assert "0 to train" in train(*RUNS)[0]  # until `retry` drops it


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Boom(), UserError("disk full")])
def test_what_is_no_fault_of_the_run_is_not_recorded(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    failing_for(monkeypatch, 1, error)
    with pytest.raises(type(error)):
        train(*RUNS)
    assert not RUNS[0].record_path.exists()


def test_memory_of_a_failed_run_is_free_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    class Large:
        """Stands for the tensors of a run: they live in a frame of the error's traceback, and in a cycle."""

    alive: list[weakref.ref[Large]] = []

    def fail(run: RunSpec, *arguments: Any, **options: Any) -> None:
        if alive:
            assert alive[0]() is None
        held = Large()
        held.itself = held  # pyright: ignore[reportAttributeAccessIssue]
        alive.append(weakref.ref(held))
        raise RuntimeError("out of memory")

    monkeypatch.setattr("workflow.train.run.train", fail)
    train(*RUNS)
    assert [read_record(run.record_path).status for run in RUNS] == ["failed", "failed"]


def failing_for(monkeypatch: pytest.MonkeyPatch, seed: int, error: BaseException) -> None:
    """Let the training of runs with this seed end with `error`."""
    real = run_module.train

    def train(run: RunSpec, *arguments: Any, **options: Any) -> Any:
        if run.seed == seed:
            raise error
        return real(run, *arguments, **options)

    monkeypatch.setattr(run_module, "train", train)


def test_sums_and_scores_of_the_test_split_lie_beside_the_record() -> None:
    run = run_spec(keep_scores=True, max_epochs=1)
    train(run)
    record = read_record(run.record_path)
    assert set(record.files) == {"user_sums.npz", "valid_scores.npy", "test_scores.npy"}
    assert record.test is not None
    with np.load(file_path(run, "user_sums.npz")) as sums:
        whole = sums["placements_positive_U"].sum() / sums["positives_U"].sum()
    assert whole == pytest.approx(record.test.auc, abs=1e-12)


def test_a_single_class_in_validation_is_told_before_training() -> None:
    write_prepared(rows=300, one_class=True)
    with pytest.raises(UserError, match="valid split has 100 positive of 100 rows"):
        train(RUNS[0])


def test_missing_and_truncated_arrays_are_told() -> None:
    directory = RUNS[0].dataset.prepared_dir
    array = directory / "x_train.npy"
    array.write_bytes(array.read_bytes()[:100])
    with pytest.raises(UserError, match=r"x_train\.npy: does not begin as the array"):
        train(RUNS[0])
    (directory / "meta.json").unlink()
    with pytest.raises(UserError, match="not prepared"):
        train(RUNS[0])


def test_tf32_on_a_cpu_is_refused() -> None:
    with pytest.raises(UserError, match="tf32 exists on CUDA"):
        train(run_spec(precision="tf32"))


def test_unwritable_output_keeps_what_is_finished() -> None:
    train(RUNS[0])
    folder = RUNS[1].record_path.parents[1] / run_spec(model=DNN(hidden_units=(4,)), max_epochs=1).id
    folder.write_text("a file where a folder should be")
    with pytest.raises(UserError, match="is a file, but a folder is needed there"):
        train(RUNS[0], run_spec(model=DNN(hidden_units=(4,)), max_epochs=1))
    assert read_record(RUNS[0].record_path).status == "ok"


def test_knowing_that_nothing_is_to_do_does_not_load_torch(folder: Path) -> None:
    train(*RUNS)
    code = (
        "import sys; from tests.train.prepared import run_spec; from workflow.train.pack import train_pack;"
        "train_pack((run_spec(seed=1, max_epochs=2),), None); assert 'torch' not in sys.modules"
    )
    root = str(Path(__file__).resolve().parents[2])
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder, env={"PYTHONPATH": root}, timeout=60)

"""Packs: nothing finished is trained twice, lost, or half written."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.train.prepared import run_spec, write_prepared
from workflow.data.store import load_meta
from workflow.errors import UserError
from workflow.settings import DNN
from workflow.spec import Optimizer, RunSpec
from workflow.train import keep
from workflow.train.keep import file_path, kept_path
from workflow.train.pack import train_pack
from workflow.train.record import read_record


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_prepared(rows=300)
    return tmp_path


RUNS = tuple(run_spec(seed=seed, max_epochs=2) for seed in (1, 2))


def train(*runs: RunSpec) -> list[str]:
    lines: list[str] = []
    train_pack(runs, "cpu", 0.0, lines.append)
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
        assert not keep.state_path(run).exists()


def test_finished_runs_are_not_trained_again() -> None:
    train(*RUNS)
    before = [run.record_path.read_bytes() for run in RUNS]
    assert "2 of 2 runs are finished" in train(*RUNS)[0]
    assert [run.record_path.read_bytes() for run in RUNS] == before


def test_records_that_snakemake_deleted_come_back() -> None:
    train(*RUNS)
    before = RUNS[0].record_path.read_bytes()
    for run in RUNS:
        run.record_path.unlink()
    assert "0 to train" in train(*RUNS)[0]
    assert RUNS[0].record_path.read_bytes() == before


def test_a_damaged_record_is_replaced_from_the_copy() -> None:
    train(*RUNS)
    before = RUNS[0].record_path.read_bytes()
    RUNS[0].record_path.write_bytes(before[:200])
    lines = train(*RUNS)
    assert any("damaged record" in line for line in lines)
    assert RUNS[0].record_path.read_bytes() == before


def test_an_edited_digit_is_found() -> None:
    train(RUNS[0])
    content = json.loads(RUNS[0].record_path.read_text())
    content["test"]["auc"] = 0.9999
    RUNS[0].record_path.write_text(json.dumps(content))
    with pytest.raises(UserError, match="changed after it was written"):
        read_record(RUNS[0].record_path)


def test_other_data_or_code_trains_again(monkeypatch: pytest.MonkeyPatch) -> None:
    train(*RUNS)
    assert "2 to train" not in train(*RUNS)[0]
    write_prepared(rows=300, seed=9)
    assert "2 to train" in train(*RUNS)[0]
    monkeypatch.setattr(keep, "training_code", lambda _: "f" * 64)
    assert "2 to train" in train(*RUNS)[0]


def test_a_nan_run_is_a_recorded_failure_and_the_rest_goes_on() -> None:
    bad = run_spec(optimizer=Optimizer(learning_rate=1e38), max_epochs=2)
    train(bad, RUNS[0])
    record = read_record(bad.record_path)
    assert record.status == "failed"
    assert record.failure is not None
    assert "learning_rate" in record.failure
    assert read_record(RUNS[0].record_path).status == "ok"
    assert "0 to train" in train(bad, RUNS[0])[0]


def test_scores_lie_beside_the_record() -> None:
    run = run_spec(keep_scores=True, max_epochs=1)
    train(run)
    assert set(read_record(run.record_path).files) == {"user_sums.npz", "valid_scores.npy", "test_scores.npy"}
    file_path(run, "test_scores.npy").unlink()
    assert "1 to train" in train(run)[0]


def test_sums_of_the_test_split_lie_beside_every_record_and_are_held_to_their_digest() -> None:
    train(RUNS[0])
    record, path = read_record(RUNS[0].record_path), file_path(RUNS[0], "user_sums.npz")
    assert record.test is not None
    with np.load(path) as sums:
        whole = sums["placements_positive_U"].sum() / sums["positives_U"].sum()
    assert whole == pytest.approx(record.test.auc, abs=1e-12)
    assert "0 to train" in train(RUNS[0])[0]
    content = bytearray(path.read_bytes())
    content[-300] ^= 1
    path.write_bytes(content)
    assert "1 to train" in train(RUNS[0])[0]


def test_a_single_class_in_validation_is_told_before_training() -> None:
    write_prepared(rows=300, one_class=True)
    with pytest.raises(UserError, match="valid split has 100 positive of 100 rows"):
        train(RUNS[0])


def test_missing_and_truncated_arrays_are_told() -> None:
    directory = RUNS[0].dataset.prepared_dir
    array = directory / "x_train.npy"
    array.write_bytes(array.read_bytes()[:100])
    with pytest.raises(UserError, match=r"x_train\.npy: cannot be read"):
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
    with pytest.raises(UserError, match="cannot be written"):
        train(RUNS[0], run_spec(model=DNN(hidden_units=(4,)), max_epochs=1))
    assert read_record(RUNS[0].record_path).status == "ok"
    assert read_record(kept_path(RUNS[0])).status == "ok"


def test_knowing_that_nothing_is_to_do_does_not_load_torch(folder: Path) -> None:
    train(*RUNS)
    code = (
        "import sys; from tests.train.prepared import run_spec; from workflow.train.pack import train_pack;"
        "train_pack((run_spec(seed=1, max_epochs=2),), 'cpu', 1); assert 'torch' not in sys.modules"
    )
    root = str(Path(__file__).resolve().parents[2])
    subprocess.run([sys.executable, "-c", code], check=True, cwd=folder, env={"PYTHONPATH": root}, timeout=60)

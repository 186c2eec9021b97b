"""Timing in turns, with tiny sizes; and the sealed record of it."""

from pathlib import Path

import pytest
import torch

from tests.train.prepared import run_spec, write_prepared
from workflow.settings import DNN, DualMLP
from workflow.train import timing
from workflow.train.resident import load_resident
from workflow.train.timing import rotated, time_models, warm_up_part
from workflow.train.timing_record import read_timing, write_timing

RUNS = [
    ("DNN (Base)", run_spec(model=DNN(hidden_units=(8,)))),
    ("DualMLP", run_spec(model=DualMLP(simple_units=(8,), complex_units=(8,)))),
]


@pytest.fixture
def folder(here: Path) -> Path:
    return write_prepared().prepared_dir


def test_models_take_turns_and_the_warm_up_is_not_counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[tuple[str, int]] = []
    real = timing.time_one

    def watched(spec, data, device):
        order.append((spec.model.name, data.train.rows))
        return real(spec, data, device)

    monkeypatch.setattr(timing, "time_one", watched)
    found = time_models(RUNS, folder, device="cpu", repeats=3, say=lambda _: None)
    warm, counted = order[:2], order[2:]
    assert warm == [("DNN", 300), ("DualMLP", 300)]
    assert [name for name, _ in counted] == ["DNN", "DualMLP", "DualMLP", "DNN", "DNN", "DualMLP"]
    assert {rows for _, rows in counted} == {1200}
    for timed in found.models:
        assert len(timed.train_s) == len(timed.infer_s) == 3
        assert min(timed.train_s) > 0
        assert timed.peak_memory_bytes > 0
        assert timed.parameters.total > 0
    assert (found.train_rows, found.valid_rows, found.data_origin, found.threads) == (1200, 400, "other", 1)
    path = Path("results/x/timing.json")
    assert read_timing(path) is None
    write_timing(path, found)
    back = read_timing(path)
    assert back is not None
    assert back.models == found.models


def test_the_warm_up_has_a_few_batches_of_the_same_rows(folder: Path) -> None:
    data = load_resident(folder, torch.device("cpu"))
    part = warm_up_part(data, RUNS[0][1])
    assert part.train.rows == 300
    assert torch.equal(part.train.x_NC, data.train.x_NC[:300])
    assert part.valid is data.valid


def test_every_model_is_first_equally_often() -> None:
    runs = [(str(number), RUNS[0][1]) for number in range(4)]
    assert sorted(rotated(runs, number)[0][0] for number in range(8)) == sorted("01230123")

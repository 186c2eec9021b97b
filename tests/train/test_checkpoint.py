"""States between epochs, written as often as asked; `tests/attack/test_damage.py` has those that are damaged."""

from pathlib import Path

import pytest
import torch

from tests.train.conftest import CPU, run
from tests.train.prepared import run_spec, write_prepared
from workflow.errors import UserError
from workflow.train import checkpoint, loop
from workflow.train.checkpoint import Progress, load, save
from workflow.train.resident import load_resident

STATE = {"model": {"weight": torch.arange(12.0)}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.state"
    save(path, "mine", Progress(learning_rate=1e-3, strikes=1), STATE)
    return path


def test_a_whole_state_reads_back(path: Path) -> None:
    found = load(path, "mine", CPU, print)
    assert found is not None
    assert found[0] == Progress(learning_rate=1e-3, strikes=1)
    assert torch.equal(found[1]["model"]["weight"], STATE["model"]["weight"])


def test_a_state_of_something_else_is_removed_with_a_line(path: Path) -> None:
    lines: list[str] = []
    assert load(path, "other", CPU, lines.append) is None
    assert "another specification, code or data" in lines[0]
    assert load(path, "mine", CPU, lines.append) is None
    assert len(lines) == 1


def test_a_full_disk_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(UserError, match="cannot be written"):
        save(tmp_path / "run.state", "mine", Progress(learning_rate=1e-3), STATE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("seconds_an_epoch", "expected"), [(1.0, [4, 6]), (10.0, [1, 2, 3, 4, 5, 6]), (0.1, [])])
def test_states_are_written_at_most_every_so_many_seconds_and_at_the_end(
    here: Path, monkeypatch: pytest.MonkeyPatch, seconds_an_epoch: float, expected: list[int]
) -> None:
    clock, saved = [0.0], []
    monkeypatch.setattr(loop.time, "monotonic", lambda: clock[0])
    real = loop.run_epoch

    def slow(run: loop.Run) -> object:
        epoch = real(run)
        clock[0] += seconds_an_epoch
        return epoch

    monkeypatch.setattr(loop, "run_epoch", slow)
    monkeypatch.setattr(checkpoint, "save", lambda _, __, progress, ___: saved.append(len(progress.epochs)))
    data = load_resident(write_prepared(rows=300).prepared_dir, CPU)
    run(run_spec(max_epochs=6, patience=9), data, checkpoint_s=4.0)
    assert saved == expected

"""An incomplete or unfitting state never stops a run: it is dropped with one line, and the run starts again."""

import copy
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.models.toys import OWN
from tests.train.prepared import run_spec, write_prepared
from workflow.archive.compare import result_of
from workflow.settings import Custom
from workflow.spec import RunSpec
from workflow.train import checkpoint
from workflow.train.checkpoint import Progress
from workflow.train.keep import state_path
from workflow.train.record import Record, read_record
from workflow.train.run import train_runs

Change = Callable[[Progress, dict[str, Any]], Any]


@pytest.fixture
def run(here: Path) -> RunSpec:
    write_prepared(rows=200)
    return run_spec(max_epochs=2)


def trained(run: RunSpec, say: Callable[[str], None] = lambda _: None) -> Record:
    train_runs([run], "cpu", 0.0, say)
    return read_record(run.record_path)


def state_after_one_epoch(run: RunSpec, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the run saves after its first epoch: path, stamp, progress, state."""
    kept: list[Any] = []
    save = checkpoint.save

    def keep(path: Path, stamp: str, progress: Progress, state: dict[str, Any]) -> None:
        kept.extend([path, stamp, copy.deepcopy(progress), copy.deepcopy(state)] if not kept else [])
        save(path, stamp, progress, state)

    monkeypatch.setattr(checkpoint, "save", keep)
    trained(run)
    monkeypatch.setattr(checkpoint, "save", save)
    return kept


def first(mapping: dict[str, Any]) -> str:
    return next(name for name, value in mapping.items() if value.is_floating_point() and value.dim())


CHANGES: dict[str, Change] = {
    "no model": lambda _, state: state.pop("model"),
    "another name": lambda _, state: state["model"].update(x=torch.zeros(1)),
    "another shape": lambda _, state: state["best"].update({first(state["best"]): torch.zeros(1)}),
    "not a number": lambda _, state: state["model"][first(state["model"])].fill_(torch.nan),
    "no tensor": lambda _, state: state["best"].update({first(state["best"]): "x"}),
    "another optimizer": lambda _, state: state.update(optimizer={"state": {}, "param_groups": []}),
    "moments of another shape": lambda _, state: state["optimizer"]["state"][0].update(exp_avg=torch.zeros(3)),
    "no generators": lambda _, state: state.update(random={}),
    "generators of another size": lambda _, state: state["random"].update(shuffle=torch.zeros(3, dtype=torch.uint8)),
    "probes": lambda _, state: state.update(probes={"histograms": 3}),
    "a list": lambda _, state: state.update(model=[1, 2]),
    "strikes": lambda progress, _: setattr(progress, "strikes", 1),
    "text for a rate": lambda progress, _: setattr(progress, "learning_rate", "fast"),
    "no epoch": lambda progress, _: progress.epochs.clear(),
    "another order": lambda progress, _: progress.epochs.append(progress.epochs[0]),
    "time": lambda progress, _: setattr(progress, "wall_s", float("nan")),
}


def saved(kept: list[Any], progress: Progress, state: dict[str, Any]) -> None:
    checkpoint.save(kept[0], kept[1], progress, state)


@pytest.mark.parametrize("name", CHANGES)
def test_a_state_of_the_right_digest_and_the_wrong_content_is_dropped(
    run: RunSpec, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = state_after_one_epoch(run, monkeypatch)
    undisturbed = read_record(run.record_path)
    CHANGES[name](kept[2], kept[3])
    saved(kept, kept[2], kept[3])
    lines: list[str] = []
    again = trained(run, lines.append)
    dropped = [line for line in lines if "the run starts again" in line]
    assert len(dropped) == 1, lines
    assert str(state_path(run)) in dropped[0]
    assert not any("goes on" in line for line in lines)
    assert result_of(again) == result_of(undisturbed)
    assert not state_path(run).exists()


def test_a_whole_state_is_gone_on_from(run: RunSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = state_after_one_epoch(run, monkeypatch)
    undisturbed = read_record(run.record_path)
    saved(kept, kept[2], kept[3])
    lines: list[str] = []
    again = trained(run, lines.append)
    assert any("goes on after epoch 1" in line for line in lines)
    assert result_of(again) == result_of(undisturbed)


def test_an_infinite_mask_keeps_no_run_from_going_on(run: RunSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    mask = "\n        self.register_buffer('mask', torch.full((3,), -torch.inf))\n"
    Path("toy.py").write_text("import torch" + OWN.replace("\n        self.head", f"{mask}        self.head", 1))
    own = run.model_copy(update={"model": Custom(module="toy.py:Toy")})
    kept = state_after_one_epoch(own, monkeypatch)
    saved(kept, kept[2], kept[3])
    lines: list[str] = []
    assert trained(own, lines.append).status == "ok"
    assert any("goes on after epoch 1" in line for line in lines), lines


@pytest.mark.parametrize("kind", ["pipe", "folder", "zero"])
def test_what_is_no_file_is_not_read(run: RunSpec, kind: str) -> None:
    path = state_path(run)
    path.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "zero":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    lines: list[str] = []
    found = checkpoint.load(path, "stamp", torch.device("cpu"), lines.append)
    assert found is None
    assert len(lines) == 1


def test_numpy_and_python_go_on_where_they_were() -> None:
    device, shuffle = torch.device("cpu"), torch.Generator()
    np.random.seed(3)
    random.seed(3)
    np.random.standard_normal(3)
    random.gauss(0, 1)
    state = checkpoint.random_state(shuffle, device)
    drawn = [np.random.standard_normal(4).tolist(), [random.gauss(0, 1) for _ in range(3)]]
    checkpoint.restore_random_state(state, shuffle, device)
    assert drawn == [np.random.standard_normal(4).tolist(), [random.gauss(0, 1) for _ in range(3)]]

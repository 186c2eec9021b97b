"""Workers: several runs at once, each in its own process; what kills one does not kill the others."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.train.prepared import own, run_spec, write_prepared
from workflow.errors import UserError
from workflow.plan.config import ROOT
from workflow.spec import RunSpec
from workflow.train.keep import state_path
from workflow.train.pack import train_pack, trainer
from workflow.train.record import read_record
from workflow.train.run import train_runs
from workflow.train.workers import Worker, _bury, _give

# Models that meet another process, or take their own down, as training code can.
MODELS = """
import os, signal, sys, time
from pathlib import Path
from torch import nn
from models.embedding import Embedding
from models.mlp import Head

class Plain(nn.Module):
    def __init__(self, features, *, dim=4):
        super().__init__()
        self.embedding, self.head = Embedding(features, dim), Head(features.fields * dim)
    def forward(self, x_BC):
        if self.training:
            self.step()
        return self.head(self.embedding(x_BC).flatten(1))
    def step(self):
        pass

class Meets(Plain):
    def __init__(self, features, *, me, other):
        super().__init__(features)
        self.me, self.other = Path(me), Path(other)
    def step(self):
        assert "torch._dynamo" not in sys.modules  # its import costs a process 2 s, and nothing is compiled
        self.me.write_text(str(os.getpid()))
        deadline = time.monotonic() + 600  # a loaded machine is no fault
        while not self.other.exists():
            if time.monotonic() > deadline:
                raise TimeoutError("nobody came")
            time.sleep(0.01)

class Dies(Plain):
    def step(self):
        os.kill(os.getpid(), signal.SIGKILL)

class Raises(Plain):
    def step(self):
        raise TypeError("no")

class Waits(Plain):
    def step(self):
        Path("pid").write_text(str(os.getpid()))
        time.sleep(600)
"""


@pytest.fixture(autouse=True)
def folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    write_prepared(rows=300)
    (here / "own.py").write_text(MODELS)
    return here


def train(*runs: RunSpec, workers: int) -> list[str]:
    lines: list[str] = []
    train_pack(runs, trainer("cpu", workers, 0.0), lines.append)
    return lines


def test_two_train_at_once_and_numbers_are_those_of_one() -> None:
    plain = [run_spec(seed=seed, max_epochs=2) for seed in (1, 2)]
    met = own("Meets", me="a", other="b"), own("Meets", me="b", other="a")  # each waits for the other
    lines = train(*plain, *met, workers=2)  # this order needs no more processes than these two
    assert [read_record(run.record_path).status for run in met] == ["ok", "ok"]
    assert Path("a").read_text() != Path("b").read_text()
    assert sum("run " in line and " of 4" in line for line in lines) == 4
    found = [read_record(run.record_path) for run in plain]
    for run in plain:
        run.record_path.unlink()
    train_runs(plain, "cpu", 0.0, lambda _: None)
    for one, run in zip(found, plain, strict=True):
        again = read_record(run.record_path)
        assert (one.test, one.valid, one.parameters) == (again.test, again.valid, again.parameters)
        assert [epoch.train_loss for epoch in one.epochs] == [epoch.train_loss for epoch in again.epochs]


def test_a_run_that_takes_its_process_down_is_a_recorded_failure_and_the_others_go_on() -> None:
    bad = {"its process was killed": own("Dies"), "TypeError: no": own("Raises")}
    refused, good = own("Plain", size="4"), own("Plain")
    lines = train(*bad.values(), refused, good, workers=1)
    for words, run in bad.items():
        record = read_record(run.record_path)
        assert (record.status, record.spec) == ("failed", run)
        assert words in (record.failure or "")
        assert "tf4ctr retry CAMPAIGN" in (record.failure or "")
        assert any(line.startswith(f"{run.key}: failed: ") for line in lines)
    assert "arguments: no 'size'" in (read_record(refused.record_path).failure or "")
    assert read_record(good.record_path).status == "ok"


def in_one_process(*runs: RunSpec) -> None:
    train_runs(list(runs), "cpu", 0.0, lambda _: None)


def in_a_worker(*runs: RunSpec) -> None:
    train(*runs, workers=1)


@pytest.mark.parametrize(
    ("change", "trained"),
    [
        ("torch.set_default_dtype(torch.float64)", in_one_process),
        ("nn.init.xavier_normal_ = nn.init.ones_", in_a_worker),
    ],
)
def test_what_an_own_model_changes_in_torch_changes_no_other_model(
    change: str, trained: Callable[..., None], folder: Path
) -> None:
    (folder / "own.py").write_text(f"import torch\n{MODELS}\n{change}\n")
    plain = run_spec(max_epochs=1)
    in_one_process(plain)
    alone = read_record(plain.record_path)
    plain.record_path.unlink()
    trained(own("Plain"), plain)
    assert read_record(own("Plain").record_path).status == "ok"
    assert read_record(plain.record_path).epochs[0].train_loss == alone.epochs[0].train_loss


def test_data_that_cannot_be_read_stop_the_pack_with_one_message() -> None:
    run = own("Plain")
    (run.dataset.prepared_dir / "y_train.npy").write_bytes(b"")
    with pytest.raises(UserError, match=r"y_train\.npy"):
        train(run, own("Plain", seed=2), workers=1)
    assert not list(Path("results/runs").rglob("seed*.json"))


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.attack)])
def test_workers_end_with_their_job_and_leave_the_lock(folder: Path, signal_number: int) -> None:
    code = (
        "import signal\n"
        "from tests.train.prepared import own\n"  # which loads no torch
        "from workflow.train.pack import train_pack, trainer\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it\n"
        "if __name__ == '__main__': train_pack((own('Waits'), own('Plain')), trainer('cpu', 1, 0.0), print)"
    )
    (folder / "job.py").write_text(code)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    job = subprocess.Popen([sys.executable, "job.py"], cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 600  # a loaded machine is no fault
    while not Path("pid").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    worker = int(Path("pid").read_text())
    job.send_signal(signal_number)
    job.wait(timeout=600)
    while alive(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(worker)
    assert not own("Waits").record_path.exists()
    assert not state_path(own("Waits")).exists()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("started", [False, True])
def test_a_worker_that_died_before_its_next_run_gives_it_back(started: bool) -> None:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=os._exit, args=(3,))
    process.start()
    theirs.close()
    first, second = own("Plain"), own("Plain", seed=2)
    worker = Worker(process, ours, first, started=started)
    process.join()
    assert not _give(worker, second)
    assert worker.run == first
    if started:
        assert _bury(worker, print) == [first]
    else:
        with pytest.raises(UserError, match=r"no run can start: its process ended \(3\)"):
            _bury(worker, print)
    assert not first.record_path.exists()

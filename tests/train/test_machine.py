"""A run's use of its machine: the device, its own GPU, kept memory, and the share of other work."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from workflow.errors import UserError
from workflow.plan.config import ROOT
from workflow.train import other_work
from workflow.train.device import choose_device
from workflow.train.gpus import claim_gpu, visible_gpus
from workflow.train.other_work import OtherWork


def test_determinism_is_set_before_cuda_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    found = []

    def available() -> bool:
        found.append(os.environ.get("CUBLAS_WORKSPACE_CONFIG"))
        return False

    monkeypatch.setattr(torch.cuda, "is_available", available)
    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(UserError, match="device: cuda is configured"):
        choose_device("cuda")
    assert set(found) == {":4096:8"}


def test_visible_gpus_are_those_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, count in (("", 0), ("0", 1), ("2,3", 2), ("GPU-5fa0,GPU-77", 2)):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", text)
        assert visible_gpus() == count


def test_each_job_of_a_node_claims_a_gpu_of_its_own_until_it_ends(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from workflow.train.gpus import claim_gpu; print(claim_gpu(2), flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as job:
        assert job.stdout is not None
        assert job.stdout.readline() == "0\n"
        assert [claim_gpu(2), claim_gpu(2), claim_gpu(1)] == [1, 0, 0]  # where all are taken, the first is shared
        with monkeypatch.context() as patch:
            patch.setattr(socket, "gethostname", lambda: "another-node")
            assert [claim_gpu(2), claim_gpu(2)] == [0, 1]
        job.communicate("\n")
    assert claim_gpu(2) == 0


FAULTS_OF_PAGES = """
import resource, torch
from workflow.train.memory import keep_freed_memory

# Above 32 MiB: glibc keeps smaller arrays of its own accord.
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        torch.empty(12_000_000).fill_(1.0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

as_it_is = faults()
kept = keep_freed_memory()
faults()  # the heap grows over the first few, until one fits behind another
print(kept, as_it_is, faults())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_freed_memory_is_used_again_and_would_not_be_otherwise() -> None:
    done = subprocess.run([sys.executable, "-c", FAULTS_OF_PAGES], capture_output=True, text=True, check=True, cwd=ROOT)
    kept, before, after = done.stdout.split()
    if kept == "False":
        pytest.skip("not glibc: nothing is changed")
    assert int(before) > 20 * 10  # 20 arrays, even where the kernel hands out pages of 2 MiB
    assert int(after) < int(before) / 10


@pytest.mark.parametrize(
    ("wall_s", "busy_percent", "own_s", "share"),
    [
        (10.0, 60.0, 8.0, 0.2),  # busy 12 of the 20 seconds that two cores have, 8 of them ours
        (10.0, 39.0, 8.0, 0.0),  # the two clocks round differently
        (0.001, 100.0, 0.0, 0.0),  # one tick in a millisecond tells nothing
    ],
)
def test_other_work_is_what_is_busy_and_not_ours(
    monkeypatch: pytest.MonkeyPatch, wall_s: float, busy_percent: float, own_s: float, share: float
) -> None:
    assert 0.0 <= OtherWork().share() <= 1.0  # by this machine's own clocks
    now_s, own = iter((0.0, wall_s)), iter((0.0, own_s))
    monkeypatch.setattr(other_work, "time", SimpleNamespace(monotonic=lambda: next(now_s)))
    monkeypatch.setattr(other_work, "_own_s", lambda: next(own))
    monkeypatch.setattr(other_work, "psutil", SimpleNamespace(cpu_percent=lambda: busy_percent, cpu_count=lambda: 2))
    assert OtherWork().share() == pytest.approx(share)

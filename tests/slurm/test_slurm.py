"""A campaign of two tables through a real Slurm, with accidents, against the same campaign on this machine alone."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import write_campaign
from tests.slurm.cluster import WAIT_S, Cluster, wait_for, why_not
from workflow.plan.config import ROOT
from workflow.train.record import read_record

pytestmark = [pytest.mark.slurm, pytest.mark.skipif(why_not() is not None, reason=f"Slurm: {why_not()}")]

SMALL = {"simple_units": [8], "complex_units": [16], "embedding_dim": 4}
ARMS = {
    "table_2": [
        {
            "label": "{name}",
            "at": {"model": "DualMLP", "loss": "{name}"},
            "grid": {"loss.name": ["log", "twin_focus"]},
            "model": {"name": "DualMLP", **SMALL},
        }
    ],
    "table_3": [
        {
            "label": "{ssem}+{dfm}",
            "grid": {"model.ssem": ["SER"], "model.dfm": ["WSF", "VF"]},
            "model": {"name": "TF4CTR", **SMALL},
            "loss": {"name": "twin_focus"},
        }
    ],
}
CAMPAIGN: dict[str, Any] = {
    "campaign": "tiny",
    "datasets": ["frappe"],
    "experiments": list(ARMS),
    "seeds": [1, 2],
    "twin": {"rows": 6000, "seed": 1},
    "limits": {"training": {"batch_size": 100, "max_epochs": 5, "patience": 5}, "network": {}},
    "device": "cpu",
    "checkpoint_s": 0,
    "pack_size": 2,
}
TABLES = [f"paper_tables/tiny/{name}.{kind}" for name in ARMS for kind in ("md", "csv", "tex")]
# Less than Snakemake itself needs on the node, and then enough: every training job is killed once.
MEMORY = "train:mem_mb=200 if attempt == 1 else 1500"


def campaign_in(folder: Path, **changes: Any) -> Path:
    experiments = {name: {"at": {"table": name[-1]}, "arms": arms} for name, arms in ARMS.items()}
    return write_campaign(folder, CAMPAIGN | changes, experiments).parent


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"TF4CTR_CONFIG": str(folder / "config"), "OMP_NUM_THREADS": "1"}


def command(folder: Path, profile: str, *options: str) -> list[str]:
    where = ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder), "--configfile", "tiny.yaml"]
    profiles = ["--profile", str(ROOT / f"profiles/{profile}"), "--workflow-profile", str(ROOT / "profiles/default")]
    return [sys.executable, "-m", "snakemake", *profiles, *where, *options]


@contextmanager
def running(folder: Path, words: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Snakemake, and its end at the end of the test at the latest."""
    with (folder / "snakemake.log").open("w") as out:
        process = subprocess.Popen(words, cwd=folder, env=env, stdout=out, stderr=out, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@contextmanager
def fetched(local: Path, away: Path) -> Iterator[None]:
    """Both sides have the archive that one made; what is fetched, no cluster fetches again."""
    wait_for(lambda: any(local.glob("data/raw/*/*/*.zip")), "the twin is there")
    shutil.copytree(local / "data/raw", away / "data/raw")
    yield


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("slurm")) as one:
        yield one


def on(cluster: Cluster, folder: Path, *options: str, targets: list[str]) -> list[str]:
    quick = ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10"]
    return command(folder, "slurm", "--slurm-no-account", *quick, *options, "--", *targets)


def logs_of(folder: Path) -> str:
    """What Slurm and Snakemake said on the node, of jobs that failed."""
    return "".join(path.read_text() for path in folder.glob(".snakemake/slurm_logs/**/*.log"))


def trainings(cluster: Cluster) -> list[int]:
    """Processes on the node that train: the job's own, not Snakemake's."""
    found = []
    for pid in cluster.node_processes():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if Path(f"/proc/{pid}").exists() else []
        if words[1:4] == [b"-m", b"workflow", b"train"]:
            found.append(pid)
    return found


def test_killed_jobs_and_a_node_that_crashes_change_no_table(cluster: Cluster, tmp_path: Path) -> None:
    local, away = campaign_in(tmp_path / "local"), campaign_in(tmp_path / "away")
    states = away / "results/runs"

    def said() -> str:
        return (away / "snakemake.log").read_text()

    alone = command(local, "default", "--cores", "1", "--", *TABLES)
    submitted = on(cluster, away, "--restart-times", "4", "--set-resources", MEMORY, targets=TABLES)
    with (
        running(local, alone, environment(local)) as here,
        fetched(local, away),
        running(away, submitted, environment(away) | cluster.env) as there,
    ):

        def training_goes_on() -> bool:
            assert there.poll() is None, said()
            return bool(trainings(cluster)) and any(states.rglob("*.state"))

        wait_for(training_goes_on, "a run has ended an epoch")
        killed = len(cluster.jobs("FAILED,OUT_OF_MEMORY"))
        os.kill(trainings(cluster)[0], signal.SIGKILL)
        wait_for(lambda: len(cluster.jobs("FAILED,OUT_OF_MEMORY")) > killed, "Slurm sees that its job is dead")
        wait_for(training_goes_on, "another run has ended an epoch")
        cluster.crash_node()
        cluster.start_node()
        assert there.wait(WAIT_S) == 0, said()
        assert here.wait(WAIT_S) == 0, (local / "snakemake.log").read_text()
    for table in TABLES:
        assert (away / table).read_bytes() == (local / table).read_bytes()
        assert b"not run" not in (away / table).read_bytes()
    records = sorted(path.relative_to(away) for path in states.rglob("seed*.json"))
    assert len(records) == 8
    for path in records:
        ours, theirs = read_record(away / path), read_record(local / path)
        assert (ours.status, ours.test, ours.best_epoch) == ("ok", theirs.test, theirs.best_epoch)
    assert "Submitted array job" in said()
    assert len(re.findall(r"exceeded memory limit", logs_of(away))) >= 4  # each training job once
    assert "due to a node failure" in said()
    assert said().count("Trying to restart job") >= 6  # these, the one that was killed, and those of the node
    assert said().count("rule prepare:") == 1  # for all of them


def test_the_profile_has_training_ask_for_a_gpu_that_the_login_node_has_not(cluster: Cluster, tmp_path: Path) -> None:
    folder = campaign_in(tmp_path, device="auto", experiments=["table_2"], pack_size=8)
    prepared = command(folder, "default", "--cores", "1", "--", "all_data")
    subprocess.run(prepared, env=environment(folder), check=True, capture_output=True, cwd=folder)
    before = set(cluster.jobs("all"))
    with running(
        folder,
        on(cluster, folder, "--restart-times", "0", targets=["all_runs"]),
        environment(folder) | cluster.env,
    ) as process:
        ended = process.wait(WAIT_S)
    (job,) = set(cluster.jobs("all")) - before
    granted = cluster.says("scontrol", "--details", "show", "job", job)
    assert "gpu:1(IDX:0)" in granted or "TresPerJob=gres:gpu:1" in granted, granted
    (log,) = folder.glob("logs/tiny/train/*.log")
    if not torch.cuda.is_available():  # the GPU is none, and nothing is trained on a CPU instead
        assert ended != 0
        assert "device: cuda is configured, but torch sees no CUDA device" in log.read_text()
        assert not any(folder.glob("results/runs/**/*.json"))

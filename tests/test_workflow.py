"""The whole workflow on tiny twins, in a folder of its own: run, run again, break, kill."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow.config import ROOT
from workflow.train.record import Record, read_record

ARM = {"label": "{ssem}+{dfm}", "grid": {"model.ssem": ["SER"], "model.dfm": ["WSF", "VF"]}}
MODEL = {"name": "TF4CTR", "simple_units": [4], "complex_units": [8], "embedding_dim": 4}
CAMPAIGN: dict[str, Any] = {
    "campaign": "tiny",
    "datasets": ["frappe", "ml-1m"],
    "experiments": ["table_1", "table_3"],
    "twin": {"rows": 400, "seed": 1},
    "limits": {"training": {"batch_size": 100, "max_epochs": 2}, "network": {}},
    "device": "cpu",
    "threads": 1,
    "pack_size": 8,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind in ("datasets", "experiments"):
        (tmp_path / "config" / kind).mkdir(parents=True)
    for name in ("frappe", "ml-1m"):
        path = f"config/datasets/{name}.yaml"
        (tmp_path / path).write_text((ROOT / path).read_text())
    for name, arms in {"table_1": [], "table_3": [{**ARM, "model": MODEL, "loss": {"name": "twin_focus"}}]}.items():
        content = {"name": name, "title": name, "datasets": CAMPAIGN["datasets"], "arms": arms}
        (tmp_path / f"config/experiments/{name}.yaml").write_text(yaml.safe_dump(content))
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(CAMPAIGN))
    return tmp_path


def command(folder: Path, *arguments: str) -> list[str]:
    snakefile = str(ROOT / "Snakefile")
    options = ["--snakefile", snakefile, "--directory", str(folder), "--configfile", str(folder / "tiny.yaml")]
    profile = str(ROOT / "profiles/default")
    return [sys.executable, "-m", "snakemake", "--profile", profile, "--cores", "2", *options, *arguments]


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {"TF4CTR_CONFIG": str(folder / "config"), "OMP_NUM_THREADS": "1"}


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, *arguments), env=environment(folder), capture_output=True, text=True, timeout=120, check=False
    )


def kill(process: subprocess.Popen[bytes], victim: str) -> None:
    """Kill Snakemake and its jobs, Snakemake alone, or the training process alone."""
    if victim == "training":
        found = subprocess.run(
            ["pgrep", "-g", str(process.pid), "-f", "workflow train"], capture_output=True, check=True
        )
        for pid in found.stdout.split():
            os.kill(int(pid), signal.SIGKILL)
    elif victim == "snakemake":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def records(folder: Path) -> list[Path]:
    return sorted((folder / "results/runs").rglob("seed*.json"))


def said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


def jobs_of(folder: Path, *targets: str) -> dict[str, int]:
    """Jobs by rule that Snakemake would run, targets left out."""
    lines = said(snakemake(folder, "-n", "--quiet", "all", "--", *targets)).splitlines()
    found = {}
    for line in lines:
        words = line.split()
        if len(words) == 2 and words[1].isdecimal() and words[0] not in ("total", "all", "all_runs"):
            found[words[0]] = int(words[1])
    return found


def test_all_of_it_then_nothing_to_do_then_a_lost_record(folder: Path) -> None:
    done = snakemake(folder, "--", "all")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("table_1", "table_3"):
        for kind in ("md", "tex", "csv"):
            assert (folder / f"paper_tables/tiny/{name}.{kind}").stat().st_size > 0
    assert "twin" in (folder / "paper_tables/tiny/table_3.md").read_text()
    assert (folder / "results/tiny/runs.parquet").is_file()
    paths = records(folder)
    assert len(paths) == 4
    assert {read_record(path).status for path in paths} == {"ok"}

    again = snakemake(folder, "--", "all")
    assert "Nothing to be done" in again.stdout + again.stderr

    before = [path.read_bytes() for path in paths]
    paths[0].unlink()
    again = snakemake(folder, "--", "all")
    assert again.returncode == 0, said(again)
    assert read_record(paths[0]).test == Record.model_validate_json(before[0]).test
    assert paths[0].read_bytes() != before[0]  # trained again, although every table stands
    assert [path.read_bytes() for path in paths[1:]] == before[1:]  # and no other
    for name in ("table_3.md", "audit.json"):
        assert (folder / "paper_tables/tiny" / name).stat().st_mtime > paths[0].stat().st_mtime


@pytest.mark.parametrize("victim", ["all", "snakemake", "training"])
def test_killed_at_any_time_it_loses_no_finished_run(folder: Path, victim: str) -> None:
    values = {**CAMPAIGN, "datasets": ["frappe"], "experiments": ["table_3"], "seeds": [1, 2, 3, 4]}
    (folder / "tiny.yaml").write_text(yaml.safe_dump(values))
    process = subprocess.Popen(
        command(folder, "--", "all_runs"),
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 90
    while len(records(folder)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    kill(process, victim)
    kept = {path: path.read_bytes() for path in records(folder)}
    assert len(kept) >= 2

    done = snakemake(folder, "--", "all_runs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(records(folder)) == 8
    for path, content in kept.items():
        assert path.read_bytes() == content


def test_a_mistake_in_the_configuration_stops_it_with_one_message(folder: Path) -> None:
    (folder / "tiny.yaml").write_text(yaml.safe_dump({**CAMPAIGN, "experiments": ["table3"]}))
    failed = snakemake(folder, "-n", "--", "all")
    assert failed.returncode != 0
    assert "no experiment 'table3'; did you mean 'table_3'?" in failed.stdout + failed.stderr


def test_data_that_cannot_be_had_stop_only_what_needs_them(folder: Path) -> None:
    values = {**CAMPAIGN, "twin": None, "local": {"frappe": "/nowhere/Frappe_x1.zip"}, "datasets": ["frappe"]}
    (folder / "tiny.yaml").write_text(yaml.safe_dump(values))
    failed = snakemake(folder, "--retries", "0", "--", "all_data")
    assert failed.returncode != 0
    assert "/nowhere/Frappe_x1.zip" in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr

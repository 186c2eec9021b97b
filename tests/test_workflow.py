"""The whole workflow on tiny twins, in a folder of its own: run, run again, break, kill."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.conftest import write_campaign
from workflow.analysis.tables import TABLES
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.provenance.code import modules_of
from workflow.rules.support import code_of_figure, code_of_table, runs_behind
from workflow.train.choice import Choice
from workflow.train.record import Record, read_record

SHM = Path("/dev/shm")
ARM = {"label": "{ssem}+{dfm}", "grid": {"model.ssem": ["SER"], "model.dfm": ["WSF", "VF"]}}
MODEL = {"name": "TF4CTR", "simple_units": [4], "complex_units": [8], "embedding_dim": 4}
ARMS: dict[str, dict[str, Any]] = {
    "table_1": {"arms": []},
    "table_3": {"arms": [{**ARM, "model": MODEL, "loss": {"name": "twin_focus"}}]},
    "table_9": {"arms": [{"label": name, "model": {"name": name}} for name in ("DNN", "DeepFM")]},
}
CAMPAIGN: dict[str, Any] = {
    "campaign": "tiny",
    "datasets": ["frappe"],
    "experiments": list(ARMS),
    "twin": {"rows": 400, "seed": 1},
    "limits": {"training": {"batch_size": 100, "max_epochs": 1}, "network": {}},
    "device": "cpu",
    "threads": 1,
    "pack_size": 8,
    "packs": "datasets",
}


class Made(NamedTuple):
    """A folder, and what Snakemake said while it made the tables there."""

    folder: Path
    said: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A campaign of four runs on a twin, all in one pack, with nothing made yet."""
    write_campaign(tmp_path, CAMPAIGN, ARMS)
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """It with Tables I and III made, in a folder whose TMPDIR is on another file system where there is one."""
    folder = write_campaign(tmp_path_factory.mktemp("made"), CAMPAIGN, ARMS).parent
    done = snakemake(folder, "--", "paper_tables/tiny/table_1.md", "paper_tables/tiny/table_3.md")
    assert done.returncode == 0, said(done)
    return Made(folder, said(done))


@pytest.fixture
def finished(made: Made, tmp_path: Path) -> Path:
    """A copy of one's own, with the times of its files."""
    return shutil.copytree(made.folder, tmp_path / "finished")


def command(folder: Path, *arguments: str) -> list[str]:
    snakefile = str(ROOT / "Snakefile")
    options = ["--snakefile", snakefile, "--directory", str(folder), "--configfile", str(folder / "tiny.yaml")]
    profile = str(ROOT / "profiles/default")
    return [str(ROOT / "workflow/cli/snakemake"), "--profile", profile, "--cores", "2", *options, *arguments]


def environment(folder: Path) -> dict[str, str]:
    """As on a cluster, temporary files go to a file system of the node's own, where there is one."""
    elsewhere = {"TMPDIR": str(SHM)} if os.access(SHM, os.W_OK) else {}
    return os.environ | elsewhere | {"TF4CTR_CONFIG": str(folder / "config"), "OMP_NUM_THREADS": "1"}


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(folder, *arguments), env=environment(folder), capture_output=True, text=True, timeout=600, check=False
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


def test_the_command_of_a_job_can_be_pasted(made: Made, finished: Path) -> None:
    """It names the campaign itself, so that no variable of the environment has to be known."""
    (line,) = [line.partition(": ")[2].strip() for line in made.said.splitlines() if "workflow render" in line]
    assert "--configfile results/campaigns/tiny.json" in line
    (finished / "paper_tables/tiny/table_1.md").unlink()
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    pasted = environment(finished) | {"PATH": path, "PYTHONPATH": str(ROOT)}
    subprocess.run(line, shell=True, check=True, cwd=finished, env=pasted)
    assert (finished / "paper_tables/tiny/table_1.md").stat().st_size > 0


def test_a_target_asks_a_pack_for_its_own_runs(finished: Path) -> None:
    """All runs are one pack; a table trained its two, and what comes after renders all in one."""
    assert len(records(finished)) == 2
    rest = said(snakemake(finished, "-n", "-p", "--", "all_tables"))
    assert re.search(r"^train +1$", rest, re.M)
    assert "workflow render --configfile results/campaigns/tiny.json table_1 table_3 table_9 cost >" in rest


@pytest.mark.attack
def test_stages_of_tuning_follow_from_what_was_chosen(folder: Path) -> None:
    """Snakemake learns on the way which runs come next, and again where a trial has another result."""
    model = {"label": "DNN", "model": {"name": "DNN", "hidden_units": [4]}, "loss": {"name": "log"}}
    own = {"model.embedding_dim": {"choice": [2, 4, 8]}}
    budget = {"draw_seed": 1, "trial_seed": 9, "finalist_seeds": [8], "trials": 3, "finalists": 2}
    tuned = {"seeds": [1, 2], "tuning": {**budget, "models": [{**model, "own": own}]}}
    write_campaign(folder, {**CAMPAIGN, "experiments": ["tuned"], "packs": "experiments"}, {"tuned": tuned})
    target = ("--", "paper_tables/tiny/tuned.md")
    done = snakemake(folder, *target)
    assert done.returncode == 0, said(done)
    choices = {path: Choice.model_validate_json(path.read_bytes()) for path in folder.glob("results/choices/frappe*/*")}
    assert sorted(one.stage for one in choices.values()) == ["finalist", "trial"]
    trials = next(one for one in choices.values() if one.stage == "trial")
    assert "Nothing to be done" in said(snakemake(folder, "-n", *target))
    before = {path: path.read_bytes() for path in records(folder)}
    (best,) = folder.glob(f"results/runs/frappe-twin/DNN/{trials.candidates[trials.chosen[0]].runs[0]}.json")
    best.unlink()
    done = snakemake(folder, *target)
    assert done.returncode == 0, said(done)
    again = {path: read_record(path).test for path in records(folder)}
    assert again == {path: Record.model_validate_json(content).test for path, content in before.items()}
    assert (folder / target[1]).stat().st_mtime > best.stat().st_mtime
    assert "rule train:" not in said(snakemake(folder, "-n", *target))  # choosing may be repeated, training not


def test_a_tables_code_decides_about_that_table_alone() -> None:
    """The fingerprint of Table I does not hold Table IV's module, nor a figure's that of another kind."""
    held = {name: modules_of(*code_of_table(name)) for name in TABLES}
    for name, modules in held.items():
        others = {f"workflow.analysis.tables.{other}" for other in TABLES if other != name}
        assert not others & modules
        assert f"workflow.analysis.tables.{name}" in modules
        assert "workflow.analysis.pages.markdown" in modules
    assert "workflow.analysis.compare.judge" in held["table_4"] - held["cost"]
    sweeps, histograms = (modules_of(*code_of_figure(name)) for name in ("figure_6", "figure_2"))
    assert "workflow.analysis.figures.sweeps" in sweeps - histograms
    assert "workflow.analysis.figures.figure_2" in histograms - sweeps


def test_a_table_rests_on_every_run_of_its_datasets() -> None:
    """Its verdicts depend on spreads of other tables' cells on the same data."""
    plan = Plan(load_campaign(ROOT / "config/small.yaml"))
    every = plan.campaign.experiments
    behind = runs_behind(plan, every, "table_2")
    assert plan.keys_of("table_2") < behind
    datasets = {plan.runs[key][0].dataset.name for key in plan.keys_of("table_2")}
    assert behind == {key for key, (run, _) in plan.runs.items() if run.dataset.name in datasets}
    assert len(datasets) < len(plan.campaign.datasets)
    assert runs_behind(plan, ["table_4"], "table_2") < behind
    assert runs_behind(plan, every, "table_1") == frozenset()


@pytest.mark.attack
def test_a_table_is_made_again_once_other_runs_of_its_dataset_have_finished(finished: Path) -> None:
    targets = ("--", "paper_tables/tiny/table_1.md", "paper_tables/tiny/table_3.md")
    assert "Nothing to be done" in said(snakemake(finished, "-n", *targets))
    assert snakemake(finished, "--", "paper_tables/tiny/table_9.md").returncode == 0
    assert re.search(r"^table +1$", said(snakemake(finished, "-n", *targets)), re.M)


def test_documents_that_a_checkout_brings_are_made_again_from_runs_of_ones_own(finished: Path) -> None:
    """Snakemake takes an existing file as made, even if its inputs are missing."""
    for name in (".snakemake", "results"):
        shutil.rmtree(finished / name)
    said_so = said(snakemake(finished, "-n", "--", "paper_tables/tiny/table_1.md", "paper_tables/tiny/table_3.md"))
    assert re.search(r"^train +1$", said_so, re.M)


def test_a_lost_record_is_trained_again_alone_and_a_clock_that_is_ahead_costs_no_other(finished: Path) -> None:
    """As on a cluster, where TMPDIR is the node's own: the node that fetched is a day ahead."""
    table, untouched = (finished / f"paper_tables/tiny/{name}.md" for name in ("table_3", "table_1"))
    paths, text = records(finished), untouched.read_bytes()
    assert [read_record(path).status for path in paths] == ["ok", "ok"]
    before = [path.read_bytes() for path in paths]
    paths[0].unlink()
    (archive,) = finished.glob("data/raw/*/*/*.zip")
    ahead = time.time() + 86_400
    os.utime(archive, (ahead, ahead))
    again = snakemake(finished, "--", *(str(path.relative_to(finished)) for path in (table, untouched)))
    assert again.returncode == 0, said(again)
    assert read_record(paths[0]).test == Record.model_validate_json(before[0]).test
    assert paths[0].read_bytes() != before[0]  # trained again, although the table stood
    assert paths[1].read_bytes() == before[1]  # and no other
    assert table.stat().st_mtime > paths[0].stat().st_mtime  # what rests on it is made again
    assert untouched.read_bytes() == text


@pytest.mark.attack
@pytest.mark.parametrize("victim", ["all", "snakemake", "training"])
def test_killed_at_any_time_it_loses_no_finished_run(finished: Path, victim: str) -> None:
    folder, values = finished, {**CAMPAIGN, "experiments": ["table_3"], "seeds": [1, 2, 3, 4]}
    for name in ("results", "paper_tables"):
        shutil.rmtree(folder / name)  # the twin is prepared
    (folder / "tiny.yaml").write_text(yaml.safe_dump(values))
    process = subprocess.Popen(
        command(folder, "--", "all_runs"),
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while len(records(folder)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    kill(process, victim)
    kept = {path: path.read_bytes() for path in records(folder)}
    assert len(kept) >= 2

    done = snakemake(folder, "--", "all_runs")
    assert done.returncode == 0, said(done)
    assert len(records(folder)) == 8
    for path, content in kept.items():
        assert path.read_bytes() == content


@pytest.mark.attack
def test_a_failed_job_loses_nothing_that_it_has_written(tmp_path: Path) -> None:
    """As where one job renders many tables: with our profile, in any workflow."""
    (tmp_path / "Snakefile").write_text("rule all:\n    output: 'whole', 'lacking'\n    shell: 'touch whole; exit 1'\n")
    words = [sys.executable, "-m", "snakemake", "--profile", str(ROOT / "profiles/default"), "--cores", "1"]
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, check=False).returncode == 1
    assert (tmp_path / "whole").is_file()
    again = subprocess.run([*words, "-n"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Nothing to be done" not in said(again)


def test_data_that_cannot_be_had_stop_only_what_needs_them(folder: Path) -> None:
    values = {**CAMPAIGN, "twin": None, "local": {"frappe": "/nowhere/Frappe_x1.zip"}}
    (folder / "tiny.yaml").write_text(yaml.safe_dump(values))
    failed = snakemake(folder, "--retries", "0", "--", "all_data")
    assert failed.returncode != 0
    assert "/nowhere/Frappe_x1.zip" in said(failed)
    assert "Traceback" not in said(failed)

"""Snakemake watched: the display, the end of a command with ours, and what is said in the end."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from workflow.cli.progress import Runs
from workflow.cli.watch import Child, Watch, called, changed_ns, conclude, made, watched
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign

SLOW = "import sys, time; print('begun', flush=True); time.sleep(60)"
MANY = "import subprocess, sys; subprocess.run([sys.executable, '-c', %r])" % SLOW  # noqa: UP031


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def watch(folder: Path) -> Watch:
    campaign = load_campaign(ROOT / "config/small.yaml").model_copy(update={"experiments": ("table_5",)})
    plan, log = Plan(campaign), folder / "snakemake.log"
    log.write_text("")
    return Watch(plan, plan.campaign.experiments, log)


def concluded(watch: Watch, status: int) -> str:
    console = Console(file=io.StringIO(), width=200)
    watch.look()
    conclude(watch, status, console)
    return console.file.getvalue()  # type: ignore[attr-defined]


def shown(watch: Watch) -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    watch.look()
    console.print(watch.view())
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_a_signal_to_us_ends_the_command_and_its_children(folder: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with (folder / "log").open("wb") as stream, Child([sys.executable, "-c", MANY], stream.fileno(), folder) as child:
        while "begun" not in (folder / "log").read_text():
            time.sleep(0.05)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        while child.runs():
            pass
    assert child.interrupted
    assert child.status != 0
    assert "KeyboardInterrupt" in (folder / "log").read_text()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_command_that_ends_by_itself(folder: Path) -> None:
    with (
        (folder / "log").open("wb") as stream,
        Child([sys.executable, "-c", "exit(3)"], stream.fileno(), folder) as child,
    ):
        while child.runs():
            pass
    assert (child.interrupted, child.status) == (False, 3)


def test_no_bar_at_nothing_of_nothing_and_80_columns(watch: Watch) -> None:
    assert not any(line.startswith("jobs") for line in shown(watch))
    watch.log.write_text("total    40\n3 of 40 steps (8%) done\n")
    (jobs,) = [line for line in shown(watch) if line.startswith("jobs")]
    assert jobs.rstrip().endswith("3 of 40")
    watch.log.write_text(
        f"{watch.log.read_text()}rule table:\n    jobid: 1\n    wildcards: table={'x' * 30}, y={'z' * 60}\n"
    )
    assert shown(watch)[-1].rstrip() == f"  table {'x' * 30} …"  # cut between two words
    assert all(len(line) <= 80 for line in shown(watch))
    assert watch.line().startswith(f"jobs 3/40 · runs 0/{len(watch.runs.runs)} · 0:0")


def test_the_reason_of_a_snakemake_that_never_began(watch: Watch) -> None:
    watch.log.write_text("Using profile x\nerror: all_tabels: no such target\n")
    assert concluded(watch, 1) == "error: all_tabels: no such target\n"


def test_the_reason_is_shown_where_no_job_is_to_blame(watch: Watch) -> None:
    watch.log.write_text("total 3\n1 of 3 steps (33%) done\nLockException:\nerror: /tmp/x: is in use by process 7\n")
    told = concluded(watch, 1)
    assert "error: /tmp/x: is in use by process 7" in told
    assert "0 jobs failed" in told


def test_each_call_has_a_log_of_its_own(folder: Path) -> None:
    code = "from workflow.cli.watch import own_log; print(own_log('demo'))"
    calls = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert len(set(calls)) == 2
    assert all(call.startswith("logs/demo/snakemake-") for call in calls)


def test_the_end(watch: Watch, folder: Path) -> None:
    name = watch.runs.plan.campaign.campaign
    assert concluded(watch, 0).startswith("Everything is up to date.")
    (folder / "paper_tables" / name).mkdir(parents=True)
    watch.log.write_text("total  2\n2 of 2 steps (100%) done\n")
    done = concluded(watch, 0)
    assert "2 jobs\n" in done
    assert f"tables  paper_tables/{name}/" in done
    assert "figures" not in done
    assert "finished runs are kept" in concluded(watch, 130)


def test_a_failed_run_names_no_table_of_an_earlier_one(watch: Watch, folder: Path) -> None:
    name = watch.runs.plan.campaign.campaign
    for place in ("paper_tables", "figures"):
        (folder / place / name).mkdir(parents=True)
    watch.before |= {place: changed_ns(place) for place in made(name).values()}
    os.utime(folder / "figures" / name, (1, 1))  # written now, by a clock that was set back
    watch.log.write_text("total  2\nrule train:\n    jobid: 1\nError in rule train:\n    jobid: 1\n")
    for status in (1, 130):
        told = concluded(watch, status)
        assert "paper_tables/" not in told
        assert f"figures/{name}/" in told
    assert f"paper_tables/{name}/" in concluded(watch, 0)


def test_a_failed_job_is_named_with_the_last_that_it_wrote(watch: Watch, folder: Path) -> None:
    (folder / "train.log").write_text("run 1 of 2: x\nerror: frappe: no room\n")
    watch.log.write_text(
        "total  2\nrule train:\n    log: train.log\n    jobid: 1\n    wildcards: pack=frappe-1\n"
        "Error in rule train:\n    jobid: 1\n"
    )
    told = concluded(watch, 1)
    assert "failed: train frappe-1: error: frappe: no room (train.log)" in told
    assert "1 job failed; the same command tries them again" in told


@pytest.mark.parametrize("failed", [0, 1])
def test_a_failed_record_is_a_failed_command(
    failed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where Snakemake itself ends well: what failed is a record, and the other runs go on."""
    campaign = load_campaign(ROOT / "config/small.yaml").model_copy(update={"experiments": ("table_5",)})
    monkeypatch.setattr(Runs, "failed", failed)
    assert watched([sys.executable, "-c", ""], Plan(campaign), ("table_5",), Path()) == failed
    hint = "failed; `tf4ctr retry results/small/campaign.json` drops"  # the file of that name has other experiments
    assert (hint in capsys.readouterr().out) == bool(failed)
    assert called(Plan(load_campaign(ROOT / "config/small.yaml"))) == "small"

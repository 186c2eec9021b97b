"""Watching Snakemake: the display, the end of a command with ours, and the final message."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.cli.conftest import shown
from workflow.cli.progress import Runs
from workflow.cli.watch import Child, Watch, called, changed_ns, conclude, made, own_log, watched
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign

pytestmark = pytest.mark.usefixtures("here")

SLOW = "import sys, time; print('begun', flush=True); time.sleep(60)"
MANY = "import subprocess, sys; subprocess.run([sys.executable, '-c', %r])" % SLOW  # noqa: UP031


@pytest.fixture
def watch(here: Path) -> Watch:
    campaign = load_campaign(ROOT / "config/small.yaml").model_copy(update={"experiments": ("table_5",)})
    plan, log = Plan(campaign), here / "snakemake.log"
    log.write_text("")
    return Watch(plan, plan.campaign.experiments, log)


def concluded(watch: Watch, status: int) -> str:
    watch.look()
    return shown(lambda to: conclude(watch, status, to))


def viewed(watch: Watch) -> list[str]:
    watch.look()
    return shown(lambda to: to.print(watch.view()), width=80).splitlines()


def test_a_signal_to_us_ends_the_command_and_its_children(here: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with (here / "log").open("wb") as stream, Child([sys.executable, "-c", MANY], stream.fileno(), here) as child:
        while "begun" not in (here / "log").read_text():
            time.sleep(0.05)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        while child.runs():
            pass
    assert child.interrupted
    assert child.status != 0
    assert "KeyboardInterrupt" in (here / "log").read_text()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_command_that_ends_by_itself(here: Path) -> None:
    with (
        (here / "log").open("wb") as stream,
        Child([sys.executable, "-c", "exit(3)"], stream.fileno(), here) as child,
    ):
        while child.runs():
            pass
    assert (child.interrupted, child.status) == (False, 3)


def test_no_bar_at_nothing_of_nothing_and_80_columns(watch: Watch) -> None:
    assert not any(line.startswith("jobs") for line in viewed(watch))
    watch.log.write_text("total    40\n3 of 40 steps (8%) done\n")
    (jobs,) = [line for line in viewed(watch) if line.startswith("jobs")]
    assert jobs.rstrip().endswith("3 of 40")
    watch.log.write_text(
        f"{watch.log.read_text()}rule table:\n    jobid: 1\n    wildcards: table={'x' * 30}, y={'z' * 60}\n"
    )
    assert viewed(watch)[-1].rstrip() == f"  table {'x' * 30} …"  # cut between two words
    assert all(len(line) <= 80 for line in viewed(watch))
    assert watch.line().startswith(f"jobs 3/40 · runs 0/{len(watch.runs.runs)} · 0:0")


def test_each_call_has_a_log_of_its_own(here: Path) -> None:
    command = [sys.executable, "-c", "from workflow.cli.watch import own_log; print(own_log('demo'))"]
    other = subprocess.run(
        command, cwd=here, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    calls = {str(own_log("demo")), other.stdout.strip()}
    assert len(calls) == 2
    assert all(call.startswith("logs/demo/snakemake-") for call in calls)


def test_the_end(watch: Watch, here: Path) -> None:
    name = watch.runs.plan.campaign.campaign
    assert concluded(watch, 0).startswith("Everything is up to date.")
    (here / "paper_tables" / name).mkdir(parents=True)
    watch.log.write_text("total  2\n2 of 2 steps (100%) done\n")
    done = concluded(watch, 0)
    assert "2 jobs\n" in done
    assert f"tables  paper_tables/{name}/" in done
    assert "figures" not in done
    assert "finished runs are kept" in concluded(watch, 130)


def test_a_failed_run_names_no_table_of_an_earlier_one(watch: Watch, here: Path) -> None:
    name = watch.runs.plan.campaign.campaign
    for place in ("paper_tables", "figures"):
        (here / place / name).mkdir(parents=True)
    watch.before |= {place: changed_ns(place) for place in made(name).values()}
    os.utime(here / "figures" / name, (1, 1))  # written now, by a clock that was set back
    watch.log.write_text("total  2\nrule train:\n    jobid: 1\nError in rule train:\n    jobid: 1\n")
    for status in (1, 130):
        told = concluded(watch, status)
        assert "paper_tables/" not in told
        assert f"figures/{name}/" in told
    assert f"paper_tables/{name}/" in concluded(watch, 0)


FAILED = """total  2
rule train:
    log: train.log
    jobid: 1
    wildcards: pack=frappe-1
Error in rule train:
    jobid: 1
"""
LOCKED = "total 3\n1 of 3 steps (33%) done\nLockException:\nerror: /tmp/x: is in use by process 7\n"


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("Using profile x\nerror: all_tabels: no such target\n", ["error: all_tabels: no such target\n"]),
        (LOCKED, ["error: /tmp/x: is in use by process 7", "0 jobs failed"]),  # no job is to blame
        (
            FAILED,  # a failed job is named with the last that it wrote
            [
                "failed: train frappe-1: error: frappe: no room (train.log)",
                "1 job failed; the same command tries them again",
            ],
        ),
    ],
)
def test_the_reason_of_a_failure_is_shown(watch: Watch, here: Path, log: str, words: list[str]) -> None:
    (here / "train.log").write_text("run 1 of 2: x\nerror: frappe: no room\n")
    watch.log.write_text(log)
    told = concluded(watch, 1)
    assert [word for word in words if word not in told] == []
    assert len(words) > 1 or told == words[0]  # before it began there is nothing else to say


@pytest.mark.parametrize("failed", [0, 1])
def test_a_failed_record_fails_it(
    failed: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Even if Snakemake itself succeeds: only a record failed, and the other runs continue."""
    campaign = load_campaign(ROOT / "config/small.yaml").model_copy(update={"experiments": ("table_5",)})
    monkeypatch.setattr(Runs, "failed", failed)
    assert watched([sys.executable, "-c", ""], Plan(campaign), ("table_5",), Path()) == failed
    hint = "failed; `tf4ctr retry results/campaigns/small.json` drops"  # the file of that name has other experiments
    assert (hint in capsys.readouterr().out) == bool(failed)
    assert called(Plan(load_campaign(ROOT / "config/small.yaml"))) == "small"

"""How far a campaign is, from logs as Snakemake and training write them."""

import re
from pathlib import Path

import pytest

from tests.train.prepared import run_spec
from workflow.cli.common import clock
from workflow.cli.progress import Jobs, Runs, Training, _alike, in_training
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.train.loop import describe
from workflow.train.record import Epoch, Metrics

LOG = """\
Using workflow specific profile profiles/default for setting default command line arguments.
Job stats:
job       count
------  -------
table         1
train         2
total         3

Select jobs to execute...
[Wed Nov 25 02:40:38 2026]
localrule train:
    output: results/packs/frappe-1.json
    log: logs/demo/train/frappe-1.log
    jobid: 2
    wildcards: pack=frappe-1
[Wed Nov 25 02:40:38 2026]
rule train:
    log: logs/demo/train/frappe-2.log
    jobid: 3
    wildcards: pack=frappe-2
"""
ENDS = """\
Finished jobid: 2 (Rule: train)
1 of 3 steps (33%) done
RuleException:
Error in rule train:
    message: None
    jobid: 3
    log: logs/demo/train/frappe-2.log (check log file(s) for error details)
"""


def read(jobs: Jobs, text: str) -> Jobs:
    for line in text.splitlines():
        jobs.read(line)
    return jobs


def test_jobs_are_read_from_snakemakes_log() -> None:
    jobs = read(Jobs(), LOG)
    assert (jobs.done, jobs.total) == (0, 3)
    assert {job.name: str(job.log) for job in jobs.running.values()} == {
        "train frappe-1": "logs/demo/train/frappe-1.log",
        "train frappe-2": "logs/demo/train/frappe-2.log",
    }
    read(jobs, ENDS)
    assert (jobs.done, jobs.total, jobs.running) == (1, 3, {})
    assert [job.name for job in jobs.failed.values()] == ["train frappe-2"]


def test_a_run_in_training_is_told_from_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run, log = run_spec(), tmp_path / "train.log"
    begun = f"run 1 of 2: {run.record_path}"
    name, model = run.dataset.name, run.model.name
    log.write_text(f"0 of 2 runs are finished, 2 to train\n{begun}\n")
    assert in_training(log) == [Training(name, model, run.id, run.seed)]
    valid = Metrics(auc=0.987654, logloss=0.1, gauc=None)
    epoch = Epoch(epoch=3, train_loss=0.5, l2_penalty=0.0, valid=valid, learning_rate=1e-3, train_s=1.0, eval_s=0.1)
    log.write_text(f"{begun}\n{describe(run, epoch)}\n")
    (told,) = in_training(log)
    assert told == Training(name, model, run.id, run.seed, 3, 0.987654)
    assert str(told) == f"{name} {model} seed {run.seed} · epoch 3 · AUC 0.9877"
    run.record_path.parent.mkdir(parents=True)
    run.record_path.write_text("{}")  # it stands, so the run is over
    assert in_training(log) == []
    assert in_training(tmp_path / "nothing.log") == []


def test_a_clock() -> None:
    assert [clock(s) for s in (0, 59.6, 3599, 3600, 90_000)] == ["0:00", "1:00", "59:59", "1 h 00", "25 h 00"]
    assert re.fullmatch(r"\d+:\d\d", clock(601.2))


def test_waiting_alone_does_not_raise_what_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run of three has come after 10 s; what is left counts down until the next one comes."""
    monkeypatch.chdir(tmp_path)
    campaign = load_campaign(ROOT / "config/small.yaml").model_copy(update={"experiments": ("table_5",)})
    plan = Plan(campaign)
    keys = list(plan.runs)[:3]
    runs = Runs(plan, keys)
    assert runs.left_s(runs.begun + 5.0) is None  # no pace yet
    del runs.waiting[keys[0]]
    runs.spent_s = 10.0
    for alike in _alike(plan.runs[keys[0]][0]):
        runs.wall_s[alike].append(10.0)
    told = [runs.left_s(runs.begun + now) for now in (10.0, 15.0, 25.0, 60.0)]
    assert told == pytest.approx([20.0, 15.0, 5.0, 0.0])

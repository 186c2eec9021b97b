"""Progress of a campaign, from logs of Snakemake and training."""

import re
from pathlib import Path

import pytest

from tests.made_records import made_record
from workflow.cli.common import clock
from workflow.cli.progress import Jobs, Runs
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.train.record import Metrics

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


def test_a_job_that_trains_is_shown_with_what_it_wrote_last(here: Path) -> None:
    jobs, log = read(Jobs(), LOG), here / "logs/demo/train/frappe-1.log"
    assert jobs.under_way == ["train frappe-1", "train frappe-2"]  # no log yet
    log.parent.mkdir(parents=True)
    log.write_text("0 of 2 runs are finished, 2 to train\nfrappe DNN ab/seed1 epoch 3: loss 0.5\n\n")
    assert jobs.under_way == ["train frappe-1 · frappe DNN ab/seed1 epoch 3: loss 0.5", "train frappe-2"]


def test_a_clock() -> None:
    assert [clock(s) for s in (0, 59.6, 3599, 3600, 90_000)] == ["0:00", "1:00", "59:59", "1 h 00", "25 h 00"]
    assert re.fullmatch(r"\d+:\d\d", clock(601.2))


def test_waiting_alone_does_not_raise_what_is_left(here: Path) -> None:
    """One run of three has come after 10 s; what is left counts down until the next one comes."""
    campaign = load_campaign(ROOT / "config/small.yaml").model_copy(update={"experiments": ("table_5",)})
    plan = Plan(campaign)
    runs = Runs(plan, ("table_5",))
    runs.runs = dict(list(runs.runs.items())[:3])
    assert runs.left_s(runs.begun + 5.0) is None  # no pace yet
    first = next(iter(runs.runs))
    runs.records[first] = made_record(runs.runs[first], Metrics(auc=0.8, gauc=None, logloss=0.4), wall_s=10.0)
    told = [runs.left_s(runs.begun + now) for now in (10.0, 15.0, 25.0, 60.0)]
    assert told == pytest.approx([20.0, 15.0, 5.0, 0.0])

"""The simulated schedule, against bounds that hold for every list schedule and against a naive clock."""

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.cli.conftest import shown
from workflow.cli.plan import plan_table
from workflow.cost.schedule import SLACK, START_S, Job, jobs_of, longest_chain_s, schedule, suited_pack_size
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign


def minute_by_minute(jobs: Sequence[Job], workers: int) -> int:
    """The same rule with a clock of whole seconds and no queue."""
    left = {job.name: round(job.seconds) for job in jobs}
    running: list[str] = []
    now = 0
    while left:
        for job in jobs:
            ready = job.name in left and job.name not in running and not any(need in left for need in job.needs)
            if ready and len(running) < workers:
                running.append(job.name)
        now += 1
        for name in list(running):
            left[name] -= 1
            if not left[name]:
                del left[name]
                running.remove(name)
    return now


@given(seed=st.integers(0, 10_000), workers=st.integers(1, 6))
@example(seed=1317, workers=2)  # two end at once, and what the first unlocks is not the plan's next
def test_it_is_what_a_clock_gives_and_within_grahams_bounds(seed: int, workers: int) -> None:
    draw = random.Random(seed)
    jobs: list[Job] = []
    for at in range(draw.randint(1, 12)):
        needs = tuple(job.name for job in jobs if draw.random() < 0.2)
        jobs.append(Job(str(at), draw.randint(1, 9), needs))
    found = schedule(jobs, workers)
    assert found.makespan_s == minute_by_minute(jobs, workers)
    total, chain = sum(job.seconds for job in jobs), longest_chain_s(jobs)
    assert max(chain, total / workers) <= found.makespan_s <= total / workers + (1 - 1 / workers) * chain + 1e-9
    assert found.utilisation == pytest.approx(total / (workers * found.makespan_s))
    assert schedule(jobs, 1).makespan_s == total
    assert schedule(jobs, 100).makespan_s == chain


@pytest.fixture
def plan(here: Path) -> Plan:
    campaign = load_campaign(ROOT / "config/small.yaml")
    return Plan(campaign.model_copy(update={"experiments": ("table_3",), "seeds": (1, 2, 3), "device": "cpu"}))


def test_what_is_done_is_no_job(plan: Plan) -> None:
    seconds = dict.fromkeys(plan.runs, 60.0)
    jobs = jobs_of(plan, plan.packs, seconds)
    assert len(jobs) == len(plan.packs) + 2
    assert {job.needs for job in jobs if job.needs} == {(spec.id,) for spec in plan.datasets}
    assert jobs[-1].seconds == START_S + 60 * len(plan.packs[-1].runs)
    done = {key: 0.0 if run.dataset.name == "frappe" else 60.0 for key, (run, _) in plan.runs.items()}
    rest = jobs_of(plan, plan.packs, done)
    assert {need for job in rest for need in job.needs} == {plan.datasets[1].id}


def test_more_workers_want_smaller_packs(plan: Plan) -> None:
    seconds = dict.fromkeys(plan.runs, 600.0)
    sizes = [suited_pack_size(plan, seconds, workers)[0] for workers in (1, 8, 1000)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1] == 1
    _, best = suited_pack_size(plan, seconds, 8)
    assert best.makespan_s <= SLACK * schedule(jobs_of(plan, plan.packed(1), seconds), 8).makespan_s


def test_the_plan_shows_a_row_for_each_number(plan: Plan, counted: list[str]) -> None:
    out = shown(lambda to: plan_table(plan, to, jobs=(1, 8, 64)))
    rows = [line.split() for line in out.split("Schedule with pack_size 4")[1].splitlines()]
    numbers = [row for row in rows if row and row[0].isdigit()]
    assert [row[0] for row in numbers] == ["1", "8", "64"]
    hours = [float(row[2]) for row in numbers]
    assert hours == sorted(hours, reverse=True)
    assert all(float(row[4]) <= float(row[2]) for row in numbers)
    assert numbers[0][3] == "100%"

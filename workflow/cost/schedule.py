"""How long a campaign takes on several workers, by simulated list scheduling of its jobs.

A job goes to the first worker that is free as soon as what it needs is done; of several, the one
that the plan names first, as a queue has it. A worker is what trains one pack: a GPU, or as many
cores as a job takes. Graham (1969): no such schedule is longer than 2 - 1/N times the best.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from workflow.cost.epochs import data_of, prepare_s
from workflow.plan.campaign import Pack, Plan

START_S = 10.0  # of a job: Snakemake on the node, Python, torch, the data
PACK_SIZES = (1, 2, 4, 8, 16, 32, 64)
SLACK = 1.02  # of two equally good schedules, the one with fewer jobs


@dataclass(frozen=True)
class Job:
    """A job, what it takes, and the jobs that it waits for."""

    name: str
    seconds: float
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """The result of the simulation.

    `chain_s` is the minimum time with any number of workers: the longest chain of jobs.
    """

    workers: int
    jobs: int
    makespan_s: float
    busy_s: float
    chain_s: float

    @property
    def utilisation(self) -> float:
        """Part of the workers' time in which they work, 0 to 1."""
        return self.busy_s / (self.workers * self.makespan_s) if self.makespan_s else 1.0


def jobs_of(plan: Plan, packs: Sequence[Pack], seconds: Mapping[str, float]) -> list[Job]:
    """A campaign's preparations and packs as jobs, from each run's remaining seconds; finished ones are left out."""
    left = [(pack, sum(seconds[run.key] for run in pack.runs)) for pack in packs]
    left = [(pack, pack_s) for pack, pack_s in left if pack_s > 0]
    used = {pack.dataset.id for pack, _ in left}
    jobs = []
    for spec in plan.datasets:
        if spec.id in used:
            jobs.append(Job(spec.id, 0.0 if spec.is_prepared else START_S + prepare_s(data_of(spec))))
    jobs += [Job(f"pack {at}", START_S + pack_s, (pack.dataset.id,)) for at, (pack, pack_s) in enumerate(left)]
    return jobs


def schedule(jobs: Sequence[Job], workers: int) -> Schedule:
    """Simulate the jobs on a number of workers."""
    place = {job.name: at for at, job in enumerate(jobs)}
    waits = {job.name: len(job.needs) for job in jobs}
    followers: dict[str, list[Job]] = {job.name: [] for job in jobs}
    for job in jobs:
        for need in job.needs:
            followers[need].append(job)
    ready = [at for at, job in enumerate(jobs) if not job.needs]
    heapify(ready)
    running: list[tuple[float, int]] = []
    now_s = 0.0
    while ready or running:
        while ready and len(running) < workers:
            at = heappop(ready)
            heappush(running, (now_s + jobs[at].seconds, at))
        now_s = running[0][0]
        while running and running[0][0] == now_s:  # all that end now, so that the first in the plan is next
            for job in followers[jobs[heappop(running)[1]].name]:
                waits[job.name] -= 1
                if not waits[job.name]:
                    heappush(ready, place[job.name])
    return Schedule(workers, len(jobs), now_s, sum(job.seconds for job in jobs), longest_chain_s(jobs))


def longest_chain_s(jobs: Sequence[Job]) -> float:
    """Seconds of the longest chain of dependent jobs."""
    ends: dict[str, float] = {}
    for job in jobs:
        ends[job.name] = job.seconds + max((ends[need] for need in job.needs), default=0.0)
    return max(ends.values(), default=0.0)


def suited_pack_size(plan: Plan, seconds: Mapping[str, float], workers: int) -> tuple[int, Schedule]:
    """The largest pack size whose schedule is at most 2 % longer than the shortest of `PACK_SIZES`."""
    found = [(size, schedule(jobs_of(plan, plan.packed(size), seconds), workers)) for size in PACK_SIZES]
    least_s = min(one.makespan_s for _, one in found)
    return max((pair for pair in found if pair[1].makespan_s <= SLACK * least_s), key=lambda pair: pair[0])

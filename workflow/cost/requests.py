"""What jobs request from a cluster: memory, minutes, a GPU. Derived from the plan, not from the planning machine.

A job that is killed for its memory or its time is tried again with its first request added
(`restart-times` of the profile); training then continues from its last saved epoch.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import Annotated, Literal

from pydantic import Field

from workflow.cost.epochs import Basis, data_of, prepare_s, timing_s
from workflow.cost.forecast import forecast, read_all
from workflow.cost.resources import process_bytes
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.reading import validate
from workflow.settings import Frozen
from workflow.spec import RunSpec
from workflow.train.keep import has_cuda

VARIABLE = "TF4CTR_CLUSTER"
MB = 1_000_000
# Resident memory as measured, rounded up.
JOB_MB = 900  # Snakemake twice, as the executor starts it on the node, and the job's own process
PREPARE_BYTES = 5  # per row and column: codes, dictionaries, and the blocks under way
START_MIN = 10  # to start, load and check the data
Positive = Annotated[float, Field(gt=0.0)]


class Cluster(Frozen):
    """A profile's description of its cluster, in the environment: `TF4CTR_CLUSTER="device=cuda longest_h=24"`.

    `device`: what a campaign's `device: auto` is there; auto: what the machine has where jobs are
    planned, which is right where they also run. `factor`: how many times the forecast a job
    may take. `longest_h`: what no job may ask for more than, because the cluster allows no more.
    `alike`: whether all training jobs ask for what the largest needs; an array of jobs has one request.
    """

    device: Literal["auto", "cpu", "cuda"] = "auto"
    factor: Positive = 2.0
    longest_h: Positive = 1000.0
    alike: bool = False


def cluster() -> Cluster:
    """Read the variable."""
    words = os.environ.get(VARIABLE, "").split()
    if any("=" not in word for word in words):
        raise UserError(f"{VARIABLE}: must be key=value words, such as `device=cuda longest_h=24`")
    return validate(Cluster, dict(word.split("=", 1) for word in words), VARIABLE)


def settled(plan: Plan) -> Plan:
    """The plan with the cluster's device, so that a node without one gives an error instead of a slow run."""
    if plan.campaign.device != "auto":
        return plan
    return replace(plan, campaign=plan.campaign.model_copy(update={"device": cluster().device}))


@dataclass(frozen=True)
class Ask:
    """Memory and minutes of a job's first attempt."""

    mb: int
    minutes: int
    most_minutes: int

    def mem_mb(self, attempt: int) -> int:
        """Memory of an attempt, the first being 1."""
        return self.mb * attempt

    def runtime(self, attempt: int) -> int:
        """Minutes of an attempt."""
        return min(self.minutes * attempt, self.most_minutes)


class Asks:
    """Requests of a plan's jobs that train the `wanted` runs; each is computed when it is asked for.

    `away`: whether jobs run on a cluster. Where they do not, nothing waits for these figures: finished runs are not
    read for them, and models that were never counted are taken to need nothing.
    """

    def __init__(self, plan: Plan, wanted: Collection[str], *, away: bool) -> None:
        self.plan, self.wanted, self.away = plan, wanted, away
        self.device = "cuda" if has_cuda(plan.campaign.device) else "cpu"
        self.cluster = cluster()

    def training(self, pack: str) -> Ask:
        """Of the job that trains a pack."""
        return self._most if self.cluster.alike else self._packs[pack]

    def preparing(self, dataset_id: str) -> Ask:
        """Of the job that prepares a dataset, or writes its twin."""
        _, spec = self.plan.prepared(dataset_id)
        data = data_of(spec)
        return self._ask(data.rows * data.columns * PREPARE_BYTES, prepare_s(data))

    @cached_property
    def timing(self) -> Ask:
        """Of the job that times models."""
        runs = [cell.runs[0] for name in self.plan.timed for cell in self.plan.timed_cells_of(name)]
        seconds = timing_s(self.plan, self._basis) if self.away else 0.0
        return self._ask(max(map(self._process_bytes, runs), default=0), seconds)

    @cached_property
    def _packs(self) -> dict[str, Ask]:
        parts = {pack.name: [run for run in pack.runs if run.key in self.wanted] for pack in self.plan.packs}
        return {name: self._pack(runs) for name, runs in parts.items() if runs}

    @cached_property
    def _most(self) -> Ask:
        asks = self._packs.values()
        return replace(max(asks, key=lambda ask: ask.minutes), mb=max(ask.mb for ask in asks))

    def _pack(self, runs: list[RunSpec]) -> Ask:
        workers = min(self.plan.campaign.pack_workers, len(runs))
        largest = sorted(map(self._process_bytes, runs), reverse=True)[:workers]
        seconds = sum(self._seconds[run.key] for run in runs)
        # Workers share a GPU, so they are not taken to save time on one.
        return self._ask(sum(largest), seconds / (workers if self.device == "cpu" else 1))

    def _ask(self, process_bytes: float, seconds: float) -> Ask:
        most = ceil(60 * self.cluster.longest_h)
        minutes = START_MIN + ceil(self.cluster.factor * seconds / 60)
        return Ask(JOB_MB + ceil(process_bytes / MB), min(minutes, most), most)

    def _process_bytes(self, run: RunSpec) -> int:
        return process_bytes(run, self._basis, counted=self.away)

    @cached_property
    def _basis(self) -> Basis:
        return Basis(self.device)

    @cached_property
    def _seconds(self) -> dict[str, float]:
        """By run key, what is left of a run; nothing is known where jobs run here."""
        if not self.away:
            return dict.fromkeys(self.plan.runs, 0.0)
        records, _ = read_all(self.plan)
        costs = forecast(self.plan, records, self._basis).of
        return {key: 0.0 if key in records else cost.seconds for key, cost in costs.items()}

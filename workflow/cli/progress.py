"""The progress of a campaign, from Snakemake's log, the logs of training jobs, and the existing records."""

import re
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

from workflow.cost.forecast import read_all
from workflow.plan.campaign import Plan
from workflow.spec import RunSpec
from workflow.train.choice import Replanned
from workflow.train.record import Record

TAIL_BYTES = 8192
RULE = re.compile(r"^(?:local)?rule (\w+):$")
DETAIL = re.compile(r"^    (jobid|log|wildcards|message): (.*)$")


@dataclass
class Job:
    """A job of Snakemake, as its log names it."""

    rule: str
    details: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The rule, and what it makes."""
        made = [part.partition("=")[2] for part in self.details.get("wildcards", "").split(", ")]
        return " ".join([self.rule, *filter(None, made)])

    @property
    def log(self) -> Path:
        """Its log file; an empty path if it has none."""
        return Path(self.details.get("log", "no log").split(" ")[0])


@dataclass
class Jobs:
    """What Snakemake's log has shown so far."""

    running: dict[str, Job] = field(default_factory=dict)
    failed: dict[str, Job] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    _last: Job | None = None

    def read(self, line: str) -> None:
        """Read a line of the log."""
        if found := RULE.match(line):
            self._last = Job(found[1])
        elif re.match(r"^(?:Error|RuleException) in rule ", line):
            self._last = None
        elif found := DETAIL.match(line):
            key, value = found[1], found[2]
            if self._last is not None:
                self._last.details[key] = value
                if key == "jobid":
                    self.running[value] = self._last
            elif key == "jobid" and value in self.running:  # continues the error before
                self.failed[value] = self.running.pop(value)
        elif found := re.match(r"^Finished jobid: (\d+)", line):
            self.running.pop(found[1], None)
        elif found := re.match(r"^(\d+) of (\d+) steps", line):
            self.done, self.total = int(found[1]), int(found[2])
        elif found := re.match(r"^total +(\d+)$", line):
            self.total = int(found[1])

    @property
    def under_way(self) -> list[str]:
        """A line for each running job; for training, with the last line of its log."""
        told = {job.name: tail(job.log)[-1:] if job.rule == "train" else [] for job in self.running.values()}
        return [" · ".join([name, *last]) for name, last in told.items()]


def tail(log: Path) -> list[str]:
    """The last lines of a log that are not empty; none where there is no log."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - TAIL_BYTES))
            return [line for line in stream.read().decode(errors="replace").splitlines() if line.strip()]
    except OSError:
        return []


class Runs:
    """Runs of some experiments: which are finished, how many failed, and how long the rest may take."""

    def __init__(self, plan: Plan, experiments: Sequence[str]) -> None:
        self.plan, self._replanned, self.experiments = plan, Replanned(plan, plan.chosen), experiments
        self.records: dict[str, Record] = {}
        self.faults: list[str] = []
        self.look()
        self.begun = time.monotonic()
        self._before = set(self.records)  # not of this session's pace
        self._estimate: tuple[int, float | None, float] = -1, None, 0.0  # finished, seconds left, and when

    def look(self) -> None:
        """Read new records; later stages of tuning follow from earlier ones."""
        self.plan = self._replanned()
        self.runs = {key: self.plan.runs[key][0] for key in self.plan.keys_of(*self.experiments)}
        self.records, self.faults = read_all(self.plan, self.records)

    @property
    def waiting(self) -> list[RunSpec]:
        """Runs without a record."""
        return [run for key, run in self.runs.items() if key not in self.records]

    @property
    def done(self) -> int:
        """How many have a record."""
        return len(self.runs) - len(self.waiting)

    @property
    def failed(self) -> int:
        """How many records say that the run failed."""
        return sum(self.records[key].status == "failed" for key in self.runs.keys() & self.records.keys())

    def left_s(self, now: float | None = None) -> float | None:
        """Seconds until the rest is trained, at the pace of this session; None before a run has finished.

        It is computed when a record appears, and counts down in between, so that waiting alone does not raise it.
        """
        now = time.monotonic() if now is None else now
        if self._estimate[0] != self.done:
            self._estimate = self.done, self._at_pace(now - self.begun), now
        _, seconds, when = self._estimate
        return None if seconds is None else max(0.0, seconds - (now - when))

    def _at_pace(self, elapsed_s: float) -> float | None:
        walls_s: dict[tuple[str, str], list[float]] = defaultdict(list)  # by what runs of about the same time share
        spent_s = 0.0
        for key, record in self.records.items():
            if record.status == "ok":
                walls_s[record.spec.dataset.id, record.spec.model.name].append(record.provenance.wall_s)
                spent_s += record.provenance.wall_s * (key not in self._before)
        if self.waiting and not spent_s:
            return None
        usual_s = {kind: median(walls) for kind, walls in walls_s.items()}
        left_s = sum(usual_s.get((one.dataset.id, one.model.name)) or mean(usual_s.values()) for one in self.waiting)
        # Seconds of runs in each of the clock's: runs side by side, and what else the machine does.
        return left_s * elapsed_s / spent_s if left_s else 0.0

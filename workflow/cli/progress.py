"""How far a campaign is: read from Snakemake's log, the logs of training jobs, and the records that stand."""

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.spec import RunSpec
from workflow.train.record import read_record

TAIL_BYTES = 8192
RULE = re.compile(r"^(?:local)?rule (\w+):$")
DETAIL = re.compile(r"^    (jobid|log|wildcards|message): (.*)$")
EPOCH = re.compile(r"^(\S+) (\S+) (\w+)/seed(\d+) epoch (\d+): .*?valid AUC (\d\.\d+)")
BEGUN = re.compile(r"^run \d+ of \d+: results/runs/([^/]+)/([^/]+)/(\w+)/seed(\d+)\.json$")


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
    def log(self) -> Path | None:
        """Where it writes."""
        return Path(self.details["log"].split(" ")[0]) if "log" in self.details else None


@dataclass
class Jobs:
    """What Snakemake's log has shown so far."""

    running: dict[str, Job] = field(default_factory=dict)
    failed: dict[str, Job] = field(default_factory=dict)
    done: int = 0
    total: int = 0
    _last: Job | None = None

    def read(self, line: str) -> None:
        """Take a line of the log in."""
        if found := RULE.match(line):
            self._last = Job(found[1])
        elif re.match(r"^(?:Error|RuleException) in rule ", line):
            self._last = None
        elif found := DETAIL.match(line):
            self._detail(found[1], found[2])
        elif found := re.match(r"^Finished jobid: (\d+)", line):
            self.running.pop(found[1], None)
        elif found := re.match(r"^(\d+) of (\d+) steps", line):
            self.done, self.total = int(found[1]), int(found[2])
        elif found := re.match(r"^total +(\d+)$", line):
            self.total = int(found[1])

    def _detail(self, key: str, value: str) -> None:
        if self._last is not None:
            self._last.details[key] = value
            if key == "jobid":
                self.running[value] = self._last
        elif key == "jobid" and value in self.running:  # that of the error before
            self.failed[value] = self.running.pop(value)


@dataclass(frozen=True)
class Training:
    """A run in training: its last epoch, 0 before the first has ended."""

    dataset: str
    model: str
    identity: str
    seed: int
    epoch: int = 0
    auc: float | None = None

    @property
    def key(self) -> str:
        """The run's key."""
        return f"{self.identity}/seed{self.seed}"

    def __str__(self) -> str:
        auc = "" if self.auc is None else f" · AUC {self.auc:.4f}"
        epoch = f"epoch {self.epoch}" if self.epoch else "first epoch"
        return f"{self.dataset} {self.model} seed {self.seed} · {epoch}{auc}"


def in_training(log: Path) -> list[Training]:
    """Runs that a training job's log has begun and whose record does not stand yet."""
    found: dict[str, Training] = {}
    for line in tail(log):
        begun, epoch = BEGUN.match(line), EPOCH.match(line)
        if told := begun or epoch:
            dataset, model, identity, seed = told.groups()[:4]
            number, auc = (int(epoch[5]), float(epoch[6])) if epoch else (0, None)
            found[f"{dataset}/{model}/{identity}/seed{seed}"] = Training(
                dataset, model, identity, int(seed), number, auc
            )
    return [run for key, run in found.items() if not Path(f"results/runs/{key}.json").is_file()]


def pack_log(campaign: str, pack: str) -> Path:
    """Where the job of a pack writes, as workflow/rules/train.smk says."""
    return Path("logs", campaign, "train", f"{pack}.log")


def tail(log: Path) -> list[str]:
    """The last lines of a log; none where there is no log."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - TAIL_BYTES))
            return stream.read().decode(errors="replace").splitlines()
    except OSError:
        return []


class Runs:
    """The runs of some packs: which are finished, how many failed, and how long the rest may take."""

    def __init__(self, plan: Plan, keys: Iterable[str]) -> None:
        self._finished: set[str] = set()
        self.expect(plan, keys)
        self.failed, self.spent_s = 0, 0.0
        self.wall_s: dict[tuple[str, ...], list[float]] = defaultdict(list)
        self.look()
        self.begun, self.spent_s = time.monotonic(), 0.0  # what was there before tells nothing of this session's pace
        self._estimate: tuple[float, float] | None = None  # seconds left, and when that was computed

    def expect(self, plan: Plan, keys: Iterable[str]) -> None:
        """Take these as the runs, and keep what is known of them: later stages of tuning follow from earlier ones."""
        runs = {key: plan.runs[key][0] for key in keys}
        self.total = len(runs)
        self.waiting = {key: run for key, run in runs.items() if key not in self._finished}

    @property
    def done(self) -> int:
        """How many have a record."""
        return self.total - len(self.waiting)

    def look(self) -> None:
        """Read the records that have come since."""
        before = len(self.waiting)
        for key, run in list(self.waiting.items()):
            if not run.record_path.is_file():
                continue
            try:
                record = read_record(run.record_path)
            except (FileNotFoundError, UserError):
                continue  # will be trained again
            del self.waiting[key]
            self._finished.add(key)
            self.failed += record.status == "failed"
            if record.status == "ok":
                for alike in _alike(run):
                    self.wall_s[alike].append(record.provenance.wall_s)
                self.spent_s += record.provenance.wall_s
        if len(self.waiting) < before:
            self._estimate = None

    def left_s(self, now: float | None = None) -> float | None:
        """Seconds until the rest is trained, at the pace of this session; None before it has one.

        It is computed when a record comes, and counts down in between: waiting alone does not raise it.
        """
        now = time.monotonic() if now is None else now
        if self._estimate is None:
            estimate_s = self._at_pace(now - self.begun)
            if estimate_s is None:
                return None
            self._estimate = estimate_s, now
        seconds, when = self._estimate
        return max(0.0, seconds - (now - when))

    def _at_pace(self, elapsed_s: float) -> float | None:
        if not self.waiting:
            return 0.0
        if elapsed_s <= 0 or not self.spent_s:
            return None
        at_once = self.spent_s / elapsed_s  # runs side by side, and what else the machine does
        usual_s = {alike: median(walls) for alike, walls in self.wall_s.items()}
        return sum(_usual(run, usual_s) for run in self.waiting.values()) / at_once


def _alike(run: RunSpec) -> tuple[tuple[str, ...], ...]:
    return (run.dataset.id, run.model.name), (run.dataset.id,), ()


def _usual(run: RunSpec, usual_s: Mapping[tuple[str, ...], float]) -> float:
    return next((usual_s[alike] for alike in _alike(run) if alike in usual_s), mean(usual_s.values()))

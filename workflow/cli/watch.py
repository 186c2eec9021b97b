"""Snakemake with its log in a file, one display of how far it is, and in the end where the results lie."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from types import FrameType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from workflow.cli.common import clock, counted
from workflow.cli.progress import Job, Jobs, Runs, Training, in_training, tail
from workflow.plan.campaign import Plan
from workflow.plan.places import ROOT
from workflow.train.choice import Replanned

REFRESH_S = 0.5
LOOK_S = 2.0  # between two looks at the records
LINE_S = 10.0  # between two lines, where there is no terminal
INTERRUPTED = 130  # status of a command that the user has ended
BAR = 28


class Watch:
    """A Snakemake at work, seen from outside."""

    def __init__(self, plan: Plan, experiments: Sequence[str], log: Path) -> None:
        self.plan, self.experiments, self.log = plan, experiments, log
        self.jobs, self.runs = Jobs(), Runs(plan, plan.keys_of(*experiments))
        self.started = self.looked = time.monotonic()
        self.before = {place: changed_ns(place) for place in made(plan.campaign.campaign).values()}
        self._replanned = Replanned(plan, plan.chosen)
        self._read, self._rest = 0, ""

    def look(self) -> None:
        """Read what has come since: of the log always, of the records now and then."""
        with self.log.open(encoding="utf-8", errors="replace") as stream:
            stream.seek(self._read)
            text = self._rest + stream.read()
            self._read = stream.tell()
        *lines, self._rest = text.split("\n")
        for line in lines:
            self.jobs.read(line)
        if time.monotonic() - self.looked >= LOOK_S:
            if (plan := self._replanned()) is not self.plan:
                self.plan = plan
                self.runs.expect(plan, plan.keys_of(*self.experiments))
            self.runs.look()
            self.looked = time.monotonic()

    @property
    def training(self) -> list[Training]:
        """Runs under way."""
        logs = [job.log for job in self.jobs.running.values() if job.rule == "train"]
        return [run for log in logs if log is not None for run in in_training(log)]

    @property
    def others(self) -> list[str]:
        """Jobs under way that train nothing."""
        return [job.name for job in self.jobs.running.values() if job.rule != "train"]

    def view(self, width: int = 80) -> Group:
        """The display."""
        bars = Table.grid(padding=(0, 1))
        for name, done, total in (("jobs", self.jobs.done, self.jobs.total), ("runs", self.runs.done, self.runs.total)):
            if total:
                bars.add_row(name, ProgressBar(total=total, completed=done, width=BAR), f"{done} of {total}")
        lines = [Text(f"  {fitted(str(job), width - 2)}") for job in (*self.training, *self.others)]
        return Group(bars, Text(self.told()), *lines)

    def told(self) -> str:
        """Time, what is left, and what failed."""
        left_s = self.runs.left_s()
        parts = [f"{clock(time.monotonic() - self.started)} so far"]
        if self.jobs.running and left_s:
            parts.append(f"about {clock(left_s)} of training left")
        failed = ((len(self.jobs.failed), "job"), (self.runs.failed, "run"))
        parts += [f"{counted(number, what)} failed" for number, what in failed if number]
        return " · ".join(parts)

    def line(self) -> str:
        """The same in one line."""
        counts = f"jobs {self.jobs.done}/{self.jobs.total} · runs {self.runs.done}/{self.runs.total}"
        now = [*map(str, self.training), *self.others]
        return " · ".join([counts, self.told(), *now[:1]])


def watched(command: list[str], plan: Plan, experiments: Sequence[str], place: Path) -> int:
    """Run Snakemake to its end and show how far it is, from its working directory; give its status.

    The status is 1 where a run has failed.

    Parameters
    ----------
    command : list of str
        Snakemake's command line.
    plan : Plan
        The campaign.
    experiments : sequence of str
        Those whose runs the targets need.
    place : Path
        Where the command is started, which its own paths are relative to.
    """
    console = Console()
    log = own_log(plan.campaign.campaign)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream, Child(command, stream.fileno(), place) as child:
        watch = Watch(plan, experiments, log)
        if console.is_terminal:
            with Live(watch.view(console.width), console=console, refresh_per_second=4, transient=True) as live:
                while child.runs():
                    watch.look()
                    live.update(watch.view(console.width))
        else:
            _print_lines(watch, child, console)
    watch.look()
    watch.runs.look()
    status = INTERRUPTED if child.interrupted else child.status
    conclude(watch, status, console)
    return status or int(watch.runs.failed > 0)


def own_log(campaign: str) -> Path:
    """The log of this call: two calls at once never write over each other's."""
    return Path("logs", campaign, f"snakemake-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log")


def _print_lines(watch: Watch, child: "Child", console: Console) -> None:
    printed = time.monotonic()
    while child.runs():
        watch.look()
        if watch.jobs.total and time.monotonic() - printed >= LINE_S:
            console.print(escape(watch.line()), soft_wrap=True, highlight=False)
            printed = time.monotonic()


class Child:
    """A command whose end is ours: a signal to us goes to it and to all that it has started.

    It is a group of its own, so that the terminal does not interrupt its jobs a second time.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self, command: list[str], output: int, place: Path) -> None:
        self.command, self.output, self.place, self.interrupted = command, output, place, False
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._hand_on) for number in self.SIGNALS}
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            self.command,
            cwd=self.place,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": path},
        )
        if self.interrupted:  # while it was started
            os.killpg(self.process.pid, signal.SIGINT)
        return self

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The command, once it is started."""
        assert self._process is not None
        return self._process

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hand_on(self, number: int, _: FrameType | None) -> None:
        self.interrupted = True
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def runs(self) -> bool:
        """Whether it still runs, after a moment's wait."""
        try:
            self.process.wait(REFRESH_S)
        except subprocess.TimeoutExpired:
            return True
        return False

    @property
    def status(self) -> int:
        """Its exit status, once it has ended."""
        return abs(self.process.returncode)


def fitted(text: str, width: int) -> str:
    """A line cut to a width between two words.

    Examples
    --------
    >>> fitted("frappe TF4CTR seed 2023 · first epoch", 28)
    'frappe TF4CTR seed 2023 · …'
    """
    return shorten(text, max(width, 10), placeholder=" …")


def conclude(watch: Watch, status: int, console: Console) -> None:
    """Say what came of it, and where the results lie."""
    jobs, runs, name = watch.jobs, watch.runs, watch.plan.campaign.campaign
    spent = clock(time.monotonic() - watch.started)

    def say(line: str) -> None:
        console.print(escape(line), soft_wrap=True, highlight=False)

    if status == INTERRUPTED:
        say(f"interrupted after {spent}; finished runs are kept, run the same command again to go on")
    elif status != 0 and not jobs.total:  # it ended before its first job: the reason is all that it wrote
        for line in reasons(watch.log):
            say(line)
        return
    elif status == 0:
        say(f"done in {spent}: {counted(jobs.done, 'job')}" if jobs.total else "Everything is up to date.")
    else:
        for line in causes(watch):
            say(line)
        say(f"ended after {spent}, {counted(len(jobs.failed), 'job')} failed; the same command tries them again")
    if runs.failed:
        say(f"{counted(runs.failed, 'run')} of {runs.total} failed; `tf4ctr retry {name}` drops their records")
    for what, place in (*made(name).items(), ("log", str(watch.log))):
        now_ns = changed_ns(place)
        if now_ns is not None and (status == 0 or now_ns != watch.before.get(place)):  # not those of before
            say(f"  {what:8}{place}")


def made(campaign: str) -> dict[str, str]:
    """What a call makes for people, and where."""
    return {
        "tables": f"paper_tables/{campaign}/",
        "figures": f"figures/{campaign}/",
        "report": f"results/{campaign}/report.html",
    }


def changed_ns(place: str) -> int | None:
    """When a file or folder was changed last; None where it is not."""
    return Path(place).stat().st_mtime_ns if Path(place).exists() else None


def causes(watch: Watch) -> list[str]:
    """Why a call has failed: its failed jobs, or where none is to blame what Snakemake wrote last."""
    jobs = [f"failed: {job.name}: {why(job)}" for job in watch.jobs.failed.values()]
    return jobs or ([] if watch.runs.failed else reasons(watch.log))


def why(job: Job) -> str:
    """The last that a failed job has written, and where the rest is."""
    told = [line for line in tail(job.log) if line.strip()] if job.log else []
    return f"{told[-1]} ({job.log})" if told else "it left no log"


def reasons(log: Path) -> list[str]:
    """What Snakemake wrote before it ended, without what it always writes."""
    lines = [line for line in tail(log) if line.strip() and not line.startswith("Using ")]
    return [line for line in lines if line.startswith("error: ")] or lines[-5:]

"""Run Snakemake with its log in a file, a progress display, and at the end the places of the results."""

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

from workflow.cli.common import campaigns, clock, counted
from workflow.cli.progress import Job, Jobs, Runs, tail
from workflow.plan.campaign import Plan
from workflow.plan.config import load_campaign
from workflow.plan.places import ROOT, config_root

REFRESH_S = 0.5
LOOK_S = 2.0  # between two readings of the records
LINE_S = 10.0  # between two lines, where there is no terminal
INTERRUPTED = 130  # status of a command that the user has ended
BAR = 28


class Watch:
    """A running Snakemake process, watched from outside."""

    def __init__(self, plan: Plan, experiments: Sequence[str], log: Path) -> None:
        self.log, self.jobs, self.runs = log, Jobs(), Runs(plan, experiments)
        self.started = self.looked = time.monotonic()
        self.before = {place: changed_ns(place) for place in made(plan.campaign.campaign).values()}
        self._read, self._rest = 0, ""

    def look(self) -> None:
        """Read new lines of the log and, now and then, new records."""
        with self.log.open(encoding="utf-8", errors="replace") as stream:
            stream.seek(self._read)
            text = self._rest + stream.read()
            self._read = stream.tell()
        *lines, self._rest = text.split("\n")
        for line in lines:
            self.jobs.read(line)
        if time.monotonic() - self.looked >= LOOK_S:
            self.runs.look()
            self.looked = time.monotonic()

    def view(self, width: int = 80) -> Group:
        """The display."""
        bars = Table.grid(padding=(0, 1))
        runs = len(self.runs.runs)
        for name, done, total in (("jobs", self.jobs.done, self.jobs.total), ("runs", self.runs.done, runs)):
            if total:
                bars.add_row(name, ProgressBar(total=total, completed=done, width=BAR), f"{done} of {total}")
        # Cut between two words.
        lines = [shorten(line, max(width - 2, 10), placeholder=" …") for line in self.jobs.under_way]
        return Group(bars, Text(self.told()), *(Text(f"  {line}") for line in lines))

    def told(self) -> str:
        """Elapsed time, remaining runs, and failures."""
        left_s = self.runs.left_s()
        parts = [f"{clock(time.monotonic() - self.started)} so far"]
        if self.jobs.running and left_s:
            parts.append(f"about {clock(left_s)} of training left")
        failed = ((len(self.jobs.failed), "job"), (self.runs.failed, "run"))
        parts += [f"{counted(number, what)} failed" for number, what in failed if number]
        return " · ".join(parts)

    def line(self) -> str:
        """The same in one line."""
        counts = f"jobs {self.jobs.done}/{self.jobs.total} · runs {self.runs.done}/{len(self.runs.runs)}"
        return " · ".join([counts, self.told(), *self.jobs.under_way[:1]])


def watched(command: list[str], plan: Plan, experiments: Sequence[str], place: Path) -> int:
    """Run Snakemake to its end in its working directory, show the progress, and return the status.

    The status is 1 where a run has failed.
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
        printed = time.monotonic()
        while child.runs():
            watch.look()
            if watch.jobs.total and time.monotonic() - printed >= LINE_S:
                console.print(escape(watch.line()), soft_wrap=True, highlight=False)
                printed = time.monotonic()
    watch.look()
    watch.runs.look()
    status = INTERRUPTED if child.interrupted else child.status
    conclude(watch, status, console)
    return status or int(watch.runs.failed > 0)


def own_log(campaign: str) -> Path:
    """The log of this call; simultaneous calls never share one."""
    return Path("logs", campaign, f"snakemake-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log")


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
        if self.interrupted:  # a signal came while it started
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


def conclude(watch: Watch, status: int, console: Console) -> None:
    """Print the outcome, and where the results are."""
    jobs, runs, name = watch.jobs, watch.runs, watch.runs.plan.campaign.campaign
    spent = clock(time.monotonic() - watch.started)

    def say(line: str) -> None:
        console.print(escape(line), soft_wrap=True, highlight=False)

    if status == INTERRUPTED:
        say(f"interrupted after {spent}; finished runs are kept, run the same command again to go on")
    elif status != 0 and not jobs.total:  # it ended before its first job: all its output is the reason
        for line in reasons(watch.log):
            say(line)
        return
    elif status == 0:
        say(f"done in {spent}: {counted(jobs.done, 'job')}" if jobs.total else "Everything is up to date.")
    else:
        failed = [f"failed: {job.name}: {why(job)}" for job in jobs.failed.values()]
        for line in failed or ([] if runs.failed else reasons(watch.log)):  # without a failed job, the end of the log
            say(line)
        say(f"ended after {spent}, {counted(len(jobs.failed), 'job')} failed; the same command tries them again")
    if runs.failed:
        again = f"`tf4ctr retry {called(runs.plan)}` drops their records"
        say(f"{counted(runs.failed, 'run')} of {len(runs.runs)} failed; {again}")
    for what, place in (*made(name).items(), ("log", str(watch.log))):
        now_ns = changed_ns(place)
        if now_ns is not None and (status == 0 or now_ns != watch.before.get(place)):  # not earlier ones
            say(f"  {what:8}{place}")


def made(campaign: str) -> dict[str, str]:
    """The outputs of a call for people, and their places."""
    return {
        "tables": f"paper_tables/{campaign}/",
        "figures": f"figures/{campaign}/",
        "report": f"results/{campaign}/report.html",
    }


def changed_ns(place: str) -> int | None:
    """When a file or folder was last changed; None if it does not exist."""
    return Path(place).stat().st_mtime_ns if Path(place).exists() else None


def called(plan: Plan) -> str:
    """How to name a plan's campaign on the command line; with changed settings, its resolved configuration."""
    name = plan.campaign.campaign
    is_named = name in campaigns() and load_campaign(config_root() / f"{name}.yaml") == plan.campaign
    return name if is_named else plan.resolved.as_posix()


def why(job: Job) -> str:
    """The last lines of a failed job, and where the rest is."""
    told = tail(job.log)
    return f"{told[-1]} ({job.log})" if told else "it left no log"


def reasons(log: Path) -> list[str]:
    """What Snakemake wrote before it ended, without its usual lines."""
    lines = [line for line in tail(log) if not line.startswith("Using ")]
    return [line for line in lines if line.startswith("error: ")] or lines[-5:]

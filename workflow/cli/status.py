"""The command `status`: the progress of a running campaign."""
# ruff: noqa: PLC0415

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.common import Add, add_campaign, clock, data_warnings, grid, made_otherwise, plan_of
from workflow.cli.plan import at_once, counts_of, device_of

if TYPE_CHECKING:
    from rich.console import Console, Group

    from workflow.cli.progress import Runs
    from workflow.cost.epochs import Basis
    from workflow.plan.campaign import Plan

REFRESH_S = 2.0
SILENT_S = 600.0  # an older training log is not of a running job
BAR = 28


def add_to(add: Add) -> None:
    """Add the command."""
    status = add("status", show_status)
    add_campaign(status)
    status.add_argument("--once", action="store_true", help="print once instead of following the campaign")


def show_status(options: argparse.Namespace) -> None:
    """Show the progress of a campaign, by experiment, while it runs."""
    from workflow.train.choice import with_stand_ins

    follow(with_stand_ins(plan_of(options)), once=options.once)


def follow(plan: "Plan", once: bool = False, console: "Console | None" = None) -> None:
    """Show a progress bar per experiment until the campaign has finished or the user stops it."""
    from rich.console import Console
    from rich.live import Live

    from workflow.cli.progress import Runs
    from workflow.cost.epochs import Basis
    from workflow.cost.own_files import own_data

    console = console or Console()
    runs, basis = Runs(plan, plan.campaign.experiments), Basis(device_of(plan), here=True, data=own_data(plan))
    if once or not console.is_terminal:
        console.print(_view(runs, basis))
        return
    with Live(_view(runs, basis), console=console, refresh_per_second=4) as live:
        while runs.waiting:
            time.sleep(REFRESH_S)
            runs.look()
            live.update(_view(runs, basis))


def _view(runs: "Runs", basis: "Basis") -> "Group":
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.text import Text

    from workflow.cost.forecast import forecast, shipped_runs, span, wall_s

    plan, records = runs.plan, runs.records
    costs = forecast(plan, records, basis, shipped_runs())
    columns = ("experiment", "progress", "done", "failed", "hours to do")
    table = grid(f"Campaign {plan.campaign.campaign}", columns, left=2)
    rows = {name: {run.key for cell in plan.cells_of(name) for run in cell.runs} for name in plan.campaign.experiments}
    for name, keys in {**rows, "total": set(plan.runs)}.items():
        total, _, done, failed, _, hours = counts_of(plan, keys, records, costs)
        bar = ProgressBar(total=int(total), completed=int(done), width=BAR) if keys else "no runs of its own"
        if name == "total":
            table.add_section()
        table.add_row(name, bar, f"{done}/{total}", failed, hours)
    lines = _under_way(runs)
    left = [cost for key, cost in costs.of.items() if key not in records]
    if left:
        pace_s = runs.left_s()
        told = f"{span(wall_s(left, at_once(plan)))} of training left on this machine"
        lines.append(told if pace_s is None else f"about {clock(pace_s)} left, at the pace of now")
    return Group(table, *(Text(line) for line in (*lines, *runs.faults, *made_otherwise(plan), *data_warnings(plan))))


def age_s(path: Path, now: float) -> float:
    """Seconds since a file was written; 0 where the clock of the node that wrote it is ahead of ours."""
    return max(0.0, now - path.stat().st_mtime)


def _under_way(runs: "Runs") -> list[str]:
    """The last lines of training jobs, and killed runs that left a saved state."""
    from workflow.cli.progress import tail
    from workflow.train.keep import state_path

    plan, now, told = runs.plan, time.time(), list[str]()
    for pack in plan.packs:
        log = Path("logs", plan.campaign.campaign, "train", f"{pack.name}.log")  # as workflow/rules/train.smk has it
        if log.is_file() and age_s(log, now) < SILENT_S and not Path(pack.manifest).is_file():
            told += [f"{line} · {age_s(log, now):.0f} s ago" for line in tail(log)[-1:]]
    for run in runs.waiting:  # one that failed leaves its state, too
        state = state_path(run)
        if state.is_file() and not any(run.key in line for line in told):
            told.append(f"{run.dataset.name} {run.model.name} {run.key}: last state {clock(age_s(state, now))} ago")
    return told

"""The command `status`: what is done and under way, while a campaign runs."""
# ruff: noqa: PLC0415

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.common import Add, plan_of
from workflow.cli.plan import counts_of, device_of
from workflow.forecast import forecast, read_all
from workflow.plan import Plan

if TYPE_CHECKING:
    from rich.console import Console, Group

REFRESH_S = 2.0


def add_to(add: Add) -> None:
    """Add the command."""
    status = add("status", show_status)
    status.add_argument("--once", action="store_true", help="print once instead of following the campaign")


def show_status(options: argparse.Namespace) -> None:
    """Show what is done, experiment by experiment, while the campaign runs."""
    follow(plan_of(options), once=options.once)


def follow(plan: Plan, once: bool = False, console: "Console | None" = None) -> None:
    """Show a progress bar per experiment until the campaign is done or the user leaves."""
    from rich.console import Console
    from rich.live import Live

    console = console or Console()
    if once or not console.is_terminal:
        console.print(_view(plan))
        return
    with Live(_view(plan), console=console, refresh_per_second=4) as live:
        while any(not run.record_path.is_file() for run, _ in plan.runs.values()):
            time.sleep(REFRESH_S)
            live.update(_view(plan))


def _view(plan: Plan) -> "Group":
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    records, faults = read_all(plan)
    costs = forecast(plan, records, device_of(plan))
    table = Table(title=f"Campaign {plan.campaign.campaign}")
    for column in ("experiment", "progress", "done", "failed", "hours to do"):
        table.add_column(column)
    for name in plan.campaign.experiments:
        keys = {run.key for cell in plan.cells_of(name) for run in cell.runs}
        total, _, done, failed, _, hours = counts_of(keys, 0, records, costs.of)
        bar = ProgressBar(total=max(int(total), 1), completed=int(done) if keys else 1, width=30)
        table.add_row(name, bar, f"{done}/{total}", failed, hours)
    return Group(table, *_under_way(plan), *faults)


def _under_way(plan: Plan) -> list[str]:
    """Runs that have left a state: in training now, or killed and to be resumed."""
    found = []
    for run, _ in plan.runs.values():
        state = Path(run.record_path).with_suffix(".state")
        if state.is_file():
            age_s = time.time() - state.stat().st_mtime
            found.append(f"{run.dataset.name} {run.model.name} {run.key}: last epoch ended {age_s:.0f} s ago")
    return found

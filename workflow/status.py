"""The terminal views of a campaign: plan and status."""

import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from workflow.config import load_experiment
from workflow.forecast import COUNTED, FINISHED, Costs, Forecast, forecast, read_all
from workflow.plan import Plan
from workflow.train.keep import has_cuda
from workflow.train.record import Record

REFRESH_S = 2.0


def device_of(plan: Plan) -> str:
    """The kind of device that the campaign's runs will use here."""
    return "cuda" if has_cuda(plan.campaign.device) else "cpu"


def plan_table(plan: Plan, console: Console | None = None) -> None:
    """Print experiments with their runs and hours.

    `shared` runs serve another experiment too; they are counted in every row that needs
    them and once in the total.
    """
    console = console or Console()
    records, faults = read_all(plan)
    costs = forecast(plan, records, device_of(plan))
    table = Table(title=f"Campaign {plan.campaign.campaign}: {len(plan.packs)} jobs of up to {plan.campaign.pack_size}")
    table.add_column("experiment", no_wrap=True)
    for column in ("datasets", "cells", "runs", "shared", "done", "failed", "to do", "hours to do"):
        table.add_column(column, justify="right")
    for name in plan.campaign.experiments:
        cells = plan.cells_of(name)
        keys = {run.key for cell in cells for run in cell.runs}
        shared = sum(len(plan.runs[key][1]) > 1 for key in keys)
        datasets = len(plan.datasets_of(load_experiment(name)))
        table.add_row(name, str(datasets), str(len(cells)), *_counts(keys, shared, records, costs.of))
    keys = set(plan.runs)
    table.add_section()
    shared = sum(len(names) > 1 for _, names in plan.runs.values())
    total_cells = str(len(plan.cells))
    table.add_row(
        "total", str(len(plan.datasets)), total_cells, *_counts(keys, shared, records, costs.of), style="bold"
    )
    console.print(table)
    for line in _basis(costs, device_of(plan)):
        console.print(line)
    for fault in faults:
        console.print(f"[red]{fault}[/red]")


def _counts(keys: Iterable[str], shared: int, records: dict[str, Record], costs: dict[str, Forecast]) -> list[str]:
    keys = set(keys)
    done = {key for key in keys if key in records}
    failed = sum(records[key].status == "failed" for key in done)
    hours = sum(costs[key].seconds for key in keys - done) / 3600
    return [str(len(keys)), str(shared), str(len(done)), str(failed), str(len(keys) - len(done)), f"{hours:.2f}"]


def _basis(costs: Costs, device: str) -> list[str]:
    sources = [cost.source for cost in costs.of.values() if cost.source != FINISHED]
    if not sources:
        return ["Every run is finished."]
    parts = [f"{sources.count(source)} from {source}" for source in dict.fromkeys(sources)]
    first = f"Hours on {device} with one run at a time, estimated for {', '.join(parts)}."
    return [first, *(costs.notes if COUNTED in sources else ())]


def follow(plan: Plan, once: bool = False, console: Console | None = None) -> None:
    """Show a progress bar per experiment until the campaign is done or the user leaves."""
    console = console or Console()
    if once or not console.is_terminal:
        console.print(_view(plan))
        return
    with Live(_view(plan), console=console, refresh_per_second=4) as live:
        while any(not run.record_path.is_file() for run, _ in plan.runs.values()):
            time.sleep(REFRESH_S)
            live.update(_view(plan))


def _view(plan: Plan) -> Group:
    records, faults = read_all(plan)
    costs = forecast(plan, records, device_of(plan))
    table = Table(title=f"Campaign {plan.campaign.campaign}")
    for column in ("experiment", "progress", "done", "failed", "hours to do"):
        table.add_column(column)
    for name in plan.campaign.experiments:
        keys = {run.key for cell in plan.cells_of(name) for run in cell.runs}
        total, _, done, failed, _, hours = _counts(keys, 0, records, costs.of)
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

"""The command `plan`: experiments, runs and hours, before they are spent."""
# ruff: noqa: PLC0415

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from workflow.cli.common import Add, plan_of
from workflow.cluster import settled
from workflow.config import load_experiment
from workflow.forecast import COUNTED, FINISHED, Costs, Forecast, forecast, read_all
from workflow.plan import Plan
from workflow.schedule import jobs_of, schedule, suited_pack_size
from workflow.train.keep import has_cuda
from workflow.train.record import Record

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MAX_WORKERS = 100_000


def add_to(add: Add) -> None:
    """Add the command."""
    sub = add("plan", show_plan)
    sub.add_argument(
        "--jobs",
        nargs="+",
        type=whole_number,
        metavar="N",
        help="simulate the schedule on N GPUs, or N jobs at once on a CPU; several numbers may be given",
    )


def show_plan(options: argparse.Namespace) -> None:
    """List experiments, runs and the estimated hours."""
    plan_table(settled(plan_of(options)), jobs=options.jobs or ())


def device_of(plan: Plan) -> str:
    """The kind of device that the campaign's runs will use here."""
    return "cuda" if has_cuda(plan.campaign.device) else "cpu"


def plan_table(plan: Plan, console: "Console | None" = None, jobs: Sequence[int] = ()) -> None:
    """Print experiments with their runs and hours.

    `shared` runs serve another experiment too; they are counted in every row that needs
    them and once in the total.
    """
    from rich.console import Console
    from rich.table import Table

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
        table.add_row(name, str(datasets), str(len(cells)), *counts_of(keys, shared, records, costs.of))
    keys = set(plan.runs)
    table.add_section()
    shared = sum(len(names) > 1 for _, names in plan.runs.values())
    total_cells = str(len(plan.cells))
    table.add_row(
        "total", str(len(plan.datasets)), total_cells, *counts_of(keys, shared, records, costs.of), style="bold"
    )
    console.print(table)
    for line in _basis(costs, device_of(plan)):
        console.print(line)
    left = {key: 0.0 if key in records else cost.seconds for key, cost in costs.of.items()}
    if jobs:
        console.print(_schedules(plan, left, jobs))
        console.print(
            "Jobs in the order of the plan, each on the first that is free; fetching is not counted. "
            "The chain is what no number of them can go below."
        )
    for fault in faults:
        console.print(f"[red]{fault}[/red]")


def counts_of(keys: Iterable[str], shared: int, records: dict[str, Record], costs: dict[str, Forecast]) -> list[str]:
    """Runs, shared, done, failed, to do, and hours to do, as text."""
    keys = set(keys)
    done = {key for key in keys if key in records}
    failed = sum(records[key].status == "failed" for key in done)
    hours = sum(costs[key].seconds for key in keys - done) / 3600
    return [str(len(keys)), str(shared), str(len(done)), str(failed), str(len(keys) - len(done)), f"{hours:.2f}"]


def _schedules(plan: Plan, seconds: dict[str, float], workers: Sequence[int]) -> "Table":
    """A row for each number of workers: as the campaign is packed, and as it would suit them."""
    from rich.table import Table

    table = Table(title=f"Schedule with pack_size {plan.campaign.pack_size}")
    for column in ("at once", "jobs", "hours", "in use", "longest chain, h", "pack_size that suits", "hours with it"):
        table.add_column(column, justify="right")
    jobs = jobs_of(plan, plan.packs, seconds)
    for number in workers:
        own = schedule(jobs, number)
        size, suited = suited_pack_size(plan, seconds, number)
        hours = (f"{each / 3600:.2f}" for each in (own.makespan_s, own.chain_s, suited.makespan_s))
        makespan, chain, other = hours
        table.add_row(str(number), str(own.jobs), makespan, f"{own.utilisation:.0%}", chain, str(size), other)
    return table


def whole_number(text: str) -> int:
    """A number of workers, at least 1."""
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 0 < number <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MAX_WORKERS}, not {text!r}")
    return number


def _basis(costs: Costs, device: str) -> list[str]:
    sources = [cost.source for cost in costs.of.values() if cost.source != FINISHED]
    if not sources:
        return ["Every run is finished."]
    parts = [f"{sources.count(source)} from {source}" for source in dict.fromkeys(sources)]
    first = f"Hours on {device} with one run at a time, estimated for {', '.join(parts)}."
    return [first, *(costs.notes if COUNTED in sources else ())]

"""The command `plan`: experiments, runs, time and other needs, estimated up front."""
# ruff: noqa: PLC0415

import argparse
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from workflow.cli.common import Add, add_campaign, counted, grid, plan_of, refuse_unready, usable_cores, working

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from workflow.cost.epochs import Basis, Data
    from workflow.cost.forecast import Costs, Forecast
    from workflow.cost.resources import Needs
    from workflow.plan.campaign import Plan
    from workflow.train.record import Record


MAX_WORKERS = 100_000
ONE_SEED = 2023  # the authors' own


def add_to(add: Add) -> None:
    """Add the command."""
    sub = add("plan", show_plan)
    add_campaign(sub)
    sub.add_argument(
        "--jobs",
        nargs="+",
        type=whole_number,
        default=(),
        metavar="N",
        help="simulate the schedule on N GPUs, or N jobs at once on a CPU; several numbers may be given",
    )


def show_plan(options: argparse.Namespace) -> None:
    """List experiments, runs, estimated hours, and the data and memory that they need."""
    from workflow.cost.requests import settled
    from workflow.train.choice import with_stand_ins

    plan = settled(with_stand_ins(plan_of(options)))
    refuse_unready(plan)
    plan_table(plan, jobs=options.jobs)


def device_of(plan: "Plan") -> str:
    """The kind of device that the campaign's runs will use here."""
    from workflow.train.keep import has_cuda

    return "cuda" if has_cuda(plan.campaign.device) else "cpu"


def at_once(plan: "Plan") -> int:
    """How many runs train at once on all of this machine's cores or GPUs."""
    if device_of(plan) == "cuda":
        from workflow.train.gpus import visible_gpus

        return max(1, visible_gpus())
    return max(1, usable_cores() // plan.campaign.threads)


def plan_table(plan: "Plan", console: "Console | None" = None, jobs: Sequence[int] = ()) -> None:
    """Print experiments with their runs and hours, and below them the needs of the whole campaign.

    `shared` runs serve another experiment too; they are counted in every row that needs
    them and once in the total.
    """
    from rich.console import Console
    from rich.text import Text

    from workflow.cost.epochs import Basis
    from workflow.cost.forecast import forecast, read_all, shipped_runs
    from workflow.cost.own_files import own_data
    from workflow.cost.resources import needs_of

    console = console or Console()
    records, faults = read_all(plan)
    own = own_data(plan)
    basis = Basis(device_of(plan), here=True, data=own)
    with working("counting what models ask for"):
        costs = forecast(plan, records, basis, shipped_runs())
    name, size = plan.campaign.campaign, plan.campaign.pack_size
    title = f"Campaign {name}: {counted(len(plan.packs), 'job')} (up to {size} runs each)"
    table = grid(title, ("experiment", "cells", "runs", "shared", "done", "failed", "to do", "hours"))
    table.columns[0].no_wrap = True
    for experiment in plan.campaign.experiments:
        cells = plan.cells_of(experiment)
        keys = {run.key for cell in cells for run in cell.runs}
        table.add_row(experiment, str(len(cells)), *counts_of(plan, keys, records, costs))
    table.add_section()
    table.add_row("total", str(len(plan.cells)), *counts_of(plan, plan.runs.keys(), records, costs), style="bold")
    console.print(table)
    left = [cost for key, cost in costs.of.items() if key not in records]
    for line in (
        *time_told(plan, left, plan.runs.keys() - records.keys(), basis),
        *choices_told(plan, records, costs),
        *needs_told(needs_of(plan, basis), at_once(plan)),
        *supposed_told(plan, own),
        *rests_on(costs),
    ):
        console.print(Text(line))
    if jobs:
        seconds = {key: 0.0 if key in records else cost.seconds for key, cost in costs.of.items()}
        console.print(schedules(plan, seconds, jobs))
        console.print(
            "Jobs in the order of the plan, each on the first that is free; fetching is not counted. "
            "The longest chain is the minimum time with any number of them."
        )
    for fault in faults:
        console.print(Text(fault, style="red"))


def counts_of(plan: "Plan", keys: Collection[str], records: dict[str, "Record"], costs: "Costs") -> Sequence[str]:
    """Runs, shared, done, failed, to do, and hours to do, as text."""
    done = {key for key in keys if key in records}
    shared = sum(len(plan.runs[key][1]) > 1 for key in keys)
    failed = sum(records[key].status == "failed" for key in done)
    hours = sum(costs.of[key].seconds for key in keys if key not in done) / 3600
    numbers = (len(keys), shared, len(done), failed, len(keys) - len(done))
    return [*map(str, numbers), f"{hours:.2f}" if hours < 100 else f"{hours:,.0f}"]


def schedules(plan: "Plan", seconds: dict[str, float], workers: Sequence[int]) -> "Table":
    """A row for each number of workers: with the campaign's packs, and with packs of a better size."""
    from workflow.cost.schedule import jobs_of, schedule, suited_pack_size

    columns = ("at once", "jobs", "hours", "in use", "longest chain", "pack_size that suits", "hours with it")
    table = grid(f"Schedule with pack_size {plan.campaign.pack_size}", columns, left=0)
    jobs = jobs_of(plan, plan.packs, seconds)
    for number in workers:
        own = schedule(jobs, number)
        size, suited = suited_pack_size(plan, seconds, number)
        hours, chain, other = (f"{each / 3600:.2f}" for each in (own.makespan_s, own.chain_s, suited.makespan_s))
        table.add_row(str(number), str(own.jobs), hours, f"{own.utilisation:.0%}", chain, str(size), other)
    return table


def supposed_told(plan: "Plan", sizes: "Mapping[str, Data]") -> Iterator[str]:
    """The assumed sizes of datasets of unknown size, and the counted rows of the user's files."""
    from workflow.cost.epochs import SUPPOSED_rows, is_supposed

    for dataset in plan.datasets:
        if dataset.id in sizes:
            yield f"{dataset.name}: {sizes[dataset.id].train_rows:,} training rows, counted in your file."
        elif is_supposed(dataset):
            yield (
                f"{dataset.name}: assuming {SUPPOSED_rows['train']:,} training rows, as it is not prepared and its "
                f"size is not known. `tf4ctr run {plan.campaign.campaign} all_data` prepares it; then plan counts them."
            )


def whole_number(text: str) -> int:
    """A number of workers, at least 1."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 0 < number <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MAX_WORKERS}, not {text!r}")
    return number


def time_told(plan: "Plan", left: Sequence["Forecast"], unfinished: Collection[str], basis: "Basis") -> Iterator[str]:
    """How long the rest will train here."""
    from workflow.cost.forecast import APART, besides_s, span, wall_s

    if not plan.runs:
        names = " and ".join(plan.campaign.datasets)
        yield f"No run is planned: none of the experiments has cells on {names}; add another, or `every_dataset: true`."
        return
    if not left:
        yield "Every run is finished."
        return
    slots, device = at_once(plan), device_of(plan)
    places = f"{slots} {'GPU' if device == 'cuda' else 'run'}{'s' if slots > 1 else ''} at a time"
    low_s, high_s = wall_s(left, slots)
    yield f"Training takes {span((low_s, high_s))} here, with {places} ({device})."
    rest_s = besides_s(plan, unfinished, usable_cores(), basis)
    yield f"With starting jobs, preparing and rendering: {span((low_s + rest_s / APART, high_s + rest_s * APART))}."


def choices_told(plan: "Plan", records: Collection[str], costs: "Costs") -> Iterator[str]:
    """Runs that depend on results, shipped runs, and what one seed would take (numbers without a test)."""
    from workflow.cost.forecast import shipped_runs, span, wall_s
    from workflow.train.choice import on_disk

    if any(on_disk(one) is None for one in plan.rounds):
        names = " and ".join(plan.tuned_experiments)
        yield f"Later stages of {names} depend on results; the first settings drawn are counted in their place."
    if number := sum(key in shipped_runs() and key not in records for key in plan.runs):
        yield f"{number} of these runs are shipped: `tf4ctr restore results/evidence` adds them."
    runs = [run for run, _ in plan.runs.values()]
    one = {run.key for run in runs if run.seed == ONE_SEED}
    left = [costs.of[key] for key in one if key not in records]
    if len(one) == len(runs) or len(one) < len({run.id for run in runs}) or not left:
        return  # all runs have one seed already, or some configuration has no run with it
    taken = span(wall_s(left, at_once(plan)))
    yield f"With one seed (--config 'seeds=[{ONE_SEED}]'): {len(left)} runs, {taken}, without tests."


def needs_told(needs: "Needs", slots: int) -> Iterator[str]:
    """Other needs: download, disk, memory."""
    from workflow.cost.resources import readable

    download = readable(needs.download_bytes) if needs.download_bytes else "nothing"
    if needs.unknown:
        names = " and ".join(needs.unknown)
        download = f"{download} and {names}" if needs.download_bytes else names
        download += ", of unknown size"
    yield f"To download: {download}. On disk: about {readable(needs.disk_bytes)} more."
    each = readable(needs.memory_bytes)
    yield f"Memory: at most about {each} for each run in training" + (f", {slots} at a time." if slots > 1 else ".")


def rests_on(costs: "Costs") -> Iterable[str]:
    """The basis of the estimated hours."""
    from workflow.cost.forecast import FINISHED

    sources = [cost.source for cost in costs.of.values() if cost.source != FINISHED]
    if not sources:
        return
    parts = [f"{sources.count(source)} runs from {source}" for source in dict.fromkeys(sources)]
    yield f"Hours assume one run at a time; estimated: {', '.join(parts)}."
    yield from costs.notes

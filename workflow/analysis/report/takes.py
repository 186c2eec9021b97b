"""Requirements of each campaign on a machine that has only the code: a table of the README."""

from collections.abc import Mapping

from workflow.cost.epochs import Basis
from workflow.cost.forecast import Costs, forecast, span, wall_s
from workflow.cost.resources import Needs, needs_of, readable
from workflow.cost.speed import ASSUMED
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign, load_dataset
from workflow.plan.tuning import foreseen
from workflow.train.record import Record

CAMPAIGNS = ("demo", "small", "evidence", "paper")
CORES = (2, 16)
HEADER = ("campaign", "runs", *(f"{cores} cores" for cores in CORES), "one GPU", "memory a run", "disk", "download")


def needs_block(records: Mapping[str, Record]) -> str:
    """Time, memory, disk and download by campaign, as Markdown; finished runs by key say how many epochs runs take."""
    ok = {key: record for key, record in records.items() if record.status == "ok"}
    plans = [Plan(load_campaign(ROOT / "config" / f"{name}.yaml"), foreseen) for name in CAMPAIGNS]
    rows = [HEADER, ("---",) * len(HEADER), *(_row(plan, ok) for plan in plans)]
    return "\n".join((*(f"| {' | '.join(row)} |" for row in rows), "", _basis(ok)))


def _row(plan: Plan, records: Mapping[str, Record]) -> tuple[str, ...]:
    basis = Basis("cpu", fresh=True)
    cpu, needs = forecast(plan, {}, basis, records), needs_of(plan, basis)
    gpu = "not used" if plan.campaign.device == "cpu" else span(wall_s(_on_gpu(plan, records).of.values(), 1))
    times = (span(wall_s(cpu.of.values(), cores // plan.campaign.threads)) for cores in CORES)
    return (
        f"`{plan.campaign.campaign}`",
        f"{len(plan.runs):,}",
        *times,
        gpu,
        readable(needs.memory_bytes),
        readable(needs.disk_bytes),
        _download(needs),
    )


def _on_gpu(plan: Plan, records: Mapping[str, Record]) -> Costs:
    return forecast(plan, {}, Basis("cuda", fresh=True), records)


def _download(needs: Needs) -> str:
    parts = [readable(needs.download_bytes)] if needs.download_bytes else []
    parts += [f"{load_dataset(name).title} (size not published)" for name in needs.unknown]
    return " and ".join(parts) or "nothing"


def _basis(records: Mapping[str, Record]) -> str:
    core, gpu = (
        f"{ASSUMED[device].multiply_adds_per_s / 1e9:,.0f} billion multiply-adds and "
        f"{ASSUMED[device].bytes_per_s / 1e9:,.0f} GB a second"
        for device in ("cpu", "cuda")
    )
    epochs = f"of the {len(records)} shipped runs and the authors' logs" if records else "of the authors' logs"
    return (
        "Estimates of training alone, one run on each core: operations counted, divided by an assumed speed of a core "
        f"({core}) or a GPU ({gpu}; not measured on one), times the epochs {epochs}. The real time may be 1.5 times "
        "shorter or longer. `plan` measures the speed of the machine that it runs on. Starting jobs, preparing data "
        "and rendering come on top, and take most of the demo's time. Memory is that of the largest run on a CPU; disk "
        "is the sum of arrays and records."
    )

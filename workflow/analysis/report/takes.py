"""What each campaign takes on a machine that has only the code: the README's table of requirements."""

from collections.abc import Mapping

from workflow.basis import ASSUMED
from workflow.config import ROOT, load_campaign, load_dataset
from workflow.fits import readable
from workflow.forecast import Costs, forecast, wall_s
from workflow.needs import Needs, needs_of
from workflow.plan import Plan
from workflow.train.record import Record

CAMPAIGNS = ("demo", "small", "evidence", "paper")
CORES = (2, 16)
HEADER = ("campaign", "runs", *(f"{cores} cores" for cores in CORES), "one GPU", "memory a run", "disk", "download")
HOUR_s, DAY_s = 3600, 86_400


def needs_block(records: Mapping[str, Record]) -> str:
    """Time, memory, disk and download by campaign, as Markdown, and on what basis.

    Parameters
    ----------
    records : mapping of str to Record
        Finished runs by key, which the count of work is held against.
    """
    ok = {key: record for key, record in records.items() if record.status == "ok"}
    plans = [Plan(load_campaign(ROOT / "config" / f"{name}.yaml")) for name in CAMPAIGNS]
    rows = [HEADER, ("---",) * len(HEADER), *(_row(plan, ok) for plan in plans)]
    return "\n".join((*(f"| {' | '.join(row)} |" for row in rows), "", _basis(ok)))


def _row(plan: Plan, records: Mapping[str, Record]) -> tuple[str, ...]:
    cpu = _costs(plan, records, "cpu")
    needs = needs_of(plan, "cpu", fresh=True)
    gpu = "not used" if plan.campaign.device == "cpu" else span(wall_s(_costs(plan, {}, "cuda").of.values(), 1))
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


def _costs(plan: Plan, records: Mapping[str, Record], device: str) -> Costs:
    return forecast(plan, records, device, here=False, fresh=True)


def _download(needs: Needs) -> str:
    parts = [readable(needs.download_bytes)] if needs.download_bytes else []
    parts += [f"{load_dataset(name).title} (size not published)" for name in needs.unknown]
    return " and ".join(parts) or "nothing"


def _basis(records: Mapping[str, Record]) -> str:
    speed = ASSUMED["cuda"]
    gpu = f"{speed.multiply_adds_per_s / 1e12:.0f} × 10¹² multiply-adds and {speed.bytes_per_s / 1e9:.0f} GB a second"
    held = "no finished run is shipped to hold the count against"
    if records:
        machines = " and ".join(sorted({record.provenance.hardware for record in records.values()}))
        held = f"held against the {len(records)} shipped runs ({machines})"
    return (
        "What `plan` computes for training alone, from the lowest to the highest estimate, with a run on each core. "
        f"CPU times are counted work, {held}; a run that is shipped has its own time. No GPU has run this: its time "
        f"is counted work at an assumed {gpu}. Jobs' starts, preparing and rendering come on top, and are most of the "
        "demo. Memory is that of the largest run on a CPU, by its model and data; disk the sum of arrays and records."
    )


def span(bounds_s: tuple[float, float]) -> str:
    """A range of seconds in the unit that fits its upper end.

    Examples
    --------
    >>> span((25, 101)), span((3600, 36_000)), span((86_400, 864_000))
    ('0.4 to 1.7 min', '1.0 to 10 h', '1.0 to 10 days')
    """
    unit_s, name = next((unit for unit in ((60, "min"), (HOUR_s, "h")) if bounds_s[1] < 100 * unit[0]), (DAY_s, "days"))
    low, high = (f"{bound / unit_s:,.1f}" if bound < 10 * unit_s else f"{bound / unit_s:,.0f}" for bound in bounds_s)
    return f"{low} to {high} {name}" if low != high else f"{high} {name}"

"""What a campaign will cost, before it is paid: from finished runs, or from counted work."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

from workflow.analysis.paper.author_logs import load_logs
from workflow.cost.epochs import Basis
from workflow.cost.own_files import own_data
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.cells import config_name
from workflow.plan.config import ROOT, available, load_dataset
from workflow.provenance.equivalents import families, relation
from workflow.spec import RunSpec
from workflow.train.keep import family_name, training_code
from workflow.train.record import Record, read_record

DEFAULT_EPOCHS = 20  # where neither finished runs nor the authors' logs tell
ONE = 1.5  # between runs of one kind, where only one has finished
UNHELD = 2.0  # between the count and the clock, where no finished run tells
CHECKED = 12  # finished runs that the count is calibrated on
SHIPPED = ROOT / "results/evidence"  # an archive of finished runs
HOUR_s, DAY_s = 3600, 86_400
FINISHED, SEEDS, MODEL, COUNTED, UNKNOWN = "finished", "other seeds", "same model and data", "counted work", "nothing"


@dataclass(frozen=True)
class Forecast:
    """Seconds of one run, between which they may lie, and where the figure comes from."""

    seconds: float
    source: str
    low_s: float = 0.0
    high_s: float = 0.0


@dataclass(frozen=True)
class Costs:
    """Estimates by run key, and what can be said of them."""

    of: dict[str, Forecast]
    notes: tuple[str, ...] = ()


def read_all(plan: Plan) -> tuple[dict[str, Record], list[str]]:
    """Finished records of a campaign by run key, and what is wrong with unreadable ones."""
    records, faults = {}, []
    for key, (run, _) in plan.runs.items():
        path = Path(run.record_path)
        if path.is_file():
            try:
                records[key] = read_record(path)
            except UserError as error:
                faults.append(str(error))
    return records, faults


def expected(
    plan: Plan,
    own: Mapping[str, Record],
    device: str,
    *,
    shipped: Mapping[str, Record],
    here: bool = True,
    fresh: bool = False,
) -> Costs:
    """Seconds of every run, calibrated on own finished runs, or before there is one, on those that are shipped.

    This is what `plan`, `status` and the README's table say. A shipped run has its own time, also where it is not
    restored. The speed of this machine is measured where no finished run tells anything.
    """
    known = available("datasets")  # fewer than ours where another folder of configurations is used
    held = {key: one for key, one in shipped.items() if _tells(one, device) and config_name(one.spec.dataset) in known}
    if not held or any(_tells(record, device) for record in own.values()):
        return forecast(plan, own, device, here=here, fresh=fresh)
    costs = forecast(plan, {**held, **own}, device, here=False, fresh=fresh)
    note = f"Based on the {len(held)} shipped runs ({machines_of(held.values())}) until a run has finished here."
    return Costs(costs.of, (note, *costs.notes[1:]))  # without that of the speed, which cancels


@cache
def shipped_runs() -> Mapping[str, Record]:
    """Records of the archive that comes with the code, by run key; none where it was taken away."""
    from workflow.archive.layout import SUMS, RunArchive  # noqa: PLC0415

    return RunArchive(SHIPPED).records if (SHIPPED / SUMS).is_file() else {}


def machines_of(records: Iterable[Record]) -> str:
    """Where runs were trained."""
    return " and ".join(sorted({record.provenance.hardware for record in records}))


def _tells(record: Record, device: str) -> bool:
    """Whether a record tells how long training takes on a kind of device, by the engine that trains now."""
    return record.status == "ok" and record.provenance.device == device and not _is_of_an_earlier_engine(record)


def _is_of_an_earlier_engine(record: Record) -> bool:
    model = record.spec.model
    if (family := family_name(model)) not in families():
        return False
    return relation(record.provenance.code, training_code(model), family) == "last digits"


def forecast(
    plan: Plan, records: Mapping[str, Record], device: str, *, here: bool = True, fresh: bool = False
) -> Costs:
    """Seconds of every run of the campaign on `device`, cpu or cuda.

    `here: False` is for another machine's: its speed is assumed and not measured. `fresh: True` takes data as they
    are published, whatever is prepared here.
    """
    finished = [record for record in records.values() if _tells(record, device)]
    walls_s: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for record in finished:
        for alike in _alike(record.spec):
            walls_s[alike].append(record.provenance.wall_s)
    found: dict[str, Forecast] = {}
    for key, (run, _) in plan.runs.items():
        if key in records:
            wall_s = records[key].provenance.wall_s
            found[key] = Forecast(wall_s, FINISHED, wall_s, wall_s)
        else:
            for alike, source in zip(_alike(run), (SEEDS, MODEL), strict=True):
                if key not in found and alike in walls_s:
                    found[key] = _like(walls_s[alike], source)
    rest = [run for key, (run, _) in plan.runs.items() if key not in found]
    if not rest:
        return Costs(found)
    basis = Basis(device, here, fresh)
    basis.data |= {} if fresh else own_data(plan)
    counted = _counted(rest, finished, basis)
    return Costs(found | counted.of, counted.notes)


def _like(walls_s: list[float], source: str) -> Forecast:
    """The median of what like runs took, and their range; of a single one, half as much again each way."""
    if len(walls_s) == 1:
        return Forecast(walls_s[0], source, walls_s[0] / ONE, walls_s[0] * ONE)
    return Forecast(median(walls_s), source, min(walls_s), max(walls_s))


def wall_s(costs: Iterable[Forecast], at_once: int) -> tuple[float, float]:
    """Seconds that runs take side by side, at least and at most: never less than the longest of them.

    Examples
    --------
    >>> wall_s([Forecast(10, "", 8, 12), Forecast(2, "", 2, 2)], at_once=2)
    (8, 12)
    """
    low, high = zip(*((cost.low_s, cost.high_s) for cost in costs), strict=True)
    return max(sum(low) / at_once, *low), max(sum(high) / at_once, *high)


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


def _alike(run: RunSpec) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What runs of about the same time share, the closest first."""
    return (run.id,), (run.dataset.id, run.model.name, str(run.training.max_epochs), str(run.training.threads))


# -- from counted work ----------------------------------------------------------------


def _counted(runs: list[RunSpec], finished: list[Record], basis: Basis) -> Costs:
    found: dict[str, Forecast] = {}
    # One record for each kind of run that can calibrate the count, the same in whatever order they come.
    ordered = sorted(finished, key=lambda record: record.spec.key)
    kinds = {_alike(record.spec)[1]: record for record in ordered if record.epochs}
    ratios = []
    for record in list(kinds.values())[:CHECKED]:
        if (epoch_s := basis.epoch_s(record.spec)) is not None:
            ratios.append(median(epoch.train_s + epoch.eval_s for epoch in record.epochs) / epoch_s)
    factor = median(ratios) if ratios else 1.0
    low, high = (min(ratios), max(ratios)) if len(ratios) > 1 else (factor / UNHELD, factor * UNHELD)
    for run in runs:
        epoch_s = basis.epoch_s(run)
        if epoch_s is None:
            found[run.key] = Forecast(0.0, UNKNOWN)
        else:
            counted_s = epoch_s * epochs_of(run, finished)
            found[run.key] = Forecast(factor * counted_s, COUNTED, low * counted_s, high * counted_s)
    basis.keep()
    notes = [basis.note]
    if ratios:
        low, high = min(ratios), max(ratios)
        kinds_of = "a finished run" if len(ratios) == 1 else f"{len(ratios)} kinds of finished runs"
        notes.append(f"Counted work is calibrated on {kinds_of} (factor {factor:.2f}, from {low:.2f} to {high:.2f}).")
    return Costs(found, tuple(notes))


def epochs_of(run: RunSpec, finished: Iterable[Record]) -> int:
    """Epochs until training stops: those of finished runs on the same data, of the authors' logs, or 20."""
    own = [len(record.epochs) for record in finished if record.spec.dataset.id == run.dataset.id]
    usual = own or _logged_epochs().get(load_dataset(config_name(run.dataset)).title) or [DEFAULT_EPOCHS]
    return min(round(median(usual)), run.training.max_epochs)


@cache
def _logged_epochs() -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in load_logs():
        found[row["dataset"]].append(round(float(row["epochs_run"])))
    return dict(found)

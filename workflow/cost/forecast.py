"""A forecast of how long a campaign takes: from runs that have finished here, or from counted work.

Counted work gives the seconds of an epoch on this machine. The number of epochs comes from other runs, wherever
they were trained: the shipped ones, or the authors'.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from statistics import median
from types import MappingProxyType

from workflow.analysis.paper.author_logs import load_logs
from workflow.cost.epochs import Basis, prepare_s, timing_s
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.cells import config_name
from workflow.plan.config import ROOT, available, load_dataset
from workflow.plan.places import is_figure
from workflow.spec import RunSpec
from workflow.train.record import Record, read_record

DEFAULT_EPOCHS = 20  # if neither finished runs nor the authors' logs are available
APART = 1.5  # factor between an estimate and the real time, either way
SHIPPED = ROOT / "results/evidence"  # an archive of finished runs
HOUR_s, DAY_s = 3600, 86_400
FINISHED, LIKE, COUNTED, UNKNOWN = "finished", "like runs here", "counted work", "nothing"
# Seconds of one core for a job of each kind, imports included, and for Snakemake itself, where `Speed.python` is 1.
SNAKEMAKE_S = 8.0
JOB_S = {"twin": 2.0, "prepare": 3.0, "train": 12.0, "table": 4.0, "figure": 8.0, "timing": 8.0}
NEXT_S = {"table": 0.3, "figure": 2.5}  # for each further one, if one job renders all
PAGES_S = 23.0  # the audit, the report and the table of runs
NONE: Mapping[str, Record] = MappingProxyType({})


@dataclass(frozen=True)
class Forecast:
    """Seconds of one run with their range, and the basis of the estimate."""

    seconds: float
    source: str
    low_s: float = 0.0
    high_s: float = 0.0


@dataclass(frozen=True)
class Costs:
    """Estimates by run key, and their basis."""

    of: dict[str, Forecast]
    notes: tuple[str, ...] = ()


def read_all(plan: Plan, known: Mapping[str, Record] = NONE) -> tuple[dict[str, Record], list[str]]:
    """Records of a campaign by run key, and what is wrong with unreadable ones; those that are known are not read."""
    records, faults = {}, []
    for key, (run, _) in plan.runs.items():
        try:
            records[key] = known.get(key) or read_record(run.record_path)
        except FileNotFoundError:
            continue
        except UserError as error:
            faults.append(str(error))
    return records, faults


@cache
def shipped_runs() -> Mapping[str, Record]:
    """Records of the archive that comes with the code, by run key; none where it was taken away."""
    from workflow.archive.layout import SUMS, RunArchive  # noqa: PLC0415

    return RunArchive(SHIPPED).records if (SHIPPED / SUMS).is_file() else {}


def forecast(plan: Plan, records: Mapping[str, Record], basis: Basis, shipped: Mapping[str, Record] = NONE) -> Costs:
    """Seconds of every run of the campaign.

    `shipped` runs, also where they were restored, say how many epochs a run takes and nothing of this machine.
    """
    found = {key: Forecast(wall_s := one.provenance.wall_s, FINISHED, wall_s, wall_s) for key, one in records.items()}
    own = [one for key, one in records.items() if one.status == "ok" and one.provenance.device == basis.device]
    own = [one for one in own if one.spec.key not in shipped or shipped[one.spec.key].seal != one.seal]
    alike: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for one in own:
        alike[_kind(one.spec)].append(one.provenance.wall_s)
    for key, (run, _) in plan.runs.items():
        if key not in found and _kind(run) in alike:
            found[key] = _between(median(alike[_kind(run)]), LIKE)
    rest = [run for key, (run, _) in plan.runs.items() if key not in found]
    if not rest:
        return Costs(found)
    epochs = epochs_by([*shipped.values(), *records.values()])
    notes = [basis.note, "Epochs: those of shipped runs, else of the authors' logs, else 20."]
    # One run of each kind calibrates the count, the same in whatever order they come.
    kinds = {_kind(one.spec): one for one in sorted(own, key=lambda one: one.spec.key) if one.epochs}
    counted = [(one, basis.epoch_s(one.spec)) for one in kinds.values()]
    ratios = [median(epoch.train_s + epoch.eval_s for epoch in one.epochs) / each for one, each in counted if each]
    factor = median(ratios) if ratios else 1.0
    if ratios:
        notes.append(f"It is calibrated on {len(ratios)} kinds of runs that finished here (factor {factor:.2f}).")
    for run in rest:
        epoch_s = basis.epoch_s(run)
        one = Forecast(0.0, UNKNOWN) if epoch_s is None else _between(factor * epoch_s * epochs(run), COUNTED)
        found[run.key] = one
    basis.keep()
    return Costs(found, tuple(notes))


def _kind(run: RunSpec) -> tuple[str, ...]:
    """The settings that runs of about the same time share."""
    return run.dataset.id, run.model.name, str(run.training.max_epochs), str(run.training.threads)


def _between(seconds: float, source: str) -> Forecast:
    return Forecast(seconds, source, seconds / APART, seconds * APART)


def wall_s(costs: Iterable[Forecast], at_once: int) -> tuple[float, float]:
    """Seconds that runs take side by side, at least and at most: never less than the longest of them.

    >>> wall_s([Forecast(10, "", 8, 12), Forecast(2, "", 2, 2)], at_once=2)
    (8, 12)
    """
    low, high = zip(*((cost.low_s, cost.high_s) for cost in costs), strict=True)
    return max(sum(low) / at_once, *low), max(sum(high) / at_once, *high)


def span(bounds_s: tuple[float, float]) -> str:
    """A range of seconds in the unit that fits its upper end."""
    unit_s, name = next((unit for unit in ((60, "min"), (HOUR_s, "h")) if bounds_s[1] < 100 * unit[0]), (DAY_s, "days"))
    low, high = (f"{bound / unit_s:,.1f}" if bound < 10 * unit_s else f"{bound / unit_s:,.0f}" for bound in bounds_s)
    return f"{low} to {high} {name}" if low != high else f"{high} {name}"


def epochs_by(records: Iterable[Record]) -> Callable[[RunSpec], float]:
    """Epochs until training stops: those of the same run, of its model and data, of its data, of the authors, or 20."""
    known: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for one in records:
        if one.status == "ok":
            for place in _places(one.spec):
                known[place].append(len(one.epochs))

    def epochs(run: RunSpec) -> float:
        told = next((known[place] for place in _places(run) if place in known), None)
        name = config_name(run.dataset)
        if told is None and name in available("datasets"):  # another configuration folder may have fewer
            told = _logged_epochs().get(load_dataset(name).title)
        return min(median(told or [DEFAULT_EPOCHS]), run.training.max_epochs)

    return epochs


def _places(run: RunSpec) -> tuple[tuple[str, ...], ...]:
    return (run.key,), (run.dataset.id, run.model.name), (run.dataset.id,)


@cache
def _logged_epochs() -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in load_logs():
        found[row["dataset"]].append(round(float(row["epochs_run"])))
    return dict(found)


def besides_s(plan: Plan, left: Collection[str], cores: int, basis: Basis) -> float:
    """Seconds beyond training the runs that are left, by their keys: starting jobs, preparing data, timing, rendering.

    Nothing where no run is left: what is rendered already stands.
    """
    if not left:
        return 0.0
    rendered_s, packs = rendering_s(plan), sum(any(run.key in left for run in pack.runs) for pack in plan.packs)
    started_s, computed_s = JOB_S["train"] * packs, 0.0
    for spec in {spec.id: spec for _, spec in plan.sources}.values():
        if not spec.is_prepared:
            started_s += JOB_S["prepare"] + (JOB_S["twin"] if spec.preparation.twin else 0.0)
            computed_s += prepare_s(basis.data_of(spec))
    if plan.campaign.packs != "datasets":  # else one job renders all, after training
        started_s, rendered_s = started_s + rendered_s, 0.0
    cores, timed_s = max(1, cores), timing_s(plan, basis)
    alone_s = SNAKEMAKE_S + rendered_s + (JOB_S["timing"] if timed_s else 0.0)
    return (alone_s + started_s / cores) / basis.speed.python + computed_s / cores + timed_s


def rendering_s(plan: Plan) -> float:
    """Seconds of one core for all tables, figures and pages, where `Speed.python` is 1."""
    names = plan.campaign.experiments
    figures, total_s = sum(map(is_figure, names)), PAGES_S
    for kind, count in (("figure", figures), ("table", len(names) - figures + 1)):
        next_s = (NEXT_S if plan.campaign.packs == "datasets" else JOB_S)[kind]
        total_s += JOB_S[kind] + next_s * (count - 1) if count else 0.0
    return total_s

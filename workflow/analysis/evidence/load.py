"""Everything that the analysis is based on, read and checked once: records, metadata, timing, printed numbers.

Tables, figures, claims and the report are pure functions of an `Evidence`.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import variance
from typing import Protocol

from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.pairs import mean_of_two
from workflow.analysis.evidence.standing import (
    Standing,
    as_paper,
    data_standing,
    ground_of,
    keeps_protocol,
    standing_of,
)
from workflow.analysis.paper.author_logs import Logs, load_logs
from workflow.analysis.paper.facts import Coordinates, Fact
from workflow.analysis.paper.prints import Paper, load_paper
from workflow.analysis.stats.moderation import Prior, prior_of
from workflow.analysis.stats.testset import ClusterSums
from workflow.data.store import Meta, load_meta
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.cells import Cell, config_name, dataset_spec
from workflow.plan.config import load_dataset, load_experiment
from workflow.spec import DatasetSpec, RunSpec
from workflow.train.keep import read_user_sums
from workflow.train.pairs import pair_sums
from workflow.train.placements import UserSums
from workflow.train.record import Record, read_record
from workflow.train.timing_record import TimingRecord, read_timing


class Source(Protocol):
    """Where records are: the working directory, or an archive. Each method gives None if there is nothing."""

    def record(self, run: RunSpec) -> Record | None:
        """The record of a run."""

    def user_sums(self, record: Record) -> UserSums | None:
        """The sums by user of a finished run's test split."""

    def pair_sums(self, records: Iterable[Record]) -> Mapping[str, UserSums]:
        """What pairs of finished runs that kept their scores left of their test split, by `workflow.train.pairs`."""
        ...

    def meta(self, spec: DatasetSpec) -> Meta | None:
        """The description of a dataset's prepared data."""

    def timing(self, plan: Plan) -> TimingRecord | None:
        """A campaign's timing."""

    @property
    def records_file(self) -> Path | None:
        """The file that has every record, where they are not files of their own."""


class WorkingDirectory:
    """Files as the workflow writes them, below the working directory."""

    def record(self, run: RunSpec) -> Record | None:
        """Read results/runs/…/seed<n>.json."""
        try:
            return read_record(run.record_path)
        except FileNotFoundError:
            return None

    def user_sums(self, record: Record) -> UserSums | None:
        """Read results/runs/…/seed<n>.user_sums.npz, held to the record's digest."""
        return read_user_sums(record)

    def pair_sums(self, records: Iterable[Record]) -> Mapping[str, UserSums]:
        """Compute them from kept scores, or read what `restore` left."""
        return pair_sums(records)

    def meta(self, spec: DatasetSpec) -> Meta | None:
        """Read data/prepared/…/meta.json."""
        return load_meta(spec.prepared_dir) if spec.is_prepared else None

    def timing(self, plan: Plan) -> TimingRecord | None:
        """Read results/timings/<campaign>.json."""
        return read_timing(plan.timing_path)

    @property
    def records_file(self) -> None:
        """Each record is a file."""


@dataclass(frozen=True, eq=False)  # compared by identity, so that what is computed of one can be kept
class Evidence:
    """All results of a campaign: records by run key, metadata by dataset, timing, and the printed numbers."""

    plan: Plan
    paper: Paper
    records: Mapping[str, Record]
    sums: Mapping[str, ClusterSums]  # by run key, or by that of a pair of runs, of those that have them
    metas: Mapping[str, Meta]  # by identity of the prepared data
    timing: TimingRecord | None
    logs: Logs  # the authors'
    archive: str | None = None  # the file of all records, if they have no own files

    @classmethod
    def load(cls, plan: Plan, *, paper: Paper | None = None, source: Source | None = None) -> "Evidence":
        """Read and check each record, metadata and timing file once.

        By default from the working directory, beside paper/prints.csv.

        Raises
        ------
        UserError
            When a file is damaged, cannot be read, or holds something else than its place says.
        """
        places = source or WorkingDirectory()
        names = plan.campaign.experiments
        runs = {run.key: run for name in names for cell in plan.cells_of(name) for run in cell.runs}
        records = {key: record for key, run in runs.items() if (record := _checked(run, places.record(run)))}
        ended = {key: record for key, record in records.items() if record.status == "ok"}
        sums = {key: ClusterSums(**vars(left)) for key, record in ended.items() if (left := places.user_sums(record))}
        sums |= {key: ClusterSums(**vars(left)) for key, left in places.pair_sums(ended.values()).items()}
        timed = any(name in plan.timed for name in names)
        used = {name for experiment in names for name in plan.datasets_of(load_experiment(experiment))}
        specs = [dataset_spec(load_dataset(name), plan.campaign) for name in plan.campaign.datasets if name in used]
        cells = [cell for name in plan.timed for cell in plan.timed_cells_of(name)] if timed else []
        specs += {cell.runs[0].dataset.id: cell.runs[0].dataset for cell in cells}.values()  # what Table VI is timed on
        metas = {spec.id: meta for spec in specs if (meta := _described(spec, places.meta(spec)))}
        timing = places.timing(plan) if timed else None
        archive = Path(os.path.relpath(places.records_file)).as_posix() if places.records_file else None
        return cls(plan, paper or load_paper(), records, sums, metas, timing, load_logs(), archive)

    def cells(self, experiment: str, dataset: str | None = None) -> tuple[Observed, ...]:
        """The cells of an experiment with what their runs gave, in the plan's order; of all its datasets, or of one."""
        if experiment not in self._observed:
            if experiment in self.plan.timed:
                pairs = zip(self.plan.timed_cells_of(experiment), self._papers.timed_cells_of(experiment), strict=True)
                self._observed[experiment] = tuple(self._timed(*pair) for pair in pairs)
            else:
                pairs = zip(self.plan.cells_of(experiment), self._papers.cells_of(experiment), strict=True)
                self._observed[experiment] = tuple(self._observe(*pair) for pair in pairs)
        found = self._observed[experiment]
        return found if dataset is None else tuple(one for one in found if one.cell.dataset == dataset)

    def cell(self, at: Coordinates) -> Observed | None:
        """The cell at exactly these coordinates, or the mean of two runs' logits; None where none is planned."""
        return self._by_place.get(frozenset(at.items()))

    def means_of_two(self, experiment: str) -> tuple[Observed, ...]:
        """The mean of two runs' logits, for each cell of an experiment whose runs keep their scores."""
        kept = [one for one in self.cells(experiment) if one.cell.runs[0].training.keep_scores]
        return tuple(mean_of_two(one, self.sums) for one in kept)

    def print_of(self, at: Coordinates, metric: str) -> Fact | None:
        """What the paper prints at these coordinates."""
        return self.paper.frame.at(at, metric)

    def prior(self, data: str, metric: str) -> Prior | None:
        """The prior for a cell's variance, from all cells on the same data, in a metric of the test split."""
        if (data, metric) not in self._priors:
            cells = self.repeated(data, metric)
            self._priors[data, metric] = prior_of(list(map(variance, cells)), [len(values) - 1 for values in cells])
        return self._priors[data, metric]

    def repeated(self, data: str, metric: str) -> list[list[float]]:
        """A metric of the test split over the seeds of each configuration on prepared data that has several.

        Runs that may train for fewer epochs than others, as the probes of a first epoch, say nothing of trained ones.
        """
        found = [one for one in self.records.values() if one.status == "ok" and one.spec.dataset.id == data]
        longest = max((record.spec.training.max_epochs for record in found), default=0)
        by_cell: dict[str, list[float]] = {}
        for record in found:
            value = getattr(record.test, metric, None)
            if record.spec.training.max_epochs == longest and value is not None:
                by_cell.setdefault(record.spec.id, []).append(value)
        return [values for values in by_cell.values() if len(values) > 1]

    def datasets_of(self, experiment: str) -> list[str]:
        """The experiment's datasets that the campaign has."""
        return self.plan.datasets_of(load_experiment(experiment))

    def meta_of(self, dataset: str) -> Meta | None:
        """The description of a dataset's prepared data."""
        return self.metas.get(dataset_spec(load_dataset(dataset), self.plan.campaign).id)

    @cached_property
    def _papers(self) -> Plan:
        return as_paper(self.plan)

    @cached_property
    def _by_place(self) -> dict[frozenset[tuple[str, str]], Observed]:
        trained = [name for name in self.plan.campaign.experiments if name not in self.plan.timed]
        cells = [one for name in self.plan.campaign.experiments for one in self.cells(name)]
        cells += [one for name in trained for one in self.means_of_two(name)]
        return {frozenset(one.at.items()): one for one in cells}

    @cached_property
    def _observed(self) -> dict[str, tuple[Observed, ...]]:
        return {}

    @cached_property
    def _priors(self) -> dict[tuple[str, str], Prior | None]:
        return {}

    def _observe(self, cell: Cell, papers: Cell) -> Observed:
        records = tuple(self.records.get(run.key) for run in cell.runs)
        protocol = keeps_protocol(cell.runs[0], papers.runs[0])
        standings = [standing_of(record_data(record)[0], protocol) for record in records if record]
        if cell.runs[0].dataset.preparation.twin:
            standings.append(Standing.SYNTHETIC)  # known before anything runs
        ground = ground_of((status_of(record) for record in records), standings)
        sums = {run.key: self.sums[run.key] for run in cell.runs if run.key in self.sums}
        return Observed(cell, records, ground, sums=sums, archive=self.archive)

    def _timed(self, cell: Cell, papers: Cell) -> Observed:
        found = [timed for timed in self.timing.models if timed.spec.id == cell.runs[0].id] if self.timing else []
        twin = cell.runs[0].dataset.preparation.twin
        standings = [Standing.SYNTHETIC] if twin else []
        if self.timing and found:
            standings.append(standing_of(self.timing_data()[0], keeps_protocol(cell.runs[0], papers.runs[0])))
        ground = ground_of(["ok" if found else "not run"], standings)
        return Observed(cell, (), ground, found[0] if found else None)

    def timing_data(self) -> tuple[Standing, str]:
        """The standing of the data that were used for timing, and why."""
        assert self.timing is not None
        meta = next((meta for meta in self.metas.values() if meta.fingerprint == self.timing.data_fingerprint), None)
        raw = {file.name: file.sha256 for file in meta.raw} if meta else {}
        on = load_dataset(config_name(self.timing.models[0].spec.dataset))
        return data_standing(on, self.timing.data_origin, raw)


def status_of(record: Record | None) -> str:
    """In one word: ok, failed or not run."""
    return record.status if record else "not run"


def record_data(record: Record) -> tuple[Standing, str]:
    """The standing of a record's data, and why."""
    source = record.provenance
    return data_standing(load_dataset(config_name(record.spec.dataset)), source.data_origin, source.raw_sha256)


def _checked(run: RunSpec, record: Record | None) -> Record | None:
    if record is not None and record.spec.canonical() != run.canonical():
        raise UserError(
            f"{run.record_path}: holds run {record.spec.dataset.name} {record.spec.key}, but the plan expects "
            f"{run.key} here; move it to its own place or delete it, then run the same command again"
        )
    return record


def _described(spec: DatasetSpec, meta: Meta | None) -> Meta | None:
    if meta is not None and meta.dataset != spec:
        path = spec.meta_path
        raise UserError(f"{path}: holds other data than its place says; delete {spec.prepared_dir} and prepare again")
    return meta


def campaign_runs(evidence: Evidence, experiments: Iterable[str]) -> tuple[list[tuple[str, str, Record]], int]:
    """Dataset, cell and record of each run of these experiments that has one, a shared run once; and all planned."""
    found: dict[str, tuple[str, str, Record | None]] = {}
    for name in experiments:
        for one in evidence.cells(name):
            for run, record in zip(one.cell.runs, one.records, strict=False):
                found.setdefault(run.key, (one.cell.dataset, one.label, record))
    return [(dataset, cell, record) for dataset, cell, record in found.values() if record], len(found)

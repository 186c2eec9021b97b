"""From a campaign to its run specifications: pure functions, where Snakemake meets Python.

A campaign names experiments; an experiment's arms expand into cells; a cell is one
configuration with its seeds. Runs are shared by identity. Packs are the jobs: runs on
one dataset that the same experiments need, so that a single figure trains only its own, or
any runs on one dataset, where starting a job costs more than it trains.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

from workflow.config import (
    Arm,
    CampaignConfig,
    DatasetConfig,
    ExperimentConfig,
    Override,
    load_dataset,
    load_experiment,
    validate,
)
from workflow.errors import UserError, nearest
from workflow.files import sha256_json
from workflow.fits import check_rows, check_run
from workflow.settings import LOSS_CLASSES, MODEL_CLASSES
from workflow.spec import DatasetSpec, Preparation, RunSpec, Twin

Settings = dict[str, dict[str, Any]]  # model, loss, optimizer, training, probes


@dataclass(frozen=True)
class Cell:
    """One configuration of an experiment on one dataset, with a run per seed."""

    experiment: str
    dataset: str  # the dataset's configuration, such as "frappe", also for a twin
    label: str  # for display only
    at: Mapping[str, str]  # its coordinates
    print_at: Mapping[str, str]  # the coordinates of the print that it is compared with
    runs: tuple[RunSpec, ...]
    source: str | None  # where cell-specific settings come from, such as an authors' log


@dataclass(frozen=True)
class Pack:
    """Runs on one dataset that one job trains."""

    runs: tuple[RunSpec, ...]

    @property
    def dataset(self) -> DatasetSpec:
        """All runs of a pack read the same arrays."""
        return self.runs[0].dataset

    @cached_property
    def name(self) -> str:
        """Stable, readable and unique: the dataset and a hash of the members."""
        return f"{self.dataset.name}-{sha256_json(sorted(run.key for run in self.runs))[:8]}"

    @property
    def records(self) -> list[Path]:
        """The files that hold its results."""
        return [run.record_path for run in self.runs]

    @property
    def manifest(self) -> str:
        """The file that is written last: every record of the pack stands where it does."""
        return f"results/packs/{self.name}.json"


@dataclass(frozen=True)
class Plan:
    """A campaign, expanded."""

    campaign: CampaignConfig

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Cells of all experiments, in the order of the configuration."""
        return tuple(cell for name in self.campaign.experiments for cell in self.cells_of(name))

    def cells_of(self, experiment: str) -> tuple[Cell, ...]:
        """Cells of one experiment on the campaign's datasets."""
        config = load_experiment(experiment)
        if config.timed:
            return ()
        if experiment not in self._expanded:
            cells = (cell for name in self.datasets_of(config) for cell in _cells(self.campaign, config, name))
            self._expanded[experiment] = tuple(cells)
        return self._expanded[experiment]

    @cached_property
    def _expanded(self) -> dict[str, tuple[Cell, ...]]:
        """Cells by experiment, because Snakemake asks for each of them many times."""
        return {}

    def timed_cells_of(self, experiment: str) -> tuple[Cell, ...]:
        """Cells of an experiment that is timed, on its dataset or that dataset's twin."""
        config = load_experiment(experiment)
        return tuple(cell for name in config.datasets for cell in _cells(self.timing_campaign, config, name))

    @cached_property
    def timing_campaign(self) -> CampaignConfig:
        """The campaign with the data that Table VI is timed on."""
        rows = self.campaign.timing.twin_rows
        twin = self.campaign.twin if rows is None else Twin(rows=rows)
        return self.campaign.model_copy(update={"twin": twin})

    @cached_property
    def timed(self) -> tuple[str, ...]:
        """The campaign's experiments that are timed."""
        return tuple(name for name in self.campaign.experiments if load_experiment(name).timed)

    def datasets_of(self, config: ExperimentConfig) -> list[str]:
        """The experiment's datasets that the campaign has, in the experiment's order."""
        own = [name for name in config.datasets if name in self.campaign.datasets]
        rest = [name for name in self.campaign.datasets if name not in own]
        return own + rest if self.campaign.every_dataset and config.every_dataset else own

    @cached_property
    def runs(self) -> dict[str, tuple[RunSpec, frozenset[str]]]:
        """By run key: the run and the experiments that need it."""
        found: dict[str, tuple[RunSpec, set[str]]] = {}
        for cell in self.cells:
            for run in cell.runs:
                found.setdefault(run.key, (run, set()))[1].add(cell.experiment)
        return {key: (run, frozenset(names)) for key, (run, names) in found.items()}

    @cached_property
    def packs(self) -> tuple[Pack, ...]:
        """All jobs, in the order of training.

        Runs are grouped by dataset, by what the campaign wants first, and, unless it says otherwise,
        by the experiments that need them.
        """
        groups: dict[tuple[int, str, tuple[str, ...]], list[RunSpec]] = {}
        for key, (run, names) in self.runs.items():
            needed_by = tuple(sorted(names)) if self.campaign.packs == "experiments" else ()
            groups.setdefault((self._turns[key], run.dataset.id, needed_by), []).append(run)
        size = self.campaign.pack_size
        ordered = [runs for _, runs in sorted(groups.items(), key=lambda group: group[0][0])]
        return tuple(Pack(tuple(runs[at : at + size])) for runs in ordered for at in range(0, len(runs), size))

    @cached_property
    def _turns(self) -> dict[str, int]:
        """By run key: the first entry of the campaign's `first` that one of its cells matches."""
        entries, found = self.campaign.first, dict.fromkeys(self.runs, len(self.campaign.first))
        for turn in reversed(range(len(entries))):
            matching = [cell for cell in self.cells if _matches(cell, entries[turn])]
            if not matching:
                where = f"campaign {self.campaign.campaign}: first.{turn}"
                raise UserError(f"{where}: no cell has these coordinates; see `at` in config/experiments")
            found |= {run.key: turn for cell in matching for run in cell.runs}
        return found

    @cached_property
    def datasets(self) -> tuple[DatasetSpec, ...]:
        """What must be prepared."""
        return tuple(dataset_spec(load_dataset(name), self.campaign) for name in self.campaign.datasets)

    @cached_property
    def sources(self) -> tuple[tuple[DatasetConfig, DatasetSpec], ...]:
        """All data that the campaign may need: its datasets, then those that are only timed."""
        own = [(load_dataset(name), spec) for name, spec in zip(self.campaign.datasets, self.datasets, strict=True)]
        timed = [load_dataset(name) for experiment in self.timed for name in load_experiment(experiment).datasets]
        return (*own, *((config, dataset_spec(config, self.timing_campaign)) for config in timed))

    def manifests_of(self, *experiments: str) -> list[str]:
        """Manifests of the packs that hold what these experiments read."""
        keys = {run.key for name in experiments for cell in self.cells_of(name) for run in cell.runs}
        return [pack.manifest for pack in self.packs if any(run.key in keys for run in pack.runs)]

    def metas_of(self, experiment: str) -> list[str]:
        """Descriptions of the prepared data of an experiment's datasets."""
        config = load_experiment(experiment)
        campaign = self.timing_campaign if config.timed else self.campaign
        names = config.datasets if config.timed else self.datasets_of(config)
        return [dataset_spec(load_dataset(name), campaign).meta_path for name in names]

    def pack(self, name: str) -> Pack:
        """The pack called `name`."""
        by_name = {pack.name: pack for pack in self.packs}
        if name not in by_name:
            raise UserError(f"no pack {name!r} in campaign {self.campaign.campaign}; {nearest(name, by_name)}")
        return by_name[name]

    def prepared(self, dataset_id: str) -> tuple[DatasetConfig, DatasetSpec]:
        """The dataset whose prepared form has this identity."""
        for config, spec in self.sources:
            if spec.id == dataset_id:
                return config, spec
        raise UserError(f"no dataset {dataset_id!r} in campaign {self.campaign.campaign}")


def _matches(cell: Cell, entry: Mapping[str, str | tuple[str, ...]]) -> bool:
    return all(cell.at.get(key) in ((wanted,) if isinstance(wanted, str) else wanted) for key, wanted in entry.items())


def dataset_spec(config: DatasetConfig, campaign: CampaignConfig) -> DatasetSpec:
    """The dataset as this campaign prepares it: preset applied, twin or real."""
    values = config.preparation.model_dump(mode="json")
    if campaign.preset and campaign.preset in config.presets:
        columns = config.presets[campaign.preset]
        for field in values["fields"]:
            if field["name"] in columns:
                field["list"] = {**(field["list"] or {}), **columns[field["name"]]}
    twin = campaign.twin
    if twin is not None:
        values["twin"] = twin.model_dump(mode="json")
    where = f"dataset {config.name}, preset {campaign.preset}"
    name = config.name if twin is None else f"{config.name}-twin"
    spec = DatasetSpec(name=name, preparation=validate(Preparation, values, where))
    check_rows(spec, f"dataset {name}")
    return spec


def _cells(campaign: CampaignConfig, experiment: ExperimentConfig, dataset: str) -> list[Cell]:
    config = load_dataset(dataset)
    spec = dataset_spec(config, campaign)
    cells = []
    for arm in experiment.arms:
        if arm.datasets is None or dataset in arm.datasets:
            for values in product(*arm.grid.values()):
                point = dict(zip(arm.grid, values, strict=True))
                cells.append(_cell(campaign, experiment, config, spec, arm, point))
    labels = [cell.label for cell in cells]
    for label in labels:
        if labels.count(label) > 1:
            where = f"experiment {experiment.name}, dataset {dataset}"
            raise UserError(f"{where}: {labels.count(label)} cells are called {label!r}; name a grid key in the label")
    _check_coordinates(experiment, cells)
    _check_overrides(experiment, dataset, cells)
    return cells


def _cell(
    campaign: CampaignConfig,
    experiment: ExperimentConfig,
    config: DatasetConfig,
    spec: DatasetSpec,
    arm: Arm,
    point: dict[str, Any],
) -> Cell:
    keys = {key.rpartition(".")[2]: value for key, value in point.items()}
    label = _filled(experiment, arm, "label", arm.label, {key: str(value) for key, value in keys.items()})
    at = _coordinates(experiment, config.name, arm, keys, label)
    print_at = {key: value for key, value in {**at, **arm.print_at}.items() if value}
    where = f"experiment {experiment.name}, cell {label}, dataset {config.name}"
    override = next((one for one in experiment.overrides if _meant(experiment, one) == at), None)
    settings = _settings(campaign, config, arm, point, override, where)
    settings["training"].update(campaign.limits.training_of(experiment.name))
    runs = []
    for seed in campaign.seeds or experiment.seeds:
        values = {"dataset": spec, **settings, "seed": seed}
        runs.append(validate(RunSpec, values, where))
    check_run(runs[0], 0 if campaign.twin else config.published.features or 0, where)
    source = override.source if override else None
    return Cell(experiment.name, config.name, label, at, print_at, tuple(runs), source)


def _coordinates(
    experiment: ExperimentConfig, dataset: str, arm: Arm, keys: dict[str, Any], label: str
) -> dict[str, str]:
    """Where a cell stands: what the experiment says of all its cells, the dataset, and what the arm says."""
    texts = {key: coordinate(value) for key, value in keys.items()}
    own = {key: _filled(experiment, arm, f"at.{key}", text, texts) for key, text in arm.at.items()}
    return {**experiment.at, "dataset": dataset, **(own or {"model": label})}


def coordinate(value: Any) -> str:
    """A grid point's value as a coordinate.

    Examples
    --------
    >>> coordinate(0.25), coordinate(1.0), coordinate([400, 400]), coordinate("SER")
    ('0.25', '1', '[400, 400]', 'SER')
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}"
    return value if isinstance(value, str) else str(value)


def _filled(experiment: ExperimentConfig, arm: Arm, what: str, template: str, texts: Mapping[str, str]) -> str:
    """Put the grid's values in place of their names; nothing is evaluated."""
    unknown = [name for name in re.findall(r"{([^{}]*)}", template) if name not in texts]
    if unknown:
        where = f"experiment {experiment.name}, arm {arm.label!r}: {what}"
        raise UserError(f"{where}: {unknown[0]!r} is no key of the arm's grid; {nearest(unknown[0], texts)}")
    return re.sub(r"{([^{}]*)}", lambda match: texts[match[1]], template)


def _meant(experiment: ExperimentConfig, override: Override) -> dict[str, str]:
    return {**experiment.at, "dataset": override.dataset, **override.at}


def _check_coordinates(experiment: ExperimentConfig, cells: list[Cell]) -> None:
    known: dict[frozenset[tuple[str, str]], str] = {}
    for cell in cells:
        place = frozenset(cell.at.items())
        if place in known:
            where = f"experiment {experiment.name}: arms {known[place]!r} and {cell.label!r}"
            raise UserError(f"{where} have the same coordinates; give one of them another `at` (or label)")
        known[place] = cell.label


def _settings(
    campaign: CampaignConfig,
    config: DatasetConfig,
    arm: Arm,
    point: dict[str, Any],
    override: Override | None,
    where: str,
) -> Settings:
    """Lay the sources over each other: dataset, arm, cell's own, grid point, limits of the network."""
    changes = {**(override.set if override else {}), **point}
    model = _named(arm.model, changes, "model", MODEL_CLASSES, where)
    loss = _named(arm.loss, changes, "loss", LOSS_CLASSES, where)
    protocol = config.protocol
    settings: Settings = {
        "model": dict(arm.model),
        "loss": {**protocol.losses.get(loss, {}), **arm.loss},
        "optimizer": {**protocol.optimizer, **arm.optimizer},
        "training": {**protocol.training, **arm.training, **_computing(campaign)},
        "probes": dict(arm.probes),
    }
    for key, value in changes.items():
        section, _, name = key.partition(".")
        if section not in settings or not name:
            raise UserError(f"{where}: {key}: must be section.key; {nearest(section, settings)}")
        settings[section][name] = value
    settings["model"] = _network(campaign, config, model, settings["model"])
    return settings


def _computing(campaign: CampaignConfig) -> dict[str, Any]:
    """What the campaign says of how to compute, as far as numbers depend on it."""
    return {"precision": campaign.precision, "threads": campaign.threads, "cuda_graph": campaign.cuda_graph}


def _network(campaign: CampaignConfig, config: DatasetConfig, model: str, own: dict[str, Any]) -> dict[str, Any]:
    """Lay a model's own settings over the dataset's, and the campaign's limits over both.

    A model that is framed starts from where it starts alone.
    """
    if model not in MODEL_CLASSES:
        return own  # the validation that follows names the nearest
    known = MODEL_CLASSES[model].model_fields
    shared = {key: value for key, value in config.protocol.network.items() if key in known}
    limits = {key: value for key, value in campaign.limits.network.items() if key in known}
    settings = {**shared, **config.protocol.models.get(model, {}), **own, **limits}
    if "base" in known:
        base = settings.get("base", known["base"].default.name)
        parts = {key: settings.pop(key) for key in list(settings) if key.startswith("base.")}
        base = {**({"name": base} if isinstance(base, str) else base)}
        base |= {key.removeprefix("base."): value for key, value in parts.items()}
        settings["base"] = _network(campaign, config, str(base.get("name")), base)
    return settings


def _named(part: dict[str, Any], changes: dict[str, Any], section: str, known: Mapping[str, Any], where: str) -> str:
    name = str(changes.get(f"{section}.name", part.get("name")))
    if name not in known:
        raise UserError(f"{where}: {section}.name: no {name!r}; {nearest(name, known)}")
    return name


def _check_overrides(experiment: ExperimentConfig, dataset: str, cells: list[Cell]) -> None:
    present = [dict(cell.at) for cell in cells]
    for override in experiment.overrides:
        if override.dataset == dataset and _meant(experiment, override) not in present:
            shown = [
                "+".join(value for key, value in at.items() if key not in ("dataset", *experiment.at)) for at in present
            ]
            given = "+".join(override.at.values())
            raise UserError(f"experiment {experiment.name}: overrides: no cell at {given!r}; {nearest(given, shown)}")

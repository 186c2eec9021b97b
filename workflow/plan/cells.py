"""From an experiment's arms to its cells: one configuration each, with coordinates and a run per seed.

Pure functions of the configuration; `workflow.plan.campaign` asks for them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from workflow.errors import UserError, nearest
from workflow.plan.config import (
    Arm,
    CampaignConfig,
    DatasetConfig,
    ExperimentConfig,
    Override,
    load_dataset,
    validate,
)
from workflow.settings import LOSS_CLASSES, MODEL_CLASSES
from workflow.spec import DatasetSpec, Preparation, RunSpec

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
    point: Mapping[str, Any] = field(default_factory=dict)  # its place in the arm's grid, by dotted key


def dataset_spec(config: DatasetConfig, campaign: CampaignConfig) -> DatasetSpec:
    """The dataset as this campaign prepares it: preset applied, twin or real."""
    values = config.preparation.model_dump(mode="json")
    if "missing" not in config.preparation.model_fields_set:
        values["missing"] = "pandas"
    if campaign.preset and campaign.preset in config.presets:
        columns = config.presets[campaign.preset]
        for field in values["fields"]:
            if field["name"] in columns:
                field["list"] = {**(field["list"] or {}), **columns[field["name"]]}
    twin = campaign.twin
    if twin is not None:
        values["twin"] = twin.model_dump(mode="json")
        for key in ("separator", "columns", "label_is"):  # how the user's own file is written: a twin's file is ours
            values.pop(key, None)
        for key in ("by", "leave_last_out"):
            (values["split"] or {}).pop(key, None)
    where = f"dataset {config.name}, preset {campaign.preset}"
    name = config.name if twin is None else f"{config.name}-twin"
    return DatasetSpec(name=name, preparation=validate(Preparation, values, where))


def config_name(spec: DatasetSpec) -> str:
    """The name of the configuration that a dataset, or its twin, comes from."""
    return spec.name.removesuffix("-twin") if spec.preparation.twin else spec.name


def expand(
    campaign: CampaignConfig, experiment: ExperimentConfig, dataset: str, config: DatasetConfig | None = None
) -> list[Cell]:
    """Cells of an experiment on one dataset, in the order of its arms and of their grids.

    The dataset's configuration is read from its file where it is not given.
    """
    config = config or load_dataset(dataset)
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
    texts = {key: coordinate(value) for key, value in keys.items()}
    own = {key: _filled(experiment, arm, f"at.{key}", text, texts) for key, text in arm.at.items()}
    at = {**experiment.at, "dataset": config.name, **(own or {"model": label})}
    print_at = {key: value for key, value in {**at, **arm.print_at}.items() if value}
    where = f"experiment {experiment.name}, cell {label}, dataset {config.name}"
    override = next((one for one in experiment.overrides if _meant(experiment, one) == at), None)
    settings = _settings(campaign, config, arm, point, override, where)
    settings["training"].update(campaign.limits.training_of(experiment.name))
    seeds = campaign.seeds or experiment.seeds
    runs = tuple(validate(RunSpec, {"dataset": spec, **settings, "seed": seed}, where) for seed in seeds)
    source = override.source if override else None
    return Cell(experiment.name, config.name, label, at, print_at, runs, source, point)


def coordinate(value: Any) -> str:
    """A grid point's value as a coordinate."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:g}"
    return value if isinstance(value, str) else str(value)


def _filled(experiment: ExperimentConfig, arm: Arm, what: str, template: str, texts: Mapping[str, str]) -> str:
    """Put the grid's values in place of their names; nothing is evaluated."""
    unknown = [name for name in re.findall(r"{([^{}]*)}", template) if name not in texts]
    if unknown:
        where = f"experiment {experiment.name}, arm {arm.label!r}: {what}"
        raise UserError(f"{where}: {unknown[0]!r} is not a key of the arm's grid; {nearest(unknown[0], texts)}")
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
    # What the campaign says of how to compute, as far as numbers depend on it, and what it keeps.
    computing = {name: getattr(campaign, name) for name in ("precision", "threads", "cuda_graph", "keep_weights")}
    settings: Settings = {
        "model": dict(arm.model),
        "loss": {**protocol.losses.get(loss, {}), **arm.loss},
        "optimizer": {**protocol.optimizer, **arm.optimizer},
        "training": {**protocol.training, **arm.training, **computing},
        "probes": dict(arm.probes),
    }
    for key, value in changes.items():
        section, _, name = key.partition(".")
        if section not in settings or not name:
            raise UserError(f"{where}: {key}: must be section.key; {nearest(section, settings)}")
        settings[section][name] = value
    settings["model"] = _network(campaign, config, model, settings["model"])
    return settings


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

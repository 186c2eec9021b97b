"""Datasets and experiments that travel with an archive, because the project does not have them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from workflow.errors import UserError
from workflow.plan.config import (
    INSTEAD,
    LENT,
    ROOT,
    CampaignConfig,
    DatasetConfig,
    ExperimentConfig,
    available,
    config_root,
    load_dataset,
    load_experiment,
)
from workflow.plan.places import DATASETS, is_users
from workflow.plan.reading import validate

Configuration = Mapping[str, Mapping[str, Any]]  # by folder of config/ and name


def lend(configuration: Any, where: str) -> None:
    """Register an archive's datasets and experiments, unless config/ has ones of the same name."""
    for folder, cls in (("datasets", DatasetConfig), ("experiments", ExperimentConfig)):
        entries = configuration.get(folder, {}) if isinstance(configuration, Mapping) else None
        if not isinstance(entries, Mapping):
            raise UserError(f"{where}: {folder}: must map names to descriptions")
        for name, values in entries.items():
            if validate(cls, values, f"{where}: {folder}.{name}").name != name:
                raise UserError(f"{where}: {folder}.{name}: name: must be {name!r}")
            if name not in available(folder):
                LENT[folder, name] = values
    _forget()


@contextmanager
def experiments_of(configuration: Configuration) -> Iterator[None]:
    """Use an archive's experiments instead of those of the same names in config/, inside the block."""
    INSTEAD.update({("experiments", name): values for name, values in configuration.get("experiments", {}).items()})
    _forget()
    try:
        yield
    finally:
        INSTEAD.clear()
        _forget()


def _forget() -> None:
    for cached in (available, load_dataset, load_experiment):
        cached.cache_clear()


def brought_along(campaign: CampaignConfig) -> dict[str, dict[str, Any]]:
    """Datasets and experiments of a campaign that the project does not have, or that were changed here."""
    found: dict[str, dict[str, Any]] = {}
    for folder, names, load in (
        ("datasets", campaign.datasets, load_dataset),
        ("experiments", campaign.experiments, load_experiment),
    ):
        for name in names:
            if not _is_shipped(folder, name):
                found.setdefault(folder, {})[name] = load(name).model_dump(mode="json")
    return found


def _is_shipped(folder: str, name: str) -> bool:
    """Whether the project comes with this file, by its name: in a checkout a user's own files lie beside those."""
    own, shipped = (root / folder / f"{name}.yaml" for root in (config_root(), ROOT / "config"))
    known = name in DATASETS if folder == "datasets" else not is_users(name)
    return known and shipped.is_file() and not (own.is_file() and own.read_bytes() != shipped.read_bytes())

"""Mistakes in one configuration file that its types do not show, a line each: names that must agree, and counts."""

from collections.abc import Collection, Iterator
from math import prod
from typing import TYPE_CHECKING

from workflow.errors import nearest

if TYPE_CHECKING:
    from workflow.plan.config import DatasetConfig, ExperimentConfig

RESERVED = frozenset({"dataset", "metric", "source"})  # coordinates that cells and prints have by themselves
MAX_CELLS = 10_000  # of one arm on one dataset


def dataset_faults(config: "DatasetConfig") -> Iterator[str]:
    """Names in one part of the file that must be names in another."""
    preparation = config.preparation
    fields = [field.name for field in preparation.fields]
    for key, names, known in (
        *((f"presets.{preset}", columns, fields) for preset, columns in config.presets.items()),
        ("published.vocabulary", config.published.vocabulary, fields),
        ("source.file_md5", config.source.file_md5, preparation.files),
    ):
        for name in names:
            if name not in known:
                yield f"{key}: no {name!r}; {nearest(name, known)}"
    if preparation.label in fields:
        yield f"preparation.fields: has the label, {preparation.label!r}: models would read the answer; remove it"
    if preparation.format == "csv" and len(preparation.files) != 1:
        yield "preparation.files: format csv takes exactly one file, such as `all: data.csv`"
    if preparation.format == "movielens-1m" and set(preparation.files) != {"ratings", "users"}:
        yield "preparation.files: movielens-1m needs `ratings` and `users`"


def experiment_faults(config: "ExperimentConfig", known: Collection[str]) -> Iterator[str]:
    """Names of datasets that are not known; cells named or made too often."""
    for key, names in (
        ("datasets", config.datasets),
        *((f"arms.{number}.datasets", arm.datasets or ()) for number, arm in enumerate(config.arms)),
        *((f"overrides.{number}.dataset", (override.dataset,)) for number, override in enumerate(config.overrides)),
        ("tuning.datasets", tuple(config.tuning.datasets) if config.tuning else ()),
    ):
        for name in names:
            if name not in known:
                yield f"{key}: no dataset {name!r}; {nearest(name, known)}"
    yield from _cell_faults(config)


def _cell_faults(config: "ExperimentConfig") -> Iterator[str]:
    """Cells that are too many, at another's place, or declared in two ways."""
    if config.tuning and (config.arms or config.overrides or config.timed):
        yield "tuning: a tuned experiment has no arms, overrides or timing; put models into tuning.models"
    for number, arm in enumerate(config.arms):
        if (cells := prod(len(values) for values in arm.grid.values())) > MAX_CELLS:
            yield f"arms.{number}.grid: makes {cells:,} cells, at most {MAX_CELLS:,} are accepted; name fewer values"
    for where, at in (("at", config.at), *((f"arms.{number}.at", arm.at) for number, arm in enumerate(config.arms))):
        for key in RESERVED & set(at):
            yield f"{where}.{key}: is not the arm's to say; remove it"
    overridden = [(override.dataset, override.at) for override in config.overrides]
    for number, (dataset, at) in enumerate(overridden):
        if (dataset, at) in overridden[:number]:
            yield f"overrides: the cell at {'+'.join(at.values())!r} of {dataset} is set twice; write one override"

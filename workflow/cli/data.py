"""Commands that make data: fetch, twin, prepare."""
# ruff: noqa: PLC0415

import argparse
from typing import TYPE_CHECKING

from workflow.cli.common import DATA, Add, flushed, place, plan_of
from workflow.errors import UserError, nearest

if TYPE_CHECKING:
    from workflow.plan.campaign import Plan
    from workflow.plan.config import DatasetConfig
    from workflow.spec import DatasetSpec


def add_to(add: Add) -> None:
    """Add the commands."""
    fetch = add("fetch", run_fetch)
    fetch.add_argument("dataset", help="a name in config/datasets")
    fetch.add_argument("--out", type=place, help="the archive to write (default: where the workflow expects it)")
    for name, command in (("twin", run_twin), ("prepare", run_prepare)):
        sub = add(name, command)
        sub.add_argument("dataset", help="a name in config/datasets, or the identity of a prepared dataset")
        sub.add_argument("--out" if name == "twin" else "--archive", type=place, help="the archive")


def run_fetch(options: argparse.Namespace) -> None:
    """Bring a dataset's raw archive here: local file, mirror, or public source."""
    from workflow.data.fetch import fetch
    from workflow.data.provide import bring

    plan = plan_of(options)
    config, spec = dataset_of(plan, options.dataset)
    if options.out:
        fetch(config, plan.campaign, options.out)
    else:
        bring(config, spec, plan.campaign, flushed)


def run_twin(options: argparse.Namespace) -> None:
    """Write a dataset's synthetic twin in the archive's format."""
    from workflow.data.sources import raw_archive
    from workflow.data.twins.twin import write_twin
    from workflow.plan.names import below

    config, spec = dataset_of(plan_of(options), options.dataset)
    if spec.preparation.twin is None:
        raise UserError(f"{options.configfile}: twin: not set, so this campaign has no twin of {config.name}")
    write_twin(config, spec, options.out or below(DATA, raw_archive(config, spec)))


def run_prepare(options: argparse.Namespace) -> None:
    """Turn a raw archive into the arrays that runs read."""
    from workflow.data.provide import arrange

    plan = plan_of(options)
    config, spec = dataset_of(plan, options.dataset)
    arrange(config, spec, plan.campaign, flushed, options.archive)


def dataset_of(plan: "Plan", name: str) -> "tuple[DatasetConfig, DatasetSpec]":
    """Configuration and specification of a dataset, by name or by identity."""
    for config, spec in plan.sources:
        if name in (config.name, spec.name, spec.id):
            return config, spec
    hint = nearest(name, plan.campaign.datasets)
    raise UserError(f"no dataset {name!r} in campaign {plan.campaign.campaign}; {hint}")

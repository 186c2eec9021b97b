"""Commands about data: fetch, twin, prepare, describe."""
# ruff: noqa: PLC0415

import argparse
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import is_zipfile

from workflow.cli.common import DATA, Add, campaign_path, campaigns, flushed, grid, place, plan_of
from workflow.errors import UserError, nearest

if TYPE_CHECKING:
    from workflow.data.description.facts import Description
    from workflow.plan.campaign import Plan
    from workflow.plan.config import CampaignConfig, DatasetConfig
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
    add("describe", describe).add_argument("name", help="a campaign, or a dataset of config/datasets")


def run_fetch(options: argparse.Namespace) -> None:
    """Get a dataset's raw archive from a local file, a mirror, or its public source."""
    from workflow.data.fetch import fetch
    from workflow.data.provide import bring

    plan = plan_of(options)
    config, spec = dataset_of(plan, options.dataset)
    if options.out:
        _refuse_to_lose(options.out)
        fetch(config, plan.campaign, options.out)
    else:
        bring(config, spec, plan.campaign, flushed)


def run_twin(options: argparse.Namespace) -> None:
    """Write a synthetic dataset (twin) in the format of a dataset's archive."""
    from workflow.data.sources import raw_archive
    from workflow.data.twins.twin import write_twin
    from workflow.plan.names import below

    config, spec = dataset_of(plan_of(options), options.dataset)
    if spec.preparation.twin is None:
        raise UserError(f"{options.configfile}: twin: not set, so this campaign has no twin of {config.name}")
    if options.out:
        _refuse_to_lose(options.out)
    write_twin(config, spec, options.out or below(DATA, raw_archive(config, spec)))


def _refuse_to_lose(out: Path) -> None:
    """Refuse to overwrite a file that is not an archive: it may be the user's own data."""
    if out.exists() and not is_zipfile(out):
        raise UserError(f"{out}: already exists and is not an archive; name a new file, such as {out.stem}.zip")


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


def describe(options: argparse.Namespace) -> None:
    """Show rows, fields, missing and unseen values, users and suspicious columns of a dataset; trains nothing."""
    from workflow.data.provide import described
    from workflow.plan.cells import dataset_spec

    for config, campaign in _datasets(options.name):
        spec = dataset_spec(config, campaign)
        show(described(config, spec, campaign, flushed))


def _datasets(name: str) -> "list[tuple[DatasetConfig, CampaignConfig]]":
    """The datasets of a campaign, or the dataset of this name with a campaign that says where its files are."""
    from workflow.plan.campaign import Plan
    from workflow.plan.config import available, load_campaign, load_dataset

    if name not in campaigns() and name in available("datasets"):
        return [(load_dataset(name), _campaign_of(name))]
    try:
        campaign = load_campaign(campaign_path(place(name)))
    except UserError as error:
        if name in campaigns() or place(name).is_file():
            raise
        known = [*campaigns(), *available("datasets")]
        raise UserError(f"no campaign or dataset {name!r}; {nearest(name, known)}") from error
    return [(config, campaign) for config, _ in Plan(campaign).sources]


def _campaign_of(dataset: str) -> "CampaignConfig":
    """A campaign on real data that has the dataset, preferably one that says where its files are."""
    from workflow.plan.config import load_campaign

    known = []
    for name in campaigns():
        with suppress(UserError):  # a mistake in one campaign does not hide another's data
            known.append(load_campaign(campaign_path(place(name))))
    real = [one for one in known if dataset in one.datasets and one.twin is None]
    if not real:
        raise UserError(f"no campaign on real data has dataset {dataset}; add one with `local: {{{dataset}: PATH}}`")
    return next((one for one in real if dataset in one.local), real[0])


def show(description: "Description") -> None:
    """Print a description and the remarks on it."""
    from rich.console import Console
    from rich.markup import escape

    from workflow.data.description.remarks import remarks_on
    from workflow.data.description.tables import FIELDS_HEADER, SPLITS_HEADER, field_lines, split_lines

    console = Console()
    for title, header, lines in (
        (description.title, SPLITS_HEADER, split_lines(description)),
        (None, FIELDS_HEADER, field_lines(description)),
    ):
        table = grid(title and escape(title), header)
        for line in lines:
            table.add_row(*map(escape, line))
        console.print(table)
    for remark in remarks_on(description):
        kind = "warning" if remark.is_warning else "note"
        console.print(f"{kind}: {escape(remark.text)}", soft_wrap=True, highlight=False)

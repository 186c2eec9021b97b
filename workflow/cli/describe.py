"""The command `describe`: what a dataset holds, before anything trains."""
# ruff: noqa: PLC0415

import argparse
from typing import TYPE_CHECKING

from workflow.cli.common import Add, campaign_path, campaigns, flushed, place
from workflow.errors import UserError, nearest

if TYPE_CHECKING:
    from workflow.data.description.facts import Description
    from workflow.plan.config import CampaignConfig, DatasetConfig


def add_to(add: Add) -> None:
    """Add the command."""
    sub = add("describe", describe)
    sub.add_argument("name", help="a campaign, or a dataset of config/datasets")


def describe(options: argparse.Namespace) -> None:
    """Show rows, fields, missing and unseen values, users and suspicious columns of a dataset; trains nothing."""
    from workflow.data.provide import described
    from workflow.plan.cells import dataset_spec

    for config, campaign in _datasets(options.name):
        spec = dataset_spec(config, campaign)
        show(described(config, spec, campaign, flushed))


def _datasets(name: str) -> "list[tuple[DatasetConfig, CampaignConfig]]":
    """The datasets of a campaign, or the dataset of this name with the campaign that says where its files are."""
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
    """The first campaign on real data that has the dataset, one that says where its files are before others."""
    from workflow.plan.config import load_campaign

    known = [load_campaign(campaign_path(place(name))) for name in campaigns()]
    real = [one for one in known if dataset in one.datasets and one.twin is None]
    if not real:
        raise UserError(f"no campaign on real data has dataset {dataset}; add one with `local: {{{dataset}: PATH}}`")
    return next((one for one in real if dataset in one.local), real[0])


def show(description: "Description") -> None:
    """Print a description and the remarks on it."""
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from workflow.data.description.remarks import remarks_on
    from workflow.data.description.tables import FIELDS_HEADER, SPLITS_HEADER, field_lines, split_lines

    console = Console()
    for title, header, lines in (
        (description.title, SPLITS_HEADER, split_lines(description)),
        (None, FIELDS_HEADER, field_lines(description)),
    ):
        table = Table(title=title and escape(title), box=box.SIMPLE, pad_edge=False)
        for number, column in enumerate(header):
            table.add_column(column, justify="right" if number else "left", overflow="fold")
        for line in lines:
            table.add_row(*map(escape, line))
        console.print(table)
    for remark in remarks_on(description):
        kind = "warning" if remark.is_warning else "note"
        console.print(f"{kind}: {escape(remark.text)}", soft_wrap=True, highlight=False)

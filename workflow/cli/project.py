"""Commands that make files of this project: summary, graph, schema."""
# ruff: noqa: PLC0415

import argparse
import json
from pathlib import Path

from workflow.cli.common import Add, place
from workflow.files import write_text
from workflow.plan.places import ROOT


def add_to(add: Add) -> None:
    """Add the commands."""
    for name, command, out in (
        ("summary", run_summary, "README.md"),
        ("graph", write_graph, "images/rulegraph.svg"),
        ("schema", write_schema, "workflow/schemas/campaign.schema.json"),
    ):
        add(name, command).add_argument("--out", type=place, default=Path(out), help="the file (default: %(default)s)")


def run_summary(options: argparse.Namespace) -> None:
    """Write what the shipped runs say, and what the audit finds without any, into the README, between its markers."""
    from workflow.analysis.evidence.load import Evidence
    from workflow.analysis.report.readme import update
    from workflow.archive.layout import RunArchive

    archive = RunArchive(ROOT / "results" / "evidence")
    update(options.out, Evidence.load(archive.plan, source=archive))


def write_graph(options: argparse.Namespace) -> None:
    """Draw the rules of a campaign, as docs/architecture.md shows those of the demo."""
    from workflow.cli.rulegraph import drawn, parsed, rule_graph

    write_text(options.out, drawn(parsed(rule_graph(options.configfile))))


def write_schema(options: argparse.Namespace) -> None:
    """Write the JSON schema of campaigns, for Snakemake and for editors."""
    write_text(options.out, schema_text())


def schema_text() -> str:
    """The JSON schema of campaigns, as text."""
    from workflow.plan.config import CampaignConfig

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **CampaignConfig.model_json_schema()}
    return json.dumps(schema, indent=2) + "\n"

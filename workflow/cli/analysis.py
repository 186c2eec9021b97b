"""Commands that show results: collect, render, report, summary; and the schema of campaigns."""
# ruff: noqa: PLC0415

import argparse
import json
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.common import Add, add_campaign, after_campaign, evidence_of, flushed, place, plan_of, working
from workflow.errors import UserError
from workflow.files import write_text
from workflow.plan.places import ROOT, is_figure

if TYPE_CHECKING:
    from workflow.analysis.evidence.load import Evidence


def add_to(add: Add) -> None:
    """Add the commands."""
    add_campaign(add("collect", run_collect))
    render = add("render", run_render)
    render.add_argument("experiments", nargs="*", help="a campaign, then its tables and figures (default: all)")
    report = add("report", run_report)
    add_campaign(report)
    report.add_argument("--out", type=place, help="the file to write (default: results/<campaign>/report.html)")
    for name, command, out in (
        ("summary", run_summary, "README.md"),
        ("schema", write_schema, "workflow/schemas/campaign.schema.json"),
    ):
        add(name, command).add_argument("--out", type=place, default=Path(out), help="the file (default: %(default)s)")
    for command in (render, report):
        command.add_argument("--from", dest="source", type=place, help="read the runs and the campaign of this archive")


def run_collect(options: argparse.Namespace) -> None:
    """Gather the campaign's records into one table of runs."""
    from workflow.analysis.evidence.collect import collect, write_parquet
    from workflow.analysis.evidence.load import Evidence

    plan = plan_of(options)
    out = Path("results", plan.campaign.campaign, "runs.parquet")
    write_parquet(collect(Evidence.load(plan)), out, plan)
    print(out)


def run_render(options: argparse.Namespace) -> None:
    """Write tables and figures from the existing records; missing runs are shown as `not run`."""
    experiments = after_campaign(options, options.experiments)
    with working("reading runs"):
        evidence = evidence_of(options)
    failed: list[Exception] = []
    for experiment in experiments or [*evidence.plan.campaign.experiments, "cost"]:
        try:
            for path in _rendered(evidence, experiment):
                flushed(str(path))
        except OSError:
            raise  # a fault of the disk, which affects all
        except Exception as error:
            failed.append(error)  # does not prevent the others
    told = [str(error) for error in failed if isinstance(error, UserError)]
    faults = [error for error in failed if not isinstance(error, UserError)]
    for error in faults:
        traceback.print_exception(error)
    if failed:
        told += [f"{type(error).__name__}: {error} (a fault of ours, see above)" for error in faults]
        raise UserError("; ".join(dict.fromkeys(told)))


def _rendered(evidence: "Evidence", experiment: str) -> list[Path]:
    name = evidence.plan.campaign.campaign
    if is_figure(experiment):
        from workflow.analysis.figures import builders as figures

        with working(f"drawing {experiment}"):
            return figures.render(evidence, experiment, Path("figures", name))
    from workflow.analysis.tables.builders import render

    with working(f"building {experiment}"):
        return render(evidence, experiment, Path("paper_tables", name))


def run_report(options: argparse.Namespace) -> None:
    """Write the report: one HTML file with every verdict and the evidence behind it."""
    from workflow.analysis.report.page import write_report

    with working("reading runs"):
        evidence = evidence_of(options)
    out = options.out or Path("results", evidence.plan.campaign.campaign, "report.html")
    with working("writing the page"):
        write_report(evidence, out)
    print(out)


def run_summary(options: argparse.Namespace) -> None:
    """Write the results of the shipped runs and of the audit between the README's markers."""
    from workflow.analysis.evidence.load import Evidence
    from workflow.analysis.report.readme import update
    from workflow.archive.layout import RunArchive

    archive = RunArchive(ROOT / "results" / "evidence")
    update(options.out, Evidence.load(archive.plan, source=archive), archive.identifier)


def write_schema(options: argparse.Namespace) -> None:
    """Write the JSON schema of campaigns, for Snakemake and for editors."""
    write_text(options.out, schema_text())


def schema_text() -> str:
    """The JSON schema of campaigns, as text."""
    from workflow.plan.config import CampaignConfig

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **CampaignConfig.model_json_schema()}
    return json.dumps(schema, indent=2) + "\n"

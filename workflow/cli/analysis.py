"""Commands that say what was measured: collect, render, audit, report."""
# ruff: noqa: PLC0415

import argparse
from pathlib import Path

from workflow.cli.common import Add, evidence_of, place, plan_of
from workflow.config import available
from workflow.errors import UserError
from workflow.plan import Plan


def add_to(add: Add) -> None:
    """Add the commands."""
    add("collect", run_collect)
    render = add("render", run_render)
    render.add_argument("experiments", nargs="*", help="tables and figures (default: all of the campaign)")
    audit = add("audit", run_audit)
    audit.add_argument("--claim", action="append", default=[], help="show this claim in full; may be repeated")
    audit.add_argument("--layer", action="append", default=[], help="only this layer; may be repeated")
    audit.add_argument("--fail-on", metavar="VERDICT", help="end with status 1 where a claim has this verdict")
    audit.add_argument("--write", action="store_true", help="write audit.md, .csv and .json instead of printing")
    report = add("report", run_report)
    report.add_argument("--out", type=place, help="the file to write (default: results/<campaign>/report.html)")
    for command in (render, audit, report):
        command.add_argument("--from", dest="source", type=place, help="an archive to read, and its campaign")


def run_collect(options: argparse.Namespace) -> None:
    """Gather the campaign's records into one table of runs."""
    from workflow.analysis.evidence.collect import collect, write_parquet
    from workflow.analysis.evidence.load import Evidence

    plan = plan_of(options)
    write_parquet(collect(Evidence.load(plan)), Path("results", plan.campaign.campaign, "runs.parquet"), plan)


def run_render(options: argparse.Namespace) -> None:
    """Write tables and figures from the records that exist; the rest says `not run`."""
    from workflow.analysis.tables import render as tables
    from workflow.analysis.tables import shown_by

    def wanted(plan: Plan) -> list[str]:
        return options.experiments or [*plan.campaign.experiments, "cost"]

    def shown(plan: Plan) -> list[str]:
        known = (*plan.campaign.experiments, *available("experiments"))
        return [
            name for name in dict.fromkeys(name for each in wanted(plan) for name in shown_by(each)) if name in known
        ]

    evidence = evidence_of(options, shown)
    name = evidence.plan.campaign.campaign
    for experiment in wanted(evidence.plan):
        if experiment.startswith("figure_"):
            from workflow.analysis.figures import render as figures

            figures.render(evidence, experiment, Path("figures", name))
        else:
            tables.render(evidence, experiment, Path("paper_tables", name))


def run_audit(options: argparse.Namespace) -> None:
    """Say of every claim of the paper whether it holds: by itself, in the authors' logs, in our runs."""
    from workflow.analysis.claims.audit import audit, has_verdict, narrow, summary_line
    from workflow.analysis.claims.write import print_audit, write_audit

    evidence = evidence_of(options)
    result = audit(evidence)
    if options.write:
        write_audit(result, Path("paper_tables", evidence.plan.campaign.campaign))
    result = narrow(result, options.claim, options.layer)
    if options.write:
        print(summary_line(result))
    else:
        print_audit(result, details=bool(options.claim))
    if options.fail_on and has_verdict(result, options.fail_on):
        raise UserError(f"--fail-on {options.fail_on}: at least one claim has this verdict")


def run_report(options: argparse.Namespace) -> None:
    """Write the report: one HTML file with every verdict and the evidence behind it."""
    from workflow.analysis.report.page import write_report

    evidence = evidence_of(options)
    write_report(evidence, options.out or Path("results", evidence.plan.campaign.campaign, "report.html"))

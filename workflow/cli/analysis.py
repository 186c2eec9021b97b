"""Commands that show results: collect, render, report, summary; and the schema of campaigns."""
# ruff: noqa: PLC0415

import argparse
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.common import (
    Add,
    add_campaign,
    after_campaign,
    evidence_of,
    flushed,
    place,
    plan_of,
    results_of,
    working,
)
from workflow.errors import UserError
from workflow.files import write_text
from workflow.plan.places import ROOT, is_figure

if TYPE_CHECKING:
    from workflow.analysis.claims.results import AuditResult
    from workflow.analysis.evidence.load import Evidence
    from workflow.analysis.report.page import Pictures
    from workflow.archive.layout import RunArchive
    from workflow.plan.campaign import Plan


def add_to(add: Add) -> None:
    """Add the commands."""
    add_campaign(add("collect", run_collect))
    render = add("render", run_render)
    render.add_argument("experiments", nargs="*", help="a campaign, then tables and figures (default: all documents)")
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
    """Write all documents, or the named tables and figures, from the existing records (missing runs: `not run`)."""
    names = after_campaign(options, options.experiments)
    plan, source = results_of(options)
    if names:
        _refuse(_render_each(evidence_of(plan, source), names))
    else:
        _render_all(options, plan, source)


def _render_all(options: argparse.Namespace, plan: "Plan", source: "RunArchive | None") -> None:
    every = (*plan.campaign.experiments, "cost")
    figures = list(filter(is_figure, every))
    beside = (2 * len(figures) + 2) // 3  # so that both processes take about as long
    with _drawn_beside(options, figures[:beside]):
        evidence = evidence_of(plan, source)
        failed = _render_each(evidence, (name for name in every if not is_figure(name)))
        audited = _write_audit(evidence)
        pictures = None if failed else _pictures(evidence)
        failed += _render_each(evidence, figures[beside:])
    _refuse(failed)
    _write_report(evidence, audited=audited, pictures=pictures)


@contextmanager
def _drawn_beside(options: argparse.Namespace, figures: list[str]) -> Iterator[None]:
    """Draw figures in a second process, as they take most of the time; what follows finds them there.

    It reads the runs, too, so what it says about them is shown only if nothing else has said it.
    """
    source = ["--from", str(options.source)] if options.source else []
    words = ["render", "--campaign", str(options.configfile), *source, *figures]
    command = [sys.executable, "-P", "-m", "workflow", *words]
    if not figures:
        yield
        return
    with subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}) as drawing:
        try:
            yield
        except BaseException:
            drawing.terminate()
            raise
        _, said = drawing.communicate()
    if drawing.returncode:
        sys.stderr.write(said.decode(errors="replace"))
        raise UserError("figures could not be drawn, see above")


def _write_audit(evidence: "Evidence") -> "AuditResult | None":
    from workflow.analysis.claims.write import write_audit
    from workflow.analysis.paper.prints import only_own
    from workflow.cli.audit import checked

    campaign = evidence.plan.campaign
    if only_own(campaign):
        return None
    audited = checked(evidence)
    for path in write_audit(audited, Path("paper_tables", campaign.campaign)):
        flushed(str(path))
    return audited


def _render_each(evidence: "Evidence", names: Iterable[str]) -> list[str]:
    """Write what can be written, and say what could not be."""
    failed: list[str] = []
    for name in names:
        try:
            for path in _rendered(evidence, name):
                flushed(str(path))
        except OSError:
            raise  # a fault of the disk, which affects all
        except UserError as error:
            failed.append(str(error))
        except Exception as error:  # does not prevent the others
            traceback.print_exc()
            failed.append(f"{type(error).__name__}: {error} (a fault of ours, see above)")
    return failed


def _refuse(failed: Iterable[str]) -> None:
    if once := dict.fromkeys(failed):
        raise UserError("; ".join(once))


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
    _write_report(evidence_of(*results_of(options)), options.out)


def _pictures(evidence: "Evidence") -> "Pictures":
    from workflow.analysis.report.page import pictures_of

    with working("drawing gains and numbers"):
        return pictures_of(evidence)


def _write_report(
    evidence: "Evidence",
    out: Path | None = None,
    audited: "AuditResult | None" = None,
    pictures: "Pictures | None" = None,
) -> None:
    from workflow.analysis.report.page import write_report

    out = out or Path("results", evidence.plan.campaign.campaign, "report.html")
    with working("writing the page"):
        write_report(evidence, out, audited, pictures)
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

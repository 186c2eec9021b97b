"""Putting the page together. The same records give the same bytes; nothing is loaded from elsewhere."""

from base64 import b64encode
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from workflow.analysis.claims.audit import audit
from workflow.analysis.claims.registry import LAYERS, Layer
from workflow.analysis.claims.results import VERDICTS, AuditResult
from workflow.analysis.evidence.collect import collect
from workflow.analysis.evidence.prints import Paper, load_paper
from workflow.analysis.pages.notes import campaign_notes, data_line, used_data
from workflow.analysis.report.grids import DocumentView, document_view
from workflow.analysis.report.runs import dataset_views
from workflow.analysis.report.signs import Sign, sign_of
from workflow.analysis.report.statements import cited_runs, claim_views, layer_views
from workflow.analysis.tables import render as tables
from workflow.config import load_dataset, load_experiment
from workflow.files import write_text
from workflow.plan import Plan

HERE = Path(__file__).parent
SHORT: dict[Layer, str] = {"paper": "itself", "logs": "logs", "runs": "our runs"}
BEYOND = ("cost",)  # documents of every campaign, which are no experiment of their own


@dataclass(frozen=True)
class FigureView:
    """A figure; `uri` is None where it has not been drawn."""

    anchor: str
    title: str
    path: str
    data: str
    uri: str | None


@dataclass(frozen=True)
class Progress:
    """Runs and hours."""

    planned: int
    done: int
    failed: int
    hours: str


def write_report(plan: Plan, out: Path) -> None:
    """Write the report of a campaign, atomically.

    Parameters
    ----------
    plan : Plan
        The expanded campaign. What has no record yet is shown as `not run`.
    out : Path
        The file, such as results/<campaign>/report.html.

    Raises
    ------
    UserError
        When a record, a claim or the paper's tables are damaged. Nothing is written then.
    """
    write_text(out, render_page(plan))


def render_page(plan: Plan, paper: Paper | None = None, result: AuditResult | None = None) -> str:
    """The report as text.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    paper : Paper, optional
        What the paper prints; by default paper/tables.yaml.
    result : AuditResult, optional
        The audit of this campaign; by default it is made.
    """
    printed = paper or load_paper()
    audited = result or audit(plan)
    frame = collect(plan)
    known = frozenset(plan.users)
    datasets = dataset_views(plan, cited_runs(audited))
    style, script = (HERE / "report.css").read_text("utf-8"), (HERE / "report.js").read_text("utf-8")
    documents = documents_of(plan, printed, known)
    return (
        environment()
        .get_template("page.html")
        .render(
            campaign=plan.campaign,
            paper=printed.paper,
            notes=campaign_notes(plan, frame),
            origins=_origins(plan, frame),
            progress=progress(frame),
            layers=layer_views(audited),
            documents=documents,
            cells=_cells(documents),
            figures=figures_of(plan),
            claims=claim_views(audited, known),
            verdicts=tuple(dict.fromkeys(sign_of(verdict) for layer in LAYERS for verdict in VERDICTS[layer])),
            short=SHORT,
            not_run=sign_of("not run"),
            datasets=datasets,
            style=style,
            script=script,
            policy=policy(style, script),
        )
    )


def environment() -> Environment:
    """Templates in which everything is escaped and a misspelt name is an error."""
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def policy(style: str, script: str) -> str:
    """Content security: this style and this script by their digests, pictures in the page, nothing else.

    So even text that got past the escaping could neither run nor load anything.
    """
    return (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src {_digest(style)}; script-src {_digest(script)}"
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def documents_of(plan: Plan, paper: Paper, known: frozenset[str]) -> tuple[DocumentView, ...]:
    """The campaign's tables, from the same documents as the Markdown."""
    out = Path("paper_tables", plan.campaign.campaign)
    names = [name for name in (*plan.campaign.experiments, *BEYOND) if name in tables.BUILDERS]
    return tuple(document_view(name, tables.BUILDERS[name](plan, name, out, paper), known) for name in names)


def figures_of(plan: Plan) -> tuple[FigureView, ...]:
    """The campaign's figures as they lie in figures/<campaign>."""
    names = [name for name in plan.campaign.experiments if name.startswith("figure_")]
    return tuple(_figure(Path("figures", plan.campaign.campaign, f"{name}.png"), name) for name in names)


def _figure(path: Path, name: str) -> FigureView:
    uri = f"data:image/png;base64,{b64encode(path.read_bytes()).decode()}" if path.is_file() else None
    title = f"{name.replace('_', ' ').capitalize()}: {load_experiment(name).title}"
    return FigureView(name.replace("_", "-"), title, path.as_posix(), path.with_suffix(".csv").as_posix(), uri)


def progress(frame: pd.DataFrame) -> Progress:
    """Runs planned, done and failed, and the hours that those with a record took."""
    runs = frame.drop_duplicates("run_key")
    status = Counter(str(one) for one in runs["status"])
    hours = float(runs["wall_s"].fillna(0).sum()) / 3600
    return Progress(len(runs), status["ok"], status["failed"], f"{hours:.2f}")


def _origins(plan: Plan, frame: pd.DataFrame) -> tuple[str, ...]:
    """What each dataset's runs were made on, where it is not the published files."""
    lines = []
    for name in plan.campaign.datasets:
        used = used_data(frame[frame["dataset"] == name].drop_duplicates("run_key"))
        if any(origin == "other" for origin, _ in used):
            lines.append(data_line(load_dataset(name).title, used))
    return tuple(lines)


def _cells(documents: tuple[DocumentView, ...]) -> tuple[tuple[DocumentView, tuple[tuple[Sign, int], ...]], ...]:
    """Compared numbers by table and verdict; tables that compare nothing are left out."""
    counted: list[tuple[DocumentView, Any]] = [
        (document, tuple((sign_of(verdict), n) for verdict, n in document.verdicts.items()))
        for document in documents
        if document.verdicts
    ]
    return tuple(counted)

"""Table III: every SSEM with every DFM, per dataset, AUC and gAUC."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from workflow.analysis.cells import DELTA_NOTE, Metric, ResultCell, Verdict, result_cell
from workflow.analysis.collect import collect
from workflow.analysis.document import Document, Entry, Field, Mark, Section, Table, rank_marks
from workflow.analysis.notes import campaign_notes, data_line, data_title, legend, used_data
from workflow.analysis.paper import GridCell, Paper
from workflow.config import load_dataset, load_experiment
from workflow.plan import Cell, Plan

NAMES: dict[Metric, str] = {"auc": "AUC", "gauc": "gAUC"}
SOURCE_FLAG = " †"
COLUMNS = (
    *("campaign", "experiment", "dataset", "cell", "metric", "paper", "ours", "mean", "sd", "n", "planned"),
    *("delta", "verdict", "settings_from", "run_keys", "records", "data_note"),
)


@dataclass(frozen=True)
class Block:
    """The cells of one dataset, by metric and label."""

    dataset: str
    title: str
    plan_cells: tuple[Cell, ...]
    results: Mapping[Metric, Mapping[str, ResultCell]]
    printed: Mapping[str, GridCell]
    rows: pd.DataFrame

    @property
    def grid(self) -> tuple[Cell, ...]:
        """Cells of the paper's grid; the others are references."""
        return tuple(cell for cell in self.plan_cells if {"ssem", "dfm"} <= set(cell.keys))

    @property
    def references(self) -> tuple[Cell, ...]:
        """Cells beyond the paper's grid."""
        return tuple(cell for cell in self.plan_cells if cell not in self.grid)


def build(plan: Plan, experiment: str, out: Path, paper: Paper) -> Document:
    """Compare the grid with the paper's, from records only.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    experiment : str
        The experiment whose cells have the keys `ssem` and `dfm`.
    out : Path
        Folder of the rendered table; links to records are relative to it.
    paper : Paper
        What the paper prints.

    Returns
    -------
    Document
        A summary, a section per dataset, and the runs behind each cell.
    """
    config = load_experiment(experiment)
    frame = collect(plan, (experiment,))
    planned = plan.cells_of(experiment)
    blocks = [_block(plan, planned, name, frame, paper) for name in plan.datasets_of(config)]
    cells = [cell for block in blocks for results in block.results.values() for cell in results.values()]
    return Document(
        name=experiment.replace("_", "-"),
        title=f"{paper.table_3.location.partition(',')[0]}: {config.title}",
        lines=(f"Paper: {paper.paper.title} (arXiv {paper.paper.arxiv}), {paper.table_3.location}.",),
        sections=(
            *([_summary(blocks)] if blocks else []),
            *(_section(block) for block in blocks),
            *(_evidence(block, out) for block in blocks),
        ),
        notes=(
            *legend(cell.verdict for cell in cells if cell.ours_points is not None),
            DELTA_NOTE,
            "Among the cells of a dataset the best is bold and the second best is italic (underlined in LaTeX); "
            "the paper's values and ours are ranked apart, by what is printed.",
            "† Settings of this cell (MLP_s, c, γ, dropout) come from the authors' log that gives the printed values; "
            "the other cells use the dataset's final settings.",
            "n is the number of runs behind a mean; ± is their sample standard deviation, rounded. "
            "Where no n stands, the one planned run was made.",
            *(
                f"{block.title} {label}: {cell.note}"
                for block in blocks
                for label, cell in block.printed.items()
                if cell.note
            ),
            *campaign_notes(plan, frame),
        ),
        columns=COLUMNS,
        data=tuple(row for block in blocks for row in _data(plan, experiment, block)),
    )


def _block(plan: Plan, planned: tuple[Cell, ...], dataset: str, frame: pd.DataFrame, paper: Paper) -> Block:
    cells = tuple(cell for cell in planned if cell.dataset == dataset)
    printed = paper.table_3.datasets.get(dataset, {})
    rows = frame[frame["dataset"] == dataset]
    grouped = any(cell.runs[0].dataset.preparation.group for cell in cells)
    metrics: tuple[Metric, ...] = get_args(Metric) if grouped else ("auc",)
    results: dict[Metric, dict[str, ResultCell]] = {
        metric: {
            cell.label: result_cell(rows[rows["cell"] == cell.label], metric, _print(printed, cell.label, metric))
            for cell in cells
        }
        for metric in metrics
    }
    origins = [*(["twin"] if plan.campaign.twin else []), *(origin for origin, _ in used_data(rows))]
    title = data_title(load_dataset(dataset).title, origins)
    return Block(dataset, title, cells, results, printed, rows)


def _print(printed: Mapping[str, GridCell], label: str, metric: Metric) -> Decimal | None:
    return getattr(printed[label], metric) if label in printed else None


def _print_notes(blocks: list[Block]) -> list[str]:
    named = [(block.title, label, cell.note) for block in blocks for label, cell in block.printed.items()]
    return [f"{title} {label}: {note}" for title, label, note in named if note]


# -- the answer first -----------------------------------------------------------------


def _summary(blocks: list[Block]) -> Section:
    counted = [
        (block.title, NAMES[metric], [results[cell.label].verdict for cell in block.grid])
        for block in blocks
        for metric, results in block.results.items()
    ]
    shown = [verdict for verdict in Verdict if any(verdict in verdicts for *_, verdicts in counted)]
    rows = tuple(
        (title, metric, *(str(verdicts.count(verdict) or "–") for verdict in shown))
        for title, metric, verdicts in counted
    )
    header = ("Dataset", "Metric", *(str(verdict) for verdict in shown))
    table = Table("Cells by verdict", header, "ll" + "r" * len(shown), rows)
    return Section("Summary", tables=(table,))


# -- a dataset ------------------------------------------------------------------------


def _section(block: Block) -> Section:
    lines = [data_line("Data", used_data(block.rows))]
    for cell in block.references:
        scores = ", ".join(f"{NAMES[metric]} {results[cell.label].ours}" for metric, results in block.results.items())
        verdict = next(iter(block.results.values()))[cell.label].verdict
        lines.append(f"Beyond the paper. {cell.label}: {scores} ({verdict}).")
    tables = tuple(_matrix(block, metric) for metric in block.results)
    return Section(block.title, tuple(lines), tables)


def _matrix(block: Block, metric: Metric) -> Table:
    results = block.results[metric]
    labels = {(str(cell.keys["ssem"]), str(cell.keys["dfm"])): cell.label for cell in block.grid}
    ssems = tuple(dict.fromkeys(ssem for ssem, _ in labels))
    dfms = tuple(dict.fromkeys(dfm for _, dfm in labels))
    paper_marks = _marks({label: results[label].paper_points for label in labels.values()})
    our_marks = _marks({label: results[label].ours_points for label in labels.values()})
    rows: list[tuple[Field, ...]] = []
    for ssem in ssems:
        names = [labels[ssem, dfm] for dfm in dfms]
        rows += [
            (ssem, "paper", *(Entry(_points(results[name].paper_points), paper_marks[name]) for name in names)),
            ("", "ours", *(Entry(results[name].ours, our_marks[name], _flag(results[name])) for name in names)),
            ("", "Δ", *(_comparison(results[name]) for name in names)),
        ]
    return Table(NAMES[metric], ("SSEM", "", *dfms), "ll" + "r" * len(dfms), tuple(rows), group=3)


def _marks(values: Mapping[str, Decimal | None]) -> dict[str, Mark]:
    return dict(zip(values, rank_marks(list(values.values())), strict=True))


def _flag(cell: ResultCell) -> str:
    return SOURCE_FLAG if cell.source else ""


def _points(points: Decimal | None) -> str:
    return "–" if points is None else str(points)


def _comparison(cell: ResultCell) -> str:
    """The difference and the verdict's sign; in words where there is no value of ours."""
    if cell.ours_points is None:
        return str(cell.verdict)
    return cell.symbol if cell.delta_points is None else f"{cell.delta} {cell.symbol}"


# -- the runs behind it ---------------------------------------------------------------


def _evidence(block: Block, out: Path) -> Section:
    rows = tuple(_run({str(key): value for key, value in row.items()}, out) for row in block.rows.to_dict("records"))
    header = ("Cell", "Seed", "Status", "Best epoch", "Test AUC", "Test gAUC", "Settings from", "Record")
    table = Table("One line per run", header, "lllrrrll", rows)
    return Section(f"Runs behind each cell: {block.title}", tables=(table,), appendix=True)


def _run(row: Mapping[str, Any], out: Path) -> tuple[Field, ...]:
    done = row["status"] != "not run"
    status = f"failed: {row['failure']}" if row["status"] == "failed" else str(row["status"])
    link = Path(os.path.relpath(str(row["record"]), out)).as_posix() if done else None
    epochs = "–" if pd.isna(row["best_epoch"]) else f"{row['best_epoch']} of {row['epochs']}"
    source = "dataset's settings" if pd.isna(row["source"]) else str(row["source"])
    return (
        str(row["cell"]),
        str(row["seed"]),
        status,
        epochs,
        _score(row["test_auc"]),
        _score(row["test_gauc"]),
        source,
        Entry(str(row["run_key"]), link=link),
    )


def _score(value: Any) -> str:
    return "–" if pd.isna(value) else f"{value:.6f}"


def _data(plan: Plan, experiment: str, block: Block) -> list[dict[str, str]]:
    return [
        {
            "campaign": plan.campaign.campaign,
            "experiment": experiment,
            "dataset": block.dataset,
            "cell": label,
            "metric": metric,
            "paper": _empty(cell.paper_points),
            "ours": _empty(cell.ours_points),
            "mean": _empty(cell.mean),
            "sd": _empty(cell.sd),
            "n": str(cell.runs),
            "planned": str(cell.planned),
            "delta": _empty(cell.delta_points),
            "verdict": cell.verdict,
            "settings_from": cell.source or "",
            "run_keys": " ".join(cell.run_keys),
            "records": " ".join(cell.records),
            "data_note": cell.data_note,
        }
        for metric, results in block.results.items()
        for label, cell in results.items()
    ]


def _empty(value: Decimal | float | None) -> str:
    return "" if value is None else str(value)

"""What tables of AUC share: the cells of one dataset, their runs as evidence, their long data."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from workflow.analysis.evidence.number import Metric, ResultCell, Verdict, result_cell
from workflow.analysis.pages.document import Entry, Field, Mark, Section, Table, rank_marks
from workflow.analysis.pages.notes import data_title, used_data
from workflow.config import load_dataset, load_experiment
from workflow.plan import Cell, Plan

NAMES: dict[Metric, str] = {"auc": "AUC", "gauc": "gAUC"}
SOURCE_FLAG = " †"
COLUMNS = (
    *("campaign", "experiment", "dataset", "cell", "metric", "paper", "ours", "mean", "sd", "n", "planned"),
    *("delta", "verdict", "settings_from", "run_keys", "records", "data_note"),
)
RANK_NOTE = (
    "Among the cells of a dataset the best is bold and the second best is italic (underlined in LaTeX); "
    "the paper's values and ours are ranked apart, by what is printed."
)
COUNT_NOTE = (
    "n is the number of runs behind a mean; ± is their sample standard deviation, rounded. "
    "Where no n stands, the one planned run was made."
)

Prints = Mapping[str, Mapping[Metric, Decimal]]  # by cell label


@dataclass(frozen=True)
class Block:
    """The cells of one dataset, compared, by metric and label."""

    dataset: str
    title: str
    plan_cells: tuple[Cell, ...]
    results: Mapping[Metric, Mapping[str, ResultCell]]
    rows: pd.DataFrame

    @property
    def auc(self) -> Mapping[str, ResultCell]:
        """AUC by label."""
        return self.results["auc"]


def blocks_of(
    plan: Plan, experiment: str, frame: pd.DataFrame, prints: Callable[[str], Prints], metrics: tuple[Metric, ...]
) -> list[Block]:
    """Compare every cell of an experiment with the paper's print, dataset by dataset.

    Parameters
    ----------
    plan : Plan
        The expanded campaign.
    experiment : str
        Name of the experiment.
    frame : pandas.DataFrame
        Its rows, from `collect`.
    prints : callable
        From a dataset's name to what the paper prints, by label and metric.
    metrics : tuple of {"auc", "gauc"}
        gAUC is left out where the dataset has no users.

    Returns
    -------
    list of Block
        One per dataset, in the experiment's order.
    """
    planned = plan.cells_of(experiment)
    names = plan.datasets_of(load_experiment(experiment))
    return [_block(plan, name, planned, frame, prints(name), metrics) for name in names]


def _block(
    plan: Plan,
    dataset: str,
    planned: tuple[Cell, ...],
    frame: pd.DataFrame,
    printed: Prints,
    metrics: tuple[Metric, ...],
) -> Block:
    cells = tuple(cell for cell in planned if cell.dataset == dataset)
    rows = frame[frame["dataset"] == dataset]
    grouped = any(cell.runs[0].dataset.preparation.group for cell in cells)
    results: dict[Metric, dict[str, ResultCell]] = {
        metric: {
            cell.label: result_cell(rows[rows["cell"] == cell.label], metric, printed.get(cell.label, {}).get(metric))
            for cell in cells
        }
        for metric in metrics
        if grouped or metric != "gauc"
    }
    origins = [*(["twin"] if plan.campaign.twin else []), *(origin for origin, _ in used_data(rows))]
    return Block(dataset, data_title(load_dataset(dataset).title, origins), cells, results, rows)


# -- fields ---------------------------------------------------------------------------


def marks(values: Mapping[str, Decimal | None]) -> dict[str, Mark]:
    """Rank printed values by key."""
    return dict(zip(values, rank_marks(list(values.values())), strict=True))


def flag(cell: ResultCell) -> str:
    """A dagger where the cell's settings have a source of their own."""
    return SOURCE_FLAG if cell.source else ""


def points(value: Decimal | None) -> str:
    """Printed points, or a dash."""
    return "–" if value is None else str(value)


def our_value(cell: ResultCell, mark: Mark = Mark.PLAIN) -> Entry:
    """Our value, with the runs behind it."""
    return Entry(cell.ours, mark, flag(cell), runs=cell.run_keys)


def comparison(cell: ResultCell) -> Entry:
    """The difference and the verdict's sign; in words where there is no value of ours."""
    words = cell.symbol if cell.delta_points is None else f"{cell.delta} {cell.symbol}"
    shown = str(cell.verdict) if cell.ours_points is None else words
    return Entry(shown, runs=cell.run_keys, verdict=str(cell.verdict))


def verdict_counts(counted: list[tuple[str, str, list[Verdict]]]) -> Table:
    """Count verdicts: one row per (dataset, what is counted)."""
    shown = [verdict for verdict in Verdict if any(verdict in verdicts for *_, verdicts in counted)]
    rows = tuple(
        (title, what, *(str(verdicts.count(verdict) or "–") for verdict in shown)) for title, what, verdicts in counted
    )
    header = ("Dataset", "Metric", *(str(verdict) for verdict in shown))
    return Table("Cells by verdict", header, "ll" + "r" * len(shown), rows)


# -- the runs behind it ---------------------------------------------------------------


def evidence(block: Block, out: Path) -> Section:
    """One line per run, with a link to its record relative to `out`."""
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
        score(row["test_auc"]),
        score(row["test_gauc"]),
        source,
        Entry(str(row["run_key"]), link=link, runs=(str(row["run_key"]),)),
    )


def score(value: Any) -> str:
    """An AUC with six decimals, or a dash."""
    return "–" if pd.isna(value) else f"{value:.6f}"


def long_rows(plan: Plan, experiment: str, block: Block) -> list[dict[str, str]]:
    """Long data with the columns of `COLUMNS`: one mapping per compared number."""
    return [
        {
            "campaign": plan.campaign.campaign,
            "experiment": experiment,
            "dataset": block.dataset,
            "cell": label,
            "metric": metric,
            "paper": text(cell.paper_points),
            "ours": text(cell.ours_points),
            "mean": text(cell.mean),
            "sd": text(cell.sd),
            "n": str(cell.runs),
            "planned": str(cell.planned),
            "delta": text(cell.delta_points),
            "verdict": cell.verdict,
            "settings_from": cell.source or "",
            "run_keys": " ".join(cell.run_keys),
            "records": " ".join(cell.records),
            "data_note": cell.data_note,
        }
        for metric, results in block.results.items()
        for label, cell in results.items()
    ]


def text(value: Decimal | float | None) -> str:
    """A number for CSV; nothing where there is none."""
    return "" if value is None else str(value)

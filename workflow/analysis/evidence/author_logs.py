"""Facts of the authors' 76 public logs: paper/author_logs.csv, a row per log."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from workflow.config import ROOT
from workflow.errors import UserError

Logs = tuple[Mapping[str, str], ...]
LOGS_PATH = ROOT / "paper" / "author_logs.csv"
_NEEDED = ("dataset", "log", "SSM", "DFM", "model", "alpha", "c", "gamma", "easy_hidden_units", "seed")
_NEEDED += (
    "test_auc",
    "test_gauc",
    "train_s_mean",
    "eval_s_mean",
    "best_epoch",
    "paper_cell",
    "match_after_truncation",
)


@cache
def load_logs(path: Path = LOGS_PATH) -> Logs:
    """Read the table.

    Raises
    ------
    UserError
        When it cannot be read or lacks a column.
    """
    try:
        rows = tuple(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); restore it from the repository") from error
    missing = [name for name in _NEEDED if not rows or name not in rows[0]]
    if missing:
        raise UserError(f"{path}: has no row or lacks column {missing[0]!r}; restore it from the repository")
    return rows

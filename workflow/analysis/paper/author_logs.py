"""Facts of the authors' 76 public logs: paper/author_logs.csv, a row per log."""

from collections.abc import Iterator, Mapping
from functools import cache
from math import isfinite
from pathlib import Path

from workflow.analysis.paper.facts import Fact
from workflow.errors import UserError, shortened
from workflow.plan.config import ROOT
from workflow.plan.reading import read_rows

Logs = tuple[Mapping[str, str], ...]
LOGS_PATH = ROOT / "paper" / "author_logs.csv"
_NEEDED = ("dataset", "log", "SSM", "DFM", "model", "easy_hidden_units", "test_gauc", "paper_cell")
_NEEDED += ("match_after_truncation",)
_NUMBERS = ("alpha", "c", "gamma", "seed", "test_auc", "train_s_mean", "eval_s_mean", "best_epoch", "epochs_run")


@cache
def load_logs(path: Path = LOGS_PATH) -> Logs:
    """Read the table; a `UserError` names the column that it lacks, or the line with a word where a number belongs."""
    rows = tuple(read_rows(path))
    missing = [name for name in (*_NEEDED, *_NUMBERS) if name not in rows[0]]
    if missing:
        raise UserError(f"{path}: lacks column {missing[0]!r}; restore it: git checkout -- {path}")
    for line, row in enumerate(rows, start=2):
        for name in _NUMBERS:
            if not _is_number(row[name]):
                given = shortened(row[name])
                raise UserError(
                    f"{path}: line {line}: {name}: {given!r} is no number; restore it: git checkout -- {path}"
                )
    return rows


# A log's settings as coordinates. Logs write `none` where the paper says Share and Sum.
_SETTINGS = {"model": "model", "alpha": "alpha", "c": "c", "gamma": "gamma", "easy_hidden_units": "units"}
_MODULES = (("ssem", "SSM", "Share"), ("dfm", "DFM", "Sum"))


def log_facts(logs: Logs) -> Iterator[Fact]:
    """Every filled cell of every log as a fact; the key is the end of the log's name."""
    for row in logs:
        at = {"dataset": row["dataset"].lower()}
        at |= {ours: row[theirs] for theirs, ours in _SETTINGS.items() if row[theirs]}
        at |= {ours: none if row[theirs] == "none" else row[theirs] for ours, theirs, none in _MODULES if row[theirs]}
        key = row["log"].removesuffix(".log")[-8:]
        for column, text in row.items():
            if text:
                yield Fact(at, column, text, "log", key=key)


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False

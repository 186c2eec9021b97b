"""Users' data through the command line, in unusual forms."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import edit_yaml
from tests.own.conftest import CSV, prepared, records, rows_of, workflow, write_rows
from workflow.analysis.compare.gains import ONE_USER
from workflow.spec import SPLITS


def every_row_has_its_own_user(folder: Path, monitor: list[str]) -> None:
    header, *rows = rows_of(folder / CSV)
    write_rows(folder / CSV, [header, *([row[0], f"u{n}", *row[2:]] for n, row in enumerate(rows))])
    edit_yaml(folder / "config/datasets/mine.yaml", lambda c: c["protocol"]["training"].update(monitor=monitor))


def test_a_gauc_that_is_undefined_is_refused_as_monitor(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    every_row_has_its_own_user(folder, ["auc", "gauc"])
    prepared()
    capsys.readouterr()
    assert workflow("train") == 1
    assert "error: dataset mine: no user of 'user' has validation rows of both classes" in capsys.readouterr().err
    assert records() == {}


def test_a_gauc_that_is_undefined_has_a_note_and_no_column(folder: Path) -> None:
    every_row_has_its_own_user(folder, ["auc"])
    prepared()
    assert workflow("train") == 0
    assert {record.status for record in records().values()} == {"ok"}
    assert all(record.test and record.test.gauc is None for record in records().values())
    assert workflow("render", "table_1", "mine-models") == 0
    table = (folder / "paper_tables/mine/mine-models.md").read_text()
    assert "gAUC is undefined: no user has test rows of both classes." in table
    assert not [line for line in table.splitlines() if line.startswith("|") and "gAUC" in line]


def split_with(folder: Path, change: Callable[[str, list[list[str]]], list[list[str]]]) -> None:
    """Give the rows in three files, each as `change` makes it."""
    header, *rows = rows_of(folder / CSV)
    files = {"format": "split-csv", "files": {name: f"{name}.csv" for name in SPLITS}, "split": None}
    edit_yaml(folder / "config/datasets/mine.yaml", lambda c: c["preparation"].update(files))
    (folder / "parts").mkdir()
    for name, part in zip(SPLITS, (rows[:200], rows[200:250], rows[250:]), strict=True):
        write_rows(folder / f"parts/{name}.csv", [header, *change(name, part)])
    edit_yaml(folder / "mine.yaml", lambda c: c.update(local={"mine": str(folder / "parts")}))


def test_table_1_tells_unseen_values_and_their_cause(folder: Path) -> None:
    def respelt(name: str, rows: list[list[str]]) -> list[list[str]]:
        return [[*row[:3], f"{row[3]}.0", row[4]] for row in rows] if name == "test" else rows

    split_with(folder, respelt)
    prepared()
    assert workflow("render", "table_1") == 0
    text = (folder / "paper_tables/mine/table_1.md").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("| hour ")]
    assert line.replace(" ", "").split("|")[5:7] == ["0%", "100%"]
    assert "7.0 and 7" in text


def test_one_positive_test_row_gives_open_comparisons(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def only_the_first(name: str, rows: list[list[str]]) -> list[list[str]]:
        return [[str(int(n == 0)), *row[1:]] for n, row in enumerate(rows)] if name == "test" else rows

    split_with(folder, only_the_first)
    edit_yaml(folder / "mine.yaml", lambda c: c.update(seeds=[1, 2, 3]))
    prepared()
    assert "test: 1 positive row of 50" in capsys.readouterr().out
    assert workflow("train") == 0
    assert workflow("render", "mine-models") == 0
    header, *rows = rows_of(folder / "paper_tables/mine/mine-models.csv")
    found = [row for row in (dict(zip(header, row, strict=True)) for row in rows) if row["gain"]]
    assert {(row["finding"], row["why_no_test"]) for row in found} == {("open", ONE_USER)}
    assert ONE_USER in (folder / "paper_tables/mine/mine-models.md").read_text()


def test_a_model_is_checked_on_a_twin_of_own_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workflow("check", "my_models/toy.py:Toy") == 0
    assert "mine     trains: " in capsys.readouterr().out
    assert list(Path("data/prepared").iterdir()) == [Path("data/prepared/mine-twin")]

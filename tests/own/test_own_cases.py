"""One's own data through the command line, where they are not as tables of runs expect them."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.own.conftest import CSV, prepared, records, workflow
from workflow.analysis.compare.gains import ONE_USER
from workflow.plan.config import load_dataset
from workflow.spec import SPLITS


def every_row_has_its_own_user(folder: Path, monitor: list[str]) -> None:
    with (folder / CSV).open(newline="") as stream:
        header, *rows = csv.reader(stream)
    with (folder / CSV).open("w", newline="") as stream:
        csv.writer(stream).writerows([header, *([row[0], f"u{n}", *row[2:]] for n, row in enumerate(rows))])
    path = folder / "config/datasets/mine.yaml"
    values = yaml.safe_load(path.read_text())
    values["protocol"]["training"]["monitor"] = monitor
    path.write_text(yaml.safe_dump(values))
    load_dataset.cache_clear()


def test_a_gauc_that_is_undefined_is_refused_where_it_is_monitored(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    every_row_has_its_own_user(folder, ["auc", "gauc"])
    prepared()
    capsys.readouterr()
    assert workflow("train") == 1
    assert "error: dataset mine: no user of 'user' has validation rows of both classes" in capsys.readouterr().err
    assert records() == {}


def test_a_gauc_that_is_undefined_has_a_note_and_no_column_where_it_is_not_monitored(
    folder: Path, in_this_process: None
) -> None:
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
    with (folder / CSV).open(newline="") as stream:
        header, *rows = csv.reader(stream)
    values = yaml.safe_load((folder / "config/datasets/mine.yaml").read_text())
    values["preparation"] |= {"format": "split-csv", "files": {name: f"{name}.csv" for name in SPLITS}}
    del values["preparation"]["split"]
    (folder / "config/datasets/mine.yaml").write_text(yaml.safe_dump(values))
    (folder / "parts").mkdir()
    for name, part in zip(SPLITS, (rows[:200], rows[200:250], rows[250:]), strict=True):
        with (folder / f"parts/{name}.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows([header, *change(name, part)])
    campaign = yaml.safe_load((folder / "mine.yaml").read_text())
    (folder / "mine.yaml").write_text(yaml.safe_dump(campaign | {"local": {"mine": str(folder / "parts")}}))
    load_dataset.cache_clear()


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


def test_a_test_split_with_one_positive_row_has_a_table_and_open_comparisons(
    folder: Path, in_this_process: None, capsys: pytest.CaptureFixture[str]
) -> None:
    def only_the_first(name: str, rows: list[list[str]]) -> list[list[str]]:
        return [[str(int(n == 0)), *row[1:]] for n, row in enumerate(rows)] if name == "test" else rows

    split_with(folder, only_the_first)
    campaign = yaml.safe_load((folder / "mine.yaml").read_text())
    (folder / "mine.yaml").write_text(yaml.safe_dump(campaign | {"seeds": [1, 2, 3]}))
    prepared()
    assert "test: 1 positive row of 50" in capsys.readouterr().out
    assert workflow("train") == 0
    assert workflow("render", "mine-models") == 0
    with (folder / "paper_tables/mine/mine-models.csv").open(newline="") as stream:
        found = [row for row in csv.DictReader(stream) if row["gain"]]
    assert {(row["finding"], row["why_no_test"]) for row in found} == {("open", ONE_USER)}
    assert ONE_USER in (folder / "paper_tables/mine/mine-models.md").read_text()


def test_a_model_is_checked_on_a_twin_of_own_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert workflow("check", "my_models/toy.py:Toy") == 0
    assert "mine     trains: " in capsys.readouterr().out
    assert list(Path("data/prepared").iterdir()) == [Path("data/prepared/mine-twin")]

"""Rows of users' files are counted before anything is prepared."""

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import yaml

from workflow.cost import own_files
from workflow.cost.own_files import own_data
from workflow.plan.campaign import Plan
from workflow.plan.config import check_campaign

ROWS = 1000
TEXT = "user,item,clicked\n" + "1,2,0\n" * ROWS
DATASET = {
    "name": "mine",
    "title": "Mine",
    "source": {"archive": "mine.zip"},
    "preparation": {
        "format": "csv",
        "files": {"all": "mine.csv"},
        "label": "clicked",
        "group": "user",
        "split": {"parts": [8, 1, 1]},
        "fields": [{"name": "user"}, {"name": "item"}],
    },
}
ARMS = [{"label": name, "model": {"name": name}} for name in ("DNN", "DCN")]


@pytest.fixture
def plan(config_folder: Path, here: Path) -> Callable[[str], Plan]:
    """Return a function that plans a campaign on a file."""
    (config_folder / "datasets/mine.yaml").write_text(yaml.safe_dump(DATASET))
    experiment = {"name": "own", "title": "x", "datasets": ["mine"], "arms": ARMS}
    (config_folder / "experiments/own.yaml").write_text(yaml.safe_dump(experiment))

    def make(name: str) -> Plan:
        values = {"campaign": "mine", "datasets": ["mine"], "experiments": ["own"], "local": {"mine": name}}
        return Plan(check_campaign(values, "test"))

    return make


def write(name: str, text: str) -> None:
    if name.endswith(".zip"):
        with zipfile.ZipFile(name, "w") as archive:
            archive.writestr("folder/mine.csv", text)
    elif name.endswith(".parquet"):
        pl.read_csv(text.encode()).write_parquet(name)
    elif pack := {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}.get(name.rpartition(".")[2]):
        Path(name).write_bytes(pack(text.encode()))
    elif "utf16" in name:
        Path(name).write_text(text, encoding="utf-16")
    else:
        Path(name).write_text(text)


@pytest.mark.parametrize(
    "name", ["mine.csv", "mine.csv.gz", "mine.bz2", "mine.xz", "mine.utf16.csv", "mine.parquet", "mine.zip"]
)
def test_rows_are_those_below_the_header(plan: Callable[[str], Plan], name: str) -> None:
    write(name, TEXT)
    (data,) = own_data(plan(name)).values()
    assert (data.train_rows, data.valid_rows, data.test_rows) == (800, 100, 100)


def test_of_a_long_file_the_rest_is_estimated(plan: Callable[[str], Plan], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_files, "SAMPLE_BYTES", 1 << 20)
    write("mine.csv", "user,item,clicked\n" + "1,2,0\n" * 1_000_000)
    (data,) = own_data(plan("mine.csv")).values()
    assert data.train_rows == pytest.approx(800_000, rel=1e-3)


def test_what_is_damaged_is_not_counted(plan: Callable[[str], Plan]) -> None:
    Path("mine.parquet").write_bytes(b"PAR1\0\0\n\n\n")
    assert own_data(plan("mine.parquet")) == {}

"""A folder with the README's own model and own dataset, and what its tests share."""

import csv
import random
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow.cli.main import main
from workflow.plan.config import ROOT, load_experiment
from workflow.provenance.code import code_fingerprint
from workflow.spec import RunSpec
from workflow.train.keep import Say
from workflow.train.record import Record, read_record
from workflow.train.run import train_runs

CSV = "my clicks, 2024.csv"  # any name will do
README = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/own-data.md"))


def block(language: str, start: str) -> str:
    """The code block of README or docs/own-data.md that has `start` in it."""
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if start in text]
    assert len(found) == 1
    return found[0]


@pytest.fixture(autouse=True)
def folder(config_folder: Path, here: Path) -> Iterator[Path]:
    """The README's files, the project's Table I, and 300 rows of clicks."""
    shutil.copy(ROOT / "config/experiments/table_1.yaml", config_folder / "experiments")
    arm = yaml.safe_load(block("yaml", "arguments: {embedding_dim: 8}"))["arms"][:1]
    write_arms(here, [{"label": "DeepFM", "model": {"name": "DeepFM", "hidden_units": [8]}}, *arm])
    (config_folder / "datasets/mine.yaml").write_text(block("yaml", "files: {all: mine.csv}"))
    campaign = yaml.safe_load(block("yaml", "campaign: mine"))
    limits = {"training": {"max_epochs": 1, "batch_size": 100}}
    values = {**campaign, "local": {"mine": str(here / CSV)}, "limits": limits, "device": "cpu", "threads": 1}
    (here / "mine.yaml").write_text(yaml.safe_dump(values | {"seeds": [1]}))
    (here / "my_models").mkdir()
    (here / "my_models/toy.py").write_text(block("python", "class Toy"))
    write_clicks(here / CSV)
    code_fingerprint.cache_clear()
    yield here
    code_fingerprint.cache_clear()


@pytest.fixture
def in_a_worker() -> None:
    """Train in a process of its own, as commands do."""


@pytest.fixture(autouse=True)
def in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train without a worker, which loads torch each time, unless a test asks for one."""
    if "in_a_worker" in request.fixturenames:
        return

    def train(runs: list[RunSpec], device: str, checkpoint_s: float, workers: int, say: Say) -> list[str]:
        return train_runs(runs, device, checkpoint_s, say)

    monkeypatch.setattr("workflow.train.pack.train_in_workers", train)


def write_arms(folder: Path, arms: list[dict[str, Any]], name: str = "mine-models") -> None:
    content = {"name": name, "title": "Models", "datasets": [], "arms": arms}
    (folder / f"config/experiments/{name}.yaml").write_text(yaml.safe_dump(content))
    load_experiment.cache_clear()


def write_clicks(path: Path) -> None:
    draw, rows = random.Random(3), [["clicked", "user", "item", "hour", "unused"]]
    for _ in range(300):
        user, item = draw.randrange(8), draw.randrange(12)
        clicked = int(draw.random() < 0.2 + 0.6 * (item % 2))
        rows.append([str(clicked), f"u{user}", f"i{item}", str(draw.randrange(24)), "x"])
    write_rows(path, rows)


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="") as stream:
        return list(csv.reader(stream))


def write_rows(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)


def workflow(*arguments: str) -> int:
    return main([arguments[0], "--configfile", "mine.yaml", *arguments[1:]])


def prepared() -> None:
    for command in ("fetch", "prepare"):
        assert workflow(command, "mine") == 0


def records() -> dict[str, Record]:
    paths = Path("results/runs/mine").rglob("seed1.json")
    return {record.spec.model.name: record for record in map(read_record, paths)}

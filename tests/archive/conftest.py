"""A campaign of six small runs on a twin, trained once for all tests of archives, and forged archives."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import forget, write_campaign
from workflow.archive.export import export
from workflow.archive.layout import RunArchive
from workflow.archive.write import write_archive
from workflow.data.prepare import prepare
from workflow.data.sources import raw_archive
from workflow.data.twins.twin import write_twin
from workflow.files import sha256_json
from workflow.plan.campaign import Plan
from workflow.plan.config import load_campaign
from workflow.train.record import Record
from workflow.train.run import train_runs

CAMPAIGN = {
    "campaign": "tiny",
    "datasets": ["frappe"],
    "experiments": ["own"],
    "seeds": [1, 2, 3],
    "twin": {"rows": 400, "seed": 1},
    "device": "cpu",
    "limits": {"training": {"batch_size": 100, "max_epochs": 3}},
}
ARM: dict[str, Any] = {
    "label": "{embedding_dim}",
    "grid": {"model.embedding_dim": [2, 4]},
    "model": {"name": "DNN", "hidden_units": [8]},
}


@dataclass(frozen=True)
class Made:
    """Where the runs and the archive lie."""

    folder: Path
    plan: Plan
    archive: RunArchive


@contextmanager
def inside(folder: Path) -> Iterator[Plan]:
    """The folder of a campaign as working directory, with its configuration in use."""
    with ExitStack() as stack:
        stack.callback(forget)
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("TF4CTR_CONFIG", str(folder / "config"))
        patch.chdir(folder)
        forget()
        yield Plan(load_campaign(Path("tiny.yaml")))


def trained(folder: Path, arm: dict[str, Any]) -> Path:
    """Train a campaign's runs below a folder and export them."""
    write_campaign(folder, CAMPAIGN, {"own": {"arms": [arm]}})
    with inside(folder) as plan:
        config, spec = plan.sources[0]
        raw = raw_archive(config, spec)
        write_twin(config, spec, raw)
        prepare(config, spec, raw, spec.prepared_dir)
        train_runs([run for run, _ in plan.runs.values()], "cpu", 600.0, lambda _: None)
        export(plan, Path("archive"))
    return folder


def opened(folder: Path) -> Iterator[Made]:
    """What tests have in their working directory."""
    with inside(folder) as plan:
        yield Made(folder, plan, RunArchive(Path("archive")))


@cache
def trained_once(base: Path) -> Path:
    """Once per process: no test may change it."""
    return trained(base / "archive", ARM)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    yield from opened(trained_once(tmp_path_factory.getbasetemp()))


@pytest.fixture
def away(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunArchive:
    """The archive, from an empty working directory."""
    archive = RunArchive(made.archive.folder.resolve())
    monkeypatch.chdir(tmp_path)
    return archive


def rewritten(made: Made, folder: Path, edit: Callable[[dict[str, Record]], object]) -> RunArchive:
    """A forged archive: changed records with new seals and digests."""
    contents = made.archive.contents()
    records = dict(contents.records)
    edit(records)
    sums = {key: sums for key, sums in contents.sums.items() if key in records}
    write_archive(folder, replace(contents, records=records, sums=sums))
    return RunArchive(folder)


def forged(record: Record, change: Callable[[dict[str, Any]], object]) -> Record:
    content = record.content()
    change(content)
    return Record.model_validate({**content, "seal": sha256_json(content)})


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}

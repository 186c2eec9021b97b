"""A campaign of six small runs on a twin, trained once for all tests of archives."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import forget
from workflow.archive.export import export
from workflow.archive.layout import RunArchive
from workflow.data.prepare import prepare
from workflow.data.sources import raw_archive
from workflow.data.twins.twin import write_twin
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
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
EXPERIMENT = {
    "name": "own",
    "title": "Two small models",
    "datasets": ["frappe"],
    "arms": [
        {
            "label": "{embedding_dim}",
            "grid": {"model.embedding_dim": [2, 4]},
            "model": {"name": "DNN", "hidden_units": [8]},
        }
    ],
}


@dataclass(frozen=True)
class Made:
    """Where the runs and the archive lie."""

    folder: Path
    plan: Plan
    archive: RunArchive


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    yield from trained(tmp_path_factory.mktemp("archive"), EXPERIMENT)


def trained(folder: Path, experiment: dict[str, Any]) -> Iterator[Made]:
    """Train a campaign's runs below a folder, which is the working directory meanwhile, and export them."""
    (folder / "config/datasets").mkdir(parents=True)
    (folder / "config/experiments").mkdir()
    shutil.copy(ROOT / "config/datasets/frappe.yaml", folder / "config/datasets")
    (folder / "config/experiments/own.yaml").write_text(yaml.safe_dump(experiment))
    (folder / "config/tiny.yaml").write_text(yaml.safe_dump(CAMPAIGN))
    before = Path.cwd()
    patch = pytest.MonkeyPatch()
    patch.setenv("TF4CTR_CONFIG", str(folder / "config"))
    os.chdir(folder)
    forget()
    try:
        plan = Plan(load_campaign(Path("config/tiny.yaml")))
        config, spec = plan.sources[0]
        raw = raw_archive(config, spec)
        write_twin(config, spec, raw)
        prepare(config, spec, raw, spec.prepared_dir)
        train_runs([run for run, _ in plan.runs.values()], "cpu", 0.0, lambda _: None)
        export(plan, Path("archive"))
        yield Made(folder, plan, RunArchive(Path("archive")))
    finally:
        os.chdir(before)
        patch.undo()
        forget()

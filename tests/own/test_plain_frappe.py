"""Frappe as a user's own CSV files gives what the shipped configuration gives, bit for bit."""

import shutil
import zipfile
from pathlib import Path

import pytest
import yaml

from tests.conftest import edit_yaml
from workflow.cli.main import main
from workflow.data.store import load_meta
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_campaign
from workflow.spec import RunSpec
from workflow.train.record import read_record
from workflow.train.run import train_runs

MIRROR = ROOT.parent / "shared/data/Frappe_x1.zip"
pytestmark = pytest.mark.skipif(not MIRROR.is_file(), reason=f"{MIRROR} is not here")


@pytest.fixture
def both(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RunSpec, RunSpec]:
    """One epoch of DCNv2 on the shipped Frappe and on the same files taken up by `init`, both prepared."""
    shutil.copytree(ROOT / "config", folder / "config", dirs_exist_ok=True)
    monkeypatch.setenv("TF4CTR_MIRROR", str(MIRROR.parent))
    with zipfile.ZipFile(MIRROR) as archive:
        archive.extractall(folder / "clicks")
    assert main(["init", "clicks"]) == 0
    shipped = yaml.safe_load((ROOT / "config/datasets/frappe.yaml").read_text())
    edit_yaml(folder / "config/datasets/clicks.yaml", lambda c: c.update(protocol=shipped["protocol"]))
    changes = {"datasets": ["frappe", "clicks"], "seeds": [2023], "limits": {"training": {"max_epochs": 1}}}
    edit_yaml(folder / "config/clicks.yaml", lambda c: c.update(changes))
    for name in ("frappe", "clicks"):
        for command in ("fetch", "prepare"):
            assert main([command, "--configfile", "config/clicks.yaml", name]) == 0
    plan = Plan(load_campaign(Path("config/clicks.yaml")))
    found = {run.dataset.name: run for run, _ in plan.runs.values() if run.model.name == "DCNv2"}
    return found["frappe"], found["clicks"]


def test_arrays_are_equal(both: tuple[RunSpec, RunSpec]) -> None:
    shipped, own = (load_meta(run.dataset.prepared_dir) for run in both)
    assert own.fingerprint == shipped.fingerprint


@pytest.mark.attack  # half a minute of training
def test_a_training_is_equal(both: tuple[RunSpec, RunSpec]) -> None:
    records = []
    for run in both:
        assert train_runs([run], "cpu", 0.0, print) == []
        records.append(read_record(run.record_path))
    first, second = records
    assert (first.valid, first.test, first.parameters) == (second.valid, second.test, second.parameters)
    assert first.epochs[0].train_loss == second.epochs[0].train_loss
    assert first.files["user_sums.npz"] == second.files["user_sums.npz"]

"""Genuine archives pass: campaigns of every model, loss, probe and kind of data verify without a fault."""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import write_campaign
from workflow.archive.export import export
from workflow.archive.layout import RunArchive
from workflow.archive.verify import verify
from workflow.data.provide import provide
from workflow.plan.campaign import Plan
from workflow.plan.config import load_campaign
from workflow.settings import MODEL_CLASSES
from workflow.train.record import read_record
from workflow.train.run import train_runs

SMALL = {"hidden_units": [8]}
NOISE = {"name": "TF4CTR", "dfm": "VF", "noise_at_eval": True}
MODELS = [
    {"label": name, "model": {"name": name}} for name in sorted(MODEL_CLASSES) if name not in ("Custom", "Framed")
]
OTHERS: list[dict[str, Any]] = [
    {"label": "noise", "model": NOISE, "loss": {"name": "twin_focus"}},
    {"label": "framed", "model": {"name": "Framed", "base": {"name": "DeepFM"}, "authors_code": True}},
    {"label": "diverges", "model": {"name": "DNN", **SMALL}, "optimizer": {"learning_rate": 1e30}},
    {"label": "bf16", "model": {"name": "DNN", **SMALL}, "training": {"precision": "bf16"}},
    {
        "label": "focal",
        "model": {"name": "DNN", **SMALL},
        "loss": {"name": "focal"},
        "optimizer": {"embedding_l2": 0.0},
    },
    {"label": "long", "model": {"name": "DNN", **SMALL}, "training": {"max_epochs": 6, "patience": 1}},
    {
        "label": "probes",
        "model": {**NOISE, "dfm": "MoEF", "noise_at_eval": False},
        "loss": {"name": "twin_focus"},
        "probes": {"histogram_epochs": [1, 2, 9], "gradient_norm_epochs": [1], "sample_classes": True},
        "training": {"keep_scores": True},
    },
]


CAMPAIGN = {
    "campaign": "honest",
    "datasets": ["frappe", "criteo"],  # one with users, one without
    "experiments": ["own"],
    "seeds": [1],
    "twin": {"rows": 401, "seed": 1},
    "device": "cpu",
    "limits": {"network": {"embedding_dim": 4}, "training": {"batch_size": 100, "max_epochs": 2}},
}


@pytest.mark.usefixtures("config_folder")
@pytest.mark.parametrize("models", [3, pytest.param(len(MODELS), marks=pytest.mark.attack)])
def test_no_honest_archive_has_a_fault(here: Path, models: int) -> None:
    arms = [*random.Random(models).sample(MODELS, models), *OTHERS]
    campaign = Plan(load_campaign(write_campaign(here, CAMPAIGN, {"own": {"arms": arms}})))
    for config, spec in campaign.sources:
        provide(config, spec, campaign.campaign, lambda _: None)
        runs = [run for run, _ in campaign.runs.values() if run.dataset == spec]
        train_runs(runs, "cpu", 600.0, lambda _: None)
    records = [read_record(run.record_path) for run, _ in campaign.runs.values()]
    failed = [record.failure for record in records if record.status == "failed"]
    assert failed
    assert all("became" in str(reason) or "NaN" in str(reason) for reason in failed), failed
    export(campaign, Path("archive"))
    assert verify(RunArchive(Path("archive"))).faults == ()

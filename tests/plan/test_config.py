"""Configuration: what is accepted, and one clear message for each mistake."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow.cli.analysis import schema_text
from workflow.errors import UserError
from workflow.plan.config import ROOT, available, check_campaign, load_campaign, load_dataset, load_experiment

CAMPAIGN: dict[str, Any] = {"campaign": "mine", "datasets": ["frappe"], "experiments": ["table_3"]}


def fault(values: dict[str, Any]) -> str:
    with pytest.raises(UserError) as caught:
        check_campaign(values, "config/mine.yaml")
    return str(caught.value)


@pytest.mark.parametrize("name", ["paper", "small", "demo"])
def test_shipped_campaigns_are_valid_and_say_every_key(name: str) -> None:
    path = ROOT / "config" / f"{name}.yaml"
    campaign = load_campaign(path)
    assert campaign.campaign == name
    # Snakemake lays campaigns over each other, so a key left out would be the paper's.
    assert set(yaml.safe_load(path.read_text())) == set(campaign.model_dump())


def test_shipped_datasets_and_experiments_are_valid() -> None:
    titles = {load_dataset(name).title for name in available("datasets")}
    assert titles >= {"Criteo", "KKBox", "ML-1M", "ML-tag", "Frappe"}
    for name in available("experiments"):
        assert set(load_experiment(name).datasets) <= set(available("datasets"))


def test_the_schema_file_is_the_one_that_the_code_makes() -> None:
    path = ROOT / "workflow/schemas/campaign.schema.json"
    assert path.read_text() == schema_text(), "run `make schema`"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("datasets", ["frape"], "did you mean 'frappe'?"),
        ("experiments", ["table3"], "did you mean 'table_3'?"),
        ("precision", "fp23", "did you mean 'fp32'?"),
        ("limits", {"experiments": {"figure_22": {}}}, "limits.experiments: no experiment 'figure_22'; did you mean"),
        ("tuning", {"datasets": ["frape"]}, "tuning.datasets: no dataset 'frape'; did you mean 'frappe'?"),
        ("datasets", [], "datasets"),
        ("local", {"kkbx": "/x"}, "did you mean 'kkbox'?"),
        ("twin", {"rows": 10**12}, "twin.rows: must be at most 200,000,000 (given: 1000000000000)"),
        ("timing", {"twin_rows": 10**12}, "timing.twin_rows: must be at most 200,000,000"),
        ("limits", {"network": {"embedding_dim": 10**9}}, "limits.network.embedding_dim: must be at most 4,096"),
        ("limits", {"network": {"hidden_units": [9, 10**6]}}, "network.hidden_units.1: must be at most 65,536"),
        ("limits", {"network": {"log_neurons": 10**12}}, "limits.network.log_neurons: must be at most 65,536"),
        ("limits", {"training": {"batch_size": 10**15}}, "batch_size: must be less than 2,147,483,648"),
        ("seeds", [2023, 2023, 2023], "seed 2023 is given 3 times; one run would count as several"),
        *(("seeds", [seed], "seeds.0") for seed in (-1, 2**32, True, "2023")),
        ("seeds", [], "seeds"),
    ],
)
def test_mistakes_are_told_with_the_nearest_name_or_the_bound(key: str, value: object, words: str) -> None:
    assert words in fault({**CAMPAIGN, key: value})


def test_every_fault_is_told_at_once() -> None:
    assert len(fault({**CAMPAIGN, "threads": 0, "pack_sise": 1}).splitlines()) == 2


def test_a_dataset_file_must_carry_its_own_name(config_folder: Path) -> None:
    text = (ROOT / "config/datasets/frappe.yaml").read_text()
    (config_folder / "datasets/other.yaml").write_text(text)
    with pytest.raises(UserError, match="name: must equal the file's name, 'other'"):
        load_dataset("other")

"""Configuration: what is accepted, and one clear message for each mistake."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow.cli.project import schema_text
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
    assert {load_dataset(name).title for name in available("datasets")} >= {
        "Criteo",
        "KKBox",
        "ML-1M",
        "ML-tag",
        "Frappe",
    }
    for name in available("experiments"):
        assert set(load_experiment(name).datasets) <= set(available("datasets"))


def test_the_schema_file_is_the_one_that_the_code_makes() -> None:
    path = ROOT / "workflow/schemas/campaign.schema.json"
    assert path.read_text() == schema_text(), "run `make schema`"


def test_an_unknown_key_is_told_with_the_nearest() -> None:
    message = fault({**CAMPAIGN, "pack_sise": 3})
    assert message.startswith("config/mine.yaml: pack_sise: unknown key; did you mean 'pack_size'?")


def test_an_out_of_range_value_is_told_with_what_was_given() -> None:
    assert "threads" in fault({**CAMPAIGN, "threads": 0})
    assert "(given: 0)" in fault({**CAMPAIGN, "threads": 0})


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("datasets", ["frape"], "did you mean 'frappe'?"),
        ("experiments", ["table3"], "did you mean 'table_3'?"),
        ("precision", "fp23", "did you mean 'fp32'?"),
        ("limits", {"experiments": {"figure_22": {}}}, "limits.experiments: no experiment 'figure_22'; did you mean"),
        ("datasets", [], "datasets"),
        ("local", {"kkbx": "/x"}, "did you mean 'kkbox'?"),
    ],
)
def test_unknown_names_are_told_with_the_nearest(key: str, value: object, words: str) -> None:
    assert words in fault({**CAMPAIGN, key: value})


@pytest.mark.parametrize(
    ("seeds", "words"),
    [
        ([2023, 2023, 2023], "seed 2023 is given 3 times; one run would count as several"),
        ([-1], "seeds.0"),
        ([2**32], "seeds.0"),
        ([True], "seeds.0"),
        (["2023"], "seeds.0"),
        ([], "seeds"),
    ],
)
def test_seeds_that_would_mislead_are_refused(seeds: list[object], words: str) -> None:
    assert words in fault({**CAMPAIGN, "seeds": seeds})


def test_every_fault_is_told_at_once() -> None:
    assert len(fault({**CAMPAIGN, "threads": 0, "pack_sise": 1}).splitlines()) == 2


def test_a_missing_file_and_bad_yaml_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.yaml: no such file"):
        load_campaign(tmp_path / "none.yaml")
    bad = tmp_path / "bad.yaml"
    bad.write_text("campaign: [")
    with pytest.raises(UserError, match=r"(?s)bad\.yaml: not valid YAML.*line 1"):
        load_campaign(bad)


def test_a_dataset_file_must_carry_its_own_name(config_folder: Path) -> None:
    text = (ROOT / "config/datasets/frappe.yaml").read_text()
    (config_folder / "datasets/other.yaml").write_text(text)
    with pytest.raises(UserError, match="name: must equal the file's name, 'other'"):
        load_dataset("other")


def test_nested_keys_are_told_with_those_beside_them(config_folder: Path) -> None:
    values = yaml.safe_load((ROOT / "config/datasets/frappe.yaml").read_text())
    values["preparation"]["fields"][0]["transfrom"] = "country"
    (config_folder / "datasets/frappe.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(UserError, match=r"preparation\.fields\.0\.transfrom: unknown key; did you mean 'transform'"):
        load_dataset("frappe")

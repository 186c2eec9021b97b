"""Names: what reaches a path or a command is harmless, and everything else is refused with its key."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from workflow.errors import UserError
from workflow.plan.config import ROOT, CampaignConfig, DatasetConfig, ExperimentConfig, load_dataset, validate
from workflow.plan.names import below

EVIL = [
    *("x;touch pwned;.zip", "$(touch pwned)", "`touch pwned`", "a b.zip", "a\nb", "a\n", "{output}", "-rf", "--out"),
    *(".", "..", "../../../../victim.txt", "/etc/passwd", "a/b", "a\\b", "~", "*", "é", "a\0b", "x" * 300, ""),
    *("'", '"', "a|b", "a>b", "a&b"),
]


def dataset(**changes: Any) -> dict[str, Any]:
    values = load_dataset("frappe").model_dump(mode="json")
    values["published"]["vocabulary"] = {}
    values["source"]["archive"] = changes.pop("archive", "a.zip")
    values["preparation"]["files"]["train"] = changes.pop("file", "train.csv")
    values["preparation"]["fields"][0]["name"] = changes.pop("column", "user")
    return {**values, **changes}


def refused(cls: Any, values: dict[str, Any], key: str) -> None:
    with pytest.raises(UserError) as caught:
        validate(cls, values, "config/mine.yaml")
    message = str(caught.value)
    assert message.startswith(f"config/mine.yaml: {key}: ")
    assert len(message.splitlines()) == 1
    assert len(message) < 500


@pytest.mark.parametrize("name", EVIL)
def test_no_evil_name_is_accepted(name: str) -> None:
    refused(DatasetConfig, dataset(archive=name), "source.archive")
    refused(DatasetConfig, dataset(name=name), "name")
    campaign = {"campaign": name, "datasets": ["frappe"], "experiments": ["table_1"]}
    refused(CampaignConfig, campaign, "campaign")
    refused(ExperimentConfig, {"name": name, "title": "T", "datasets": []}, "name")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/b", "a\nb", "a\\b", ".", "..", "", "x" * 129, "a\0"])
def test_a_file_in_an_archive_has_no_folder(name: str) -> None:
    refused(DatasetConfig, dataset(file=name), "preparation.files.train")


@pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", "", "x" * 129, "a\u2028b"])
def test_columns_and_labels_can_be_printed(name: str) -> None:
    refused(DatasetConfig, dataset(column=name), "preparation.fields.0.name")
    arm = {"label": name, "model": {"name": "DNN"}}
    refused(ExperimentConfig, {"name": "x", "title": "T", "datasets": [], "arms": [arm]}, "arms.0.label")


def test_honest_names_are_accepted() -> None:
    config = validate(
        DatasetConfig, dataset(archive="My_data-1.2.zip", file="my clicks (1).csv", column="User ID"), "x"
    )
    assert config.source.archive == "My_data-1.2.zip"


def test_a_link_out_of_the_folder_is_refused(here: Path) -> None:
    (here / "victim").mkdir()
    (here / "data/raw").mkdir(parents=True)
    assert below(Path("data"), Path("data/raw/frappe/a.zip")) == Path("data/raw/frappe/a.zip")
    (here / "data/raw/frappe").symlink_to(here / "victim")
    with pytest.raises(UserError, match=r"data/raw/frappe/a\.zip: leads to .*victim/a\.zip, outside data; remove"):
        below(Path("data"), Path("data/raw/frappe/a.zip"))
    with pytest.raises(UserError, match="outside data"):
        below(Path("data"), Path("data/../victim/a.zip"))


def test_a_whole_data_folder_may_be_a_link(here: Path) -> None:
    (here / "disk").mkdir()
    (here / "data").symlink_to(here / "disk")
    below(Path("data"), Path("data/raw/frappe/a.zip"))


# -- rules ------------------------------------------------------------------------------

COMMAND = re.compile(r"shell:\s*((?:f?\"[^\"]*\"\s*)+)")
# A number; a path made of a campaign's name, and names of experiments, whose alphabets need no quotes (`Rendering`
# quotes a wildcard).
SAFE = {"threads", "RESOLVED", "ONLY", "TABLE.words", "FIGURE.words"}


def commands(name: str) -> list[str]:
    text = (ROOT / "workflow/rules" / name).read_text(encoding="utf-8")
    return [match[1] for match in COMMAND.finditer(text)]


@pytest.mark.parametrize("rules", sorted(path.name for path in (ROOT / "workflow/rules").glob("*.smk")))
def test_everything_that_a_rule_puts_into_a_command_is_quoted(rules: str) -> None:
    found = [place for command in commands(rules) for place in re.findall(r"{([^{}]*)}", command)]
    assert [place for place in found if not place.endswith(":q") and place not in SAFE] == []
    shlex.split(" ".join(commands(rules)))  # no open quote


def test_the_rules_commands_are_found() -> None:
    found = [command for path in (ROOT / "workflow/rules").glob("*.smk") for command in commands(path.name)]
    assert len(found) >= 9
    assert all("python -m workflow" in command for command in found)

"""Helpers for tests of commands: a campaign in a folder, checks of messages, and the output of `init`."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from tests.conftest import forget
from workflow.cli.main import main
from workflow.data.description.facts import Description, load_description
from workflow.plan.cells import dataset_spec
from workflow.plan.config import ROOT, DatasetConfig, load_campaign, load_dataset

GOOD = "campaign: mine\ndatasets: [frappe]\nexperiments: [table_1, table_3, figure_6]\nthreads: 1\n"


@pytest.fixture
def folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project's configuration and a campaign `mine`."""
    shutil.copytree(ROOT / "config", here / "config")
    (here / "config/mine.yaml").write_text(GOOD)
    (here / "nowhere.link").symlink_to(here / "unplugged")
    monkeypatch.setenv("TF4CTR_CONFIG", str(here / "config"))
    forget()
    return here


@pytest.fixture
def own_folder(config_folder: Path, here: Path) -> Path:
    """A folder whose configuration has no dataset and no campaign."""
    shutil.copy(ROOT / "config/experiments/table_1.yaml", config_folder / "experiments")
    return here


def one_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Using ")]
    assert len(lines) == 1, text
    assert lines[0].startswith("error: ")
    assert len(lines[0]) < 600
    return lines[0]


def shown(show: Callable[[Console], object], width: int = 200) -> str:
    """What is printed on a terminal of this width."""
    stream = io.StringIO()
    show(Console(file=stream, width=width))
    return stream.getvalue()


def init(*arguments: str) -> DatasetConfig:
    """What `init` wrote of the only dataset in the folder."""
    assert main(["init", *arguments]) == 0
    forget()
    (path,) = Path("config/datasets").glob("*.yaml")
    return load_dataset(path.stem)


def described(name: str = "mine") -> Description:
    """What `describe` found."""
    assert main(["describe", name]) == 0
    description = load_description(
        dataset_spec(load_dataset(name), load_campaign(Path(f"config/{name}.yaml"))).prepared_dir
    )
    assert description is not None
    return description

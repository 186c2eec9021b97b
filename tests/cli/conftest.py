"""What tests of mistakes share: a campaign in a folder, and what a message has to be."""

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from tests.conftest import forget
from workflow.plan.config import ROOT

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

"""What tests of mistakes share: a campaign in a folder, and what a message has to be."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import forget
from workflow.plan.config import ROOT

GOOD = "campaign: mine\ndatasets: [frappe]\nexperiments: [table_1, table_3, figure_6]\nthreads: 1\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the project's configuration and a campaign `mine`."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config/mine.yaml").write_text(GOOD)
    (tmp_path / "nowhere.link").symlink_to(tmp_path / "unplugged")
    monkeypatch.setenv("TF4CTR_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    forget()
    return tmp_path


def one_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("Using ")]
    assert len(lines) == 1, text
    assert lines[0].startswith("error: ")
    assert len(lines[0]) < 600
    return lines[0]

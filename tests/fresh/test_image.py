"""The Dockerfile, line by line: what would be run, by whom and where."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.fresh import image
from workflow.plan.config import ROOT


def test_the_dockerfile_is_carried_out_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        return subprocess.CompletedProcess(command, 0, stdout="requirements.lock\nrequirements-cpu.lock\ntf4ctr\n")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("TORCH_INDEX", "https://example.org/simple")
    image.main(str(ROOT / "Dockerfile"), str(tmp_path), "plan", "demo")
    assert {path.name for path in (tmp_path / "app").iterdir()} >= {"requirements.lock", "tf4ctr"}
    inside = [call for call in calls if "/usr/bin/env" in call]
    (install,) = [call for call in inside if "pip install" in call[-1]]
    assert "--userspec=audit:audit" in install
    assert {"TORCH=cpu", "TORCH_INDEX=https://example.org/simple"} <= set(install)
    assert install[install.index("-c") + 2] == "/app"
    assert [call[-2:] for call in inside[-2:]] == [["/app/tf4ctr", "--help"], ["plan", "demo"]]


def test_an_instruction_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="VOLUME"):
        image.Image(tmp_path, tmp_path).do("VOLUME", "/data")

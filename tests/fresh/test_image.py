"""The Dockerfile, line by line: what would be run, by whom and where; CI's list of skipped tests."""

import subprocess
import sys
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


# -- skips -----------------------------------------------------------------------------


REPORT = """<testsuites><testsuite>
<testcase classname="tests.a.test_page" name="test_1"><skipped message="no Chromium here"/></testcase>
<testcase classname="tests.a.test_page" name="test_2"><skipped message="no Chromium here"/></testcase>
<testcase classname="tests.test_b" name="test_3"/>
</testsuite></testsuites>"""


@pytest.mark.parametrize(("installed", "failed"), [([], 0), (["chromium"], 1), (["slurmctld"], 0)])
def test_a_skip_is_a_failure_where_its_program_is(tmp_path: Path, installed: list[str], failed: int) -> None:
    for name in installed:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    done = subprocess.run(
        [sys.executable, str(ROOT / ".ci/skips.py"), str(report)],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == bool(failed)
    assert "2 tests/a/test_page: no Chromium here" in done.stdout
    assert done.stdout.splitlines()[-1] == f"1 passed, {failed} failed, 2 skipped"

"""CI's list of skipped tests, and the skips that are failures."""

import subprocess
import sys
from pathlib import Path

import pytest

from workflow.plan.config import ROOT

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

"""The README's counts are what the code finds now."""

from pathlib import Path

import pytest

from workflow.analysis.claims.audit import counts
from workflow.analysis.report import readme
from workflow.config import ROOT
from workflow.errors import UserError


def test_the_readme_says_what_the_audit_finds(tmp_path: Path) -> None:
    found = readme.audit_without_runs()
    block = readme.block(found)
    assert block in (ROOT / "README.md").read_text(encoding="utf-8"), "run `make summary`"
    for layer in readme.WITHOUT_RUNS:
        for verdict, count in counts(found)[layer].items():
            assert f"{count} {verdict}" in block
    assert not any(row.layer == "runs" for row in found.rows)

    page = tmp_path / "README.md"
    page.write_text(f"before\n{readme.BEGIN}\n**9,999 claims**\n{readme.END}\nafter\n")
    readme.update(page)
    assert page.read_text() == f"before\n{block}\nafter\n"


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("nothing here")
    with pytest.raises(UserError, match="lacks the lines"):
        readme.update(page)
    assert page.read_text() == "nothing here"
    with pytest.raises(UserError, match="cannot be read"):
        readme.update(tmp_path / "absent.md")

"""The README's counts are what the code finds now."""

from pathlib import Path

import pytest

from workflow.analysis.claims.audit import audit_prints, counts
from workflow.analysis.report import readme
from workflow.config import ROOT
from workflow.errors import UserError


def test_the_readme_says_what_the_audit_finds(tmp_path: Path) -> None:
    whole = audit_prints()
    found = readme.without_transcriptions(whole)
    block = readme.block(found)
    assert block in (ROOT / "README.md").read_text(encoding="utf-8"), "run `make summary`"
    for tally in counts(found).values():
        for verdict, count in tally.items():
            assert f"{count} {verdict}" in block
    left_out = {row.claim.id for row in whole.rows} - {row.claim.id for row in found.rows}
    assert left_out == {"P01", "P02", "P13", "N01", "F8"}  # T3.print has a log beside its quotes
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

"""The README's generated blocks are up to date."""

import hashlib
from pathlib import Path

import pytest

from workflow.analysis.claims.audit import audit_prints, counts
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.report import readme
from workflow.errors import UserError
from workflow.plan.config import ROOT

IDENTIFIER = hashlib.sha256((ROOT / "results/evidence/SHA256SUMS").read_bytes()).hexdigest()


def test_the_readme_says_what_the_audit_and_the_shipped_runs_find(shipped: Evidence, tmp_path: Path) -> None:
    told = audit_prints()
    audited, found = readme.audit_block(told), readme.found_block(shipped, IDENTIFIER)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    needs = readme.needs_block(shipped.records)
    for name, block in ((readme.AUDIT, audited), (readme.FOUND, found), (readme.NEEDS, needs)):
        assert readme.marked(name, block) in text, "run `make summary`"
    for tally in counts(told).values():
        for verdict, count in tally.items():
            assert f"{count} {verdict}" in audited
    left_out = {row.claim.id for row in told.rows} - {row.claim.id for row in told.computed}
    assert left_out == {"P01", "P02", "P13", "N01", "F8"}  # T3.print has a log beside its quotes
    assert not any(row.layer == "runs" for row in told.rows)

    page = tmp_path / "README.md"
    page.write_text(
        "\n".join(
            (
                readme.marked(readme.FOUND, "typed"),
                "between",
                readme.marked(readme.NEEDS, "no time at all"),
                readme.marked(readme.AUDIT, "9,999 claims"),
            )
        )
    )
    readme.update(page, shipped, IDENTIFIER)
    assert page.read_text() == "\n".join(
        (
            readme.marked(readme.FOUND, found),
            "between",
            readme.marked(readme.NEEDS, needs),
            readme.marked(readme.AUDIT, audited),
        )
    )


def test_a_page_without_markers_is_left_alone(shipped: Evidence, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text("nothing here")
    with pytest.raises(UserError, match="lacks the lines"):
        readme.update(page, shipped, IDENTIFIER)
    assert page.read_text() == "nothing here"
    with pytest.raises(UserError, match="cannot be read"):
        readme.update(tmp_path / "absent.md", shipped, IDENTIFIER)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 180

"""Links of the pages that are shipped lead to files that are shipped."""

import os
import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

from workflow.archive.layout import RunArchive
from workflow.plan.config import ROOT

LINK = re.compile(r"(?<!\\)\]\(<?([^)>\s]+)>?\)")
RECORD = re.compile(r"\[(\w+/seed\d+)\]\(([^)]+)\)")


@cache
def tracked() -> set[str]:
    """What a clone has; of a copy without a repository, every file."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        return {str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()}
    return set(listed.stdout.split("\0"))


PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "config/*.md", "docs/*.md", "benchmarks/*.md", "paper_tables/evidence/*.md")
    for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    page, known = ROOT / name, tracked()
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    dead = []
    for link in LINK.findall(text):
        target, _, anchor = link.partition("#")
        if re.match(r"\w+:", link):
            continue
        path = os.path.relpath((page.parent / unquote(target)).resolve() if target else page, ROOT)
        stands = path in known or any(file.startswith(f"{path}/") for file in known)
        if not stands or (anchor and anchor not in anchors(ROOT / path)):
            dead.append(link)
    assert dead == []


def anchors(page: Path) -> set[str]:
    """Names of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_every_run_behind_a_shipped_cell_is_in_the_file_that_its_link_names() -> None:
    archive = RunArchive(ROOT / "results/evidence")
    found = {
        (key, os.path.normpath(f"paper_tables/evidence/{link}"))
        for page in (ROOT / "paper_tables/evidence").glob("*.md")
        for key, link in RECORD.findall(page.read_text(encoding="utf-8"))
    }
    assert {link for _, link in found} == {"results/evidence/records.jsonl.gz"}
    assert {key for key, _ in found} <= set(archive.records)

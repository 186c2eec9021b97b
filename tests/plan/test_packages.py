"""The walls between packages are those of the table in docs/architecture.md."""

import ast
import re
from pathlib import Path

import pytest

from workflow.plan.config import ROOT

LEAVES = {"errors", "files", "reading", "settings", "spec"}


def table() -> dict[str, set[str]]:
    """By package, what the table lets it import besides the leaves."""
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    part = text.partition("## Packages")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\|(.*)\|$", part, re.MULTILINE)
    found = {name: set(re.findall(r"`(\w+)`", words)) for name, words in rows}
    every = set(found)
    found["cli"] = every - {"cli", "rules"}
    found["rules"] = every - {"rules"}
    return found


def imported(package: Path) -> dict[str, str]:
    """Packages and leaves of ours that a package's modules import anywhere, each with one such module."""
    found: dict[str, str] = {}
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for parts in (name.split(".") for name in names):
                if parts[0] == "workflow" and len(parts) > 1:
                    found[parts[1]] = str(path.relative_to(ROOT))
    return found


def test_the_table_has_every_package() -> None:
    packages = {path.parent.name for path in (ROOT / "workflow").glob("*/__init__.py")} - LEAVES
    assert set(table()) == packages


@pytest.mark.parametrize("name", sorted(table()))
def test_a_package_imports_what_the_table_lists(name: str) -> None:
    allowed = table()[name] | LEAVES | {name}
    assert {other: where for other, where in imported(ROOT / "workflow" / name).items() if other not in allowed} == {}

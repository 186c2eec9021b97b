"""docs/architecture.md: its tables are the allowed imports, its diagram the graph of the rules."""

import ast
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from workflow.plan.config import ROOT

LEAVES = {"errors", "files", "reading", "settings", "spec"}


def text() -> str:
    return (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def table() -> dict[str, set[str]]:
    """By package, what the table lets it import besides the leaves."""
    part = text().partition("## Packages")[2].partition("\n## ")[0]
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


def test_the_documentation_names_every_room() -> None:
    rooms = {path.name for path in (ROOT / "workflow/analysis").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert rooms <= set(re.findall(r"`(\w+)`", text()))


def test_the_picture_in_the_documentation_is_the_demos_rule_graph(tmp_path: Path) -> None:
    """A node for each kind of thing, however many jobs there are; in an empty folder, as behind a checkpoint that has
    run there are other edges."""
    options = ["--snakefile", str(ROOT / "Snakefile"), "--configfile", str(ROOT / "config/demo.yaml"), "--cores", "1"]
    command = [sys.executable, "-m", "snakemake", *options, "--directory", str(tmp_path), "--rulegraph", "--", "all"]
    dot = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = dict(re.findall(r'(\d+)\[\s*label\s*=\s*"([^"]+)"', dot))
    assert len(set(names.values())) == len(names) <= 15
    edges = {(names[one], names[other]) for one, other in re.findall(r"(\d+)\s*->\s*(\d+)", dot)}
    edges -= {(name, name) for name in names.values()}  # a checkpoint's second stage needs its first
    picture = re.findall(r"^  ([\w &]+) --> ([\w &]+)$", text(), re.MULTILINE)
    assert edges == {edge for one, other in picture for edge in product(one.split(" & "), other.split(" & "))}

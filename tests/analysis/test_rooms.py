"""The packages of the analysis: their imports, and that none loads torch."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workflow.plan.config import ROOT

HOUSE = ROOT / "workflow" / "analysis"
BELOW = {
    "stats": set[str](),
    "paper": {"stats"},
    "evidence": {"stats", "paper"},
    "compare": {"stats", "paper", "evidence"},
    "pages": {"stats", "paper", "evidence", "compare"},
    "tables": {"stats", "pages", "paper", "evidence", "compare"},
    "figures": {"stats", "pages", "paper", "evidence", "compare"},
    "claims": {"stats", "pages", "paper", "evidence", "compare"},
    "report": {"stats", "pages", "paper", "evidence", "compare", "tables", "figures", "claims"},
}


def modules() -> list[Path]:
    return sorted(HOUSE.rglob("*.py"))


def rooms_imported_by(path: Path) -> Iterator[str]:
    """Packages that a file names in an import, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its room"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[:2] == ["workflow", "analysis"] and len(parts) > 2:
                yield parts[2]


def test_every_file_lies_in_a_room() -> None:
    assert {path.name for path in HOUSE.iterdir() if not path.name.startswith("__")} == set(BELOW)


@pytest.mark.parametrize("room", BELOW)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    for path in (HOUSE / room).rglob("*.py"):
        assert set(rooms_imported_by(path)) <= BELOW[room] | {room}, path


def test_analysis_never_imports_torch() -> None:
    """Every module at any depth, in a process of its own."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in modules()]
    assert sum(name.count(".") > 2 for name in names) > 40  # modules in packages, too
    found = "assert 'workflow.train.record' in sys.modules; sys.exit('torch' in sys.modules)"
    code = f"import sys, {', '.join(names)}; {found}"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_guard_sees_an_import_of_torch_in_a_subfolder(tmp_path: Path) -> None:
    path = tmp_path / "hidden.py"
    path.write_text(
        "def f():\n    from workflow.analysis.tables import table_1\n    import workflow.analysis.report.page\n"
    )
    assert set(rooms_imported_by(path)) == {"tables", "report"}

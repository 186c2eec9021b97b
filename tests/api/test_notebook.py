"""The notebook runs from its first cell to its last, in an empty folder."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from workflow.plan.config import ROOT

NOTEBOOK = ROOT / "docs/notebook.ipynb"


def test_its_code_runs_as_plain_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Jupyter: each cell after the other, in one namespace."""
    import matplotlib  # noqa: PLC0415

    matplotlib.use("Agg")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert len(cells) >= 15
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert names["found"].word in ("gain", "loss", "no difference", "open")
    assert names["found"].p is not None


def test_it_runs_in_jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient", reason="pip install nbclient ipykernel")
    pytest.importorskip("ipykernel", reason="pip install nbclient ipykernel")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [
        output for cell in book.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    assert len(shown) == 1

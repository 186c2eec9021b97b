"""The notebook runs from its first cell to its last, in an empty folder."""

import os
from pathlib import Path
from typing import Any

import pytest

from workflow.plan.config import ROOT

nbformat = pytest.importorskip("nbformat", reason="pip install nbclient ipykernel")
BOOK = nbformat.read(ROOT / "docs/notebook.ipynb", as_version=4)


def test_its_code_runs_as_plain_python(here: Path) -> None:
    """Without Jupyter: each cell after the other, in one namespace."""
    import matplotlib  # noqa: PLC0415

    matplotlib.use("Agg")
    names: dict[str, Any] = {}
    assert len(BOOK.cells) >= 15
    exec("\n".join(cell["source"] for cell in BOOK.cells if cell["cell_type"] == "code"), names)
    assert names["found"].word in ("gain", "loss", "no difference", "open")
    assert names["found"].p is not None


@pytest.mark.attack  # Jupyter takes 20 seconds of CPU time
def test_it_runs_in_jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbclient = pytest.importorskip("nbclient", reason="pip install nbclient ipykernel")
    pytest.importorskip("ipykernel", reason="pip install nbclient ipykernel")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    nbclient.NotebookClient(BOOK, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [
        output for cell in BOOK.cells for output in cell.get("outputs", []) if "image/png" in output.get("data", {})
    ]
    assert len(shown) == 1

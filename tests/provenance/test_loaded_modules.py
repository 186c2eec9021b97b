"""Our own fingerprints: each file that a training process loads from this project counts, or is excepted by name."""

import ast
import json
import subprocess
import sys

import pytest

from models import MODELS
from workflow.plan.config import ROOT
from workflow.provenance import code
from workflow.provenance.code import NOT_COUNTED, TRAINING, modules_of

LIST = """
import importlib, json, sys
from pathlib import Path
for name in sys.argv[2:]:
    importlib.import_module(name)
root = Path(sys.argv[1])
print(json.dumps(sorted(
    name for name, module in list(sys.modules.items())
    if (file := getattr(module, "__file__", None)) and Path(file).resolve().is_relative_to(root)
    and Path(file).resolve().relative_to(root).parts[0] in ("models", "workflow")
)))
"""


def loaded_by(*modules: str) -> set[str]:
    command = [sys.executable, "-c", LIST, str(ROOT.resolve()), *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """By model; each in the process that loads it alone is what a worker does."""
    names = ("DNN", "TF4CTR", "Framed", "Custom")
    return {name: loaded_by(*TRAINING, MODELS[name].partition(":")[0]) for name in names}


def does_nothing(module: str) -> bool:
    """Whether a package's `__init__` holds no more than a docstring and a version: more would have to count."""
    path = ROOT.joinpath(*module.split("."), "__init__.py")
    return path.is_file() and all(
        isinstance(node, ast.Expr | ast.Assign) and isinstance(node.value, ast.Constant)
        for node in ast.parse(path.read_bytes()).body
    )


def behind_the_line() -> set[str]:
    """Modules that only those need which do not count: what they read and write is stated in a run's identity."""
    found: set[str] = set()
    waiting = list(NOT_COUNTED)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += code._imports(code._source(name))
    return found


@pytest.mark.parametrize("name", ["DNN", "TF4CTR", "Framed", "Custom"])
def test_every_file_that_training_loads_counts_or_is_excepted(name: str, loaded: dict[str, set[str]]) -> None:
    counted = modules_of(*TRAINING, MODELS[name].partition(":")[0])
    assert counted <= loaded[name] | NOT_COUNTED | behind_the_line()
    unseen = loaded[name] - counted - behind_the_line()
    assert {module for module in unseen if not does_nothing(module)} == set()

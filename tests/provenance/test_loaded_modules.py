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

# What training loads, and then a model alone in a process of its own, as a worker does; forked, as torch takes seconds.
LIST = """
import importlib, json, os, sys
from pathlib import Path
root, training, models = json.loads(sys.argv[1])
for name in training:
    importlib.import_module(name)
for name in models:
    if os.fork() == 0:
        importlib.import_module(name)
        print(json.dumps(sorted(
            name for name, module in list(sys.modules.items())
            if (file := getattr(module, "__file__", None)) and Path(file).resolve().is_relative_to(root)
            and Path(file).resolve().relative_to(root).parts[0] in ("models", "workflow")
        )), flush=True)
        os._exit(0)
    os.wait()
"""
NAMES = ("DNN", "TF4CTR", "Framed", "Custom")


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """By model."""
    what = json.dumps([str(ROOT.resolve()), TRAINING, [MODELS[name].partition(":")[0] for name in NAMES]])
    done = subprocess.run([sys.executable, "-c", LIST, what], cwd=ROOT, capture_output=True, text=True, check=True)
    return {name: set(json.loads(line)) for name, line in zip(NAMES, done.stdout.splitlines(), strict=True)}


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


@pytest.mark.parametrize("name", NAMES)
def test_every_file_that_training_loads_counts_or_is_excepted(name: str, loaded: dict[str, set[str]]) -> None:
    counted = modules_of(*TRAINING, MODELS[name].partition(":")[0])
    assert counted <= loaded[name] | NOT_COUNTED | behind_the_line()
    unseen = loaded[name] - counted - behind_the_line()
    assert {module for module in unseen if not does_nothing(module)} == set()

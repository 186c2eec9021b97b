"""What code made a result: a digest of syntax trees, so that comments do not count."""

import ast
import hashlib
from functools import cache
from pathlib import Path

from workflow.config import ROOT

PACKAGES = ("models", "workflow")
# Their effect on a result is explicit elsewhere: settings and specifications stand in
# the run's identity, and the rest decides how results are kept, not what they are.
NOT_COUNTED = frozenset(
    {
        "workflow.config",
        "workflow.data.store",
        "workflow.errors",
        "workflow.files",
        "workflow.provenance",
        "workflow.settings",
        "workflow.spec",
        "workflow.train.record",
    }
)


@cache
def code_fingerprint(*modules: str) -> str:
    """SHA-256 over the named modules and all project modules that they import.

    Parameters
    ----------
    *modules : str
        Dotted names, such as "workflow.train.loop".

    Returns
    -------
    str
        64 hex digits. Comments, docstrings and layout leave it as it is; so do the
        modules in `NOT_COUNTED`.

    Raises
    ------
    ModuleNotFoundError
        When a named module has no source file in the project.
    """
    digest = hashlib.sha256()
    for name in sorted(_closure(modules)):
        digest.update(f"{name}\n{_normalised(_source(name))}\n".encode())
    return digest.hexdigest()


def _closure(modules: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found and name not in NOT_COUNTED:
            found.add(name)
            waiting += _imports(_source(name))
    return found


def _source(module: str) -> Path:
    base = ROOT.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    raise ModuleNotFoundError(f"{module}: no source in {ROOT}")


def _imports(path: Path) -> list[str]:
    """Project modules that a file imports, anywhere in it."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names] + [node.module]
    return [name for name in names if name.split(".")[0] in PACKAGES and _is_module(name)]


def _is_module(name: str) -> bool:
    base = ROOT.joinpath(*name.split("."))
    return base.with_suffix(".py").is_file() or (base / "__init__.py").is_file()


def _normalised(path: Path) -> str:
    """The syntax tree as text, without docstrings."""
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree, annotate_fields=False)

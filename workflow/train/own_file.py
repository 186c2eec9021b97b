"""Whether the file and the class of a user's model exist, without running it. Does not load torch."""

import ast
from collections.abc import Iterator
from pathlib import Path

from workflow.errors import UserError, nearest
from workflow.plan.campaign import Plan
from workflow.reading import SMALL_BYTES, in_one_line, regular_bytes
from workflow.settings import Custom


def refuse_missing(plan: Plan) -> None:
    """Refuse a campaign with a model whose file or class does not exist."""
    modules = {run.model.module for run, _ in plan.runs.values() if isinstance(run.model, Custom)}
    for module in sorted(modules):
        check_file(module)


def check_file(module: str) -> None:
    """Refuse `path/to/file.py:Class` where there is no such file, it is not Python, or nothing in it is called so."""
    file, _, name = module.rpartition(":")
    missing = f"{file}: no such file; model.module is `path/to/file.py:Class`, from {Path.cwd()}"
    with in_one_line(file, "Python", "correct it", missing):
        tree = _parsed(file)
    names = list(_names(tree))
    if name not in names:
        classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        raise UserError(f"model {module}: the file has no class {name!r}; {nearest(name, classes or names)}")


def _parsed(file: str) -> ast.Module:
    try:
        return ast.parse(regular_bytes(Path(file), SMALL_BYTES))
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno else ""
        raise UserError(f"{file}: {where}not valid Python: {error.msg}; correct it") from error


def _names(tree: ast.Module) -> Iterator[str]:
    """Names that a file defines or imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id

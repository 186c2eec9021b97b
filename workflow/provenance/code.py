"""What code made a result: a digest of syntax trees, so that comments do not count."""

import ast
import hashlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from workflow.errors import UserError
from workflow.plan.config import ROOT

PACKAGES = ("models", "workflow")
# The line: what computes a run's numbers counts. That is these modules, the model's own, and all
# that they import, except the modules below.
TRAINING = ("workflow.train.loop", "workflow.train.placements")
# Their effect is explicit elsewhere: settings and specifications stand in the run's identity,
# the registry's entry for a model is named in its fingerprint.
STATED = frozenset({"models", "workflow.plan.config", "workflow.settings", "workflow.spec"})
# They order, keep and resume runs: how results are kept, not what they are.
KEEPING = frozenset(
    {
        "workflow.data.store",
        "workflow.errors",
        "workflow.files",
        "workflow.provenance.code",
        "workflow.provenance.equivalents",
        "workflow.provenance.seal",
        "workflow.train.checkpoint",
        "workflow.train.failures",
        "workflow.train.gpus",
        "workflow.train.keep",
        "workflow.train.manifest",
        "workflow.train.pack",
        "workflow.train.record",
        "workflow.train.run",
        "workflow.train.workers",
    }
)
NOT_COUNTED = STATED | KEEPING


@cache
def code_fingerprint(*modules: str, files: tuple[str, ...] = (), unused: frozenset[str] = frozenset()) -> str:
    """SHA-256 over modules and all project modules that they import, but those in `NOT_COUNTED`, as 64 hex digits.

    A name may have a class, which then counts too: "models.dnn:DNN". `files` are Python files outside the project,
    with what they import from it and from the working directory; of `unused`, which are imported and not used,
    nothing counts. Comments, docstrings and layout count nowhere.
    """
    digest = hashlib.sha256()
    outside = _with_neighbours(files)
    imported = {name for path in outside for name in _imports(path)}
    digest.update(f"{sorted(modules)}\n".encode())
    named = {name.partition(":")[0] for name in modules}
    for name in sorted(modules_of(*named, *imported, unused=unused)):
        digest.update(f"{name}\n{_normalised(_source(name))}\n".encode())
    for path in outside:
        digest.update(f"{path.name}\n{_normalised(path)}\n".encode())
    return digest.hexdigest()


def _with_neighbours(files: tuple[str, ...]) -> list[Path]:
    """Files outside the project, and those below the working directory that they import."""
    found: list[Path] = []
    waiting = [Path(file) for file in files]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.append(path)
            bases = [Path(*name.split(".")) for name in _imported_names(path) if name.split(".")[0] not in PACKAGES]
            choices = (choice for base in bases for choice in (base.with_suffix(".py"), base / "__init__.py"))
            waiting += [choice for choice in choices if choice.is_file()]
    return sorted(found)


def modules_of(*modules: str, unused: frozenset[str] = frozenset()) -> set[str]:
    """Name all modules that count for some: themselves and what they import."""
    found: set[str] = set()
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name not in found and name not in NOT_COUNTED | unused:
            found.add(name)
            waiting += _imports(_source(name))
    return found


def _source(module: str) -> Path:
    base = ROOT.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    raise ModuleNotFoundError(f"{module}: no source in {ROOT}")


def _imports(path: Path) -> tuple[str, ...]:
    """Project modules that a file imports, anywhere in it."""
    return _modules_in(path, _content(path))


@cache
def _modules_in(path: Path, content: bytes) -> tuple[str, ...]:
    return tuple(name for name in _parsed(path, content)[0] if is_module(name))


def _imported_names(path: Path) -> tuple[str, ...]:
    return _parsed(path, _content(path))[0]


def _normalised(path: Path) -> str:
    """The syntax tree as text, without docstrings."""
    return _parsed(path, _content(path))[1]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; model.module is `path/to/file.py:Class`, from here") from error


@cache
def _parsed(path: Path, content: bytes) -> tuple[tuple[str, ...], str]:
    """Names that a file imports, and its syntax tree as text; read once for all fingerprints."""
    try:
        tree = ast.parse(content)
    except SyntaxError as error:
        raise UserError(f"{path}: line {error.lineno}: not valid Python: {error.msg}") from error
    names: list[str] = []
    for node in [tree, *_statements(tree)]:
        names += _imported_by(node)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tuple(names), syntax_text(tree)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements below a node. Expressions are passed over: they hold none, and are most of a tree."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield child
            yield from _statements(child)


def imported_names(tree: ast.AST) -> Iterator[str]:
    """Modules that code imports anywhere, and names in them, which may be modules, too."""
    for node in _statements(tree):
        yield from _imported_by(node)


def _imported_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def is_module(name: str) -> bool:
    """Whether a dotted name is that of a module of this project."""
    return name.partition(".")[0] in PACKAGES and _is_file(ROOT.joinpath(*name.split(".")))


@cache
def _is_file(base: Path) -> bool:
    """Asked once for each name: all fingerprints together ask twenty thousand times."""
    return base.with_suffix(".py").is_file() or (base / "__init__.py").is_file()


def syntax_text(tree: ast.AST) -> str:
    """What `ast.dump(tree, annotate_fields=False)` writes on Python 3.11; `tree` is changed.

    Newer versions add fields that are empty (3.12) and leave out those that are (3.13).
    """
    for node in ast.walk(tree) if sys.version_info >= (3, 12) else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.type_params:
            del node.type_params
    empty = {"show_empty": True} if sys.version_info >= (3, 13) else {}
    return ast.dump(tree, annotate_fields=False, **empty)

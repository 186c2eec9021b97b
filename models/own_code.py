"""The code of a user's model: compiled from the bytes that are digested; files that it reads are noted.

A fingerprint that follows `import` statements misses what they do not say: relative and computed
imports, a package's `__init__`, a table that the model opens. So what is loaded is noted while it
is loaded. Python's `__pycache__` is neither read nor written for it.

Files that libraries open without Python, such as Parquet files, are missed.
"""

import hashlib
import os
import site
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

HERE = Path(__file__).resolve().parents[1]
SYSTEM = tuple(map(Path, ("/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/lib64", "/opt")))


class OwnFileChanged(Exception):
    """A file that the model reads was changed between two readings of one run."""


@dataclass
class Loaded:
    """What users' models have loaded since `forget`."""

    digests: dict[str, str] = field(default_factory=dict)  # SHA-256 by path, relative to the working directory
    sources: dict[str, bytes] = field(default_factory=dict)  # of those that are code
    modules: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    quiet: bool = False  # while this module itself reads
    loading: bool = False  # while it imports the packages that a model's file lies in


_loaded = Loaded()
_installed = False


def forget() -> None:
    """Forget all files: the next model is loaded from the files as they are then."""
    global _loaded  # noqa: PLW0603
    for name in _loaded.modules:
        sys.modules.pop(name, None)
    _loaded = Loaded()


def loaded() -> Loaded:
    """What was loaded since `forget`: the model's file, all it imports outside the project, all it opened to read."""
    return _loaded


def load_class(module: str) -> Callable[..., Any]:
    """Import the class that `path/to/file.py:Class` names.

    Relative imports work: of the file's folder, and of the packages that it lies in.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    AttributeError
        When the file has no such name.
    """
    path, _, name = module.rpartition(":")
    if not Path(path).is_file():
        raise FileNotFoundError(path)
    _install()
    return getattr(_module(Path(os.path.abspath(path))), name)  # noqa: PTH100 (links stay as they are)


def _module(file: Path) -> ModuleType:
    """Import a file as a member of the packages that it lies in, below a name that nothing else has."""
    folder, parts = file.parent, [file.stem.replace(".", "_")]
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    top = f"own_{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}"
    if top not in sys.modules:
        package = module_from_spec(ModuleSpec(top, None, is_package=True))
        package.__path__ = [str(folder)]
        _begin(top, package)
    _loaded.loading = True
    try:
        for depth in range(1, len(parts)):
            import_module(".".join([top, *parts[:depth]]))
    finally:
        _loaded.loading = False
    name = ".".join([top, *parts])
    if name not in sys.modules:
        spec = spec_from_file_location(name, file, loader=_Loader(name, str(file)))
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        _begin(name, module)
        try:
            spec.loader.exec_module(module)
        except BaseException:
            sys.modules.pop(name, None)
            raise
    return sys.modules[name]


def _begin(name: str, module: ModuleType) -> None:
    sys.modules[name] = module
    _loaded.modules.append(name)


class _Loader(SourceFileLoader):
    """Compiles what it has read and noted, whatever lies in `__pycache__`."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        with _quietly():
            return self.source_to_code(_read(path), path)


class _Finder(MetaPathFinder):
    """Finds modules that a user's model imports, outside the project and the installed packages."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not _asked_by_own():
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or not _is_own(spec.origin):
            return None
        if isinstance(spec.loader, SourceFileLoader):
            spec.loader, spec.cached = _Loader(fullname, spec.origin), None
        else:
            _digest(spec.origin)  # an extension, or bytecode without a source
        _loaded.modules.append(fullname)
        return spec


def _install() -> None:
    """Install the import hook. It stays for the life of the process and only acts for users' models."""
    global _installed  # noqa: PLW0603
    if not _installed:
        sys.meta_path.insert(0, _Finder())
        sys.addaudithook(_hear)
        _installed = True


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or _loaded.quiet or not _loaded.modules:
        return
    path, mode, flags = arguments
    if not isinstance(path, str | bytes | os.PathLike) or not _asked_by_own():
        return
    name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100
    writes = bool(flags & (os.O_WRONLY | os.O_RDWR)) if mode is None else any(letter in mode for letter in "wax+")
    if writes:
        _loaded.written.add(name)
    elif name not in _loaded.written and os.path.isfile(name) and _is_own(name):  # noqa: PTH113
        _digest(name)


def _digest(path: str) -> None:
    """Note a file of any size that is not source code."""
    with _quietly(), Path(path).open("rb") as stream:
        _note(path, hashlib.file_digest(stream, "sha256").hexdigest())


def _asked_by_own() -> bool:
    """Whether code of a user's model is on the stack, so that it caused what happens now."""
    if _loaded.loading:
        return True
    frame = sys._getframe(1)
    own = _loaded.sources
    while frame is not None:
        if frame.f_code.co_filename[:1] != "<" and _relative(frame.f_code.co_filename) in own:
            return True
        frame = frame.f_back
    return False


def _read(path: str) -> bytes:
    """Read source code and note it."""
    content = Path(path).read_bytes()
    _note(path, hashlib.sha256(content).hexdigest())
    _loaded.sources[_relative(path)] = content
    return content


def _note(path: str, digest: str) -> None:
    name = _relative(path)
    if _loaded.digests.setdefault(name, digest) != digest:
        raise OwnFileChanged(f"{name}: was changed while the model used it; run the same command again")


@contextmanager
def _quietly() -> Iterator[None]:
    before, _loaded.quiet = _loaded.quiet, True
    try:
        yield
    finally:
        _loaded.quiet = before


def _relative(path: str) -> str:
    return os.path.relpath(path).replace(os.sep, "/")


def _is_own(path: str) -> bool:
    """Whether a file is the user's: neither the project's code, nor installed, the system's or a temporary one."""
    found, here = Path(path).resolve(), Path.cwd().resolve()
    if any(found.is_relative_to(HERE / name) for name in ("models", "workflow")) or "__pycache__" in found.parts:
        return False
    named = {*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()}
    packages = [folder for folder in map(Path, named) if not here.is_relative_to(folder.resolve())]
    if any(found.is_relative_to(folder.resolve()) for folder in packages):
        return False
    temporary = Path(tempfile.gettempdir()).resolve()
    return found.is_relative_to(here) or not any(found.is_relative_to(folder) for folder in (*SYSTEM, temporary))

"""The fingerprint of a model of one's own, made of what was loaded and not of what its syntax suggests.

A record names every file that its model has loaded, with its SHA-256. Whether the record is what
training now would give is asked of these files as they are now. Does not load torch.
"""

import ast
import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from models import MODELS
from workflow.errors import UserError
from workflow.files import sha256_json, write_bytes
from workflow.provenance.code import TRAINING, code_fingerprint, imported_names, is_module, syntax_text
from workflow.reading import regular_bytes, regular_head

STORE = Path("results/own_files")  # by SHA-256, so that an export has the code that ran, even if it was edited since
LARGEST_BYTES = 64 << 20  # size limit of kept files; larger ones stay in their place


def own_fingerprint(contents: Mapping[str, bytes]) -> str:
    """SHA-256 over the files that an own model has loaded, by path, and the project's code that trains it."""
    trees = {name: tree for name, content in contents.items() if (tree := _tree(name, content)) is not None}
    project = sorted({name for tree in trees.values() for name in imported_names(tree) if is_module(name)})
    digests = [
        (name, syntax_text(trees[name]) if name in trees else hashlib.sha256(content).hexdigest())
        for name, content in sorted(contents.items())
    ]
    return sha256_json([code_fingerprint(*TRAINING, MODELS["Custom"], *project), digests])


def _tree(name: str, content: bytes) -> ast.Module | None:
    """The syntax of a Python file; None of another, or where it has none: its bytes are then what is known."""
    if not name.endswith(".py"):
        return None
    try:
        return ast.parse(content)
    except Exception:  # unlike any loaded file; then its bytes count
        return None


def contents_of(names: Iterable[str], read: Callable[[str], bytes]) -> dict[str, bytes] | None:
    """What files hold; None where one of them is gone."""
    try:
        return {name: read(name) for name in names}
    except (OSError, UserError):
        return None


def read_here(name: str) -> bytes:
    """Content of a file of the working directory."""
    return regular_bytes(Path(name))


def keep_files(digests: Mapping[str, str], sources: Mapping[str, bytes]) -> None:
    """Put what a run has loaded into the store, as far as it is not there."""
    for name, digest in digests.items():
        path = STORE / digest
        if path.exists() or not is_carried(name):
            continue
        content = sources.get(name)
        if content is None:
            content = regular_head(Path(name), LARGEST_BYTES + 1)
        if hashlib.sha256(content).hexdigest() == digest:
            write_bytes(path, content)


def is_carried(name: str) -> bool:
    """Whether a file goes into archives: below the working directory, and no data and no result.

    >>> is_carried("my_models/toy.py"), is_carried("../table.npy"), is_carried("data/raw/x.csv")
    (True, False, False)
    """
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts and path.parts[:1] not in ((), ("data",), ("results",))

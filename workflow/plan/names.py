"""Rules for names; config/README.md has the table. Names become paths, commands and wildcards.

No name holds a space, brace, quote, line end or path separator where a path or a command is
made of it, none begins with a dash or a dot, and none is longer than a file system allows.
"""

from pathlib import Path, PurePath
from typing import Annotated

from pydantic import AfterValidator, Field

from workflow.errors import UserError


def printable(text: str) -> str:
    """Refuse control characters and line ends."""
    if not text.isprintable():
        raise ValueError("must be without control characters or line ends")
    return text


def _base_name(text: str) -> str:
    if text == ".." or PurePath(text).name != text or "\\" in text:
        raise ValueError("must be a file's name without a folder")
    return printable(text)


Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
DatasetName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
ArchiveName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=128)]
FileName = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_base_name)]
Column = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(printable)]
Label = Column


def below(root: Path, path: Path) -> Path:
    """Return `path` when it lies below `root`, links resolved."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise UserError(
            f"{path}: leads to {path.resolve()}, outside {root}; remove the link, or link the whole of {root} instead"
        )
    return path

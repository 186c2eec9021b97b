"""Sealed JSON: what a program wrote, with a SHA-256 over it, so that accidents are found.

A seal finds a flipped bit, a hand's edit, a half-copied file. It does not stop a forger, who
can compute it again; where one is feared, train runs again and compare.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field

from workflow.errors import UserError
from workflow.files import canonical_json, sha256_json, write_text
from workflow.reading import in_one_line, regular_bytes
from workflow.settings import Frozen

Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
UNSEALED = "0" * 64
RUN_AGAIN = "delete it and run the same command again"


class Sealed(Frozen):
    """What is written with a seal; the seal covers every other key."""

    seal: Hex64 = UNSEALED

    def content(self) -> dict[str, Any]:
        """Everything that the seal covers, as plain JSON types."""
        return json.loads(canonical_json(self.model_dump(mode="json", exclude={"seal"})))


S = TypeVar("S", bound=Sealed)


def write_sealed(path: Path, value: S) -> S:
    """Seal `value` and write it atomically; return it as it reads back."""
    value = sealed(value)
    write_text(path, json.dumps({**value.content(), "seal": value.seal}, indent=1, sort_keys=True) + "\n")
    return value


def read_sealed(path: Path, cls: type[S], what: str, remedy: str = RUN_AGAIN, missing: str | None = None) -> S:
    """Read a sealed file; a damaged or edited one is refused. `what` names it in messages, such as "record"."""
    with in_one_line(path, what, remedy, missing):
        return unsealed(regular_bytes(path), cls, str(path), what, remedy)


def sealed_if_there(path: Path, cls: type[S], what: str) -> S | None:
    """Read a sealed file; None where there is none."""
    with suppress(FileNotFoundError):
        return read_sealed(path, cls, what)
    return None


def unsealed(text: bytes, cls: type[S], where: str, what: str, remedy: str = RUN_AGAIN) -> S:
    """Check sealed JSON that was read from `where`; for the errors see `read_sealed`."""
    with in_one_line(where, what, remedy):
        content = json.loads(text)
        value = cls.model_validate(content)
        seal = content.pop("seal", None)
        if seal is None:
            raise UserError(f"{where}: this {what} has no seal, so an earlier version wrote it; {remedy}")
        if sha256_json(content) != seal:
            raise UserError(f"{where}: the {what} was changed after it was written; {remedy}")
        return value


def sealed(value: S) -> S:
    """Return `value` with its seal, as it reads back."""
    content = value.content()
    return type(value).model_validate({**content, "seal": sha256_json(content)})

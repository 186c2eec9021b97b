"""Runs a command that is killed at a change of the disk: `python dying.py NUMBER COMMAND …`.

A kill at a random time seldom falls into the moment of writing; this one always does. A change is
what Python's audit events tell: a file opened to write, a rename, a removal, a new or a lost folder.
The kill comes before the change of that number, so what was written until then stands.
"""

import os
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def is_change(event: str, arguments: tuple[Any, ...], folder: Path) -> bool:
    """Whether the event changes the disk below the folder."""
    if event not in CHANGES and not (event == "open" and arguments[2] & WRITING):
        return False
    path = arguments[0]
    return not isinstance(path, int) and Path(os.fsdecode(path)).absolute().is_relative_to(folder)


def main(number: int, folder: Path) -> None:
    """Run `python -m workflow` and kill the whole group at the change of that number, from 1."""
    seen = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if is_change(event, arguments, folder):
            seen += 1
            if seen == number:
                os.killpg(0, signal.SIGKILL)

    sys.addaudithook(hook)
    runpy.run_module("workflow", run_name="__main__")


if __name__ == "__main__":
    at = int(sys.argv.pop(1))
    main(at, Path.cwd())

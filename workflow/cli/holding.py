"""One Snakemake a folder: who works in it, and the refusal of a second.

Snakemake's own lock survives a kill and then wants `--unlock`, so the profile turns it off. This one
goes with its process, however that ends.
"""

import os
import shlex
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

from workflow.errors import UserError, shortened
from workflow.files import locked

HELD = Path(".snakemake/held")


def hold(folder: Path = Path()) -> None:
    """Hold a folder until this process ends.

    Raises
    ------
    UserError
        When another process holds it; it says which.
    """
    handle = os.open(folder / HELD, os.O_RDWR | os.O_CREAT)  # stays open
    if not locked(handle, wait=False):
        raise _held(folder)
    command = shortened(shlex.join(["snakemake", *sys.argv[1:]]), 200)
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    os.ftruncate(handle, 0)
    os.write(handle, f"process {os.getpid()} on {socket.gethostname()} since {since}: {command}".encode())


def refuse_held(folder: Path = Path()) -> None:
    """Refuse to start where another process holds the folder.

    Raises
    ------
    UserError
        With that process.
    """
    try:
        handle = os.open(folder / HELD, os.O_RDWR)
    except OSError:
        return  # no run has started here; what cannot be written is reported elsewhere
    try:
        if not locked(handle, wait=False):
            raise _held(folder)
    finally:
        os.close(handle)


def _held(folder: Path) -> UserError:
    try:
        who = (folder / HELD).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        who = ""
    shown = who or "another Snakemake"
    return UserError(f"{folder.resolve()}: is in use by {shown}; wait for it or stop it")

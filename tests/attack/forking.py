"""Runs commands in processes forked from one that has imported everything: torch is loaded once and not for each kill.

`python forking.py` reads a request a line and answers with a line, both JSON. A request may say when
the command is killed, with all its processes: after some seconds, or at a change of the disk. A kill at
a random time seldom falls into the moment of writing; one at a change always does. A change is what
Python's audit events tell: a file opened to write, a rename, a removal, a new or a lost folder. The
kill comes before the change of that number, so what was written until then stands.
"""

import json
import os
import pkgutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.context import ForkContext, ForkProcess
from pathlib import Path
from typing import IO, Any

import workflow
from workflow.cli.main import main
from workflow.train import workers

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def is_change(event: str, arguments: tuple[Any, ...], folder: Path) -> bool:
    """Whether the event changes the disk below the folder."""
    if event not in CHANGES and not (event == "open" and arguments[2] & WRITING):
        return False
    path = arguments[0]
    return not isinstance(path, int) and Path(os.fsdecode(path)).absolute().is_relative_to(folder)


def die_at(number: int, folder: Path) -> None:
    """Kill the whole group at the change of that number, from 1."""
    seen = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if is_change(event, arguments, folder):
            seen += 1
            if seen == number:
                os.killpg(0, signal.SIGKILL)

    sys.addaudithook(hook)


def command(request: dict[str, Any], out: IO[bytes], err: IO[bytes]) -> int:
    """Run it in this process, which it has for itself."""
    os.setpgid(0, 0)
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    if request["change"]:
        die_at(request["change"], Path.cwd())
    try:
        status = main(request["arguments"])
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:  # as Python itself would tell it
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status


class Forked(ForkContext):
    """Starts a worker at once, as can be done without CUDA. It closes its copy of the pipe's other end."""

    def Pipe(self, duplex: bool = True) -> Any:
        ends = super().Pipe(duplex)

        def process(target: Callable[..., None], **options: Any) -> ForkProcess:
            return ForkProcess(target=lambda *arguments: (ends[0].close(), target(*arguments)), **options)

        self.Process = process  # pyright: ignore[reportAttributeAccessIssue]
        return ends


def kill(group: int) -> None:
    with suppress(ProcessLookupError):  # it has just ended
        os.killpg(group, signal.SIGKILL)


def wait_for_workers(group: int) -> None:
    """Wait until all of a killed group have ended: files of a live process are not swept."""
    until_s = time.monotonic() + 30
    with suppress(ProcessLookupError):
        while time.monotonic() < until_s:
            os.killpg(group, 0)
            time.sleep(0.002)


def answered(request: dict[str, Any]) -> dict[str, Any]:
    """Fork, wait, and say how the command ended; a signal is a negative status."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            os._exit(command(request, out, err))
        with suppress(OSError):  # the child may have done so, or be gone
            os.setpgid(child, child)
        signal.signal(signal.SIGALRM, lambda *_: kill(child))
        signal.setitimer(signal.ITIMER_REAL, request["after_s"] or 0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        signal.setitimer(signal.ITIMER_REAL, 0)
        wait_for_workers(child)
        texts = [(stream.seek(0), stream.read().decode(errors="replace"))[1] for stream in (out, err)]
    return {"status": status, "out": texts[0], "err": texts[1]}


if __name__ == "__main__":
    for module in pkgutil.walk_packages(workflow.__path__, "workflow."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    import_module("torch._dynamo")  # as the first step of an optimizer does
    workers.get_context = lambda _: Forked()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print("ready", file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(answered(json.loads(line))), file=answers, flush=True)

"""What an archive says of where it was made: the commit of the checkout, and the kind of machine."""

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from workflow.plan.config import ROOT

# Processor features by which the fastest kernels differ, so that results do in their last digits.
TELLING = ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "asimd", "sve", "bf16")


def commit() -> str | None:
    """The commit of this checkout, "+changes" behind it where its code was edited; None where git does not tell."""
    found, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--", "models", "workflow")
    return found and f"{found}{'+changes' if changes else ''}"


def _git(*arguments: str) -> str | None:
    try:
        ended = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return ended.stdout.strip()


def features_of(hardware: str) -> str | None:
    """Features of a processor that a record names, as far as this machine has the same one.

    Parameters
    ----------
    hardware : str
        As records have it: the model's name and the number of cores.
    """
    values = dict(_cpuinfo())
    if not values.get("model name") or hardware != f"{values['model name']}, {os.cpu_count()} cores":
        return None
    flags = set((values.get("flags") or values.get("Features") or "").split())
    return " ".join(flag for flag in TELLING if flag in flags)


def _cpuinfo() -> Iterable[tuple[str, str]]:
    """Entries of the first processor."""
    try:
        first = Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    except OSError:
        return ()
    return [(key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in first.splitlines())]

"""What a benchmark ran on, and what a process used of it."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any


def describe(*packages: str) -> dict[str, Any]:
    """Processor, cores, load and versions, read now."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_1min": round(os.getloadavg()[0], 2),
        "python": sys.version.split()[0],
        **{package: version(package) for package in packages},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    values = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    has_bf16 = "avx512_bf16" in values.get("flags", "").split()
    return f"{values.get('model name', 'unknown')}, {'with' if has_bf16 else 'without'} avx512_bf16"


@dataclass(frozen=True)
class Used:
    """What one process took."""

    cpu_s: float  # its own, so that other work on the machine does not count
    wall_s: float
    peak_mb: float

    def __str__(self) -> str:
        """All three, for a line of a log."""
        return f"{self.cpu_s:.1f} s CPU, {self.wall_s:.1f} s wall, {self.peak_mb:.0f} MB"


def used_by(command: Sequence[str], folder: Path) -> Used:
    """Run a command in a folder, without its output, and say what it took; one that fails ends the benchmark."""
    started = time.monotonic()
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    with Path(os.devnull).open("wb") as nowhere:
        process = subprocess.Popen(command, cwd=folder, stdout=nowhere, stderr=nowhere, env=environment)
        _, status, used = os.wait4(process.pid, 0)
    wall_s, process.returncode = time.monotonic() - started, os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"status {process.returncode}, in {folder}: {shlex.join(command)}")
    return Used(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / 1000)

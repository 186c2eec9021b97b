"""What a benchmark ran on, and how much of it other processes took meanwhile."""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any


@dataclass
class OtherWork:
    """Share of the processor, 0 to 1, that processes outside the benchmark used."""

    share: float = 0.0


@contextmanager
def watch_other_work() -> Iterator[OtherWork]:
    """Measure the share of other work while the block runs; its children must have ended by then.

    On systems without /proc/stat the share stays 0.
    """
    found = OtherWork()
    start_s, busy_s, own_s = time.monotonic(), _busy_s(), _own_s()
    yield found
    other_s = (_busy_s() - busy_s) - (_own_s() - own_s)
    capacity_s = (time.monotonic() - start_s) * (os.cpu_count() or 1)
    found.share = min(1.0, max(0.0, other_s / capacity_s)) if capacity_s > 0 else 0.0


def _busy_s() -> float:
    """Seconds that all cores together have worked since the machine started."""
    try:
        first = Path("/proc/stat").read_text(encoding="utf-8").split("\n", 1)[0]
    except OSError:
        return 0.0
    user, nice, system, _idle, _iowait, irq, softirq, steal = (int(value) for value in first.split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


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

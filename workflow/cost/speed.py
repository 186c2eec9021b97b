"""The speed of a machine: rates of matrix products, memory passes and Python, measured within a second.

Shapes: B batch, H units, of the paper's sizes.
"""

import time
from collections.abc import Callable
from functools import cache
from statistics import median

import numpy as np

from workflow.settings import Frozen
from workflow.settings.base import Positive

BATCH_ROWS, UNITS = 10_000, 400
TIMES = 5


class Speed(Frozen):
    """The speed of one core, or of a GPU, while nothing else runs on it."""

    multiply_adds_per_s: Positive
    bytes_per_s: Positive
    python: Positive = 1.0  # how fast Python is, over the machine on which the seconds of jobs were measured


PYTHON_S = 0.042  # of the sum in `python_speed`, on that machine
# Where the device is not here to be measured: the order of a data-centre GPU of 2020, and of a server's core.
ASSUMED = {
    "cuda": Speed(multiply_adds_per_s=10e12, bytes_per_s=300e9),
    "cpu": Speed(multiply_adds_per_s=15e9, bytes_per_s=6e9),
}


@cache
def speed_here(device: str) -> Speed | None:
    """The speed of this machine now; None where it has no such device.

    On a CPU the clock is that of the process, which other work does not move on, and numpy computes: torch takes
    seconds to load.
    """
    if device == "cuda":
        from workflow.cost.machine import gpu_speed  # noqa: PLC0415

        found = gpu_speed()
        return found and found.model_copy(update={"python": python_speed()})
    x_BH, w_HH = np.ones((BATCH_ROWS, UNITS), np.float32), np.ones((UNITS, UNITS), np.float32)
    out_BH = np.empty_like(x_BH)
    product_s = seconds_of(lambda: np.matmul(x_BH, w_HH, out=out_BH), time.process_time)
    addition_s = seconds_of(lambda: np.add(x_BH, 1.0, out=x_BH), time.process_time)
    return speed_of(product_s, addition_s).model_copy(update={"python": python_speed()})


def python_speed() -> float:
    """See `Speed.python`."""
    return PYTHON_S / seconds_of(lambda: sum(number * number for number in range(400_000)), time.process_time)


def speed_of(product_s: float, addition_s: float) -> Speed:
    """From the seconds of a product of (B, H) and (H, H), and of an addition to (B, H)."""
    rate, bytes_per_s = BATCH_ROWS * UNITS * UNITS / product_s, 4 * BATCH_ROWS * UNITS / addition_s
    return Speed(multiply_adds_per_s=rate, bytes_per_s=bytes_per_s)


def seconds_of(work: Callable[[], object], clock: Callable[[], float]) -> float:
    """Median seconds of a call, after one that warms up."""
    work()
    taken = []
    for _ in range(TIMES):
        start = clock()
        work()
        taken.append(clock() - start)
    return max(median(taken), 1e-9)

"""Runs a command while the wall clock jumps at each look, by hours or days: `python moved_clock.py …`."""

import itertools
import runpy
import time

JUMPS_S = itertools.cycle([0.0, 3_600.0, -86_400.0, 864_000.0, -3.0])

if __name__ == "__main__":
    wall = time.time
    time.time = lambda: wall() + next(JUMPS_S)
    runpy.run_module("workflow", run_name="__main__")

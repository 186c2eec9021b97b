"""The share of the machine that other processes used during timing."""

import time

import psutil

# Busy time is counted in ticks of 10 ms: over less than this, one tick is a large share.
SHORTEST_S = 0.2


class OtherWork:
    """Measures from its creation on; this process and its ended children do not count."""

    def __init__(self) -> None:
        self._start_s, self._own_s = time.monotonic(), _own_s()
        psutil.cpu_percent()  # the next call tells what was used since this one

    def share(self) -> float:
        """The share of all cores that others used, 0 to 1; 0 as long as it is unknown."""
        wall_s = time.monotonic() - self._start_s
        busy = psutil.cpu_percent() / 100
        if wall_s < SHORTEST_S:
            return 0.0
        own = (_own_s() - self._own_s) / (wall_s * (psutil.cpu_count() or 1))
        return min(max(busy - own, 0.0), 1.0)


def _own_s() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system + times.children_user + times.children_system

"""A hang fails the test instead of blocking it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

LIMIT_S = 600  # a busy machine may stretch an attack of a second by a hundred; only a hang takes this long


@contextmanager
def no_hang(limit_s: int = LIMIT_S) -> Iterator[None]:
    """Fail if the block takes longer."""

    def late(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"hangs: {frame}")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(limit_s)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)

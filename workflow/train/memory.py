"""How the process allocates memory. It affects the speed of a run but not its result.

glibc maps large arrays anew for every tensor and gives them back when it is freed, so each
step pays for fresh pages once more. Kept and used again, they cost nothing; models with large
activations train up to twice as fast on a CPU.
"""

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # <malloc.h>
NEVER = -1  # as an unsigned size, the largest there is


def keep_freed_memory() -> bool:
    """Make malloc keep freed memory; False if the C library is not glibc, and nothing changed."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(M_MMAP_MAX, 0) and mallopt(M_TRIM_THRESHOLD, NEVER))

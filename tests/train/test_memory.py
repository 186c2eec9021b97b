"""Freed memory is used again: an array of the same size costs no fresh pages."""

import subprocess
import sys

import pytest

ALLOCATE_AGAIN = """
import resource, sys
import torch
from workflow.train.memory import keep_freed_memory

# Above 32 MiB: glibc keeps smaller arrays of its own accord.
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        torch.empty(12_000_000).fill_(1.0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

kept = keep_freed_memory() if sys.argv[1] == "kept" else True
faults()  # the heap grows over the first few, until one fits behind another
print(kept, faults())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_memory_is_kept_and_would_not_be_otherwise():
    found = {}
    for way in ("kept", "as it is"):
        command = [sys.executable, "-c", ALLOCATE_AGAIN, way]
        done, count = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        if done == "False":
            pytest.skip("not glibc: nothing is changed")
        found[way] = int(count)
    assert found["as it is"] > 20 * 10  # 20 arrays, even where the kernel hands out pages of 2 MiB
    assert found["kept"] < found["as it is"] / 10

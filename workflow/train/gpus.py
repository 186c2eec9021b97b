"""Which of a machine's GPUs a job trains on. Does not load torch."""

import os
import re
import socket
from pathlib import Path

from workflow.files import locked

LOCKS = Path("results/locks")


def visible_gpus() -> int:
    """Number of GPUs that this process may use: those the environment names, else those of the machine."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return len([name for name in named.split(",") if name.strip()])
    return sum(re.fullmatch(r"nvidia\d+", path.name) is not None for path in Path("/dev").glob("nvidia*"))


def claim_gpu(count: int) -> int:
    """Lock the first free of `count` GPUs until this process ends; Snakemake counts GPUs but names none.

    Where all are taken, the first is shared.
    """
    if count > 1:
        LOCKS.mkdir(parents=True, exist_ok=True)
        for index in range(count):
            # Nodes of a cluster share the folder and not their GPUs.
            handle = os.open(LOCKS / f"gpu{index}-{socket.gethostname()[:64]}", os.O_RDWR | os.O_CREAT)
            if locked(handle, wait=False):
                return index  # the open handle holds the lock
            os.close(handle)
    return 0

"""Train many runs in one process, so that start-up and loading are paid once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow.data.store import load_meta
from workflow.files import sha256_json
from workflow.spec import RunSpec
from workflow.train.keep import Say, restore


def train_pack(runs: tuple[RunSpec, ...], device: str, checkpoint_s: float, say: Say = print) -> None:
    """Make the record of every run, training only those that have none.

    Parameters
    ----------
    runs : tuple of RunSpec
        Runs on one dataset.
    device : {"auto", "cpu", "cuda"}
        Where to train.
    checkpoint_s : float
        Least time between two states that a killed run goes on from.
    say : callable
        Receives progress lines.

    Raises
    ------
    UserError
        When the prepared data or the device cannot be used, or a record cannot be written.
    """
    meta = load_meta(runs[0].dataset.prepared_dir)
    with alone(runs, say):
        waiting = [run for run in runs if not restore(run, meta, say)]
        say(f"{len(runs) - len(waiting)} of {len(runs)} runs are finished, {len(waiting)} to train")
        if waiting:
            # Here and not above: loading torch takes longer than finding that nothing is to do.
            from workflow.train.run import train_runs  # noqa: PLC0415

            train_runs(waiting, device, checkpoint_s, say)


@contextmanager
def alone(runs: tuple[RunSpec, ...], say: Say) -> Iterator[None]:
    """Wait for another process that trains the same runs.

    A killed Snakemake leaves its jobs running; the one that follows then finds their results
    instead of training beside them. The lock goes with its process.
    """
    path = Path("results/locks", sha256_json(sorted(run.key for run in runs))[:12])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process trains these runs; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield

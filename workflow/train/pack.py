"""Train many runs in one process, so that start-up and loading are paid once."""

from workflow.data.store import load_meta
from workflow.spec import RunSpec
from workflow.train.keep import Say, restore


def train_pack(runs: tuple[RunSpec, ...], device: str, threads: int, say: Say = print) -> None:
    """Make the record of every run, training only those that have none.

    Parameters
    ----------
    runs : tuple of RunSpec
        Runs on one dataset.
    device : {"auto", "cpu", "cuda"}
        Where to train.
    threads : int
        CPU threads.
    say : callable
        Receives progress lines.

    Raises
    ------
    UserError
        When the prepared data or the device cannot be used, or a record cannot be written.
    """
    meta = load_meta(runs[0].dataset.prepared_dir)
    waiting = [run for run in runs if not restore(run, meta, say)]
    say(f"{len(runs) - len(waiting)} of {len(runs)} runs are finished, {len(waiting)} to train")
    if waiting:
        # Here and not above: loading torch takes longer than finding that nothing is to do.
        from workflow.train.run import train_runs  # noqa: PLC0415

        train_runs(waiting, device, threads, say)

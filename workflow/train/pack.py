"""Train many runs in one job, so that start-up and loading are paid once. Does not load torch itself."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow.data.store import Meta, load_meta
from workflow.errors import UserError
from workflow.files import locked, sha256_json
from workflow.spec import RunSpec
from workflow.train.keep import Say, is_finished
from workflow.train.workers import train_in_workers

# Trains runs of one dataset and returns a line for each refused one.
Trainer = Callable[[list[RunSpec], Say], list[str]]


def trainer(device: str, workers: int, checkpoint_s: float) -> Trainer:
    """Training in `workers` processes on `device` (auto, cpu or cuda), with a state every `checkpoint_s` seconds."""
    return lambda runs, say: train_in_workers(runs, device, checkpoint_s, workers, say)


def train_pack(
    runs: tuple[RunSpec, ...], train: Trainer, say: Say = print, wanted: Collection[str] | None = None
) -> list[RunSpec]:
    """Make the record of every wanted run, training only those without one; return all finished runs."""
    meta = load_meta(runs[0].dataset.prepared_dir)
    refuse_unmonitored(runs, meta)
    with alone(runs, say):
        done = {run.key: is_finished(run, meta, say) for run in runs}
        finished = [run for run in runs if done[run.key]]
        waiting = [run for run in runs if not done[run.key] and (wanted is None or run.key in wanted)]
        say(f"{len(finished)} of {len(runs)} runs are finished, {len(waiting)} to train")
        if waiting and (refusals := train(waiting, say)):
            raise UserError("\n".join(dict.fromkeys(refusals)))
        return finished + waiting


def refuse_unmonitored(runs: tuple[RunSpec, ...], meta: Meta) -> None:
    """Refuse runs that stop by a gAUC which their data do not have."""
    if not meta.splits["valid"].groups and any("gauc" in run.training.monitor for run in runs):
        name, group = runs[0].dataset.name, runs[0].dataset.preparation.group
        raise UserError(
            f"dataset {name}: no user of {group!r} has validation rows of both classes, so gAUC is undefined and "
            "cannot be monitored; set protocol.training.monitor: [auc]"
        )


@contextmanager
def alone(runs: tuple[RunSpec, ...], say: Say) -> Iterator[None]:
    """Wait for another process that trains the same runs.

    A killed Snakemake leaves its jobs running; the one that follows then finds their results
    instead of training beside them. The lock goes with its process.
    """
    path = Path("results/locks", sha256_json(sorted(run.key for run in runs))[:12])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        if not locked(handle.fileno(), wait=False):
            say("another process trains these runs; waiting for it")
            locked(handle.fileno(), wait=True)
        yield

"""The training of one run, top to bottom: the protocol of equations.md.

Shapes: N rows of a split, B batch, C columns of x.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from models import build_model
from models.embedding import embedding_parameters, parameter_counts
from workflow.spec import RunSpec
from workflow.train import checkpoint
from workflow.train.adam import EagerAdam
from workflow.train.checkpoint import Progress
from workflow.train.device import be_deterministic, set_precision, synchronize
from workflow.train.metrics import evaluate
from workflow.train.predict import Predictor, evaluation_batch_rows
from workflow.train.probes import Recorder
from workflow.train.record import Epoch, Metrics, Parameters, ProbeData
from workflow.train.resident import Resident, ResidentSplit, batches
from workflow.train.step import GraphedStep, Step


class RunFailure(Exception):
    """The run cannot give a result; this is recorded and does not stop its pack."""


@dataclass(frozen=True)
class Result:
    """The result of training, without its provenance."""

    epochs: tuple[Epoch, ...]
    parameters: Parameters
    wall_s: float
    eval_batch_rows: int
    best_epoch: int | None
    valid: Metrics | None = None
    test: Metrics | None = None
    failure: str | None = None
    probes: ProbeData = field(default_factory=ProbeData)
    scores: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)


@dataclass
class Run:
    """The state that an epoch reads or changes."""

    spec: RunSpec
    data: Resident
    device: torch.device
    model: nn.Module
    optimizer: torch.optim.Optimizer
    step: Step | GraphedStep
    predict: Predictor
    shuffle: torch.Generator
    progress: Progress
    best_weights: dict[str, Tensor]
    probes: Recorder


def train(
    spec: RunSpec,
    data: Resident,
    device: torch.device,
    *,
    state_file: Path,
    stamp: str,
    checkpoint_s: float = 0.0,
    say: Callable[[str], None] = print,
) -> Result:
    """Train, stop early, restore the best weights and evaluate.

    Parameters
    ----------
    spec : RunSpec
        What to train.
    data : Resident
        The prepared dataset on `device`.
    device : torch.device
        Where to compute.
    state_file : Path
        State between two epochs; read first if it carries `stamp`, removed at the end.
    stamp : str
        Identity of spec, code and data, so that no other run's state is continued.
    checkpoint_s : float
        Least time between two states: what a kill costs at most, beside the epoch under way.
    say : callable
        Receives a line per epoch.

    Returns
    -------
    Result
        With `failure` set where the loss or a score was not finite.
    """
    run = start(spec, data, device)
    if resumed := checkpoint.load(state_file, stamp, device, say):
        resume(run, *resumed)
        say(f"{spec.key}: goes on after epoch {len(run.progress.epochs)}")
    progress = run.progress
    started = saved = time.monotonic() - progress.wall_s
    failure, valid, test, scores = None, None, None, {}
    try:
        while goes_on(spec, progress):
            epoch = run_epoch(run)
            progress.epochs.append(epoch)
            if follow_monitor(spec, progress, epoch.valid):
                run.best_weights = {name: value.clone() for name, value in run.model.state_dict().items()}
            now = time.monotonic()
            progress.wall_s = now - started
            # The last state too, unless the whole run took less than what a kill may cost.
            if now - (saved if goes_on(spec, progress) else started) >= checkpoint_s:
                checkpoint.save(state_file, stamp, progress, state_of(run))
                saved = time.monotonic()
            say(describe(spec, epoch))
        run.model.load_state_dict(run.best_weights)
        scores = {"valid": run.predict(data.valid), "test": run.predict(data.test)}
        valid, test = measure(data.valid, scores["valid"]), measure(data.test, scores["test"])
    except RunFailure as error:
        failure = str(error)
        say(f"{spec.key}: failed: {failure}")
    state_file.unlink(missing_ok=True)
    embedding, rest = parameter_counts(run.model)
    return Result(
        epochs=tuple(progress.epochs),
        parameters=Parameters(embedding=embedding, rest=rest),
        wall_s=time.monotonic() - started,
        eval_batch_rows=run.predict.batch_rows,
        best_epoch=progress.best_epoch or None,
        valid=valid,
        test=test,
        failure=failure,
        probes=run.probes.content(),
        scores=scores if test else {},
    )


def goes_on(spec: RunSpec, progress: Progress) -> bool:
    """Whether another epoch follows."""
    return len(progress.epochs) < spec.training.max_epochs and progress.strikes < spec.training.patience


def start(spec: RunSpec, data: Resident, device: torch.device) -> Run:
    """Build the model and all that belongs to its first step."""
    be_deterministic()
    torch.set_num_threads(spec.training.threads)
    torch.manual_seed(spec.seed)
    model = build_model(spec.model.name, data.features, spec.model.model_dump(exclude={"name"})).to(device)
    # One flat call per step instead of one per parameter; the same arithmetic.
    optimizer = EagerAdam(
        model.parameters(), lr=spec.optimizer.learning_rate, fused=True, capturable=spec.training.cuda_graph
    )
    autocast = set_precision(spec.training.precision, device, cached=not spec.training.cuda_graph)
    step = Step(model, embedding_parameters(model), optimizer, autocast, spec.loss, spec.optimizer)
    # On a GPU the order is drawn there: a permutation of 37 million rows keeps it waiting for seconds.
    # A generator of its own: the order of rows does not depend on what else draws numbers.
    shuffle = torch.Generator(device if device.type == "cuda" else "cpu").manual_seed(spec.seed)
    return Run(
        spec=spec,
        data=data,
        device=device,
        model=model,
        optimizer=optimizer,
        step=GraphedStep(step, spec.training.batch_size) if spec.training.cuda_graph else step,
        predict=Predictor(model, autocast, evaluation_batch_rows(spec.model, data.features, device)),
        shuffle=shuffle,
        progress=Progress(learning_rate=spec.optimizer.learning_rate),
        best_weights=model.state_dict(),
        probes=Recorder(spec.probes, data, device),
    )


def state_of(run: Run) -> checkpoint.State:
    """What a resumed run needs besides its progress."""
    return {
        "model": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "random": checkpoint.random_state(run.shuffle, run.device),
        "best": run.best_weights,
        "probes": run.probes.state(),
    }


def resume(run: Run, progress: Progress, state: checkpoint.State) -> None:
    """Put a freshly started run where the saved one was."""
    run.progress = progress
    run.model.load_state_dict(state["model"])
    run.optimizer.load_state_dict(state["optimizer"])
    checkpoint.restore_random_state(state["random"], run.shuffle, run.device)
    run.best_weights = state["best"]
    run.probes.resume(state["probes"])


def run_epoch(run: Run) -> Epoch:
    """One pass over the training split, then the evaluation on validation."""
    spec, split, device = run.spec, run.data.train, run.device
    number = len(run.progress.epochs) + 1
    watching = run.probes.watches_gradients(number)
    watch = (run.probes.watch, run.probes.note_gradients) if watching else (None, None)
    for group in run.optimizer.param_groups:
        group["lr"] = run.progress.learning_rate
    started = time.monotonic()
    run.model.train()
    loss_sum = torch.zeros((), dtype=torch.float64, device=device)
    order_N = torch.randperm(split.rows, generator=run.shuffle, device=run.shuffle.device).to(device)
    for rows_B in batches(order_N, spec.training.batch_size):
        loss_sum += run.step(split.x_NC[rows_B], split.y_N[rows_B], *watch) * len(rows_B)
    synchronize(device)
    trained = time.monotonic()

    # The only reading of the device in an epoch: NaN anywhere in it is still NaN here.
    train_loss = loss_sum.item() / split.rows
    if not np.isfinite(train_loss):
        raise RunFailure(f"the training loss became {train_loss} in epoch {number}; lower optimizer.learning_rate")
    score_N = run.predict(run.data.valid)
    valid = measure(run.data.valid, score_N)
    evaluated = time.monotonic()
    run.probes.end_epoch(number, score_N, run.predict)
    return Epoch(
        epoch=number,
        train_loss=train_loss,
        l2_penalty=l2_penalty(embedding_parameters(run.model), spec.optimizer.embedding_l2),
        learning_rate=run.progress.learning_rate,
        train_s=trained - started,
        eval_s=evaluated - trained,
        valid=valid,
    )


def follow_monitor(spec: RunSpec, progress: Progress, valid: Metrics) -> bool:
    """Apply the stopping protocol to a new validation result; True where it is the best.

    Anything below best + min_improvement costs a strike and drops the learning rate at once;
    an improvement clears the strikes. Weights are not rolled back at a drop.
    """
    value = sum(getattr(valid, name) for name in spec.training.monitor)
    if value >= progress.best + spec.training.min_improvement:
        progress.best, progress.best_epoch, progress.strikes = value, len(progress.epochs), 0
        return True
    progress.strikes += 1
    dropped = progress.learning_rate * spec.training.lr_factor
    progress.learning_rate = max(dropped, spec.training.min_learning_rate)
    return False


def l2_penalty(tables: list[nn.Parameter], strength: float) -> float:
    """(λ/2)·ΣW² over all tables (eq. 12)."""
    return strength / 2 * sum(table.detach().double().square().sum().item() for table in tables)


def measure(split: ResidentSplit, scores_N: npt.NDArray[np.float32]) -> Metrics:
    """Metrics of a split, or a failure where a score is not finite."""
    if not np.isfinite(scores_N).all():
        raise RunFailure("the model predicts NaN; lower optimizer.learning_rate")
    return evaluate(split.labels_N, scores_N, split.group_N)


def describe(spec: RunSpec, epoch: Epoch) -> str:
    """The progress line of an epoch."""
    gauc = "" if epoch.valid.gauc is None else f" gAUC {epoch.valid.gauc:.6f}"
    return (
        f"{spec.dataset.name} {spec.model.name} {spec.key} epoch {epoch.epoch}: loss {epoch.train_loss:.6f} "
        f"valid AUC {epoch.valid.auc:.6f}{gauc} logloss {epoch.valid.logloss:.6f} "
        f"lr {epoch.learning_rate:.0e} {epoch.train_s:.2f}+{epoch.eval_s:.2f} s"
    )

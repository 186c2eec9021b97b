"""Whether a run can continue from its saved state, checked before it does; starting again is always right."""

from collections.abc import Callable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import built_models
from workflow.reading import reason
from workflow.spec import RunSpec
from workflow.train import checkpoint
from workflow.train.checkpoint import Progress
from workflow.train.loop import Run, follow_monitor, goes_on, resume, start
from workflow.train.resident import Resident


def drop_unfit(
    spec: RunSpec, data: Resident, device: torch.device, path: Path, stamp: str, say: Callable[[str], None]
) -> None:
    """Remove a state that is incomplete or of another run, with one line."""
    found = checkpoint.load(path, stamp, device, say)
    if found is None:
        return
    try:
        with built_models():  # the run's own model is built later, and its weights are the ones to keep
            _try_on(start(spec, data, device), *found)
    except Exception as error:  # any error of torch on wrong content
        say(
            f"{path}: a state that does not fit ({reason(error)}), removed; the run starts again{checkpoint.drop(path)}"
        )


def _try_on(fresh: Run, progress: Progress, state: checkpoint.State) -> None:
    """Resume from the state in a temporary run."""
    weights = fresh.model.state_dict()
    for part in ("model", "best"):
        _refuse_other(state[part], weights, part)
    _refuse_other_protocol(fresh.spec, progress)
    moments = state["optimizer"]["state"]
    for number, parameter in enumerate(fresh.model.parameters()):
        for name in ("exp_avg", "exp_avg_sq") if number in moments else ():
            _refuse_other({name: moments[number][name]}, {name: parameter}, "optimizer")
    resume(fresh, progress, state)


def _refuse_other(found: Mapping[str, Any], wanted: Mapping[str, Tensor], part: str) -> None:
    if found.keys() != wanted.keys():
        raise ValueError(f"{part}: other names of tensors")
    for name, like in wanted.items():
        tensor = found[name]
        if tensor.shape != like.shape or tensor.dtype != like.dtype:
            raise ValueError(f"{part}: {name} is {tensor.dtype}{list(tensor.shape)}")
        # What is infinite from the start, such as a mask of attention, may be so in a state.
        if torch.isfinite(like).all() and not torch.isfinite(tensor).all():
            raise ValueError(f"{part}: {name} is not finite")


def _refuse_other_protocol(spec: RunSpec, progress: Progress) -> None:
    """Replaying the stopping protocol must lead to the state's position."""
    again = Progress(learning_rate=spec.optimizer.learning_rate)
    for number, epoch in enumerate(progress.epochs, start=1):
        if epoch.epoch != number or not goes_on(spec, again):
            raise ValueError(f"epoch {epoch.epoch} in place {number}")
        again.epochs.append(epoch)
        follow_monitor(spec, again, epoch.valid)
    for name in ("learning_rate", "best", "best_epoch", "strikes"):
        if getattr(again, name) != getattr(progress, name):
            raise ValueError(f"{name} does not follow from its epochs")
    if not progress.epochs or not isfinite(progress.wall_s) or progress.wall_s < 0:
        raise ValueError("no epoch, or no time")

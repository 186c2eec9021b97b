"""The state of a run between two epochs, so that a killed run goes on where it was."""

import pickle
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from workflow.files import atomic_path
from workflow.train.record import Epoch

State = dict[str, Any]  # tensors by the part of the run that they belong to


@dataclass
class Progress:
    """What the protocol remembers from epoch to epoch."""

    learning_rate: float
    best: float = float("-inf")
    best_epoch: int = 0
    strikes: int = 0
    wall_s: float = 0.0
    epochs: list[Epoch] = field(default_factory=list)


def save(path: Path, stamp: str, progress: Progress, state: State) -> None:
    """Write the state atomically; `stamp` says which spec, code and data it belongs to."""
    plain = asdict(progress) | {"epochs": [epoch.model_dump(mode="json") for epoch in progress.epochs]}
    with atomic_path(path) as part:
        torch.save({"stamp": stamp, "progress": plain, "state": state}, part)


def load(path: Path, stamp: str, device: torch.device) -> tuple[Progress, State] | None:
    """Read the state; None when there is none, it is damaged, or it belongs to something else."""
    try:
        saved = torch.load(path, map_location=device, weights_only=True)
        if saved["stamp"] != stamp:
            return None
        plain = saved["progress"]
        epochs = [Epoch.model_validate(epoch) for epoch in plain.pop("epochs")]
        return Progress(**plain, epochs=epochs), saved["state"]
    except (OSError, RuntimeError, EOFError, KeyError, ValueError, pickle.UnpicklingError):
        return None  # starting again is always right


def random_state(generator: torch.Generator, device: torch.device) -> dict[str, Tensor]:
    """States of all generators that a run draws from."""
    states = {"global": torch.get_rng_state(), "shuffle": generator.get_state()}
    return states | ({"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {})


def restore_random_state(states: dict[str, Tensor], generator: torch.Generator, device: torch.device) -> None:
    """Put the generators back."""
    torch.set_rng_state(states["global"].cpu())
    generator.set_state(states["shuffle"].cpu())
    if device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"].cpu(), device)

"""The state of a run between two epochs, from which a killed run continues."""

import hashlib
import io
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from workflow.errors import UserError
from workflow.files import atomic_path, sha256_file
from workflow.reading import in_one_line, regular_bytes
from workflow.train.record import Epoch

DIGEST_BYTES = hashlib.sha256().digest_size
State = dict[str, Any]  # tensors by the part of the run that they belong to


@dataclass
class Progress:
    """The state of the stopping protocol."""

    learning_rate: float
    best: float = float("-inf")
    best_epoch: int = 0
    strikes: int = 0
    wall_s: float = 0.0
    epochs: list[Epoch] = field(default_factory=list)


def save(path: Path, stamp: str, progress: Progress, state: State) -> None:
    """Write the state; `stamp` says which spec, code and data it belongs to."""
    plain = asdict(progress) | {"epochs": [epoch.model_dump(mode="json") for epoch in progress.epochs]}
    write_tensors(path, {"stamp": stamp, "progress": plain, "state": state})


def write_tensors(path: Path, content: State) -> None:
    """Write tensors and plain values atomically; the file ends with the SHA-256 of all before it."""
    with atomic_path(path) as part:
        try:
            torch.save(content, part)
        except RuntimeError as error:  # torch's error for a full disk
            raise OSError(str(error).splitlines()[0]) from error
        digest = bytes.fromhex(sha256_file(part))
        with part.open("ab") as stream:
            stream.write(digest)


def load(path: Path, stamp: str, device: torch.device, say: Callable[[str], None]) -> tuple[Progress, State] | None:
    """Read the state; None when there is none, it is damaged, or it belongs to something else.

    A state that cannot be used is removed, with a line: starting again is always right.
    """
    try:
        with in_one_line(path, "state", "the run starts again"):
            return _unpacked(path, regular_bytes(path), stamp, device)
    except FileNotFoundError:
        return None
    except UserError as error:
        say(f"{error}{drop(path)}")
        return None


def drop(path: Path) -> str:
    """Remove a state that cannot be used, where that can be done; nothing depends on it."""
    try:
        path.unlink()
    except OSError as error:
        return f" ({path} cannot be removed: {error.strerror})"
    return ""


def _unpacked(path: Path, content: bytes, stamp: str, device: torch.device) -> tuple[Progress, State]:
    saved = read_tensors(content, device)
    if saved["stamp"] != stamp:
        raise UserError(f"{path}: state of another specification, code or data, removed; the run starts again")
    plain = saved["progress"]
    epochs = [Epoch.model_validate(epoch) for epoch in plain.pop("epochs")]
    return Progress(**plain, epochs=epochs), saved["state"]


def read_tensors(content: bytes, device: torch.device) -> State:
    """Read a file of `write_tensors`. It gives only tensors and plain values, and runs no code of the file."""
    body, digest = content[:-DIGEST_BYTES], content[-DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise ValueError("its SHA-256 is another")
    return torch.load(io.BytesIO(body), map_location=device, weights_only=True)


def random_state(generator: torch.Generator, device: torch.device) -> dict[str, Tensor]:
    """States of all generators that a run draws from: numpy's and Python's are those of models of one's own."""
    kind, words, position, has_gauss, gauss = np.random.get_state(legacy=True)
    del kind
    version, ints, next_gauss = random.getstate()
    states = {
        "global": torch.get_rng_state(),
        "shuffle": generator.get_state(),
        "numpy": torch.tensor([*map(int, words), position, has_gauss], dtype=torch.int64),
        "numpy_gauss": torch.tensor(gauss, dtype=torch.float64),
        "python": torch.tensor([version, *ints], dtype=torch.int64),
        "python_gauss": torch.tensor([] if next_gauss is None else [next_gauss], dtype=torch.float64),
    }
    return states | ({"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else {})


def restore_random_state(states: dict[str, Tensor], generator: torch.Generator, device: torch.device) -> None:
    """Put the generators back."""
    torch.set_rng_state(states["global"].cpu())
    generator.set_state(states["shuffle"].cpu())
    if device.type == "cuda":
        torch.cuda.set_rng_state(states["cuda"].cpu(), device)
    *words, position, has_gauss = states["numpy"].tolist()
    gauss = states["numpy_gauss"].item()
    np.random.set_state(("MT19937", np.array(words, np.uint32), position, has_gauss, gauss))
    version, *ints = states["python"].tolist()
    random.setstate((version, tuple(ints), next(iter(states["python_gauss"].tolist()), None)))

"""Predictions of a whole split, in batches that fit the device.

Shapes: N rows of a split, C columns of x.
"""

import json
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from models.embedding import Features
from models.measure import evaluation_depends_on_batch, widest_bytes
from workflow.settings import ModelSettings
from workflow.train.resident import ResidentSplit

LARGEST_ROWS = {"cpu": 8_192, "meta": 8_192, "cuda": 131_072}  # larger batches gain nothing
CPU_BUDGET_BYTES = 2 << 30
CUDA_BUDGET_PARTS = 16  # of the card's memory
LIVE_ACTIVATIONS = 4  # tensors of the largest size that exist at once in a forward pass
AUTHORS_ROWS = 10_000  # the authors evaluate in batches of this size


@dataclass(frozen=True)
class Predictor:
    """How a run predicts."""

    model: nn.Module
    autocast: torch.autocast
    batch_rows: int

    @torch.no_grad()
    def __call__(self, split: ResidentSplit) -> npt.NDArray[np.float32]:
        """ŷ of every row, in evaluation mode."""
        self.model.eval()
        scores_N = torch.empty(split.rows, dtype=torch.float32, device=split.x_NC.device)
        for first in range(0, split.rows, self.batch_rows):
            rows = slice(first, first + self.batch_rows)
            with self.autocast:
                logits = self.model(split.x_NC[rows])
            scores_N[rows] = torch.sigmoid(logits.z_B)
        return scores_N.cpu().numpy()


def evaluation_batch_rows(settings: ModelSettings, features: Features, device: torch.device) -> int:
    """Rows of an evaluation batch: as many as fit a fixed share of the device's memory.

    rows = budget / (`LIVE_ACTIVATIONS` · bytes of the model's widest activation per row), rounded
    down to a power of two and at most `LARGEST_ROWS`. The budget is 2 GiB on a CPU and a sixteenth
    of a GPU's memory: of the machine's kind and not of what is free at the moment, so that the same
    run evaluates in the same batches again. Where predictions depend on the batch, it is that of the
    authors on every device.

    Parameters
    ----------
    settings : ModelSettings
        The model, with its settings.
    features : Features
        What the model knows of its input.
    device : torch.device
        Where it predicts.

    Returns
    -------
    int
        At least 1.
    """
    if evaluation_depends_on_batch(settings.name, settings.model_dump(exclude={"name"})):
        return AUTHORS_ROWS
    if device.type == "cuda":
        budget_bytes = torch.cuda.get_device_properties(device).total_memory // CUDA_BUDGET_PARTS
    else:
        budget_bytes = CPU_BUDGET_BYTES
    row_bytes = _widest_bytes(settings.name, settings.model_dump_json(exclude={"name"}), features)
    fitting_rows = max(1, budget_bytes // (LIVE_ACTIVATIONS * row_bytes))
    return min(LARGEST_ROWS[device.type], 1 << (fitting_rows.bit_length() - 1))


@lru_cache(maxsize=1024)
def _widest_bytes(name: str, settings: str, features: Features) -> int:
    """Kept, because a job trains seeds and losses of one network one after the other."""
    return widest_bytes(name, features, json.loads(settings))

"""Predictions of a whole split, in batches that fit the device.

Shapes: N rows of a split, C columns of x.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from workflow.train.resident import ResidentSplit

LARGEST_ROWS = {"cpu": 8_192, "cuda": 131_072}  # more gain nothing
CPU_BUDGET_BYTES = 2 << 30
CUDA_BUDGET_PARTS = 16  # of the card's memory
LIVE_ACTIVATIONS = 4  # of the widest kind, at one moment of a forward pass
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


def evaluation_batch_rows(device: torch.device) -> int:
    """Rows of an evaluation batch."""
    return LARGEST_ROWS.get(device.type, AUTHORS_ROWS)

"""The return value of every model.

Shapes: B batch.
"""

from typing import NamedTuple

from torch import Tensor


class Logits(NamedTuple):
    """The logit of the prediction, and those of the branches if a model has two.

    `auxiliary` is a scalar that a model adds to its training loss.
    """

    z_B: Tensor
    z_s_B: Tensor | None = None
    z_c_B: Tensor | None = None
    auxiliary: Tensor | None = None

"""A model from a file outside the project.

The file is named relative to the working directory, `path/to/file.py:Class`. The class takes
`Features` and its own keyword arguments; its call maps x_BC to `Logits`, or to z_B alone. Its
embedding tables are regularised where they are `models.embedding.Embedding` and train.

A class with `takes_numbers = True` is called with x_BC of the fields of ids and n_BM of the numeric ones; its
`features.numbers` says how many these are. M is twice that: all values, then 1.0 where each is missing.

Shapes: B batch, C columns of x.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from models.embedding import Embedding, Features
from models.logits import Logits
from models.numbers import Inputs
from models.own_code import load_class


class Custom(nn.Module):
    """A user's class, which returns `Logits`."""

    def __init__(self, features: Features, *, module: str, arguments: Mapping[str, Any]) -> None:
        super().__init__()
        made, inputs = load_class(module), Inputs(features)
        self.inputs = inputs if getattr(made, "takes_numbers", False) else None
        if inputs.features.numbers and self.inputs is None:
            raise ValueError(
                f"the data have {inputs.features.numbers} numeric fields: set takes_numbers = True in the class and "
                "let forward take x_BC and n_BM, or give these fields transform: quantiles"
            )
        self.model = made(inputs.features, **arguments)

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the model's logits."""
        out = self.model(x_BC) if self.inputs is None else self.model(*self.inputs(x_BC))
        return out if isinstance(out, Logits) else Logits(out)

    def modules(self, remove_duplicate: bool = True) -> Iterator[nn.Module]:
        """All modules, without embeddings whose table is frozen or already counted for another embedding.

        A shared table therefore counts once and gets its L2 once, and a frozen one gets none.
        """
        seen: set[int] = set()
        for module in super().modules(remove_duplicate):
            if isinstance(module, Embedding):
                if id(module.weight_VD) in seen or not module.weight_VD.requires_grad:
                    continue
                seen.add(id(module.weight_VD))
            yield module

    def parameters(self, recurse: bool = True) -> Iterator[nn.Parameter]:
        """The trainable parameters."""
        return (parameter for parameter in super().parameters(recurse) if parameter.requires_grad)

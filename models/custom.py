"""A model from a file outside the project.

The file is named relative to the working directory, `path/to/file.py:Class`. The class takes
`Features` and its own keyword arguments; its call maps x_BC to `Logits`, or to z_B alone. Its
embedding tables are regularised where they are `models.embedding.Embedding` and train.

Shapes: B batch, C columns of x.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from models.embedding import Embedding, Features
from models.logits import Logits
from models.own_code import load_class


class Custom(nn.Module):
    """Whatever the file's class is, with `Logits` as its answer."""

    def __init__(self, features: Features, *, module: str, arguments: Mapping[str, Any]) -> None:
        super().__init__()
        self.model = load_class(module)(features, **arguments)

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the model's logits."""
        out = self.model(x_BC)
        return out if isinstance(out, Logits) else Logits(out)

    def modules(self, remove_duplicate: bool = True) -> Iterator[nn.Module]:
        """Each module, but of embeddings only the first of those that share a table, and none whose table is frozen.

        So a table counts once, gets its L2 once, and a frozen one gets none.
        """
        seen: set[int] = set()
        for module in super().modules(remove_duplicate):
            if isinstance(module, Embedding):
                if id(module.weight_VD) in seen or not module.weight_VD.requires_grad:
                    continue
                seen.add(id(module.weight_VD))
            yield module

    def parameters(self, recurse: bool = True) -> Iterator[nn.Parameter]:
        """The parameters that train."""
        return (parameter for parameter in super().parameters(recurse) if parameter.requires_grad)

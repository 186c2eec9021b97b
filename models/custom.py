"""A model from a file outside the project.

The file is named relative to the working directory, `path/to/file.py:Class`. The class takes
`Features` and its own keyword arguments; its call maps x_BC to `Logits`, or to z_B alone. Its
embedding tables are regularised where they are `models.embedding.Embedding`.

Shapes: B batch, C columns of x.
"""

import sys
from collections.abc import Callable, Mapping
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from models.embedding import Features
from models.logits import Logits


def load_class(module: str) -> Callable[..., nn.Module]:
    """Import the class that `path/to/file.py:Class` names.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    AttributeError
        When the file has no such name.
    """
    path, _, name = module.rpartition(":")
    if not Path(path).is_file():
        raise FileNotFoundError(path)
    own_name = f"custom_model_{str(Path(path).resolve()).encode().hex()}"
    if own_name not in sys.modules:
        spec = spec_from_file_location(own_name, path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} is no Python file")
        sys.modules[own_name] = loaded = module_from_spec(spec)
        try:
            spec.loader.exec_module(loaded)
        except BaseException:
            del sys.modules[own_name]
            raise
    return getattr(sys.modules[own_name], name)


class Custom(nn.Module):
    """Whatever the file's class is, with `Logits` as its answer."""

    def __init__(self, features: Features, *, module: str, arguments: Mapping[str, Any]) -> None:
        super().__init__()
        self.model = load_class(module)(features, **arguments)

    def forward(self, x_BC: Tensor) -> Logits:
        """Return the model's logits."""
        out = self.model(x_BC)
        return out if isinstance(out, Logits) else Logits(out)

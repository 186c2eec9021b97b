"""Small inputs and models for the tests of `models`."""

from typing import Any

import torch
from torch import Tensor, nn

from models import build_model
from models.embedding import Features
from workflow.settings import MODEL_CLASSES

PLAIN = Features(vocab_sizes=(7, 5, 9), columns=(1, 1, 1), pooling=("mean", "mean", "mean"))
LISTS = Features(vocab_sizes=(7, 5, 9, 6, 4), columns=(1, 3, 1, 1, 2), pooling=("mean", "mean", "mean", "sum", "sum"))
SMALL: dict[str, Any] = {
    "embedding_dim": 8,
    "hidden_units": (12, 10),
    "simple_units": (12,),
    "complex_units": (12, 10),
    "attention_dim": 8,
    "attention_layers": 2,
    "heads": 2,
    "cin_units": (6, 5),
    "log_neurons": 7,
    "afn_units": (9,),
    "encoder_units": (9,),
    "feed_units": 9,
    "shape": (4, 6),
    "units_1": (12,),
    "units_2": (12, 10),
    "selection_units": (7,),
    "context_1": (0,),
    "context_2": (1, 2),
}

# A model of one's own, as a user writes it.
OWN = """
from torch import nn
from models.embedding import Embedding
from models.mlp import Head

class Toy(nn.Module):
    def __init__(self, features, *, embedding_dim=4):
        super().__init__()
        self.embedding = Embedding(features, embedding_dim)
        self.head = Head(features.fields * embedding_dim)

    def forward(self, x_BC):
        return self.head(self.embedding(x_BC).flatten(1))
"""


def batch(features: Features, rows: int, seed: int = 0) -> Tensor:
    """Random ids; tokens of list fields, and only these, are PAD now and then."""
    generator = torch.Generator().manual_seed(seed)
    columns: list[Tensor] = []
    for size, n in zip(features.vocab_sizes, features.columns, strict=True):
        low = 0 if n > 1 else 1
        columns += [torch.randint(low, size, (rows,), generator=generator, dtype=torch.int32) for _ in range(n)]
    return torch.stack(columns, dim=1)


def small(name: str, features: Features, seed: int = 0, **settings: Any) -> nn.Module:
    """A small model of that name."""
    torch.manual_seed(seed)
    return build_model(name, features, settings_of(name, **settings))


def settings_of(name: str, **settings: Any) -> dict[str, Any]:
    """All settings of a small model: its own defaults, small sizes, then `settings`."""
    values = _small_base(settings) if name == "Framed" else _sizes(name) | settings
    return MODEL_CLASSES[name].model_validate(values).model_dump(exclude={"name"})


def _sizes(name: str) -> dict[str, Any]:
    return {key: value for key, value in SMALL.items() if key in MODEL_CLASSES[name].model_fields}


def _small_base(settings: dict[str, Any]) -> dict[str, Any]:
    """Move what belongs to the base of a framed model to it."""
    name = settings.get("base", "DeepFM")
    fields = MODEL_CLASSES[name].model_fields
    base = {"name": name, **_sizes(name), **{key: value for key, value in settings.items() if key in fields}}
    return {**{key: value for key, value in settings.items() if key not in fields}, "base": base}


def dropouts(name: str, rate: float = 0.2) -> dict[str, Any]:
    """The same dropout everywhere in a model."""
    fields = MODEL_CLASSES["DeepFM" if name == "Framed" else name].model_fields
    return {key: rate for key in fields if key.endswith("dropout")}


def of_size(fields: int, vocabulary: int) -> Features:
    """Features that differ from a real dataset's only in how the vocabulary is divided."""
    return Features((vocabulary - fields + 1,) + (1,) * (fields - 1), (1,) * fields, ("mean",) * fields)

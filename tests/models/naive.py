"""Plain numpy recomputations that several tests hold modules against."""

from typing import Any

import numpy as np
from torch import Tensor, nn

from models.dropout import ReLUDropout

Array = np.ndarray[Any, np.dtype[np.float64]]


def numbers(values: Tensor) -> Array:
    return values.detach().double().numpy()


def softmax(x: Array) -> Array:
    return np.exp(x) / np.exp(x).sum(1, keepdims=True)


def mlp(network: nn.Module, x: Array) -> Array:
    """An MLP in evaluation, layer by layer."""
    for layer in network.children():
        match layer:
            case nn.Linear():
                x = x @ numbers(layer.weight).T + numbers(layer.bias)
            case nn.BatchNorm1d(running_mean=Tensor() as mean, running_var=Tensor() as variance):
                x = (x - numbers(mean)) / np.sqrt(numbers(variance) + 1e-5) * numbers(layer.weight)
                x = x + numbers(layer.bias)
            case ReLUDropout():
                x = np.maximum(x, 0.0)
            case _:
                raise AssertionError(layer)
    return x

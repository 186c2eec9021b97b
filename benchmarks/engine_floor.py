"""The floor of an epoch: its matrix products alone, in torch, with nothing between them.

Of every linear layer: the forward product, the gradient of the input and the gradient of
the weight; evaluation has the forward products only. Outputs are allocated beforehand, each
layer has arrays of its own, and there are as many steps as the set has batches.
Shapes: B batch, K inputs of a layer, N its outputs.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import torch

from benchmarks.engine_job import Job, read_job, report
from workflow.data.store import load_meta

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Layer:
    """The arrays of one linear layer's products."""

    x_BK: torch.Tensor
    w_NK: torch.Tensor
    g_BN: torch.Tensor  # stands for the gradient that comes from above
    y_BN: torch.Tensor
    gx_BK: torch.Tensor
    gw_NK: torch.Tensor

    def forward(self) -> None:
        """Forward product."""
        torch.mm(self.x_BK, self.w_NK.t(), out=self.y_BN)

    def backward(self) -> None:
        """Both products of the backward pass."""
        torch.mm(self.g_BN.t(), self.x_BK, out=self.gw_NK)
        torch.mm(self.g_BN, self.w_NK, out=self.gx_BK)


def layer_sizes(towers: list[list[int]], inputs: int) -> list[tuple[int, int]]:
    """Inputs and outputs of every linear layer, the one-unit heads included."""
    return [pair for units in towers for pair in pairwise((inputs, *units, 1))]


def batches(rows: int, batch_size: int) -> list[int]:
    """Sizes of the batches of an epoch; the last may be smaller."""
    full, rest = divmod(rows, batch_size)
    return [batch_size] * full + [rest] * (rest > 0)


def _layers(towers: list[list[int]], rows: int, inputs: int, dtype: torch.dtype) -> list[Layer]:
    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(shape).to(dtype)

    return [
        Layer(noise(rows, k), noise(n, k), noise(rows, n), noise(rows, n), noise(rows, k), noise(n, k))
        for k, n in layer_sizes(towers, inputs)
    ]


def _step(layers: list[Layer], train: bool) -> None:
    for layer in layers:
        layer.forward()
    if train:
        for layer in reversed(layers):
            layer.backward()


def _pass_s(by_size: dict[int, list[Layer]], sizes: list[int], train: bool) -> float:
    start = perf_counter()
    for size in sizes:
        _step(by_size[size], train)
    return perf_counter() - start


def run(job: Job) -> None:
    """Time `job.epochs` epochs of products and report each."""
    torch.set_num_threads(job.threads)
    torch.manual_seed(job.seed)
    meta = load_meta(Path(job.data))
    inputs = job.model["embedding_dim"] * len(meta.fields)
    train, valid = (batches(meta.splits[name].rows, job.batch_size) for name in ("train", "valid"))
    by_size = {size: _layers(job.towers, size, inputs, DTYPES[job.precision]) for size in {*train, *valid}}
    for epoch in range(1, job.epochs + 1):
        report(epoch, train_s=_pass_s(by_size, train, train=True), eval_s=_pass_s(by_size, valid, train=False))


if __name__ == "__main__":
    run(read_job())

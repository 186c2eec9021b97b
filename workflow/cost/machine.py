"""What a run asks of a machine, and what this machine gives. Needs torch; `workflow.cost.epochs` keeps what it says.

An epoch is taken to be matrix products and passes over memory. Per row, a training step is
three times the forward pass (forward, gradient of the input, gradient of the weights), in
multiply-adds and in bytes of the tensors that operations make, views as their base. Both are
divided by what a matrix product and an addition of the usual size reach here. Compared with
measurements of 14 models on two machines, that gives 0.67 to 1.18 times the time of training.

Shapes: B batch, H units.
"""

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from models import build_model
from models.embedding import Features, parameter_counts
from models.measure import _pass
from workflow.cost.counts import Speed, Work
from workflow.settings import ModelSettings
from workflow.spec import Precision

SMALL = 2  # rows of a table while counting
BATCH_ROWS, UNITS = 10_000, 400  # the paper's
PRODUCTS, ADDITIONS = 6, 30  # about a second on a core


def work_of(settings: ModelSettings, fields: Sequence[tuple[int, int, str]]) -> Work:
    """Count a model's work.

    The model is built with tables of a few rows, because what is computed with a row does not
    depend on how many there are, and run on batches of two and of four rows.

    Parameters
    ----------
    settings : ModelSettings
        The model.
    fields : sequence of (vocabulary size, columns, pooling)
        What it reads.
    """
    _, columns, pooling = zip(*fields, strict=True)
    model = build_model(
        settings.name, Features((SMALL,) * len(fields), columns, pooling), settings.model_dump(exclude={"name"})
    )
    x_BC = torch.zeros(4, sum(columns), dtype=torch.int32)
    batches = x_BC[:2].clone(), x_BC
    with torch.no_grad():
        training, trained_bytes = _pass(model.train(), batches)
        prediction, predicted_bytes = _pass(model.eval(), batches)
    embedding, rest = parameter_counts(model)
    # Two rows more; a multiply-add is two operations.
    return Work(
        training_multiply_adds=training // 4,
        training_bytes=sum(trained_bytes) // 2,
        multiply_adds=prediction // 4,
        bytes=sum(predicted_bytes) // 2,
        held_bytes=held_bytes(model, batches),
        token_parameters=embedding // (SMALL * len(fields)),
        other_parameters=rest,
    )


def held_bytes(model: nn.Module, batches: tuple[Tensor, Tensor]) -> int:
    """Bytes that a row of a training step keeps for its backward pass, each storage once.

    Weights are kept too, and fall out in the difference of the two batches. A storage's address
    tells it apart as long as the model's outputs, and so all that is kept, live.
    """
    held: list[int] = []
    for x_BC in batches:
        storages: dict[int, int] = {}

        def keep(saved: Tensor, storages: dict[int, int] = storages) -> Tensor:
            storage = saved.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
            return saved

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda saved: saved):
            _outputs = model.train()(x_BC)
        held.append(sum(storages.values()))
    return (held[1] - held[0]) // (len(batches[1]) - len(batches[0]))


def measure_speed(threads: int, precision: Precision, device: str) -> Speed:
    """Time matrix products and additions for about a second.

    On a CPU the clock is that of the process, so that other work does not count.
    """
    torch.set_num_threads(threads)
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    dtype = torch.bfloat16 if precision == "bf16" else torch.float32
    x_BH = torch.randn(BATCH_ROWS, UNITS, device=device, dtype=dtype)
    w_HH = torch.randn(UNITS, UNITS, device=device, dtype=dtype)
    out_BH = torch.empty_like(x_BH)
    product_s = _seconds(lambda: torch.mm(x_BH, w_HH, out=out_BH), PRODUCTS, threads, device)
    plain_BH = torch.empty(BATCH_ROWS, UNITS, device=device)
    addition_s = _seconds(lambda: torch.add(plain_BH, 1.0, out=plain_BH), ADDITIONS, threads, device)
    return Speed(
        multiply_adds_per_s=BATCH_ROWS * UNITS * UNITS / product_s,
        bytes_per_s=plain_BH.numel() * plain_BH.element_size() / addition_s,
    )


def _seconds(work: Callable[[], Any], times: int, threads: int, device: str) -> float:
    """Median seconds of a call, after one that warms up."""

    def read() -> float:
        if device == "cuda":
            torch.cuda.synchronize()
            return time.perf_counter()
        return time.process_time() / threads

    work()
    taken = []
    for _ in range(times):
        start = read()
        work()
        taken.append(read() - start)
    return max(median(taken), 1e-9)


def has_device(device: str) -> bool:
    """Whether the device is here to be measured."""
    return device == "cpu" or torch.cuda.is_available()

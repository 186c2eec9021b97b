"""The work of a run, and the speed of this machine. Needs torch; `workflow.cost.epochs` caches the results.

An epoch is taken to be matrix products and passes over memory. Per row, a training step is
three times the forward pass (forward, gradient of the input, gradient of the weights), in
multiply-adds and in bytes of the tensors that operations make, views as their base. Both are
divided by what a matrix product and an addition of the usual size reach here; `LOOKUP_S` comes on
top. On a quiet machine the epochs of 16 models on Frappe and of three on ML-1M took 0.75 to 1.3 times
that, and EulerNet's, which computes sines and logarithms, 1.6 times.

Shapes: B batch, H units.
"""

import time
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from models import build_model
from models.embedding import Features, parameter_counts
from models.measure import TABLE_ROWS, Sizes
from workflow.cost.epochs import Work
from workflow.cost.speed import BATCH_ROWS, UNITS, Speed, seconds_of, speed_of
from workflow.settings import ModelSettings


def work_of(settings: ModelSettings, fields: Sequence[tuple[int, int, str]]) -> Work:
    """Count a model's work.

    The model is built with tables of a few rows, because what is computed with a row does not
    depend on how many there are, and run on batches of two and of four rows.
    """
    _, columns, pooling = zip(*fields, strict=True)
    model = build_model(
        settings.name, Features((TABLE_ROWS,) * len(fields), columns, pooling), settings.model_dump(exclude={"name"})
    )
    x_BC = torch.zeros(4, sum(columns), dtype=torch.int32)
    batches = x_BC[:2].clone(), x_BC
    with torch.no_grad():
        training, training_bytes = _pass(model.train(), batches)
        prediction, prediction_bytes = _pass(model.eval(), batches)
    embedding, rest = parameter_counts(model)
    # Two rows more; a multiply-add is two operations.
    return Work(
        training_multiply_adds=training // 4,
        training_bytes=training_bytes // 2,
        multiply_adds=prediction // 4,
        bytes=prediction_bytes // 2,
        held_bytes=held_bytes(model, batches),
        token_parameters=embedding // (TABLE_ROWS * len(fields)),
        other_parameters=rest,
    )


def _pass(model: nn.Module, batches: tuple[Tensor, Tensor]) -> tuple[int, int]:
    """How much more the larger batch costs: operations in matrix products, and bytes of all tensors made."""
    operations: list[int] = []
    made_bytes: list[int] = []
    for x_BC in batches:
        with FlopCounterMode(display=False) as counter, Sizes() as sizes:
            model(x_BC)
        operations.append(counter.get_total_flops())
        made_bytes.append(sum(sizes.made_bytes))
    return operations[1] - operations[0], made_bytes[1] - made_bytes[0]


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


def gpu_speed() -> Speed | None:
    """Of float32 on this machine's GPU; None where torch sees none."""
    if not torch.cuda.is_available():
        return None
    x_BH = torch.ones(BATCH_ROWS, UNITS, device="cuda")
    w_HH, out_BH = torch.ones(UNITS, UNITS, device="cuda"), torch.empty_like(x_BH)

    def clock() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    product_s = seconds_of(lambda: torch.mm(x_BH, w_HH, out=out_BH), clock)
    return speed_of(product_s, seconds_of(lambda: x_BH.add_(1.0), clock))

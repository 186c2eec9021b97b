"""One training step, run directly or captured once and replayed.

A step reads and writes tensors of the device only: it copies nothing to or from the host and
waits for nothing, so that a CUDA graph can hold all of it.

Shapes: B batch, C columns of x.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from models.logits import Logits
from workflow.settings import LossSettings
from workflow.spec import Optimizer
from workflow.train.objective import objective

Capture = Callable[[Callable[[], Tensor]], tuple[Tensor, Callable[[], None]]]
Watch = Callable[[Logits], None]


@dataclass
class Step:
    """The state and the settings of a training step."""

    model: nn.Module
    tables: list[nn.Parameter]  # embedding tables: what the dense L2 acts on
    optimizer: torch.optim.Optimizer
    autocast: torch.autocast
    loss: LossSettings
    settings: Optimizer
    weights: list[nn.Parameter] = field(init=False)

    def __post_init__(self) -> None:
        self.weights = list(self.model.parameters())

    def __call__(self, x_BC: Tensor, y_B: Tensor, before: Watch | None = None, after: Watch | None = None) -> Tensor:
        """Train on a batch.

        Parameters
        ----------
        x_BC : Tensor of shape (batch, columns), int32
            Ids.
        y_B : Tensor of shape (batch,), float32
            Labels.
        before, after : callable, optional
            Shown the logits before and after the backward pass, for probes.

        Returns
        -------
        Tensor
            The mean loss over the batch, without the L2 term; detached, on the device.
        """
        with self.autocast:
            logits = self.model(x_BC)
        loss = objective(self.loss, logits, y_B)
        self.optimizer.zero_grad()
        if before is not None:
            before(logits)
        loss.backward()
        if after is not None:
            after(logits)
        add_l2_gradient(self.tables, self.settings.embedding_l2)
        nn.utils.clip_grad_norm_(self.weights, self.settings.max_gradient_norm)
        self.optimizer.step()
        return loss.detach()


def add_l2_gradient(tables: list[nn.Parameter], strength: float) -> None:
    """Add λW to the gradient of every table: the gradient of (λ/2)·ΣW² over all rows."""
    if strength > 0:
        for table in tables:
            assert table.grad is not None
            table.grad.add_(table.detach(), alpha=strength)


# -- the captured step: CUDA only, off by default -------------------------------------

EAGER_STEPS = 3  # before a capture, as cuBLAS and Adam create their buffers in the first steps


def cuda_capture(work: Callable[[], Tensor]) -> tuple[Tensor, Callable[[], None]]:
    """Record the device operations of `work` without running them."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = work()
    return out, graph.replay


@dataclass
class GraphedStep:
    """A step that replays a graph on full batches.

    About 200 operations a step cost more to launch than to compute, for batches of 10,000. The
    first full batches and every smaller one run as they stand; the graph is captured anew when
    the learning rate changes, because a captured number stays what it was.
    """

    step: Step
    rows: int  # of a full batch
    capture: Capture = cuda_capture
    _eager_steps: int = 0
    _learning_rate: float | None = None
    _inputs: tuple[Tensor, Tensor] | None = None
    _out: Tensor | None = None
    _replay: Callable[[], None] | None = None

    def __call__(self, x_BC: Tensor, y_B: Tensor, before: Watch | None = None, after: Watch | None = None) -> Tensor:
        """Train on a batch, as `Step` does."""
        if len(y_B) != self.rows or self._eager_steps < EAGER_STEPS or before is not None or after is not None:
            self._eager_steps += len(y_B) == self.rows
            return self.step(x_BC, y_B, before, after)
        learning_rate = self.step.optimizer.param_groups[0]["lr"]
        if self._replay is None or learning_rate != self._learning_rate:
            self._learning_rate = learning_rate
            x_in_BC, y_in_B = self._inputs = (x_BC.clone(), y_B.clone())
            self._out, self._replay = self.capture(lambda: self.step(x_in_BC, y_in_B))
        assert self._inputs is not None
        assert self._out is not None
        for own, given in zip(self._inputs, (x_BC, y_B), strict=True):
            own.copy_(given)
        self._replay()
        return self._out

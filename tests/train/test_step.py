"""A captured and replayed step, as far as it can be tested without a GPU."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.train.conftest import CPU, run, trace
from tests.train.prepared import run_spec, write_prepared
from workflow.settings import TF4CTR, TwinFocusLoss
from workflow.train import loop
from workflow.train.resident import load_resident
from workflow.train.step import EAGER_STEPS, GraphedStep, Step

SPEC = run_spec(
    model=TF4CTR(dfm="VF", simple_units=(8,), complex_units=(8,), dropout=0.2), loss=TwinFocusLoss(), max_epochs=5
)


class Capture:
    """Stands for a CUDA graph: records without doing, and does the same to the same tensors at each replay."""

    def __init__(self) -> None:
        self.captured = self.replayed = 0

    def __call__(self, work: Callable[[], Tensor]) -> tuple[Tensor, Callable[[], None]]:
        self.captured += 1
        out = torch.zeros(())

        def replay() -> None:
            self.replayed += 1
            out.copy_(work())

        return out, replay


def test_replaying_gives_the_same_trace_and_small_batches_run(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load_resident(write_prepared(rows=1250).prepared_dir, CPU)  # 12 full batches and one of 50
    capture, real = Capture(), loop.start

    def started(*arguments: object) -> loop.Run:
        made = real(*arguments)  # pyright: ignore[reportArgumentType]
        assert isinstance(made.step, Step)
        made.step = GraphedStep(made.step, SPEC.training.batch_size, capture)
        return made

    plain = run(SPEC, data)
    monkeypatch.setattr(loop, "start", started)
    assert trace(run(SPEC, data)) == trace(plain)
    assert capture.captured == len({epoch.learning_rate for epoch in plain.epochs})
    assert capture.replayed == 12 * len(plain.epochs) - EAGER_STEPS

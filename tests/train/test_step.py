"""A step captured and replayed: what can be shown of it without a GPU."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.train.prepared import run_spec, write_prepared
from workflow.settings import TF4CTR, TwinFocusLoss
from workflow.train import loop
from workflow.train.loop import train
from workflow.train.resident import load_resident
from workflow.train.step import EAGER_STEPS, GraphedStep, Step

CPU = torch.device("cpu")
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


def test_replaying_gives_the_same_trace_and_small_batches_run_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = load_resident(write_prepared(rows=1250).prepared_dir, CPU)  # 12 full batches and one of 50
    capture, real = Capture(), loop.start

    def started(*arguments: object) -> loop.Run:
        run = real(*arguments)  # pyright: ignore[reportArgumentType]
        assert isinstance(run.step, Step)
        run.step = GraphedStep(run.step, SPEC.training.batch_size, capture)
        return run

    def trace() -> list[object]:
        result = train(SPEC, data, CPU, state_file=Path("run.state"), stamp="s", say=lambda _: None)
        return [*((e.train_loss, e.l2_penalty, e.valid, e.learning_rate) for e in result.epochs), result.test]

    plain = trace()
    monkeypatch.setattr(loop, "start", started)
    assert trace() == plain
    rates = {rate for _, _, _, rate in plain[:-1]}  # pyright: ignore[reportGeneralTypeIssues]
    assert capture.captured == len(rates)
    assert capture.replayed == 12 * (len(plain) - 1) - EAGER_STEPS

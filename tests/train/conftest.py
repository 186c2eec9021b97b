"""What tests of the training loop share: resident data, a run on them, its trace, and a kill within it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.train.prepared import write_prepared
from workflow.spec import RunSpec
from workflow.train import loop
from workflow.train.loop import Result, train
from workflow.train.resident import Resident, load_resident

CPU = torch.device("cpu")


@pytest.fixture
def data(here: Path) -> Resident:
    torch.set_num_threads(1)
    return load_resident(write_prepared().prepared_dir, CPU)


def run(spec: RunSpec, data: Resident, say: Callable[[str], None] = lambda _: None, **options: Any) -> Result:
    return train(spec, data, CPU, state_file=Path("run.state"), stamp="s", say=say, **options)


def trace(result: Result) -> list[Any]:
    return [*((e.train_loss, e.l2_penalty, e.learning_rate, e.valid) for e in result.epochs), result.valid, result.test]


@contextmanager
def killed_in(epoch: int) -> Iterator[None]:
    """Within the block, a run ends as if its process were killed in that epoch."""
    real, calls = loop.run_epoch, []

    def killed(state: loop.Run) -> object:
        calls.append(1)
        if len(calls) == epoch:
            raise SystemExit("killed")
        return real(state)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "run_epoch", killed)
        with pytest.raises(SystemExit, match="killed"):
            yield

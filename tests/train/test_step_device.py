"""The whole step of training on the `meta` device: no tensor left on the CPU, no copy on the way.

Adam itself is torch's and refuses `meta`; plain SGD stands for it. So does autocast, which is why
bf16 is not among the cases.
"""

from contextlib import nullcontext
from typing import Any

import pytest
import torch

from models.embedding import embedding_parameters
from tests.models.test_all_models import CASES, IDS
from tests.models.test_device import CopiesRefused, OneDevice
from tests.models.toys import LISTS, dropouts, small
from tests.train.prepared import DATASET
from workflow.data.store import Meta
from workflow.settings import FocalLoss, LogLoss, LossSettings, RCELoss, TwinFocusLoss
from workflow.spec import Optimizer, Probes
from workflow.train.predict import Predictor
from workflow.train.probes import Recorder
from workflow.train.resident import Resident, ResidentSplit
from workflow.train.step import Step

META = torch.device("meta")
ROWS = 32
LOSSES: list[LossSettings] = [LogLoss(), FocalLoss(), RCELoss(), TwinFocusLoss(c=1.0, gamma=2.0)]


def step_of(name: str, settings: dict[str, Any], loss: LossSettings) -> Step:
    with META:
        model = small(name, LISTS, **dropouts(name), **settings)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    autocast: Any = nullcontext()
    return Step(model, embedding_parameters(model), optimizer, autocast, loss, Optimizer(embedding_l2=0.1))


def batch_on_meta() -> tuple[torch.Tensor, torch.Tensor]:
    columns = sum(LISTS.columns)
    return torch.empty(ROWS, columns, dtype=torch.int32, device=META), torch.empty(ROWS, device=META)


def two_branches(name: str, settings: dict[str, Any]) -> bool:
    with META:
        return small(name, LISTS, **settings)(batch_on_meta()[0]).z_s_B is not None


@pytest.mark.parametrize(("name", "settings"), CASES, ids=IDS)
def test_a_training_step_with_every_loss_stays_on_the_device(name: str, settings: dict[str, Any]) -> None:
    two = two_branches(name, settings)
    for loss in LOSSES if two else LOSSES[:-1]:
        step, (x_BC, y_B) = step_of(name, settings, loss), batch_on_meta()
        recorder = Recorder(Probes(gradient_norm_epochs=(1,)), resident(), META)
        watch = (recorder.watch, recorder.note_gradients) if two else (None, None)
        with CopiesRefused(), OneDevice():
            out = step(x_BC, y_B, *watch)
        assert out.is_meta
        assert out.shape == ()


def test_prediction_stays_on_the_device_until_its_end() -> None:
    with META:
        model = small("TF4CTR", LISTS, dfm="VF")
    autocast: Any = nullcontext()
    predict, data = Predictor(model, autocast, batch_rows=10), resident()
    # The one reading of an evaluation is its last line: everything before it is done by then.
    with pytest.raises(AssertionError, match="cpu copies"), CopiesRefused(), OneDevice():
        predict(data.test)


def test_the_watch_would_see_a_table_left_on_the_cpu() -> None:
    step, (x_BC, y_B) = step_of("TF4CTR", {}, TwinFocusLoss()), batch_on_meta()
    embedding = step.model.get_submodule("ssem.simple_embedding")
    embedding.offset_C = torch.zeros(sum(LISTS.columns), dtype=torch.int32)
    with pytest.raises((AssertionError, RuntimeError), match="device"), OneDevice():
        step(x_BC, y_B)


def resident() -> Resident:
    x_BC, y_B = batch_on_meta()
    split = ResidentSplit(x_BC, y_B, labels_N=y_B.new_zeros(ROWS, device="cpu").numpy(), group_N=None)
    meta: Any = Meta.model_construct(dataset=DATASET)
    return Resident(meta, LISTS, split, split, split)

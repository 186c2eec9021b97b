"""The whole step of training on the `meta` device: mixing it with the CPU raises there, and so does reading a value.

Two modes watch what that would miss: tensors made from Python numbers, which are copied to the device and cannot be
captured in a CUDA graph, and anything that lives on another device. Adam itself is torch's and refuses `meta`; plain
SGD stands for it. So does autocast, which is why bf16 is not among the cases.
"""

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models.embedding import embedding_parameters
from tests.models.test_all_models import CASES, MORE, each
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
TWIN = TwinFocusLoss(c=1.0, gamma=2.0)


COPIES = {"tensor", "new_tensor", "as_tensor", "from_numpy", "item", "tolist", "cpu", "numpy", "nonzero"}


class CopiesRefused(TorchFunctionMode):
    """Raises where Python values become a tensor or the other way round."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "")
        if name in COPIES or (name == "__getitem__" and any(isinstance(leaf, list) for leaf in args)):
            raise AssertionError(f"{name} copies between host and device")
        return func(*args, **(kwargs or {}))


class OneDevice(TorchDispatchMode):
    """Raises where an operation reads or makes a tensor on another device than `meta`."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for leaf in tree_leaves((args, kwargs, out)):
            assert not isinstance(leaf, Tensor) or leaf.is_meta, f"{func} has a tensor on {leaf.device}"
        return out


def on_meta(name: str, settings: dict[str, Any]) -> nn.Module:
    with META:
        return small(name, LISTS, **dropouts(name), **settings)


def step_of(model: nn.Module, loss: LossSettings) -> Step:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    autocast: Any = nullcontext()
    return Step(model, embedding_parameters(model), optimizer, autocast, loss, Optimizer(embedding_l2=0.1))


def batch_on_meta() -> tuple[Tensor, Tensor]:
    columns = sum(LISTS.columns)
    return torch.empty(ROWS, columns, dtype=torch.int32, device=META), torch.empty(ROWS, device=META)


def takes_a_step(model: nn.Module, loss: LossSettings, *, two_branches: bool) -> None:
    step, (x_BC, y_B) = step_of(model, loss), batch_on_meta()
    recorder = Recorder(Probes(gradient_norm_epochs=(1,)), resident(), META)
    watch = (recorder.watch, recorder.note_gradients) if two_branches else (None, None)
    with CopiesRefused(), OneDevice():
        out = step(x_BC, y_B, *watch)
    assert (out.is_meta, out.shape) == (True, ())


@each([*CASES, *MORE])
def test_a_training_step_and_an_evaluation_stay_on_the_device(name: str, settings: dict[str, Any]) -> None:
    model, (x_BC, _) = on_meta(name, settings), batch_on_meta()
    two_branches = model(x_BC).z_s_B is not None
    takes_a_step(model, TWIN if two_branches else LogLoss(), two_branches=two_branches)
    assert all(parameter.grad is not None for parameter in model.parameters())
    with CopiesRefused(), OneDevice():
        assert model.eval()(x_BC).z_B.shape == (ROWS,)


@pytest.mark.parametrize("loss", [LogLoss(), FocalLoss(), RCELoss(), TWIN])
def test_every_loss_stays_on_the_device(loss: LossSettings) -> None:
    """Losses read logits alone, so that any model will do."""
    takes_a_step(on_meta("TF4CTR", {}), loss, two_branches=True)


def test_prediction_stays_on_the_device_until_its_end() -> None:
    autocast: Any = nullcontext()
    predict, data = Predictor(on_meta("TF4CTR", {"dfm": "VF"}), autocast, batch_rows=10), resident()
    # The one reading of an evaluation is its last line: everything before it is done by then.
    with pytest.raises(AssertionError, match="cpu copies"), CopiesRefused(), OneDevice():
        predict(data.test)


def test_the_watch_would_see_a_table_left_on_the_cpu() -> None:
    step, (x_BC, y_B) = step_of(on_meta("TF4CTR", {}), TwinFocusLoss()), batch_on_meta()
    embedding = step.model.get_submodule("ssem.simple_embedding")
    embedding.offset_C = torch.zeros(sum(LISTS.columns), dtype=torch.int32)
    with pytest.raises((AssertionError, RuntimeError), match="device"), OneDevice():
        step(x_BC, y_B)


@pytest.mark.parametrize(
    "make", [lambda x: x.new_tensor(1.0), lambda x: x[[0]], lambda x: torch.tensor(1.0, device=x.device)]
)
def test_the_watch_sees_a_copy(make: Any) -> None:
    with CopiesRefused(), pytest.raises(AssertionError, match="copies between host and device"):
        make(torch.zeros(2, device="meta"))


def resident() -> Resident:
    x_BC, y_B = batch_on_meta()
    split = ResidentSplit(x_BC, y_B, labels_N=y_B.new_zeros(ROWS, device="cpu").numpy(), group_N=None)
    meta: Any = Meta.model_construct(dataset=DATASET)
    return Resident(meta, LISTS, split, split, split)

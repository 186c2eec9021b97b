"""A step on the `meta` device: mixing it with the CPU raises there, and so does reading a value.

Two modes watch what that would miss: tensors made from Python numbers, which are copied to the
device and cannot be captured in a CUDA graph, and anything that lives on another device.
"""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models.losses import focal_loss, rce_loss
from tests.models.test_all_models import CASES, IDS, training_loss
from tests.models.toys import LISTS, dropouts, small

ROWS = 32
COPIES = {"tensor", "new_tensor", "as_tensor", "from_numpy", "item", "tolist", "cpu", "numpy", "nonzero"}
MORE = [
    ("Framed", {"base": "DeepFM", "authors_code": True}),
    ("CL4CTR", {"pairs": "batch", "mask": "feature"}),
    ("EDCN", {"regulation": False, "bridge": "attention_pooling"}),
]
MORE_IDS = [" ".join((name, *map(str, settings.values()))) for name, settings in MORE]


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


@pytest.mark.parametrize(("name", "settings"), [*CASES, *MORE], ids=[*IDS, *MORE_IDS])
def test_a_step_and_an_evaluation_stay_on_the_device(name: str, settings: dict[str, Any]):
    with torch.device("meta"):
        model = small(name, LISTS, **dropouts(name), **settings)
    x_BC = torch.empty(ROWS, sum(LISTS.columns), dtype=torch.int32, device="meta")
    y_B = torch.empty(ROWS, device="meta")
    with CopiesRefused(), OneDevice():
        out = model(x_BC)
        (training_loss(out, y_B) + focal_loss(out.z_B, y_B, 2.0) + rce_loss(out.z_B, y_B, 0.1)).backward()
        assert model.eval()(x_BC).z_B.shape == (ROWS,)
    assert all(parameter.grad is not None for parameter in model.parameters())


@pytest.mark.parametrize(
    "make", [lambda x: x.new_tensor(1.0), lambda x: x[[0]], lambda x: torch.tensor(1.0, device=x.device)]
)
def test_the_watch_sees_a_copy(make: Any):
    with CopiesRefused(), pytest.raises(AssertionError, match="copies between host and device"):
        make(torch.zeros(2, device="meta"))

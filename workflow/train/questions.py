"""Common mistakes in users' models, checked before hours are spent: a remark for each.

The model is evaluated with its own weights, and again with large random weights, so that outputs differ
enough to be compared: a fresh model with small embeddings gives nearly the same output for every row.

Shapes: B batch, C columns of x.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import log
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from workflow.reading import reason
from workflow.train.loop import Run, start
from workflow.train.own import seed_all

WIDE_STD = 0.3
FEW_ROWS = 8
APART = 1e-2  # of the spread of all outputs: far above rounding
FAR = 7.0  # between the logits of the mean output and of the share of positives: a factor of 1,000 in the odds
SATURATED = 17.0  # from here on a float32 probability is 1
SHARE = 0.01


def remarks(begun: Run, x_BC: Tensor, y_B: Tensor) -> list[str]:
    """Remarks on a model that trains, but probably not as intended."""
    found = [*_of_answers(begun.model, x_BC, y_B), *_of_state(begun, x_BC)]
    with wide_weights(begun.model, begun.spec.seed):
        found += _of_batches(begun.model, x_BC)
    return list(dict.fromkeys(found))


@torch.no_grad()
def answers(model: nn.Module, x_BC: Tensor) -> Tensor:
    """Logits in evaluation mode, in double precision."""
    model.eval()
    return model(x_BC).z_B.double()


@contextmanager
def wide_weights(model: nn.Module, seed: int) -> Iterator[None]:
    """Draw every weight anew for a while, from N(0, 0.3²)."""
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    draw = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=draw) * WIDE_STD)
    try:
        yield
    finally:
        model.load_state_dict(kept)


def _of_answers(model: nn.Module, x_BC: Tensor, y_B: Tensor) -> Iterator[str]:
    z_B, again_B = answers(model, x_BC), answers(model, x_BC)
    if not torch.equal(z_B, again_B):
        yield "two predictions of the same rows differ: something random is left on in eval()"
    mean, rate = float(z_B.sigmoid().mean()), float(y_B.mean())
    if 0 < rate < 1 and abs(_logit(mean) - _logit(rate)) > FAR:
        yield f"the mean predicted rate is {mean:.3g}, that of the labels {rate:.3g}: is something added to the logits?"
    share = float((z_B.abs() > SATURATED).double().mean())
    if share > SHARE:
        yield f"{share:.0%} of the answers are saturated (0 or 1 in float32), and hardly train; scale them down"


def _logit(p: float) -> float:
    p = min(max(p, 1e-12), 1 - 1e-12)
    return log(p / (1 - p))


def _of_batches(model: nn.Module, x_BC: Tensor) -> Iterator[str]:
    """For large weights: whether a row's output depends only on that row, and whether it is a logit."""
    z_B, rows = answers(model, x_BC), min(FEW_ROWS, len(x_BC))
    if bool(((z_B >= 0) & (z_B <= 1)).all()) and len(z_B) > 1:
        yield "all answers lie in [0, 1], whatever the weights: logits are expected; leave the sigmoid out"
    allowed = APART * float(z_B.std()) + 1e-6 * float(z_B.abs().max())
    order_B = torch.arange(len(x_BC) - 1, -1, -1)
    try:
        asked = {
            "alone": torch.cat([answers(model, x_BC[row : row + 1]) for row in range(rows)]) - z_B[:rows],
            "in another batch": answers(model, x_BC[:rows]) - z_B[:rows],
            "in another order": answers(model, x_BC[order_B])[order_B] - z_B,
        }
    except Exception as error:
        yield f"a batch of one row fails ({type(error).__name__}: {reason(error)}): squeeze(-1), not squeeze()"
        return
    differing = [how for how, apart in asked.items() if not float(apart.abs().max()) <= allowed]  # NaN, too
    if differing:
        yield f"a row's answer depends on the batch that it is in: it is another {', '.join(differing)}"


def _of_state(begun: Run, x_BC: Tensor) -> Iterator[str]:
    """Whether one seed always gives the same model, and whether a resumed run restores all of it."""
    seed_all(begun.spec.seed)
    first = start(begun.spec, begun.data, begun.device).model
    seed_all(begun.spec.seed)
    second = start(begun.spec, begun.data, begun.device).model
    if _plain(first) != _plain(second) or not _equal(answers(first, x_BC), answers(second, x_BC)):
        yield (
            "two models of one seed differ: a generator of its own is not seeded; draw from torch, or from the "
            "generators of numpy.random and random, which are"
        )
        return
    second.load_state_dict(begun.model.state_dict())
    lost = sorted(_plain(begun.model).items() - _plain(second).items())
    if lost or not _equal(answers(begun.model, x_BC), answers(second, x_BC)):
        named = f" ({', '.join(dict.fromkeys(name for name, _ in lost))})" if lost else ""
        yield f"a run that is resumed loses something that training changes{named}: keep it with register_buffer()"


def _equal(one_B: Tensor, other_B: Tensor) -> bool:
    return torch.equal(one_B.nan_to_num(), other_B.nan_to_num())


def _plain(model: nn.Module) -> dict[str, str]:
    """Attributes that no state_dict holds, as text."""
    return {
        f"{prefix.removeprefix('model.')}.{name}".removeprefix(".").removeprefix("model."): _text(value)
        for prefix, module in model.named_modules()
        for name, value in vars(module).items()
        if not name.startswith("_") and name != "training" and _text(value)
    }


def _text(value: Any) -> str:
    if isinstance(value, bool | int | float | str):
        return repr(value)
    if isinstance(value, Tensor):
        return repr(value.detach().cpu().tolist())
    if isinstance(value, np.ndarray):
        return repr(value.tolist())
    if isinstance(value, list | tuple | set | dict):
        parts = value.items() if isinstance(value, dict) else value
        return repr([_text(part) if not isinstance(part, tuple) else [_text(one) for one in part] for part in parts])
    return ""

"""Whether a model from a user's file can be trained, checked before the first step.

Shapes: B batch, C columns of x.
"""

import inspect
import random
import traceback
from pathlib import Path

import numpy as np
import torch
from torch import nn

from models.custom import Custom
from models.logits import Logits
from models.own_code import forget, load_class
from workflow.data.encode.coding import Coding, load_coding
from workflow.data.pretrained import offer
from workflow.errors import UserError, nearest, shortened
from workflow.settings import Custom as CustomSettings
from workflow.spec import RunSpec
from workflow.train.own_file import check_file
from workflow.train.resident import Resident

ROWS = 8


def check_own(run: RunSpec, data: Resident) -> None:
    """Make a run's custom model and try it on a few rows; other models pass."""
    if not isinstance(run.model, CustomSettings):
        return
    offer_tokens(load_coding(run.dataset.prepared_dir))
    seed_all(run.seed)  # a file may use random numbers when imported
    check_arguments(run.model)
    torch.manual_seed(run.seed)
    where = f"model {run.model.module}"
    try:
        model = Custom(data.features, module=run.model.module, arguments=run.model.arguments).to(data.train.x_NC.device)
        out = model.eval()(data.train.x_NC[:ROWS])
    except Exception as error:
        raise UserError(f"{where}: {in_file(run.model.module, error)}{told(error)}") from error
    if next(model.parameters(), None) is None:
        raise UserError(
            f"{where}: has no parameters that train; make layers in __init__ as attributes, or in nn.ModuleList"
        )
    rows = min(ROWS, len(data.train.x_NC))
    _check_logits(where, out, rows)
    if run.loss.name == "twin_focus" and (out.z_s_B is None or out.z_c_B is None):
        raise UserError(f"{where}: loss twin_focus needs Logits with z_s_B and z_c_B; return them or choose loss log")


def offer_tokens(coding: Coding | None) -> None:
    """Let a model of one's own ask for pretrained vectors in the ids of the data at hand."""
    fields = coding.fields if coding else ()
    offer({one.spec.name: one.tokens for one in fields if not one.spec.is_number})


def begin_anew() -> None:
    """Have a model of one's own loaded from its files as they are now, and drop what another's set for all of torch."""
    forget()
    torch.set_default_dtype(torch.float32)
    torch.set_default_device(None)


def seed_all(seed: int) -> None:
    """Seed every generator that a user's model may use. The project's models use only torch's."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def check_arguments(settings: CustomSettings) -> None:
    """Check `arguments` against the signature of the class."""
    where = f"model {settings.module}"
    check_file(settings.module)  # so that an error below is one of the code in it
    try:
        made = load_class(settings.module)
    except (Exception, SystemExit) as error:  # a script that ends itself must not end this process
        raise UserError(f"{where}: cannot be imported: {in_file(settings.module, error)}{told(error)}") from error
    if not (isinstance(made, type) and issubclass(made, nn.Module)):
        raise UserError(f"{where}: is not a class derived from torch.nn.Module")
    parameters = dict(list(inspect.signature(made).parameters.items())[1:])
    free = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    for key in settings.arguments:
        if key not in parameters and not free:
            raise UserError(f"{where}: arguments: no {key!r}; {nearest(key, parameters)}")
    missing = [
        key
        for key, parameter in parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        and key not in settings.arguments
    ]
    if missing:
        raise UserError(f"{where}: arguments: {', '.join(missing)} must be given")


def in_file(module: str, error: BaseException) -> str:
    """The line of the user's file where an error came from."""
    file = Path(module.rpartition(":")[0]).resolve()
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if Path(frame.filename).resolve() == file]
    return f"line {lines[-1]}: " if lines else ""


def told(error: BaseException) -> str:
    """An error in one line; some of torch's list every backend that there is."""
    return shortened(f"{type(error).__name__}: {' '.join(str(error).split())}", 300)


def _check_logits(where: str, out: Logits, rows: int) -> None:
    for name, value in (("z_B", out.z_B), ("z_s_B", out.z_s_B), ("z_c_B", out.z_c_B)):
        if value is None and name != "z_B":
            continue
        if not isinstance(value, torch.Tensor):
            raise UserError(
                f"{where}: forward returned {type(value).__name__}; it must return models.logits.Logits, or a tensor "
                "with a logit per row"
            )
        if value.shape != (rows,) or not value.is_floating_point():
            raise UserError(
                f"{where}: {name} has shape {tuple(value.shape)} and type {value.dtype} for {rows} rows; it must hold "
                "one floating-point logit per row"
            )

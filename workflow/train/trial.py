"""Two training steps of a user's model on a dataset, to find mistakes before hours are spent.

Shapes: B batch, C columns of x.
"""

from dataclasses import dataclass

import torch
from torch import nn

from models.embedding import Embedding, embedding_parameters, parameter_counts
from workflow.errors import UserError
from workflow.settings import Custom
from workflow.spec import RunSpec
from workflow.train import questions
from workflow.train.device import choose_device
from workflow.train.loop import Run, start
from workflow.train.not_finite import origin_of_nan
from workflow.train.objective import objective
from workflow.train.own import begin_anew, check_own, in_file, seed_all, told
from workflow.train.resident import Resident, load_resident

STEPS = 2


@dataclass(frozen=True)
class Trial:
    """The result of two steps."""

    losses: tuple[float, ...]
    embedding: int  # parameters
    rest: int
    frozen: int  # parameters that did not train in either step
    remarks: tuple[str, ...]  # what trains, but hardly as it was meant


def try_out(run: RunSpec) -> Trial:
    """Train a user's model for two steps on prepared data."""
    assert isinstance(run.model, Custom)
    device = choose_device("cpu")
    data = load_resident(run.dataset.prepared_dir, device)
    begin_anew()
    check_own(run, data)
    seed_all(run.seed)
    try:
        return _steps(start(run, data, device), data, run)
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"model {run.model.module}: {in_file(run.model.module, error)}{told(error)}") from error


def _steps(begun: Run, data: Resident, run: RunSpec) -> Trial:
    assert isinstance(run.model, Custom)
    where, model = f"model {run.model.module}", begun.model
    weights = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    rows_B = torch.arange(min(run.training.batch_size, data.train.rows))
    x_BC, y_B = data.train.x_NC[rows_B], data.train.y_N[rows_B]
    _refuse_unused_tables(where, begun, x_BC, y_B)
    model.train()
    losses = []
    for _ in range(STEPS):
        losses.append(float(begun.step(x_BC, y_B)))
        broken = [name for name, weight in weights.items() if not torch.isfinite(weight).all()]
        if broken or losses[-1] != losses[-1]:
            what = ", ".join(broken[:3]) or "the loss"
            because = _origin(run, data, x_BC, y_B)
            raise UserError(
                f"{where}: {what} became NaN or infinite in step {len(losses)}{because}; scale its numbers down"
            )
    unused = [name for name, weight in weights.items() if weight.grad is None]
    remarks = [f"{', '.join(unused[:3])}: no gradient, so never trained"] if unused else []
    if not any(isinstance(module, Embedding) for module in nn.Module.modules(model)):  # a frozen table has no L2 either
        remarks.append("no models.embedding.Embedding in it, so no weights get the dataset's L2")
    remarks += questions.remarks(begun, x_BC, y_B)
    embedding, rest = parameter_counts(model)
    frozen = sum(weight.numel() for _, weight in model.named_parameters() if not weight.requires_grad)
    return Trial(tuple(losses), embedding, rest, frozen, tuple(remarks))


def _origin(run: RunSpec, data: Resident, x_BC: torch.Tensor, y_B: torch.Tensor) -> str:
    """The operation that gave it, found by repeating the same steps."""
    assert isinstance(run.model, Custom)
    seed_all(run.seed)
    again = start(run, data, x_BC.device)
    again.model.train()
    for _ in range(STEPS):
        found = origin_of_nan(run.model.module, lambda: objective(run.loss, again.model(x_BC), y_B))
        if found is not None:
            return f": {found}"
        again.step(x_BC, y_B)
    return ""


def _refuse_unused_tables(where: str, begun: Run, x_BC: torch.Tensor, y_B: torch.Tensor) -> None:
    """An embedding table that the answer does not use gets no gradient, which the L2 step needs."""
    begun.model.train()
    begun.optimizer.zero_grad()
    objective(begun.spec.loss, begun.model(x_BC), y_B).backward()
    names = {id(weight): name for name, weight in begun.model.named_parameters()}
    for table in embedding_parameters(begun.model):
        if table.grad is None:
            raise UserError(f"{where}: the answer does not use the embedding {names[id(table)]}; use it or remove it")
    begun.optimizer.zero_grad()

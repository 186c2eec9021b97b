"""Adam without torch's compiler, which nothing here uses and whose import takes 2 s in every process that trains."""

from inspect import unwrap

import torch
from torch.optim import Adam


class EagerAdam(Adam):
    """torch's Adam, its methods as they are below the wrappers that load the compiler to exempt them from it."""

    add_param_group = unwrap(Adam.add_param_group)
    zero_grad = unwrap(Adam.zero_grad)
    state_dict = unwrap(Adam.state_dict)
    load_state_dict = unwrap(Adam.load_state_dict)
    step = torch.no_grad()(unwrap(Adam.step))

"""Against torch's own: the same weights, and states that either continues."""

from itertools import product

import pytest
import torch
from torch import Tensor, nn
from torch.optim import Adam

from workflow.train.adam import EagerAdam


def trained(first: type[Adam], second: type[Adam]) -> list[Tensor]:
    """Three steps, a saved state, and three steps of another optimizer that has loaded it."""
    torch.manual_seed(1)
    model, x_BF = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 1)), torch.randn(8, 5)
    optimizer = first(model.parameters(), lr=0.01, fused=True)
    for step in range(6):
        if step == 3:
            state = optimizer.state_dict()
            optimizer = second(model.parameters(), lr=0.5, fused=True)
            optimizer.load_state_dict(state)
        optimizer.zero_grad()
        model(x_BF).square().mean().backward()
        optimizer.step()
    assert all(weight.requires_grad for weight in model.parameters())
    return [weight.detach() for weight in model.parameters()]


@pytest.mark.parametrize(("first", "second"), [*product((Adam, EagerAdam), repeat=2)])
def test_it_steps_saves_and_loads_as_torchs(first: type[Adam], second: type[Adam]) -> None:
    for found, expected in zip(trained(first, second), trained(Adam, Adam), strict=True):
        assert torch.equal(found, expected)

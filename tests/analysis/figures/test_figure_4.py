"""The curves of the loss against autograd."""

import numpy as np
import pytest
import torch

from models.losses import twin_focus_loss
from workflow.analysis.evidence.formulas import Head, monotone_from, printed, slope, term
from workflow.analysis.figures import figure_4


@pytest.mark.parametrize(("c", "gamma"), [(c, gamma) for c, gamma, _ in figure_4.SETTINGS])
@pytest.mark.parametrize("head", figure_4.HEADS)
def test_curves_and_gradients_are_those_of_the_loss(head: Head, c: float, gamma: float) -> None:
    p_P = np.linspace(0.02, 0.98, 25)
    z_P = torch.tensor(np.log(p_P / (1 - p_P)), requires_grad=True)
    other_P, y_P = torch.zeros(25, dtype=torch.float64), torch.ones(25, dtype=torch.float64)
    both = (z_P, other_P) if head == "simple" else (other_P, z_P)
    loss = 25 * twin_focus_loss(*both, y_P, alpha=float(head == "simple"), c=c, gamma=gamma)
    (gradient_P,) = torch.autograd.grad(loss, z_P)
    assert loss.item() == pytest.approx(term(head, p_P, c, gamma).sum())
    assert -gradient_P.numpy() == pytest.approx(slope(head, p_P, c, gamma))


@pytest.mark.parametrize("gamma", [1, 2, 3, 4, 5])
def test_the_monotone_bound_is_where_the_gradient_changes_sign(gamma: int) -> None:
    p_P = np.linspace(1e-4, 1 - 1e-4, 20_001)
    bound = monotone_from(gamma)
    assert slope("simple", p_P, bound + 0.002, gamma).min() > 0
    assert slope("simple", p_P, bound - 0.002, gamma).min() < 0


def test_with_gamma_1_the_printed_gradient_is_that_of_log_loss() -> None:
    p_P = np.linspace(0.1, 0.9, 9)
    for head in figure_4.HEADS:
        assert printed(head, p_P, 0.7, 1.0) == pytest.approx(1 - p_P)

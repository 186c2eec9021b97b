"""Losses against naive formulas in float64, the exact gradients, and extreme logits."""

from collections.abc import Callable

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics
from torch import Tensor

from models.losses import _shifted_power, focal_loss, log_loss, rce_loss, twin_focus_loss

LABELS_B = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.0], dtype=torch.float64)
LOGITS_B = torch.tensor([-2.0, -1.3, 0.0, 0.7, 3.1, 4.0], dtype=torch.float64)
OTHER_B = torch.tensor([1.0, -0.3, 2.2, -4.1, 0.1, 0.4], dtype=torch.float64)
GAMMAS = [0.0, 0.5, 1.0, 2.0, 5.0]


def truth_probability(z_B: Tensor, y_B: Tensor) -> Tensor:
    p_B = z_B.sigmoid()
    return y_B * p_B + (1 - y_B) * (1 - p_B)


def naive(z_B: Tensor, weight: Callable[[Tensor], Tensor]) -> Tensor:
    """Mean of -ln p_t, each weighted by its p_t."""
    p_B = truth_probability(z_B, LABELS_B)
    return (weight(p_B) * -p_B.log()).mean()


def agree(ours: Tensor, theirs: Tensor, *inputs: Tensor) -> None:
    """The same value, and the same gradient of each input."""
    torch.testing.assert_close(ours, theirs)
    for got, expected in zip(torch.autograd.grad(ours, inputs), torch.autograd.grad(theirs, inputs), strict=True):
        torch.testing.assert_close(got, expected)


def leaf(z_B: Tensor) -> Tensor:
    return z_B.clone().requires_grad_()


def test_log_loss_is_sklearns():
    expected = metrics.log_loss(LABELS_B.numpy(), LOGITS_B.sigmoid().numpy())
    assert log_loss(LOGITS_B, LABELS_B).item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_focal_loss_against_the_naive_formula(gamma: float):
    z_B = leaf(LOGITS_B)
    agree(focal_loss(z_B, LABELS_B, gamma), naive(z_B, lambda p_B: (1 - p_B) ** gamma), z_B)


@pytest.mark.parametrize("beta", [0.0, 0.01, 0.3])
def test_rce_weight_is_detached(beta: float):
    z_B = leaf(LOGITS_B)
    agree(rce_loss(z_B, LABELS_B, beta), naive(z_B, lambda p_B: p_B.detach() ** beta), z_B)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("c", [0.0, 0.3, 0.7, 1.0])
def test_twin_focus_against_the_naive_formula(c: float, gamma: float):
    z_s_B, z_c_B = leaf(LOGITS_B), leaf(OTHER_B)
    simple, complex_ = naive(z_s_B, lambda p_B: (c + p_B) ** gamma), naive(z_c_B, lambda p_B: (2 - c - p_B) ** gamma)
    ours = twin_focus_loss(z_s_B, z_c_B, LABELS_B, alpha=0.3, c=c, gamma=gamma)
    agree(ours, 0.3 * simple + 0.7 * complex_, z_s_B, z_c_B)


@pytest.mark.parametrize("gamma", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("c", [0.5, 0.7, 1.0])
def test_twin_focus_has_the_exact_gradients(c: float, gamma: float):
    """The corrected equations 14 and 15, with respect to the logit of the true class."""
    z_s_B, z_c_B = leaf(LOGITS_B), leaf(OTHER_B)
    loss = twin_focus_loss(z_s_B, z_c_B, LABELS_B, alpha=0.4, c=c, gamma=gamma)
    grad_s_B, grad_c_B = torch.autograd.grad(loss, (z_s_B, z_c_B))
    sign_B = 2 * LABELS_B - 1
    p_B, q_B, m = truth_probability(LOGITS_B, LABELS_B), truth_probability(OTHER_B, LABELS_B), 2 - c
    simple_B = -((c + p_B) ** (gamma - 1)) * (1 - p_B) * (c + p_B + gamma * p_B * p_B.log())
    complex_B = -((m - q_B) ** (gamma - 1)) * (1 - q_B) * (m - q_B - gamma * q_B * q_B.log())
    torch.testing.assert_close(grad_s_B, 0.4 * simple_B * sign_B / len(sign_B))
    torch.testing.assert_close(grad_c_B, 0.6 * complex_B * sign_B / len(sign_B))


@pytest.mark.parametrize(("c", "monotone"), [(0.70, False), (0.80, True)])
def test_the_simple_term_turns_around_below_the_bound_on_c(c: float, monotone: bool):
    """For gamma = 3 the bound is c ≥ 3·e^(-4/3) ≈ 0.791."""
    z_B = leaf(torch.linspace(-6, 6, 2001, dtype=torch.float64))
    one_B = torch.ones_like(z_B)
    loss = twin_focus_loss(z_B, z_B.detach(), one_B, alpha=1.0, c=c, gamma=3.0)
    (grad_B,) = torch.autograd.grad(loss, z_B)
    assert bool((grad_B <= 0).all()) is monotone


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("shift", [0.0, 0.1, 0.3, 0.7, 1.0])
def test_shifted_power_is_bit_identical_to_a_shift_copied_from_the_host(shift: float, gamma: float):
    """Records made before it was filled on the device stay comparable."""
    log_p_B = torch.nn.functional.logsigmoid(torch.linspace(-120, 30, 4001))
    copied = torch.tensor(shift).log()
    expected_B = (gamma * torch.logaddexp(log_p_B, copied)).exp()
    assert torch.equal(_shifted_power(shift, log_p_B, gamma), expected_B)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_gradient_of_the_shifted_power_is_that_of_the_plain_formula(shift: float, gamma: float):
    log_p_B = leaf(torch.linspace(-9, -1e-3, 50, dtype=torch.float64))
    agree(_shifted_power(shift, log_p_B, gamma).sum(), ((shift + log_p_B.exp()) ** gamma).sum(), log_p_B)


def test_gamma_zero_is_the_log_loss():
    auxiliary = twin_focus_loss(LOGITS_B, OTHER_B, LABELS_B, alpha=0.25, c=0.7, gamma=0.0)
    expected = 0.25 * log_loss(LOGITS_B, LABELS_B) + 0.75 * log_loss(OTHER_B, LABELS_B)
    torch.testing.assert_close(auxiliary, expected)
    torch.testing.assert_close(focal_loss(LOGITS_B, LABELS_B, 0.0), log_loss(LOGITS_B, LABELS_B))
    torch.testing.assert_close(rce_loss(LOGITS_B, LABELS_B, 0.0), log_loss(LOGITS_B, LABELS_B))


def every_loss(z_B: Tensor, y_B: Tensor, c: float, gamma: float) -> list[Tensor]:
    return [
        log_loss(z_B, y_B),
        focal_loss(z_B, y_B, gamma),
        rce_loss(z_B, y_B, gamma),
        twin_focus_loss(z_B, z_B, y_B, alpha=0.5, c=c, gamma=gamma),
    ]


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("c", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("size", [30.0, 100.0, 1e4])
def test_extreme_logits_give_finite_losses_and_gradients(size: float, c: float, gamma: float):
    for y in (0.0, 1.0):
        for sign in (-1.0, 1.0):
            z_B = torch.tensor([sign * size, 0.0], requires_grad=True)
            for loss in every_loss(z_B, torch.full((2,), y), c, gamma):
                (grad_B,) = torch.autograd.grad(loss, z_B, retain_graph=True)
                assert torch.isfinite(loss)
                assert torch.isfinite(grad_B).all()
                assert loss >= 0


def test_a_confident_mistake_still_has_its_full_gradient():
    z_B = torch.tensor([-100.0], requires_grad=True)
    y_B = torch.ones(1)
    (grad_B,) = torch.autograd.grad(log_loss(z_B, y_B), z_B)
    assert grad_B.item() == -1.0
    (grad_B,) = torch.autograd.grad(twin_focus_loss(z_B, z_B, y_B, alpha=0.0, c=0.7, gamma=2.0), z_B)
    assert grad_B.item() == pytest.approx(-(1.3**2))


@given(
    logits=st.lists(st.floats(-50, 50), min_size=1, max_size=8),
    c=st.floats(0, 1),
    gamma=st.floats(0, 5),
    seed=st.integers(0, 99),
)
def test_swapping_labels_and_signs_changes_nothing(logits: list[float], c: float, gamma: float, seed: int):
    z_B = torch.tensor(logits, dtype=torch.float64)
    y_B = torch.from_numpy(numpy.random.default_rng(seed).integers(0, 2, len(logits)).astype(float))
    for ours, mirrored in zip(every_loss(z_B, y_B, c, gamma), every_loss(-z_B, 1 - y_B, c, gamma), strict=True):
        torch.testing.assert_close(ours, mirrored)


@pytest.mark.parametrize("c", [-0.1, 1.2])
def test_c_outside_its_range(c: float):
    with pytest.raises(ValueError, match="c must lie"):
        twin_focus_loss(LOGITS_B, OTHER_B, LABELS_B, alpha=0.5, c=c, gamma=1.0)

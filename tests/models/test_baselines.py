"""Parts of the baselines against loops, complex numbers and torch's own layers; `test_framed.py` tests whole models."""

import cmath
from itertools import combinations, permutations, product
from typing import TypeVar

import numpy
import pytest
import torch
from torch import Tensor, nn

from models import build_model
from models.afn import LogarithmicLayer
from models.autoint import FieldAttention
from models.cl4ctr import EncoderLayer, Mask, alignment, batch_uniformity, table_uniformity
from models.cl4ctr_mlp import view_uniformity
from models.embedding import Features, embedding_parameters, field_weights
from models.eulernet import EulerLayer
from models.finalmlp import Bilinear, Selection
from models.mlp import JointHead
from tests.models.toys import LISTS, PLAIN, batch, small
from workflow.settings import MODEL_CLASSES


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


M = TypeVar("M", bound=nn.Module)


def randomise(module: M) -> M:
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(std=0.5)
    return module.double().eval()


def numbers(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def close(ours: Tensor, theirs: Tensor | numpy.ndarray | float) -> None:
    torch.testing.assert_close(ours.detach(), torch.as_tensor(theirs, dtype=torch.float64).detach())


def test_linear_terms_sum_their_lists():
    features = Features((6, 4), (3, 1), ("mean", "mean"))
    weights = field_weights(features)
    x_BC = torch.tensor([[2, 3, 0, 1]], dtype=torch.int32)
    table_V = weights.weight_VD.flatten()
    close(weights(x_BC).double().flatten(), torch.stack((table_V[2] + table_V[3], table_V[7])).double())


def test_joint_head_starts_like_the_whole_layer():
    head = JointHead(3000, 1000)
    for part in (head.simple, head.complex):
        assert part.weight.std().item() == pytest.approx((2 / 4001) ** 0.5, rel=0.05)


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize(("in_dim", "residual", "layer_norm"), [(6, True, True), (4, True, False), (4, False, True)])
def test_attention_over_fields(in_dim: int, residual: bool, layer_norm: bool, scale: bool):
    options = {"residual": residual, "scale": scale, "layer_norm": layer_norm}
    layer = randomise(FieldAttention(in_dim, 6, heads=2, dropout=0.3, **options))
    x_BFI = numbers(3, 5, in_dim)
    heads = []
    for h in range(2):
        q, k, v = (part(x_BFI)[..., 3 * h : 3 * h + 3] for part in (layer.query, layer.key, layer.value))
        heads.append((q @ k.mT / (3**0.5 if scale else 1.0)).softmax(-1) @ v)
    out = torch.cat(heads, dim=2)
    if residual:
        out = out + (x_BFI if in_dim == 6 else layer.project(x_BFI))
    close(layer(x_BFI), layer.norm(out).clamp(min=0))


def test_heads_must_divide():
    with pytest.raises(ValueError, match="multiple of heads"):
        FieldAttention(4, 6, heads=4, dropout=0.0, residual=True, scale=True, layer_norm=True)
    with pytest.raises(ValueError, match="multiples of heads"):
        Bilinear(6, 8, heads=4)


def test_logarithmic_neurons_are_products_of_powers():
    layer, behind = randomise(LogarithmicLayer(3, 2)), randomise(nn.Linear(5 * 2, 4))
    for norm in (layer.log_norm, layer.exp_norm):  # evaluation with the first statistics: only 1e-5 is added
        nn.init.ones_(norm.weight)
        nn.init.zeros_(norm.bias)
        norm.eps = 0.0
    e_BFK = numbers(4, 3, 5)
    powers = layer.powers.weight
    expected = torch.stack([(e_BFK.abs() ** powers[n].view(3, 1)).prod(1) for n in range(2)], dim=2)
    close(layer(e_BFK, behind), behind(expected.flatten(1)))
    every = nn.Linear(5 * 2, 5 * 2).double()  # gives each product of powers by itself
    nn.init.eye_(every.weight)
    nn.init.zeros_(every.bias)
    close(layer(e_BFK, every), expected.flatten(1))


@pytest.mark.parametrize("outputs", [3, 4])
def test_euler_layer_multiplies_complex_powers(outputs: int):
    layer = randomise(EulerLayer(3, outputs, 2, layer_norm=False, explicit_dropout=0.3, implicit_dropout=0.3))
    r_BFK, p_BFK = numbers(4, 3, 2), numbers(4, 3, 2)
    real, imaginary = layer(r_BFK, p_BFK)
    for b, g, k in product(range(4), range(outputs), range(2)):
        value = cmath.exp(complex(layer.amplitude_bias_KG[k, g].item(), layer.phase_bias_KG[k, g].item()))
        for i in range(3):
            power = layer.order_FG[i, g].item()
            value *= cmath.exp(power * cmath.log(complex(r_BFK[b, i, k].item(), p_BFK[b, i, k].item())))
        row = g * 2 + k
        implicit = [
            max(0.0, (layer.implicit.weight[row] @ part[b].flatten() + layer.implicit.bias[row]).item())
            for part in (r_BFK, p_BFK)
        ]
        assert real[b, g, k].item() == pytest.approx(implicit[0] + value.real, rel=1e-5)
        assert imaginary[b, g, k].item() == pytest.approx(implicit[1] + value.imag, rel=1e-5)


def test_euler_orders_start_with_one_field_each():
    square = EulerLayer(3, 3, 2, layer_norm=True, explicit_dropout=0.0, implicit_dropout=0.0)
    wide = EulerLayer(3, 40, 2, layer_norm=True, explicit_dropout=0.0, implicit_dropout=0.0)
    assert torch.equal(square.order_FG, torch.eye(3))
    torch.testing.assert_close(wide.order_FG.sum(0), torch.ones(40))
    assert wide.order_FG.max(0).values.mean() > 0.95


def test_bilinear_fusion():
    fusion = randomise(Bilinear(4, 6, heads=2))
    h_1_BG, h_2_BH = numbers(3, 4), numbers(3, 6)
    expected = fusion.first(h_1_BG) + fusion.second(h_2_BH)
    for head, i, j in product(range(2), range(2), range(3)):
        expected = expected + fusion.weight_NXY[head, i, j] * h_1_BG[:, head * 2 + i] * h_2_BH[:, head * 3 + j]
    close(fusion(h_1_BG, h_2_BH), expected)


def test_selection_starts_open_and_reads_only_its_context():
    x_BC, e_BD = batch(LISTS, 6), torch.randn(6, 5 * 4)
    select = Selection(LISTS, (), 4, (7,))
    torch.testing.assert_close(select(x_BC, e_BD), e_BD)
    select = Selection(LISTS, (1,), 4, (7,))
    nn.init.normal_(embedding_parameters(select)[0])
    changed_BC = x_BC.clone()
    changed_BC[:, [0, 4, 5, 6, 7]] = 1
    assert torch.equal(select(x_BC, e_BD), select(changed_BC, e_BD))
    changed_BC[:, 1] = 1 + x_BC[:, 1] % 4
    assert not torch.equal(select(x_BC, e_BD), select(changed_BC, e_BD))
    with pytest.raises(ValueError, match=r"fields \[5\] do not exist"):
        Selection(LISTS, (5,), 4, (7,))


# -- CL4CTR -----------------------------------------------------------------------------


def cosine(a_K: Tensor, b_K: Tensor) -> float:
    return (a_K @ b_K / (a_K.norm() * b_K.norm())).item()


def test_alignment_is_the_mean_over_pairs():
    groups = [numbers(n, 3) for n in (4, 2, 6)]
    means = [numpy.mean([(a - b).square().sum().item() for a, b in combinations(group, 2)]) for group in groups]
    close(alignment(groups), float(numpy.mean(means)))
    close(alignment([*groups, numbers(1, 3)]), float(numpy.mean(means)))
    close(alignment([numbers(1, 3)]), 0.0)


def test_table_uniformity_is_the_mean_over_pairs_of_different_fields():
    groups = [numbers(n, 3) for n in (4, 2, 5)]
    pairs = [cosine(a, b) for first, second in permutations(groups, 2) for a, b in product(first, second)]
    close(table_uniformity(groups), float(numpy.mean(pairs)))


def test_batch_and_view_uniformity_are_means_over_pairs_of_different_fields():
    e_BFK, other_BFK = numbers(4, 5, 3), numbers(4, 5, 3)
    within = [cosine(row[i], row[j]) for row in e_BFK for i, j in permutations(range(5), 2)]
    close(batch_uniformity(e_BFK), float(numpy.mean(within)))
    rows = zip(e_BFK, other_BFK, strict=True)
    across = [cosine(row[i], other[j]) for row, other in rows for i, j in permutations(range(5), 2)]
    close(view_uniformity(e_BFK, other_BFK), float(numpy.mean(across)))


def test_encoder_layer_is_torchs():
    ours = randomise(EncoderLayer(6, 10, dropout=0.2))
    theirs = nn.TransformerEncoderLayer(6, 1, 10, batch_first=True, dtype=torch.float64).train()
    theirs.dropout.p = theirs.dropout1.p = theirs.dropout2.p = theirs.self_attn.dropout = 0.0
    first, last = ours.feed[0], ours.feed[3]
    assert isinstance(first, nn.Linear)
    assert isinstance(last, nn.Linear)
    parts = (ours.query, ours.key, ours.value)
    attention = theirs.self_attn
    attention.in_proj_weight.data = torch.cat([part.weight.data for part in parts])
    attention.in_proj_bias.data = torch.cat([part.bias.data for part in parts])
    pairs = [(attention.out_proj, ours.project), (theirs.linear1, first), (theirs.linear2, last)]
    pairs += [(theirs.norm1, ours.attention_norm), (theirs.norm2, ours.feed_norm)]
    for target, source in pairs:
        target.load_state_dict(source.state_dict())
    x_BFK = numbers(3, 4, 6)
    close(ours(x_BFK), theirs(x_BFK))


@pytest.mark.parametrize(("kind", "whole"), [("feature", 2), ("dimension", 1)])
def test_masks_drop_whole_fields_or_dimensions(kind: str, whole: int):
    dropped = Mask(kind, 0.5)(torch.ones(50, 4, 6)) == 0
    assert torch.equal(dropped.all(whole), dropped.any(whole))
    assert 0.3 < dropped.double().mean() < 0.7


@pytest.mark.parametrize("pairs", ["table", "batch"])
@pytest.mark.parametrize("mask", ["random", "feature", "dimension"])
def test_extra_losses_are_for_training_only(mask: str, pairs: str):
    model = small("CL4CTR", LISTS, mask=mask, pairs=pairs, hidden_units=())
    out = model(batch(LISTS, 32))
    assert out.auxiliary is not None
    out.auxiliary.backward()
    assert all(weight.grad is not None for weight in embedding_parameters(model)[:1])
    assert model.eval()(batch(LISTS, 32)).auxiliary is None


def test_identical_views_have_no_contrast():
    model = small("CL4CTR-MLP", LISTS, mask_rate=0.0, beta=0.0, dropout=0.0)
    projections = model.get_submodule("projections")
    assert isinstance(projections, nn.ModuleList)
    projections[1].load_state_dict(projections[0].state_dict())
    close(model(batch(LISTS, 32)).auxiliary.double(), 0.0)


@pytest.mark.parametrize(("setting", "value"), [("mask", "rows"), ("pairs", "all")])
def test_unknown_forms_of_cl4ctr(setting: str, value: str):
    settings = MODEL_CLASSES["CL4CTR"]().model_dump() | {setting: value}
    with pytest.raises(ValueError, match=value):
        build_model("CL4CTR", PLAIN, settings)

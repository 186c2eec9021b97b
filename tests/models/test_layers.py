"""Building blocks of models: one table of embeddings, the MLP and its heads, dropout from packed random bits."""

import math

import numpy
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.dropout import LANE_VALUES, Dropout, ReLUDropout, keep_mask
from models.embedding import INIT_STD, Embedding, Features, _Gather, embedding_parameters, parameter_counts
from models.mlp import MLP, Head, linear
from tests.models.toys import LISTS, PLAIN, batch


def by_hand(table: numpy.ndarray, x: numpy.ndarray, features: Features) -> numpy.ndarray:
    """Look up and pool row by row."""
    out = numpy.zeros((len(x), features.fields, table.shape[1]))
    for row in range(len(x)):
        start = column = 0
        for field, (size, n) in enumerate(zip(features.vocab_sizes, features.columns, strict=True)):
            ids = [i for i in x[row, column : column + n] if i != 0]
            total = sum((table[start + i] for i in ids), numpy.zeros(table.shape[1]))
            mean = features.pooling[field] == "mean"
            out[row, field] = total / max(len(ids), 1) if mean else total
            start, column = start + size, column + n
    return out


@pytest.mark.parametrize("features", [PLAIN, LISTS])
def test_lookup_and_pooling_agree_with_a_loop(features: Features):
    x_BC = batch(features, 50)
    x_BC[0] = 0  # lists of nothing
    embedding = Embedding(features, 4).double()
    nn.init.normal_(embedding.weight_VD)
    table = embedding.weight_VD.detach().numpy().copy()
    starts = numpy.cumsum((0, *features.vocab_sizes[:-1]))
    table[starts] = 0.0
    embedding.weight_VD.data = torch.from_numpy(table)
    numpy.testing.assert_allclose(embedding(x_BC).detach().numpy(), by_hand(table, x_BC.numpy(), features), atol=1e-12)


def test_initial_rows():
    features = Features((4000, 4000), (1, 1), ("mean", "mean"))
    torch.manual_seed(0)
    weight_VD = Embedding(features, 16).weight_VD.detach()
    assert not weight_VD[[0, 4000]].any()
    assert weight_VD[1:4000].ne(0).all()
    assert weight_VD.std().item() == pytest.approx(INIT_STD, rel=0.02)
    assert weight_VD.mean().item() == pytest.approx(0.0, abs=0.01 * INIT_STD)


@pytest.mark.parametrize("features", [PLAIN, LISTS])
def test_pad_rows_stay_zero_even_where_a_plain_field_holds_pad(features: Features):
    torch.manual_seed(0)
    embedding = Embedding(features, 4)
    optimizer = torch.optim.Adam(embedding.parameters(), lr=0.1)
    x_BC = batch(features, 40)
    x_BC[::3] = 0
    for _ in range(5):
        optimizer.zero_grad()
        (embedding(x_BC) - 1.0).square().sum().backward()
        optimizer.step()
    starts = [0, *torch.tensor(features.vocab_sizes).cumsum(0)[:-1].tolist()]
    pad_V = torch.zeros(len(embedding.weight_VD), dtype=torch.bool)
    pad_V[starts] = True
    assert not embedding.weight_VD[pad_V].any()
    assert embedding.weight_VD[~pad_V].abs().max() > 0.1


def test_each_field_reads_its_own_rows_only():
    embedding = Embedding(LISTS, 4)
    x_BC = torch.zeros(1, sum(LISTS.columns), dtype=torch.int32)
    x_BC[0, 4] = 3  # the third field
    embedding(x_BC).sum().backward()
    assert embedding.weight_VD.grad is not None
    assert embedding.weight_VD.grad.abs().sum(1).nonzero().flatten().tolist() == [7 + 5 + 3]


def test_gradient_of_mean_pooling():
    features = Features((5,), (3,), ("mean",))
    embedding = Embedding(features, 2)
    embedding(torch.tensor([[1, 2, 0]], dtype=torch.int32)).sum().backward()
    assert embedding.weight_VD.grad is not None
    assert embedding.weight_VD.grad.tolist() == [[0, 0], [0.5, 0.5], [0.5, 0.5], [0, 0], [0, 0]]


def test_tables_are_found_and_counted():
    model = nn.ModuleDict({"a": Embedding(PLAIN, 4), "b": Embedding(PLAIN, 1), "c": nn.Linear(3, 2)})
    assert [tuple(weight.shape) for weight in embedding_parameters(model)] == [(21, 4), (21, 1)]
    assert parameter_counts(model) == (21 * 5, 8)
    assert "offset_C" not in "".join(model.state_dict())


@pytest.mark.parametrize("dim", [1, 5, 16])
@pytest.mark.parametrize("threads", [1, 2])
def test_gradient_of_the_gather_is_that_of_torchs_embedding_bit_for_bit(dim: int, threads: int):
    """Rows are added up in the order of the batch, as torch does, and PAD gets nothing; also where threads share."""
    generator = torch.Generator().manual_seed(1)
    index_BC = torch.randint(0, 50, (3000, 7), generator=generator, dtype=torch.int32)
    weight_VD = torch.randn(60, dim, generator=generator).requires_grad_()
    grad_BCD = torch.randn(3000, 7, dim, generator=generator)
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    try:
        ours, theirs = _Gather.apply(weight_VD, index_BC), functional.embedding(index_BC, weight_VD, padding_idx=0)
        assert isinstance(ours, Tensor)
        assert torch.equal(ours, theirs)
        (own,), (oracle,) = (torch.autograd.grad(e_BCD, weight_VD, grad_BCD) for e_BCD in (ours, theirs))
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])
    assert torch.equal(own, oracle)
    assert not own[0].any()
    assert own[1:50].ne(0).any(1).all()


# -- mlp -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "batch_norm", "kinds"),
    [
        ((5, 4), True, [nn.Linear, nn.BatchNorm1d, ReLUDropout] * 2),
        ((5,), True, [nn.Linear, nn.BatchNorm1d, ReLUDropout]),
        ((5,), False, [nn.Linear, ReLUDropout]),
    ],
)
@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_order_of_layers(units: tuple[int, ...], batch_norm: bool, kinds: list[type[nn.Module]], dropout: float):
    layers = MLP(6, units, dropout=dropout, batch_norm=batch_norm)
    assert [type(layer) for layer in layers] == kinds
    assert layers.out_dim == units[-1]


def test_without_units_it_passes_its_input_on():
    x = torch.randn(3, 6)
    network = MLP(6, (), dropout=0.1, batch_norm=True)
    assert network(x) is x
    assert network.out_dim == 6


def test_initial_weights_are_xavier_normal_and_biases_zero():
    torch.manual_seed(0)
    for layer in (linear(300, 500), Head(300, 500)):
        assert layer.weight.std().item() == pytest.approx(math.sqrt(2 / 800), rel=0.02)
        assert not layer.bias.any()
    assert linear(3, 2, bias=False).bias is None


@pytest.mark.parametrize("outputs", [1, 2])
def test_a_head_keeps_full_precision_under_autocast(outputs: int):
    torch.manual_seed(0)
    head = Head(64, outputs)
    h = torch.randn(9, 64)
    with torch.autocast("cpu", torch.bfloat16):
        z = head(h)
        assert linear(64, 1)(h).dtype == torch.bfloat16
        assert head(h.bfloat16()).dtype == torch.float32
    assert z.dtype == torch.float32
    assert z.shape == ((9,) if outputs == 1 else (9, 2))
    torch.testing.assert_close(z, head(h))


def test_training_in_bf16_stays_close_to_fp32():
    def gradient(bf16: bool) -> torch.Tensor:
        torch.manual_seed(0)
        network = nn.Sequential(MLP(16, (32, 32), dropout=0.0, batch_norm=True), Head(32))
        x = torch.randn(512, 16)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            z = network(x)
        z.square().mean().backward()
        return torch.cat([p.grad.flatten() for p in network.parameters() if p.grad is not None])

    full, half = gradient(False), gradient(True)
    assert ((full - half).norm() / full.norm()).item() < 0.05


# -- dropout ---------------------------------------------------------------------------


ROWS, WIDTH = 4000, 64


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5, 0.9])
def test_every_lane_keeps_at_the_stated_rate(p: float):
    """With the top bit of a word stuck, every fourth lane would not."""
    torch.manual_seed(0)
    keep = Dropout(p).kept_lanes / LANE_VALUES
    assert keep == pytest.approx(1 - p, abs=0.5 / LANE_VALUES)
    rate_H = keep_mask(torch.empty(20_000, 8), Dropout(p).kept_lanes).mean(0)
    assert (rate_H - keep).abs().max() < 5 * (p * (1 - p) / 20_000) ** 0.5


def test_lanes_are_independent():
    torch.manual_seed(0)
    mask = keep_mask(torch.empty(50_000, 8), LANE_VALUES // 2)
    assert (torch.corrcoef(mask.T) - torch.eye(8)).abs().max() < 0.02


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_values_are_zero_or_scaled_and_gradients_match(dtype: torch.dtype):
    torch.manual_seed(0)
    dropout = Dropout(0.3)
    x = torch.randn(ROWS, WIDTH, dtype=dtype, requires_grad=True)
    y = dropout(x)
    y.backward(torch.ones_like(y))
    assert y.dtype == dtype
    assert x.grad is not None
    kept = y != 0
    scale = LANE_VALUES / dropout.kept_lanes
    torch.testing.assert_close(y[kept], (x.detach() * scale)[kept])
    torch.testing.assert_close(x.grad, kept.to(dtype) * torch.tensor(scale, dtype=dtype))
    assert y.detach().double().mean().item() == pytest.approx(x.detach().double().mean().item(), abs=0.02)


def test_gradient_in_double_precision():
    torch.manual_seed(0)
    dropout = Dropout(0.4)
    x = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)

    def fixed(value: Tensor) -> Tensor:
        torch.manual_seed(7)
        return dropout(value)

    assert torch.autograd.gradcheck(fixed, (x,))


def test_a_seed_decides_the_mask():
    x = torch.ones(ROWS, WIDTH)
    masks: list[Tensor] = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        masks.append(Dropout(0.5)(x))
    assert torch.equal(masks[0], masks[1])
    assert not torch.equal(masks[0], masks[2])


@pytest.mark.parametrize("shape", [(1,), (3,), (5, 7), (2, 3, 5)])
def test_any_shape(shape: tuple[int, ...]):
    assert Dropout(0.5)(torch.ones(shape)).shape == shape


def test_a_transposed_input():
    torch.manual_seed(0)
    x = torch.randn(6, 8).T
    y = Dropout(0.5)(x)
    kept = y != 0
    torch.testing.assert_close(y[kept], 2 * x[kept])


def test_evaluation_and_p_zero_change_nothing():
    x = torch.randn(4, 4)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x


@pytest.mark.parametrize("p", [-0.1, 1.0, 1.5])
def test_impossible_probabilities(p: float):
    with pytest.raises(ValueError, match="dropout"):
        Dropout(p)


def test_as_a_layer():
    network = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True), Dropout(0.5))
    network(torch.randn(8, 4)).sum().backward()
    assert "p=0.5" in repr(network)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5])
def test_relu_and_dropout_in_one_are_the_two_in_turn(dtype: torch.dtype, p: float):
    x = torch.randn(64, 50).to(dtype)
    grad = torch.randn(64, 50).to(dtype)
    results = []
    for network in (nn.Sequential(nn.ReLU(), Dropout(p)), ReLUDropout(p)):
        torch.manual_seed(5)
        leaf = x.clone().requires_grad_()
        y = network(leaf)
        y.backward(grad)
        results.append((y, leaf.grad))
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])
    assert (results[1][0] == 0).any()


def test_relu_and_dropout_in_evaluation_are_relu():
    x = torch.randn(5, 5)
    assert torch.equal(ReLUDropout(0.5).eval()(x), x.clamp(min=0))

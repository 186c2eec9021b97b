"""One table, offsets, pooling, and PAD rows that stay zero."""

import numpy
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.embedding import INIT_STD, Embedding, Features, _Gather, embedding_parameters, parameter_counts
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
    embedding = Embedding(features, 4).double()
    nn.init.normal_(embedding.weight_VD)
    table = embedding.weight_VD.detach().numpy().copy()
    starts = numpy.cumsum((0, *features.vocab_sizes[:-1]))
    table[starts] = 0.0
    embedding.weight_VD.data = torch.from_numpy(table)
    numpy.testing.assert_allclose(embedding(x_BC).detach().numpy(), by_hand(table, x_BC.numpy(), features), atol=1e-12)


def test_a_list_of_nothing_is_zero():
    features = Features((5, 5), (2, 3), ("mean", "sum"))
    assert not Embedding(features, 4)(torch.zeros(3, 5, dtype=torch.int32)).any()


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

"""EDCN: its forms and bridges, and the whole model against numpy."""

import numpy
import pytest
from torch import nn

from models import build_model
from models.embedding import embedding_parameters
from tests.models.test_baselines import close, randomise
from tests.models.toys import PLAIN, batch, small
from workflow.settings import MODEL_CLASSES


def naive_edcn(model: nn.Module, e_BFK: numpy.ndarray, *, regulation: bool, residual: bool) -> numpy.ndarray:
    """EDCN row by row in training mode, with the hadamard bridge and no dropout: the formulas, in loops."""
    p = {name: value.detach().numpy() for name, value in model.named_parameters()}
    rows, fields, dim = e_BFK.shape
    m = e_BFK.reshape(rows, -1)
    first, c, s = None, m, m
    for k in range(2):
        streams = []
        for stream in ("cross", "dense"):
            x = m.copy()
            if regulation:
                share = numpy.exp(p[f"regulations.{k}.{stream}_weights.gate_F"] / 3.0)
                for f in range(fields):
                    x[:, f * dim : (f + 1) * dim] *= share[f] / share.sum()
            key = f"regulations.{k}.{stream}_norm"
            x = (x - x.mean(0)) / numpy.sqrt(x.var(0) + 1e-5) * p[f"{key}.weight"] + p[f"{key}.bias"]
            streams.append(x)
        c, s = streams
        first = c if first is None else first
        crossed = (c @ p[f"cross.{k}.weight.weight"][0])[:, None] * first + p[f"cross.{k}.bias_D"]
        c = c + crossed if residual else crossed
        s = numpy.maximum(s @ p[f"dense.{k}.0.weight"].T + p[f"dense.{k}.0.bias"], 0.0)
        m = c * s
    return numpy.concatenate((c, s, m), axis=1) @ p["head.weight"][0] + p["head.bias"][0]


@pytest.mark.parametrize("regulation", [True, False])
@pytest.mark.parametrize("cross_residual", [True, False])
def test_edcn_against_numpy(regulation: bool, cross_residual: bool):
    """Both norms of a layer are there also where regulation is off."""
    form = {"regulation": regulation, "cross_residual": cross_residual, "temperature": 3.0, "cross_layers": 2}
    model = randomise(small("EDCN", PLAIN, dropout=0.0, **form)).train()
    x_BC = batch(PLAIN, 40)
    e_BFK = model.get_submodule("embedding")(x_BC).detach().numpy()
    close(model(x_BC).z_B, naive_edcn(model, e_BFK, regulation=regulation, residual=cross_residual))


BRIDGES = ["hadamard_product", "pointwise_addition", "concatenation", "attention_pooling"]


@pytest.mark.parametrize("bridge", BRIDGES)
@pytest.mark.parametrize("regulation", [True, False])
@pytest.mark.parametrize("cross_residual", [True, False])
def test_every_form_of_edcn_trains(bridge: str, regulation: bool, cross_residual: bool):
    form = {"bridge": bridge, "regulation": regulation, "cross_residual": cross_residual}
    model = small("EDCN", PLAIN, **form)
    for weight_VD in embedding_parameters(model):
        nn.init.normal_(weight_VD)
    model(batch(PLAIN, 64)).z_B.square().sum().backward()
    assert all(p.grad is not None and p.grad.ne(0).any() for p in model.parameters())


def test_unknown_bridge():
    settings = MODEL_CLASSES["EDCN"]().model_dump() | {"bridge": "sum"}
    with pytest.raises(ValueError, match="unknown EDCN bridge 'sum'"):
        build_model("EDCN", PLAIN, settings)

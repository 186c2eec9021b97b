"""Settings under which FuxiCTR's models and ours are compared, and how our tensors become theirs.

Left out, because FuxiCTR differs there on purpose or by mistake: EDCN with the residual of its
cross layer, and EDCN's attention bridge. CL4CTR is not in FuxiCTR.

FuxiCTR 2 cannot switch EDCN's regulation off. Equal gates come to the same: each of the F weights
is then 1/F, and a batch norm of m/F with ε/F² is one of m with ε.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy

from tests.models.toys import LISTS

DIM = 4
Arrays = dict[str, numpy.ndarray]
Names = dict[str, Callable[[Arrays], numpy.ndarray]]  # FuxiCTR's name → the same numbers out of ours


# -- names: how our tensors become theirs ------------------------------------------------


def same(theirs: str, ours: str, shape: tuple[int, ...] | None = None) -> Names:
    return {theirs: lambda a: a[ours] if shape is None else a[ours].reshape(shape)}


def layer(theirs: str, ours: str, *, bias: bool = True) -> Names:
    names = same(f"{theirs}.weight", f"{ours}.weight")
    return names | same(f"{theirs}.bias", f"{ours}.bias") if bias else names


def norm(theirs: str, ours: str) -> Names:
    buffers = ("running_mean", "running_var", "num_batches_tracked")
    found = layer(theirs, ours)
    for buffer in buffers:
        found |= same(f"{theirs}.{buffer}", f"{ours}.{buffer}")
    return found


def tables(theirs: str, ours: str, fields: tuple[int, ...] = tuple(range(LISTS.fields))) -> Names:
    names: Names = {}
    start = 0
    for f in fields:
        rows = slice(start, start + LISTS.vocab_sizes[f])
        key = f"{theirs}.embedding_layer.embedding_layers.f{f}.weight"
        names[key] = lambda a, rows=rows: a[f"{ours}.weight_VD"][rows]
        start = rows.stop
    return names


def mlp(theirs: str, ours: str, hidden: int, *, head: str | None = None, batch_norm: bool = True) -> Names:
    names: Names = {}
    step = 3 if batch_norm else 2
    for k in range(hidden):
        names |= layer(f"{theirs}.mlp.{step * k}", f"{ours}.{step * k}")
        if batch_norm:
            names |= norm(f"{theirs}.mlp.{step * k + 1}", f"{ours}.{step * k + 1}")
    return names | layer(f"{theirs}.mlp.{step * hidden}", head) if head else names


def tower(theirs: str, ours: str, hidden: int, **options: bool) -> Names:
    return mlp(theirs, f"{ours}.mlp", hidden, head=f"{ours}.head", **options)


def linear_part(theirs: str, *, bias: bool = False) -> Names:
    names = tables(f"{theirs}.embedding_layer", "branches.weights")
    return names | same(f"{theirs}.bias", "branches.bias", (1,)) if bias else names


def joint(ours: str) -> Names:
    def weight(a: Arrays) -> numpy.ndarray:
        return numpy.concatenate((a[f"{ours}.simple.weight"], a[f"{ours}.complex.weight"]), axis=1)

    return {"fc.weight": weight} | same("fc.bias", f"{ours}.simple.bias")


SHARED = tables("embedding_layer", "ssem.embedding")
DEEP = tower("dnn", "branches.deep", 2)


def cross_layer(theirs: str, ours: str) -> Names:
    return same(f"{theirs}.weight.weight", f"{ours}.weight.weight") | same(f"{theirs}.bias", f"{ours}.bias_D")


def attention(layers: int, *, layer_norm: bool, projected: tuple[int, ...]) -> Names:
    names: Names = layer("fc", "branches.attention_head")
    for k in range(layers):
        theirs, ours = f"self_attention.{k}", f"branches.attention.{k}"
        parts = {"W_q": "query", "W_k": "key", "W_v": "value"} | ({"W_res": "project"} if k in projected else {})
        for their_part, our_part in parts.items():
            names |= layer(f"{theirs}.{their_part}", f"{ours}.{our_part}", bias=False)
        if layer_norm:
            names |= layer(f"{theirs}.layer_norm", f"{ours}.norm")
    return names


def divided_norm(theirs: str, ours: str) -> Names:
    """A batch norm whose inputs are divided by the number of fields on FuxiCTR's side."""
    names = norm(theirs, ours)
    names[f"{theirs}.running_mean"] = lambda a: a[f"{ours}.running_mean"] / LISTS.fields
    names[f"{theirs}.running_var"] = lambda a: a[f"{ours}.running_var"] / LISTS.fields**2
    return names


def edcn(layers: int, *, concatenation: bool = False, batch_norm: bool = True, regulation: bool = True) -> Names:
    names = tables("embedding_layer", "embedding") | layer("fc", "head")
    of_norm = norm if regulation else divided_norm
    for k in range(layers):
        names |= layer(f"dense_layers.{k}.mlp.0", f"dense.{k}.0")
        names |= cross_layer(f"cross_layers.{k}", f"cross.{k}")
        theirs, ours = f"regulation_modules.{k}", f"regulations.{k}"
        for number, stream in ((1, "cross"), (2, "dense")):
            if regulation:
                names |= same(f"{theirs}.g{number}", f"{ours}.{stream}_weights.gate_F")
            if batch_norm:
                names |= of_norm(f"{theirs}.bn{number}", f"{ours}.{stream}_norm")
        if concatenation:
            names |= layer(f"bridge_modules.{k}.concat_pooling.0", f"bridges.{k}.linear")
    return names


def euler(shape: tuple[int, ...]) -> Names:
    names = tables("embedding_layer", "embedding") | layer("reg", "head")
    names |= same("mu", "radius_F1", (1, LISTS.fields, 1))
    for k, outputs in enumerate(shape):
        theirs, ours = f"Euler_interaction_layers.{k}", f"layers.{k}"
        names |= same(f"{theirs}.inter_orders", f"{ours}.order_FG") | layer(f"{theirs}.im", f"{ours}.implicit")
        names |= same(f"{theirs}.bias_lam", f"{ours}.amplitude_bias_KG", (1, DIM, outputs))
        names |= same(f"{theirs}.bias_theta", f"{ours}.phase_bias_KG", (1, DIM, outputs))
        names |= layer(f"{theirs}.norm_r", f"{ours}.real_norm") | layer(f"{theirs}.norm_p", f"{ours}.imaginary_norm")
    return names


def finalmlp(contexts: tuple[tuple[int, ...], tuple[int, ...]] | None, hidden: tuple[int, int]) -> Names:
    names = tables("embedding_layer", "embedding")
    names |= mlp("mlp1", "first", hidden[0]) | mlp("mlp2", "second", hidden[1])
    names |= layer("fusion_module.w_x", "fusion.first") | layer("fusion_module.w_y", "fusion.second")
    names |= same("fusion_module.w_xy", "fusion.weight_NXY", (-1, 1))
    for k, fields in enumerate(contexts or (), start=1):
        theirs, ours = f"fs_module.fs{k}", f"selections.{k - 1}"
        names |= mlp(f"{theirs}_gate", f"{ours}.hidden", 1, head=f"{ours}.out", batch_norm=False)
        if fields:
            names |= tables(f"{theirs}_ctx_emb", f"{ours}.context.embedding", fields)
        else:
            names |= same(f"{theirs}_ctx_bias", f"{ours}.context.vector_1K")
    return names


# -- cases -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A model with its settings."""

    name: str
    ours: dict[str, Any]
    names: Names = field(repr=False)


UNITS = {"hidden_units": (8, 6)}
LAST_NORM = {"layer_norm": True, "scale": True, "residual": True, "wide": True}
PLAIN_ATTENTION = {"layer_norm": False, "scale": False, "residual": False, "wide": False}
CROSS_V1 = cross_layer("crossnet.cross_net.0", "branches.cross.0") | cross_layer(
    "crossnet.cross_net.1", "branches.cross.1"
)
CROSS_V2 = layer("crossnet.cross_layers.0", "branches.cross.0.linear") | layer(
    "crossnet.cross_layers.1", "branches.cross.1.linear"
)
CIN: Names = layer("cin.fc", "branches.cin_head") | {
    key: make
    for k, (before, maps) in enumerate(((LISTS.fields, 4), (4, 3)))
    for key, make in (
        same(f"cin.cin_layer.layer_{k + 1}.weight", f"branches.cin.layers.{k}.weight", (maps, LISTS.fields * before, 1))
        | same(f"cin.cin_layer.layer_{k + 1}.bias", f"branches.cin.layers.{k}.bias")
    ).items()
}


def neurons_last(a: Arrays) -> numpy.ndarray:
    """The first layer after the neurons: FuxiCTR lists its inputs by neuron, we by dimension."""
    weight_HI = a["branches.simple.mlp.0.weight"]
    return weight_HI.reshape(len(weight_HI), DIM, -1).transpose(0, 2, 1).reshape(weight_HI.shape)


AFN = (
    tables("embedding_layer", "ssem.simple_embedding")
    | tables("embedding_layer2", "ssem.complex_embedding")
    | same("coefficient_W.weight", "branches.logarithmic.powers.weight")
    | norm("log_batch_norm", "branches.logarithmic.log_norm")
    | norm("exp_batch_norm", "branches.logarithmic.exp_norm")
    | tower("dense_layer", "branches.simple", 1)
    | {"dense_layer.mlp.0.weight": neurons_last}
    | DEEP
    | joint("branches.head")
)
FINAL = {"units_1": (8,), "units_2": (8, 6), "heads": 2, "selection_units": (5,)}

CASES = {
    "DNN": Case("DNN", UNITS, tables("embedding_layer", "embedding") | tower("mlp", "tower", 2)),
    "WideDeep": Case("WideDeep", UNITS, SHARED | linear_part("lr_layer") | DEEP),
    "DeepFM": Case(
        "DeepFM", UNITS, SHARED | linear_part("fm.lr_layer", bias=True) | tower("mlp", "branches.deep", 2)
    ),
    "DCN": Case(
        "DCN", UNITS | {"cross_layers": 2}, SHARED | CROSS_V1 | mlp("dnn", "branches.deep", 2) | joint("branches.head")
    ),
    "DCNv2": Case(
        "DCNv2", UNITS | {"cross_layers": 2},
        SHARED | CROSS_V2 | mlp("parallel_dnn", "branches.deep", 2) | joint("branches.head"),
    ),
    "xDeepFM": Case("xDeepFM", UNITS | {"cin_units": (4, 3)}, SHARED | linear_part("lr_layer") | CIN | DEEP),
    "AutoInt+": Case(
        "AutoInt+", UNITS | LAST_NORM | {"attention_layers": 2, "attention_dim": 6, "heads": 2},
        SHARED | linear_part("lr_layer") | DEEP | attention(2, layer_norm=True, projected=(0,)),
    ),
    "AutoInt+ plain": Case(
        "AutoInt+",
        UNITS | PLAIN_ATTENTION | {"attention_layers": 1, "attention_dim": 6, "heads": 1, "batch_norm": False},
        SHARED | tower("dnn", "branches.deep", 2, batch_norm=False) | attention(1, layer_norm=False, projected=()),
    ),
    "AFN+": Case("AFN+", UNITS | {"log_neurons": 3, "afn_units": (5,), "afn_dropout": 0.0}, AFN),
    "EDCN": Case(
        "EDCN", {"cross_layers": 2, "temperature": 3.0, "cross_residual": False},
        edcn(2),
    ),
    "EDCN without regulation": Case(
        "EDCN", {"cross_layers": 2, "cross_residual": False, "regulation": False}, edcn(2, regulation=False),
    ),
    "EDCN concatenation": Case(
        "EDCN", {"cross_layers": 2, "cross_residual": False, "bridge": "concatenation", "batch_norm": False},
        edcn(2, concatenation=True, batch_norm=False),
    ),
    "EulerNet": Case("EulerNet", {"shape": (LISTS.fields, 3)}, euler((LISTS.fields, 3))),
    "FinalMLP": Case(
        "FinalMLP", FINAL | {"context_1": (0,), "context_2": (1, 4)}, finalmlp(((0,), (1, 4)), (1, 2))
    ),
    "FinalMLP constant": Case("FinalMLP", FINAL, finalmlp(((), ()), (1, 2))),
    "FinalMLP open": Case("FinalMLP", FINAL | {"feature_selection": False}, finalmlp(None, (1, 2))),
}  # fmt: skip

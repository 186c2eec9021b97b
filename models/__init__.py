"""Models: plain torch modules that know no data, no configuration and no training.

A model is found by name and imported only when it is built, so that the code fingerprint of
a run covers what that run imports and nothing else.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from models.embedding import Features

MODELS: dict[str, str] = {
    "DNN": "models.dnn:DNN",
    "DualMLP": "models.dual_mlp:DualMLP",
    "TF4CTR": "models.tf4ctr:TF4CTR",
    "WideDeep": "models.wide_deep:WideDeep",
    "DeepFM": "models.deepfm:DeepFM",
    "DCN": "models.dcn:DCN",
    "xDeepFM": "models.xdeepfm:XDeepFM",
    "AutoInt+": "models.autoint:AutoIntPlus",
    "AFN+": "models.afn:AFNPlus",
    "DCNv2": "models.dcnv2:DCNv2",
    "EDCN": "models.edcn:EDCN",
    "CL4CTR": "models.cl4ctr:CL4CTR",
    "CL4CTR-MLP": "models.cl4ctr_mlp:CL4CTRMLP",
    "EulerNet": "models.eulernet:EulerNet",
    "FinalMLP": "models.finalmlp:FinalMLP",
    "Framed": "models.framed:Framed",
    "Custom": "models.custom:Custom",
}

_built: ContextVar["list[nn.Module] | None"] = ContextVar("built", default=None)


@contextmanager
def built_models() -> Iterator["list[nn.Module]"]:
    """Collect the models that are built inside the block, in their order, so that a run's weights can be kept."""
    found: list[nn.Module] = []
    token = _built.set(found)
    try:
        yield found
    finally:
        _built.reset(token)


def build_model(name: str, features: "Features", settings: Mapping[str, Any]) -> "nn.Module":
    """Import and make a model.

    Parameters
    ----------
    name : str
        A key of `MODELS`.
    features : Features
        What the model knows of its input.
    settings : mapping
        Every keyword argument of the model, none left out; `name` may be among them.

    Returns
    -------
    nn.Module
        A module whose call maps x_BC to `Logits`, initialised from torch's global generator.

    Raises
    ------
    ValueError
        If no model has that name.
    """
    if name not in MODELS:
        raise ValueError(f"unknown model {name!r}; known: {', '.join(MODELS)}")
    module, _, attribute = MODELS[name].partition(":")
    arguments = {key: value for key, value in settings.items() if key != "name"}
    with built_models():  # what a model builds itself is part of it
        model = getattr(import_module(module), attribute)(features, **arguments)
    if (built := _built.get()) is not None:
        built.append(model)
    return model

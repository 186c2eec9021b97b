"""The names of our models in FuxiCTR 2.3.10: file, class and arguments.

Its model zoo is no part of its package, so `benchmarks.fuxictr_env.source` fetches it.
Needs the standard library only: FuxiCTR's interpreter imports it too.
"""

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Settings = Mapping[str, Any]  # a model's settings, as `workflow.settings` has them
FILES = {  # below model_zoo/; the class has the file's name
    "DNN": "DNN/DNN_torch/src/DNN.py",
    "WideDeep": "WideDeep/WideDeep_torch/src/WideDeep.py",
    "DeepFM": "DeepFM/DeepFM_torch/src/DeepFM.py",
    "DCN": "DCN/DCN_torch/src/DCN.py",
    "DCNv2": "DCNv2/src/DCNv2.py",
    "xDeepFM": "xDeepFM/src/xDeepFM.py",
    "AutoInt+": "AutoInt/src/AutoInt.py",
    "AFN+": "AFN/src/AFN.py",
    "EDCN": "EDCN/src/EDCN.py",
    "EulerNet": "EulerNet/src/EulerNet.py",
    "FinalMLP": "FinalMLP/src/FinalMLP.py",
}
# FuxiCTR's name of an argument → ours, for each model. What is not here keeps FuxiCTR's default.
TOWER = {"net_dropout": "dropout", "batch_norm": "batch_norm"}
DEEP = {**TOWER, "dnn_hidden_units": "hidden_units"}
ARGUMENTS: dict[str, dict[str, str]] = {
    "DNN": {**TOWER, "hidden_units": "hidden_units"},
    "WideDeep": {**TOWER, "hidden_units": "hidden_units"},
    "DeepFM": {**TOWER, "hidden_units": "hidden_units"},
    "DCN": {**DEEP, "num_cross_layers": "cross_layers"},
    "DCNv2": {**TOWER, "parallel_dnn_hidden_units": "hidden_units", "num_cross_layers": "cross_layers"},
    "xDeepFM": {**DEEP, "cin_hidden_units": "cin_units"},
    "AutoInt+": {
        **DEEP,
        "attention_layers": "attention_layers",
        "attention_dim": "attention_dim",
        "num_heads": "heads",
        "layer_norm": "layer_norm",
        "use_scale": "scale",
        "use_residual": "residual",
        "use_wide": "wide",
    },
    "AFN+": {
        "dnn_hidden_units": "hidden_units",
        "dnn_dropout": "dropout",
        "batch_norm": "batch_norm",
        "logarithmic_neurons": "log_neurons",
        "afn_hidden_units": "afn_units",
        "afn_dropout": "afn_dropout",
    },
    "EDCN": {**TOWER, "num_cross_layers": "cross_layers", "bridge_type": "bridge", "temperature": "temperature"},
    "EulerNet": {
        "shape": "shape",
        "layer_norm": "layer_norm",
        "net_ex_dropout": "explicit_dropout",
        "net_im_dropout": "implicit_dropout",
    },
    "FinalMLP": {
        "mlp1_hidden_units": "units_1",
        "mlp2_hidden_units": "units_2",
        "mlp1_dropout": "dropout",
        "mlp2_dropout": "dropout_2",
        "mlp1_batch_norm": "batch_norm",
        "mlp2_batch_norm": "batch_norm",
        "use_fs": "feature_selection",
        "fs_hidden_units": "selection_units",
        "fs1_context": "context_1",
        "fs2_context": "context_2",
        "num_heads": "heads",
    },
}


def arguments(settings: Settings, fields: Sequence[str]) -> dict[str, Any]:
    """Return FuxiCTR's arguments for a model with our settings."""
    names = {"embedding_dim": "embedding_dim", **ARGUMENTS[settings["name"]]}
    found = {theirs: settings[ours] for theirs, ours in names.items()}
    if settings["name"] == "FinalMLP":
        found |= {key: [fields[index] for index in found[key]] for key in ("fs1_context", "fs2_context")}
        found["mlp2_dropout"] = settings["dropout"] if settings["dropout_2"] is None else settings["dropout_2"]
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def model_class(source: Path, model: str) -> Any:
    """Load FuxiCTR's class for one of our models from a checkout of FuxiCTR."""
    path = source / "model_zoo" / FILES[model]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, path.stem)

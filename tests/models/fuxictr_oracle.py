"""Runs FuxiCTR's models on given weights; called by `test_fuxictr.py` with FuxiCTR's own interpreter.

    python fuxictr_oracle.py SOURCE FOLDER

SOURCE is a checkout of FuxiCTR. For each FOLDER/<case>.json (the model, its
arguments and the features) and <case>.npz (ids, labels, weights by FuxiCTR's names) it writes
<case>.out.npz: logits in training and in evaluation, the loss, and every gradient, in float64.
"""

import importlib
import json
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks import fuxictr_zoo

COMMON = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["AUC"], "verbose": 0, "model_root": "unused"}


def feature_map(features: dict[str, list[Any]], dim: int) -> Any:
    """Describe the fields as FuxiCTR does; a field with several columns is a sequence."""
    found = importlib.import_module("fuxictr.features").FeatureMap("case", "unused")
    specs = OrderedDict()
    rows = zip(features["vocab_sizes"], features["columns"], features["pooling"], strict=True)
    for field, (size, columns, pooling) in enumerate(rows):
        spec = {"source": "", "type": "categorical", "padding_idx": 0, "vocab_size": size, "embedding_dim": dim}
        if columns > 1:
            encoder = {"mean": "layers.MaskedAveragePooling()", "sum": "layers.MaskedSumPooling()"}[pooling]
            spec |= {"type": "sequence", "max_len": columns, "feature_encoder": encoder}
        specs[f"f{field}"] = spec
    found.features = specs
    found.num_fields = len(specs)
    found.labels = ["label"]
    found.default_emb_dim = dim
    return found


def inputs(features: dict[str, list[Any]], x_BC: Tensor) -> dict[str, Tensor]:
    """Cut the columns into fields."""
    parts = x_BC.split(features["columns"], dim=1)
    return {f"f{i}": part if part.shape[1] > 1 else part.squeeze(1) for i, part in enumerate(parts)}


def show_logits(network: Any) -> None:
    """Take the sigmoid away, wherever the model keeps it."""
    sigmoid = network.output_activation
    for module in list(network.modules()):
        for name, child in module.named_children():
            if child is sigmoid:
                setattr(module, name, nn.Identity())


def equal_gates(network: Any, fields: int) -> None:
    """Hold EDCN's gates equal, so that regulation divides by the number of fields and the norms multiply again."""
    for module in network.regulation_modules:
        for gate in (module.g1, module.g2):
            nn.init.ones_(gate).requires_grad_(False)
        module.bn1.eps = module.bn2.eps = module.bn1.eps / fields**2


def answer(source: Path, case: dict[str, Any], arrays: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
    """Compute one case."""
    features, arguments = case["features"], case["arguments"]
    cls = fuxictr_zoo.model_class(source, case["model"])
    network = cls(feature_map(features, arguments["embedding_dim"]), **arguments, **COMMON).double()
    show_logits(network)
    weights = {key.removeprefix("w:"): torch.from_numpy(a) for key, a in arrays.items() if key.startswith("w:")}
    if case["equal_gates"]:
        equal_gates(network, len(features["columns"]))
        gates = {key: value for key, value in network.state_dict().items() if key.endswith((".g1", ".g2"))}
        weights = gates | weights
    network.load_state_dict(weights, strict=True)
    x = inputs(features, torch.from_numpy(arrays["x_BC"]))
    y_B = torch.from_numpy(arrays["y_B"])
    z_B = network.eval()(x)["y_pred"].flatten().detach()
    trained_B = network.train()(x)["y_pred"].flatten()
    loss = binary_cross_entropy_with_logits(trained_B, y_B)
    loss.backward()
    gradients = {f"g:{key}": p.grad.numpy() for key, p in network.named_parameters() if p.grad is not None}
    return {"eval_B": z_B.numpy(), "train_B": trained_B.detach().numpy(), "loss": loss.detach().numpy(), **gradients}


def main() -> None:
    """Answer all cases of a folder."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    for path in sorted(folder.glob("*.json")):
        with numpy.load(path.with_suffix(".npz")) as file:
            arrays = dict(file)
        answers = answer(source, json.loads(path.read_text()), arrays)
        numpy.savez(path.with_suffix(".out.npz"), **answers)  # pyright: ignore[reportArgumentType]


if __name__ == "__main__":
    main()

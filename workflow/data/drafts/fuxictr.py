"""A dataset and its models from FuxiCTR's configuration files, in the terms of this project.

Settings without a counterpart here are listed in a note.
"""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from workflow.data.drafts.draft import Draft
from workflow.data.drafts.guess import Field, Guess, guess
from workflow.data.drafts.sample import sample_of
from workflow.errors import UserError, nearest
from workflow.plan.reading import read_yaml
from workflow.settings import MODEL_CLASSES

TRANSFORMS = {"extract_country_code": "country", "bucketize_age": "age_bucket", "convert_to_bucket": "squared_log"}
MODELS = {"AutoInt": "AutoInt+", "AFN": "AFN+"}  # by FuxiCTR's name: ours
MODELS |= {name: name for name in ("DNN", "WideDeep", "DeepFM", "DCN", "DCNv2", "xDeepFM", "EDCN", "FinalMLP")}
KEYS = {  # FuxiCTR's settings of models: ours, of those that have one of this name
    **{"embedding_dim": "embedding_dim", "net_dropout": "dropout", "batch_norm": "batch_norm"},
    **dict.fromkeys(("hidden_units", "dnn_hidden_units", "parallel_dnn_hidden_units"), "hidden_units"),
    **dict.fromkeys(("num_cross_layers", "crossing_layers"), "cross_layers"),
    **dict.fromkeys(("cin_hidden_units", "cin_layer_units"), "cin_units"),
    **{"num_heads": "heads", "use_residual": "residual", "use_scale": "scale", "use_wide": "wide"},
    **{key: key for key in ("attention_layers", "attention_dim", "layer_norm", "afn_dropout", "temperature")},
    **{"logarithmic_neurons": "log_neurons", "afn_hidden_units": "afn_units"},
    **{"bridge_type": "bridge", "use_regulation_module": "regulation"},
    **{"mlp1_hidden_units": "units_1", "mlp2_hidden_units": "units_2"},
    **{"mlp1_dropout": "dropout", "mlp2_dropout": "dropout_2"},
    **{"use_fs": "feature_selection", "fs_hidden_units": "selection_units"},
}
TRAINING = {"batch_size": "batch_size", "epochs": "max_epochs", "early_stop_patience": "patience"}
WITHOUT_EFFECT = {  # how FuxiCTR runs, not what it computes
    *("model", "dataset_id", "model_root", "num_workers", "verbose", "pickle_feature_encoder", "save_best_only"),
    *("eval_steps", "debug_mode", "group_id", "use_features", "feature_specs", "feature_config", "metrics", "task"),
    *("shuffle", "seed", "monitor_mode", "monitor", "optimizer", "gpu", "learning_rate", "embedding_regularizer"),
    *("workers", "use_hdf5", "data_block_size", "every_x_epochs", "patience", "partition_block_size", "version"),
}


def draft_of(dataset: Path, models: Path, dataset_id: str | None, name: str | None) -> Draft:
    """Read FuxiCTR's two files."""
    known, experiments = _mapping(dataset), _mapping(models)
    chosen = dataset_id or next(iter(known))
    if chosen not in known or (dataset_id is None and len(known) > 1):
        raise UserError(f"{dataset}: which dataset? add --dataset ID {nearest(chosen, known)}")
    values = known[chosen]
    files = {
        split: _file(dataset, chosen, values, key)
        for split, key in (("train", "train_data"), ("valid", "valid_data"), ("test", "test_data"))
    }
    label = _label(dataset, chosen, values)
    sample = sample_of(files["train"], label)
    named = re.sub(r"[^a-z0-9]+", "-", chosen.lower()).strip("-")
    notes: list[str] = []
    base = experiments.get("Base") or {}
    of_data = [{**base, **one} for key, one in experiments.items() if key != "Base" and one.get("dataset_id") == chosen]
    if not of_data:
        notes.append(f"{models} has no experiment on {chosen}: the settings of its models were not taken")
    group = next((one["group_id"] for one in of_data if one.get("group_id")), None)
    seen = guess(sample, label)
    fields = tuple(_fields(dataset, chosen, values, notes))
    why = "FuxiCTR's label_col"
    taken = Guess(label, seen.label_settings, why, group, "FuxiCTR's group_id", None, fields, ())
    folders = sorted({path.resolve().parent for path in files.values()})
    if len(folders) != 1:
        raise UserError(f"{', '.join(map(str, folders))}: the three files must lie in one folder; move them")
    return Draft(
        name=name or named,
        title=chosen,
        source=folders[0],
        files={split: path.name for split, path in files.items()},
        sample=sample,
        guess=taken,
        protocol=_protocol(str(models), of_data, group, notes),
        notes=tuple(notes),
        min_count=int(_number(f"{dataset}: {chosen}", values, "min_categr_count", 1)),
    )


def _mapping(path: Path) -> dict[str, dict[str, Any]]:
    content = read_yaml(path)
    if not isinstance(content, dict) or not all(isinstance(one, dict) for one in content.values()) or not content:
        raise UserError(f"{path}: must map names to settings, as FuxiCTR's files do")
    return content


def _number(where: str, values: Mapping[str, Any], key: str, default: float) -> float:
    """The number of a key, also in a regularizer such as "l2(1.e-5)". YAML reads some spellings as text."""
    given = values.get(key)
    if given is None or given is False or given == "":
        return default
    is_l2 = key.endswith("_regularizer")
    text = re.sub(r"^l2\((.*)\)$", r"\1", str(given)) if is_l2 else str(given)
    with suppress(ValueError):
        if math.isfinite(number := float(text)):
            return number
    raise UserError(f"{where}: {key}: {given}: must be a number{' or l2(number)' if is_l2 else ''}; correct it")


# -- dataset --------------------------------------------------------------------------


def _file(path: Path, dataset: str, values: Mapping[str, Any], key: str) -> Path:
    given = values.get(key)
    if not isinstance(given, str):
        raise UserError(f"{path}: {dataset}: {key}: is missing; name the file")
    for base in (path.parent, path.parent.parent, Path()):
        if (base / given).is_file():
            return base / given
    raise UserError(f"{path}: {dataset}: {key}: {given}: no such file from {path.parent}; correct the path")


def _label(path: Path, dataset: str, values: Mapping[str, Any]) -> str:
    given = values.get("label_col")
    label = given.get("name") if isinstance(given, dict) else given
    if not isinstance(label, str):
        raise UserError(f"{path}: {dataset}: label_col: must be {{name: COLUMN}} of one label")
    return label


def _fields(path: Path, dataset: str, values: Mapping[str, Any], notes: list[str]) -> Iterator[Field]:
    columns = values.get("feature_cols")
    if not isinstance(columns, list):
        raise UserError(f"{path}: {dataset}: feature_cols: must be a list")
    for column in columns:
        if not isinstance(column, dict) or not column.get("name"):
            raise UserError(f"{path}: {dataset}: feature_cols: each needs a name")
        names = column["name"] if isinstance(column["name"], list) else [column["name"]]
        if column.get("active", True) and column.get("type") != "meta":
            settings = _settings(f"{path}: {dataset}", column, names, notes)
            yield from (Field(str(name), settings) for name in names)


def _settings(where: str, column: Mapping[str, Any], names: list[str], notes: list[str]) -> dict[str, Any]:
    told = ", ".join(map(str, names))
    for key in ("min_categr_count", "share_embedding", "pretrained_emb", "feature_encoder", "normalizer"):
        if column.get(key) and not (key == "feature_encoder" and column.get("type") == "sequence"):
            notes.append(f"{told}: {key}: has no counterpart here and was not taken")
    if column.get("type") == "sequence":
        encoder = str(column.get("feature_encoder") or column.get("encoder") or "")
        splitter = column.get("splitter")
        own = {"separator": splitter} if splitter else {"separator": " ", "vocabulary": "strings"}
        keep = "last" if column.get("padding") == "pre" else "first"
        pooling = "sum" if "Sum" in encoder else "mean"
        max_len = int(_number(f"{where}: {told}", column, "max_len", 3))
        return {"list": {"max_len": max_len, "keep": keep, **own, "pooling": pooling}}
    if column.get("type") == "numeric" and not column.get("preprocess"):
        notes.append(f"{told}: numeric: in 32 buckets here, as these models read ids")
        return {"transform": "quantiles"}
    preprocess = column.get("preprocess")
    if preprocess and preprocess not in TRANSFORMS:
        notes.append(f"{told}: preprocess {preprocess}: is not known here and was not taken")
    return {"transform": TRANSFORMS[preprocess]} if preprocess in TRANSFORMS else {}


# -- models ---------------------------------------------------------------------------


def _protocol(
    where: str, experiments: list[dict[str, Any]], group: str | None, notes: list[str]
) -> dict[str, dict[str, Any]]:
    if not experiments:
        return {}
    first = experiments[0]
    models = {}
    for one in experiments:
        name = MODELS.get(str(one.get("model")))
        if name is None:
            notes.append(f"{one.get('model')}: there is no such model here; it was not taken")
            continue
        keys = {theirs: ours for theirs, ours in KEYS.items() if ours in MODEL_CLASSES[name].model_fields}
        models[name] = {ours: one[theirs] for theirs, ours in keys.items() if theirs in one}
        notes += _untaken(where, name, one, keys, first)
    optimizer = {
        "learning_rate": _number(where, first, "learning_rate", 1e-3),
        "embedding_l2": _number(where, first, "embedding_regularizer", 0.0),
    }
    training = {ours: first[theirs] for theirs, ours in TRAINING.items() if theirs in first}
    training["monitor"] = ["auc", "gauc"] if group and "gAUC" in str(first.get("monitor")) else ["auc"]
    return {"models": models, "optimizer": optimizer, "training": training}


def _untaken(
    where: str, name: str, one: Mapping[str, Any], keys: Mapping[str, str], first: Mapping[str, Any]
) -> Iterator[str]:
    """Settings of a model that have no meaning here, or only one value per dataset."""
    for key in ("learning_rate", "embedding_regularizer", *TRAINING):
        if one.get(key) != first.get(key):
            yield f"{name}: {key}: {one.get(key)} there; here all models of a dataset share {first.get(key)}"
    if one.get("model_structure", "parallel") != "parallel":
        yield f"{name}: model_structure {one['model_structure']}: only the parallel structure exists here"
    if _number(where, one, "net_regularizer", 0.0):
        yield f"{name}: net_regularizer: only embeddings have an L2 here"
    if str(one.get("loss", "binary_crossentropy")) != "binary_crossentropy":
        yield f"{name}: loss {one['loss']}: Table IV trains it with log loss"
    ignored = sorted(
        key
        for key, value in one.items()
        if key not in {*WITHOUT_EFFECT, *keys, *TRAINING, "model_structure", "net_regularizer", "loss"}
        and value not in (None, False, 0, "relu", "ReLU")
    )
    if ignored:
        yield f"{name}: not taken: {', '.join(ignored)}"

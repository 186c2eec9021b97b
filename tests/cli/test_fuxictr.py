"""`init --fuxictr`: a dataset and its models from FuxiCTR's files."""

import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import described, init, one_line
from tests.data.clicks import HEADER, clicks, text
from workflow.cli.main import main
from workflow.plan.config import load_dataset

pytestmark = pytest.mark.usefixtures("own_folder")

ROWS = clicks(600)

DATASET = {
    "clicks_x1": {
        "data_root": "../data/",
        "data_format": "csv",
        "train_data": "data/train.csv",
        "valid_data": "data/valid.csv",
        "test_data": "data/test.csv",
        "min_categr_count": 2,
        "feature_cols": [
            {"name": ["user", "item"], "active": True, "dtype": "str", "type": "categorical"},
            {"name": "seen", "active": True, "dtype": "str", "type": "sequence", "splitter": "^", "max_len": 2,
             "padding": "pre", "feature_encoder": "layers.MaskedSumPooling()"},
            {"name": "hour", "active": False, "dtype": "str", "type": "categorical"},
            {"name": "price", "active": True, "dtype": "float", "type": "numeric"},
        ],
        "label_col": {"name": "clicked", "dtype": "float"},
    }
}  # fmt: skip
MODELS = {
    "Base": {"model_root": "./checkpoints/", "early_stop_patience": 3},
    "DCNv2_clicks": {
        **{"model": "DCNv2", "dataset_id": "clicks_x1", "model_structure": "parallel", "num_cross_layers": 2},
        **{"parallel_dnn_hidden_units": [32, 16], "net_dropout": 0.3, "embedding_dim": 8, "batch_norm": False},
        **{"embedding_regularizer": "l2(1.e-4)", "learning_rate": 5e-4, "batch_size": 100, "epochs": 7},
        **{"monitor": {"AUC": 1, "gAUC": 1}, "group_id": "user"},
    },
    "LR_clicks": {"model": "LR", "dataset_id": "clicks_x1"},
    "DeepFM_other": {"model": "DeepFM", "dataset_id": "another", "hidden_units": [1]},
}


def test_fuxictr_s_files_become_a_dataset_with_its_models(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    draw = random.Random(2)
    for split, part in (("train", ROWS[:400]), ("valid", ROWS[400:500]), ("test", ROWS[500:])):
        rows = [(*row, "^".join(str(draw.randrange(5)) for _ in range(3)), draw.random()) for row in part]
        Path(f"data/{split}.csv").write_text(text(rows, (*HEADER, "seen", "price")))
    Path("dataset_config.yaml").write_text(yaml.safe_dump(DATASET))
    Path("model_config.yaml").write_text(yaml.safe_dump(MODELS))
    config = init("--fuxictr", "dataset_config.yaml", "model_config.yaml")
    preparation, protocol = config.preparation, config.protocol
    assert config.name == "clicks-x1"
    assert [field.name for field in preparation.fields] == ["user", "item", "seen", "price"]
    seen = preparation.fields[2].list
    assert seen
    assert (seen.max_len, seen.separator, seen.keep, seen.pooling) == (2, "^", "last", "sum")
    assert (preparation.min_count, preparation.group) == (2, "user")
    ours = {"cross_layers": 2, "hidden_units": (32, 16), "dropout": 0.3, "embedding_dim": 8, "batch_norm": False}
    assert protocol.models == {"DCNv2": ours}
    assert protocol.optimizer == {"learning_rate": 5e-4, "embedding_l2": 1e-4}
    expected = {"batch_size": 100, "max_epochs": 7, "patience": 3, "monitor": ("auc", "gauc")}
    assert protocol.training == expected
    said = capsys.readouterr().out
    assert "LR: there is no such model here" in said
    assert "price: numeric: in 32 buckets here" in said
    assert described("clicks-x1").splits["test"].rows == 100


@pytest.mark.parametrize(
    ("of_data", "of_model", "message"),
    [
        ({"min_categr_count": "abc"}, {}, "dataset_config.yaml: clicks_x1: min_categr_count: abc: must be a number;"),
        ({}, {"learning_rate": "fast"}, "model_config.yaml: learning_rate: fast: must be a number;"),
        ({}, {"learning_rate": float("nan")}, "model_config.yaml: learning_rate: nan: must be a number;"),
        ({}, {"embedding_regularizer": "--"}, "model_config.yaml: embedding_regularizer: --: must be a number or l2("),
        ({}, {"net_regularizer": "l2(abc)"}, "model_config.yaml: net_regularizer: l2(abc): must be a number or l2("),
        (
            {"feature_cols": [{"name": "user", "type": "sequence", "max_len": "abc"}]},
            {},
            "dataset_config.yaml: clicks_x1: user: max_len: abc: must be a number;",
        ),
        ({}, {"net_regularizer": "l2(1.e-5)", "learning_rate": "1.e-3"}, None),
    ],
)
def test_numbers_of_fuxictr_are_read_as_it_reads_them(
    of_data: dict[str, Any], of_model: dict[str, Any], message: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("data").mkdir()
    for split in ("train", "valid", "test"):
        Path(f"data/{split}.csv").write_text(text(ROWS[:200]))
    columns = {"feature_cols": [{"name": "user", "type": "categorical"}]}
    data = {"clicks_x1": {**DATASET["clicks_x1"], **columns, **of_data}}
    Path("dataset_config.yaml").write_text(yaml.safe_dump(data))
    Path("model_config.yaml").write_text(yaml.safe_dump({"DCNv2": {**MODELS["DCNv2_clicks"], **of_model}}))
    assert main(["init", "--fuxictr", "dataset_config.yaml", "model_config.yaml"]) == (1 if message else 0)
    said = capsys.readouterr()
    if message:
        assert message in one_line(said.err)
    else:
        assert "DCNv2: net_regularizer: only embeddings have an L2 here" in said.out
        assert load_dataset("clicks-x1").protocol.optimizer == {"learning_rate": 1e-3, "embedding_l2": 1e-4}

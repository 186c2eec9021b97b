"""Parameter counts against those that logs print: the authors', and BARS's and FuxiCTR's of the baselines."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from models import build_model
from models.embedding import parameter_counts
from tests.models.toys import of_size
from workflow.settings import MODEL_CLASSES

LOGS = Path(__file__).parents[2] / "paper" / "author_logs.csv"
FRAPPE_V, KKBOX_V, ML1M_V = 5_383, 227_853, 9_626

# Made with an earlier gate of the SSEM GM: one D×D layer, two D×D layers, or two scalar gates.
EARLIER_GATE = {
    "785a38b9": "ML-tag",
    "d44672f7": "Frappe",
    "e11c5642": "ML-1M",
    "0aff4011": "ML-1M",
    "3ee5c795": "ML-1M",
    "699f1f75": "ML-1M",
    "24bf68df": "ML-1M",
    "6c918493": "ML-1M",
}


def count(name: str, *, fields: int, vocabulary: int, **settings: object) -> int:
    cls = MODEL_CLASSES[name]
    values = cls.model_validate(settings).model_dump(exclude={"name"})
    with torch.device("meta"):
        return sum(parameter_counts(build_model(name, of_size(fields, vocabulary), values)))


def count_of_log(row: dict[str, str]) -> int:
    settings = {
        "simple_units": tuple(json.loads(row["easy_hidden_units"])),
        "complex_units": tuple(json.loads(row["hard_hidden_units"])),
        "embedding_dim": int(row["embedding_dim"]),
    }
    size = {"fields": int(row["n_fields"]), "vocabulary": int(row["vocab_total"])}
    if row["model"] == "TF4CTR":
        return count("DualMLP", dfm="WSF", **size, **settings)
    ssem, dfm = row["SSM"].replace("none", "Share"), row["DFM"].replace("none", "Sum")
    return count("TF4CTR", ssem=ssem, dfm=dfm, **size, **settings)


def logs() -> list[dict[str, str]]:
    with LOGS.open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["model"] in ("TF4CTR", "TF4CTRv2")]


def log_id(row: dict[str, str]) -> str:
    return row["log"].removesuffix(".log")[-8:]


def test_counts_differ_only_where_the_authors_had_another_gate():
    counted = [row for row in logs() if row["num_params"]]
    differ = {log_id(row) for row in counted if count_of_log(row) != int(row["num_params"])}
    assert len(counted) == 42
    assert differ == {log_id(row) for row in counted} & set(EARLIER_GATE)


def test_the_exceptions_exist_and_are_all_gated():
    named = {log_id(row): row for row in logs() if log_id(row) in EARLIER_GATE}
    assert {key: row["dataset"] for key, row in named.items()} == EARLIER_GATE
    assert {row["SSM"] for row in named.values()} == {"GM"}


@pytest.mark.parametrize(
    ("fields", "vocabulary", "dfm", "simple_units", "expected"),
    [
        (13, KKBOX_V, "MoEF", (400, 400), 6_083_278),
        (5, ML1M_V, "WSF", (400,), 604_628),
        (3, 88_596, "WSF", (400, 400), 2_641_908),
        (10, FRAPPE_V, "WSF", (400, 400), 711_996),
        (39, 910_747, "WSF", (400, 400), 22_719_132),
    ],
)
def test_final_models(fields: int, vocabulary: int, dfm: str, simple_units: tuple[int, ...], expected: int):
    found = count("TF4CTR", fields=fields, vocabulary=vocabulary, ssem="SER", dfm=dfm, simple_units=simple_units)
    assert found == expected


def test_dnn_by_hand():
    layers = 10 * 16 * 400 + 2 * 400 * 400 + 3 * (400 + 2 * 400) + 400 + 1
    assert count("DNN", fields=10, vocabulary=FRAPPE_V) == FRAPPE_V * 16 + layers


# -- baselines: totals that published logs print --------------------------------------

FRAPPE_V1, FRAPPE_V2, MLTAG_V1, MLTAG_V2 = 5_389, 5_399, 90_239, 90_242
BARS: list[tuple[str, int, int, dict[str, Any], int]] = [
    ("WideDeep", 10, FRAPPE_V1, {}, 423_280),
    ("WideDeep", 3, MLTAG_V1, {}, 1_328_630),
    ("DeepFM", 10, FRAPPE_V1, {}, 423_280 + 1),  # the bias that FuxiCTR 2 added
    ("DeepFM", 3, MLTAG_V1, {}, 1_328_630 + 1),
    ("DCN", 10, FRAPPE_V1, {"cross_layers": 3}, 418_591),
    ("DCN", 3, MLTAG_V1, {"cross_layers": 4}, 1_238_661),
    ("xDeepFM", 10, FRAPPE_V1, {"cin_units": (64,)}, 429_809),
    ("xDeepFM", 3, MLTAG_V1, {"cin_units": (64, 64, 64), "batch_norm": False}, 1_351_767),
    ("AutoInt+", 10, FRAPPE_V1, {"attention_layers": 5, "attention_dim": 128, "heads": 4}, 622_180),
    ("AutoInt+", 3, MLTAG_V1, {"attention_layers": 2, "attention_dim": 128, "heads": 4, "wide": True}, 1_383_799),
    ("AFN+", 10, FRAPPE_V1, {"log_neurons": 1000, "afn_units": (400,), "batch_norm": False}, 4_482_205),
    ("AFN+", 3, MLTAG_V1, {"log_neurons": 800, "afn_units": (200,), "batch_norm": False}, 3_742_791),
    ("DCNv2", 10, FRAPPE_V1, {"cross_layers": 4}, 458_391),
    ("DCNv2", 3, MLTAG_V1, {"cross_layers": 5}, 1_243_071),
    ("EDCN", 10, FRAPPE_V1, {"cross_layers": 3, "temperature": 5.0}, 86_351),
    ("EDCN", 3, MLTAG_V1, {"cross_layers": 2, "temperature": 5.0}, 904_713),
    ("EDCN", 3, MLTAG_V1, {"cross_layers": 2, "regulation": False}, 904_701),  # BARS's log b42bf948
    ("EulerNet", 10, FRAPPE_V2, {"shape": (52,)}, 108_641),
    (
        "FinalMLP",
        3,
        MLTAG_V2,
        {"units_1": (400,), "units_2": (800,), "heads": 10, "selection_units": (800,)},
        1_040_902,
    ),
]


@pytest.mark.parametrize(("name", "fields", "vocabulary", "settings", "expected"), BARS)
def test_published_sizes(name: str, fields: int, vocabulary: int, settings: dict[str, Any], expected: int):
    assert count(name, fields=fields, vocabulary=vocabulary, embedding_dim=10, **settings) == expected

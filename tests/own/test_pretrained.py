"""Pretrained vectors of a field, for users' models."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from tests.data.clicks import HEADER, clicks
from workflow import api
from workflow.data.pretrained import offer, pretrained
from workflow.errors import UserError

MODEL = """
from torch import nn
from models.embedding import Embedding
from workflow.data.pretrained import pretrained


class Given(nn.Module):
    def __init__(self, features, freeze=True):
        super().__init__()
        self.table = Embedding(features, 4)
        self.items = nn.Embedding.from_pretrained(pretrained("item", "items.parquet"), freeze=freeze)
        self.out = nn.Linear(features.fields * 4, 1)

    def forward(self, x_BC):
        return self.out(self.table(x_BC).flatten(1)).squeeze(-1) + self.items(x_BC[:, 1]).sum(1)
"""
BRIEF = {"max_epochs": 2, "batch_size": 50}


@pytest.fixture(autouse=True)
def offered(here: Path) -> None:
    offer({"item": ("b", "10", "9", "rare"), "user": ("1",)})


def naive(vectors: dict[str, list[float]], tokens: list[str]) -> np.ndarray:
    mean = np.mean(list(vectors.values()), axis=0)
    return np.array([np.zeros(2), *(vectors.get(token, mean) for token in tokens), mean])


@pytest.mark.parametrize("form", ["lists", "columns", "another name"])
def test_vectors_are_in_the_order_of_ids(form: str) -> None:
    vectors = {"9": [1.0, 2.0], "b": [3.0, 5.0], "10": [-1.0, 0.5], "unused": [7.0, 7.0]}
    ids = "id" if form == "another name" else "item"
    columns: dict[str, Any] = {"x": [v[0] for v in vectors.values()], "y": [v[1] for v in vectors.values()]}
    if form == "lists":
        columns = {"vector": list(vectors.values())}
    pl.DataFrame({ids: list(vectors), **columns}).write_parquet("items.parquet")
    expected = naive(vectors, ["b", "10", "9", "rare"])
    assert pretrained("item", "items.parquet").numpy() == pytest.approx(expected)


def test_rows_of_an_array_are_those_of_whole_numbers() -> None:
    rows = np.arange(22, dtype=np.float64).reshape(11, 2)
    np.save("items.npy", rows)
    found = pretrained("item", Path("items.npy"))
    assert found.dtype == torch.float32
    assert found.numpy() == pytest.approx(
        naive({str(n): list(row) for n, row in enumerate(rows)}, ["b", "10", "9", "c"])
    )


@pytest.mark.parametrize("freeze", [True, False])
def test_a_model_takes_them_frozen_or_trains_on_and_predicts(freeze: bool) -> None:
    items = pl.DataFrame({"item": range(40), "vector": np.random.default_rng(0).normal(0, 0.1, (40, 3)).tolist()})
    items.write_parquet("items.parquet")
    Path("given.py").write_text(MODEL)
    data = api.dataset(pl.DataFrame(clicks(400), schema=list(HEADER), orient="row"), "mine", say=lambda _: None)
    model = {"name": "Custom", "module": "given.py:Given", "arguments": {"freeze": freeze}}
    options: dict[str, Any] = {"training": BRIEF, "device": "cpu", "say": lambda _: None, "keep_weights": True}
    (record,) = api.fit(data, model, seeds=(1,), **options).records
    assert record.failure is None
    assert set(record.provenance.own_files) == {"given.py", "items.parquet"}
    assert len(api.predict(record, pl.DataFrame({"user": [1], "item": [2], "hour": [3]}), device="cpu")) == 1
    items.with_columns(vector=pl.lit([1.0, 2.0, 3.0])).write_parquet("items.parquet")
    (again,) = api.fit(data, model, seeds=(1,), **options).records
    assert again.provenance.code != record.provenance.code  # another table is another model


@pytest.mark.parametrize(
    ("write", "field", "message"),
    [
        (lambda: None, "item", "no such file"),
        (lambda: Path("t.parquet").write_bytes(b"PAR1junk"), "item", "t.parquet: damaged table of vectors"),
        (lambda: pl.DataFrame({"item": ["b", "b"], "x": [1, 2]}).write_parquet("t.parquet"), "item", "ids twice"),
        (lambda: pl.DataFrame({"item": ["q"], "x": [1]}).write_parquet("t.parquet"), "item", "no id equals a value"),
        (lambda: pl.DataFrame({"item": ["b"], "x": ["y"]}).write_parquet("t.parquet"), "item", "damaged table"),
        (lambda: pl.DataFrame({"item": ["b"], "x": [1]}).write_parquet("t.parquet"), "itm", "did you mean 'item'"),
    ],
)
def test_faulty_tables_are_one_line(write: Any, field: str, message: str) -> None:
    write()
    with pytest.raises(UserError, match=message) as caught:
        pretrained(field, "t.parquet")
    assert "\n" not in str(caught.value)

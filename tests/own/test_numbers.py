"""Numeric fields are passed to users' models as numbers."""

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from workflow import api
from workflow.data.store import load_meta, load_split
from workflow.errors import UserError
from workflow.spec import SPLITS
from workflow.train.trial import try_out

MODEL = """
import torch
from torch import nn
from models.embedding import Embedding


class Weighs(nn.Module):
    takes_numbers = True

    def __init__(self, features):
        super().__init__()
        self.table = Embedding(features, 4)
        self.out = nn.Linear(features.fields * 4 + 2 * features.numbers, 1)

    def forward(self, x_BC, n_BM):
        return self.out(torch.cat([self.table(x_BC).flatten(1), n_BM], dim=1)).squeeze(-1)
"""
FIELDS = [{"name": "user"}, {"name": "price", "transform": "standard"}, {"name": "item"}]
FIELDS += [{"name": "stock", "transform": "log"}]
BRIEF = {"max_epochs": 3, "batch_size": 50}


def rows(count: int, seed: int) -> pl.DataFrame:
    """The label depends on the price; prices and stocks are missing here and there."""
    draw = np.random.default_rng(seed)
    price = draw.normal(20, 5, count)
    clicked = draw.random(count) < 1 / (1 + np.exp(-(price - 20)))
    spelt = [None if draw.random() < 0.1 else f"{one:.6f}" for one in price]
    stock = [None if draw.random() < 0.1 else str(one) for one in draw.integers(-5, 1000, count)]
    users, items = draw.integers(0, 30, count), draw.integers(0, 9, count)
    return pl.DataFrame({"clicked": clicked, "user": users, "price": spelt, "item": items, "stock": stock})


@pytest.fixture
def data(here: Path) -> api.Dataset:
    Path("weighs.py").write_text(MODEL)
    Path("mine").mkdir()
    for name, count, seed in zip(SPLITS, (600, 200, 200), (1, 2, 3), strict=True):
        rows(count, seed).write_csv(f"mine/{name}.csv")
    return api.dataset("mine", label="clicked", preparation={"fields": FIELDS, "group": None}, say=lambda _: None)


def test_numbers_are_standardised_by_training_rows_or_logarithms_with_missing_ones_marked(
    data: api.Dataset,
) -> None:
    meta = load_meta(data.spec.prepared_dir)
    assert [(field.columns, field.pooling) for field in meta.fields][1::2] == [(2, "number")] * 2
    given = {name: pl.read_csv(f"mine/{name}.csv") for name in SPLITS}
    price = given["train"]["price"].drop_nulls().to_numpy()
    for name in ("train", "valid", "test"):
        x_NC = load_split(data.spec.prepared_dir, name, meta).x_NC
        found = x_NC[:, [1, 4]].copy().view(np.float32)
        expected = (given[name]["price"] - price.mean()) / price.std()
        assert found[:, 0] == pytest.approx(expected.fill_null(0.0).to_numpy(), abs=1e-5)
        stock = given[name]["stock"].cast(pl.Float64).fill_null(0.0).to_numpy()
        assert found[:, 1] == pytest.approx(np.sign(stock) * np.log(1 + np.abs(stock)), abs=1e-5)
        for column, field in ((2, "price"), (5, "stock")):
            assert np.array_equal(x_NC[:, column], given[name][field].is_null().cast(pl.Int32).to_numpy())


def test_an_own_model_learns_from_numbers_and_predicts(data: api.Dataset) -> None:
    model = {"name": "Custom", "module": "weighs.py:Weighs"}
    options = {"optimizer": {"learning_rate": 0.05}, "training": BRIEF, "device": "cpu", "say": lambda _: None}
    record = api.fit(data, model, seeds=(1,), keep_weights=True, **options).records[0]
    assert record.failure is None
    assert record.test is not None
    assert record.test.auc > 0.9  # users and items tell nothing
    found = api.predict(record, pl.DataFrame({"user": [1, 1], "price": [10.0, 30.0], "item": [2, 2], "stock": [5, 5]}))
    assert found[0] < 0.3
    assert found[1] > 0.7


def test_shipped_models_and_own_ones_that_take_no_numbers_are_refused_with_the_remedy(data: api.Dataset) -> None:
    with pytest.raises(UserError, match=r"DeepFM reads ids, and field price .* set transform: quantiles") as caught:
        api.fit(data, "DeepFM", seeds=(1,), say=lambda _: None)
    assert "\n" not in str(caught.value)
    Path("weighs.py").write_text(MODEL.replace("takes_numbers = True", "pass"))
    model = {"name": "Custom", "module": "weighs.py:Weighs"}
    (record,) = api.fit(data, model, seeds=(1,), training=BRIEF, say=lambda _: None).records
    assert "takes_numbers = True" in (record.failure or "")


def test_description_and_check_know_numbers(data: api.Dataset) -> None:
    price = data.fields.loc["price"]
    assert (price["Tokens"], price["AUC alone"]) == ("0", "–")
    assert float(price["Missing"].removesuffix(" %")) == pytest.approx(10, abs=3)
    model = {"name": "Custom", "module": "weighs.py:Weighs"}
    (run,) = api.fit(data, model, seeds=(1,), training=BRIEF, device="cpu", say=lambda _: None).cell.runs
    assert try_out(run).rest == 2 * 4 + 2 * 2 + 1


@pytest.mark.parametrize("value", ["cheap", "1,5"])
def test_what_is_no_number_is_named_with_its_line(here: Path, value: str) -> None:
    frame = rows(300, 1)
    with Path("mine.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(frame.columns)
        writer.writerows([*frame.rows()[:4], (True, 1, value, 1, 1), *frame.rows()[4:]])
    with pytest.raises(UserError, match=rf"line 6, column 'price': '{value}' is not a number, which standard needs"):
        api.dataset("mine.csv", label="clicked", preparation={"fields": FIELDS, "group": None}, say=lambda _: None)

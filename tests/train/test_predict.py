"""Evaluation batches: bounded by bytes, the authors' where they matter, and without effect elsewhere."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from models.embedding import Features
from tests.train.prepared import run_spec, write_prepared
from workflow.plan.config import load_dataset
from workflow.settings import DNN, AFNPlus, DeepFM, Framed, ModelSettings, XDeepFM
from workflow.train import loop
from workflow.train.predict import AUTHORS_ROWS, CUDA_BUDGET_PARTS, LARGEST_ROWS, evaluation_batch_rows
from workflow.train.resident import load_resident

CPU, CUDA = torch.device("cpu"), torch.device("cuda")
CRITEO = Features(vocab_sizes=(1000,) * 39, columns=(1,) * 39, pooling=("mean",) * 39)
CARD_BYTES = 24 << 30  # that of the paper's card


@dataclass
class Card:
    total_memory: int = CARD_BYTES


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: Card())


@pytest.mark.parametrize(
    ("model", "widest_bytes"),
    [
        # v_BKN in float32: 16 dimensions of 1,500 neurons; CIN: all pairs of 39 fields and 39 maps, 16 wide.
        (AFNPlus(log_neurons=1500), 16 * 1500 * 4),
        (XDeepFM(cin_units=(39, 39)), 39 * 39 * 16 * 4),
        (DNN(), 39 * 16 * 4),
    ],
)
def test_the_widest_activation_fits_a_share_of_the_card(card: None, model: ModelSettings, widest_bytes: int) -> None:
    rows = evaluation_batch_rows(model, CRITEO, CUDA)
    assert rows * widest_bytes * 4 <= CARD_BYTES / CUDA_BUDGET_PARTS
    assert rows == LARGEST_ROWS["cuda"] or 2 * rows * widest_bytes * 4 > CARD_BYTES / CUDA_BUDGET_PARTS
    assert evaluation_batch_rows(model, CRITEO, CPU) <= 8192


@pytest.mark.parametrize("device", [CPU, CUDA])
def test_where_predictions_depend_on_the_batch_it_is_the_authors(card: None, device: torch.device) -> None:
    framed = Framed(base=DeepFM(), authors_code=True)
    assert evaluation_batch_rows(framed, CRITEO, device) == AUTHORS_ROWS
    assert evaluation_batch_rows(framed.model_copy(update={"authors_code": False}), CRITEO, device) != AUTHORS_ROWS


@pytest.mark.parametrize("name", ["frappe", "ml-1m"])
def test_on_the_small_datasets_no_model_needs_less_than_the_usual_batch(name: str) -> None:
    fields = len(load_dataset(name).preparation.fields)
    features = Features(vocab_sizes=(50,) * fields, columns=(1,) * fields, pooling=("mean",) * fields)
    for model in (DNN(), AFNPlus(log_neurons=600), XDeepFM(cin_units=(64, 64))):
        assert evaluation_batch_rows(model, features, CPU) == LARGEST_ROWS["cpu"]


def test_the_batch_changes_no_score_and_the_record_names_it(here: Path) -> None:
    data = load_resident(write_prepared().prepared_dir, CPU)
    run = loop.start(run_spec(), data, CPU)
    whole = run.predict(data.test)
    assert run.predict.batch_rows == LARGEST_ROWS["cpu"]
    parts = loop.Predictor(run.model, run.predict.autocast, batch_rows=37)(data.test)
    assert np.allclose(parts, whole, rtol=1e-6)

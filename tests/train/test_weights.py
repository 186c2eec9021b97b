"""New rows, scored with the weights of a run and the vocabulary of its training."""

import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from tests.models.toys import OWN
from workflow import api
from workflow.api import training
from workflow.cli.main import main
from workflow.data.encode.coding import FILE, load_coding
from workflow.data.store import SplitName, load_meta, load_split
from workflow.errors import UserError
from workflow.spec import SPLITS
from workflow.train import loop
from workflow.train.keep import stands, weights_path
from workflow.train.record import Record
from workflow.train.run import train_runs
from workflow.train.weights import rows_of

SMALL = {"name": "DNN", "hidden_units": [8], "embedding_dim": 4}
BRIEF = {"max_epochs": 2, "batch_size": 50}
FIELDS: list[dict[str, Any]] = [
    {"name": "user"},
    {"name": "item", "transform": "number"},
    {"name": "price", "transform": "quantiles"},
    {"name": "seen", "list": {"max_len": 3, "keep": "last"}},
    {"name": "tags", "list": {"max_len": 2, "separator": "|"}},
]

AROUND = """
from models import build_model
from torch import nn

class Around(nn.Module):
    def __init__(self, features):
        super().__init__()
        settings = {"embedding_dim": 4, "hidden_units": (8,), "dropout": 0.0, "batch_norm": False}
        self.inner = build_model("DNN", features, settings)

    def forward(self, x_BC):
        return self.inner(x_BC).z_B
"""


def silent(_: str) -> None:
    """Discard progress lines."""


def rows(count: int, seed: int) -> pl.DataFrame:
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        item = draw.randrange(40)
        clicked = int(draw.random() < 0.2 + 0.015 * item)
        user = draw.choice(["anna", "bert", "NaN", f"u{draw.randrange(60)}"])
        spelt = draw.choice([f"{item}", f"{item}.0", ""])
        price = draw.choice([f"{draw.expovariate(0.1):.3f}", "", "1e2", "7"])
        seen = str([draw.randrange(9) for _ in range(draw.randrange(5))])
        tags = "|".join(draw.choice("abcdefgh") for _ in range(draw.randrange(4)))
        found.append((clicked, user, spelt, price, seen, tags))
    return pl.DataFrame(found, schema=["clicked", *(field["name"] for field in FIELDS)], orient="row")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, api.Dataset]:
    """Given splits, of which validation and test have values that training lacks, and a run with its weights."""
    folder = tmp_path_factory.mktemp("weights")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("mine").mkdir()
        for name, count, seed in zip(SPLITS, (400, 150, 150), (1, 2, 3), strict=True):
            rows(count, seed).write_csv(f"mine/{name}.csv")
        data = api.dataset("mine", preparation={"fields": FIELDS, "min_count": 2}, say=silent)
        fitted(data, keep_weights=True)
    return folder, data


@pytest.fixture
def data(made: tuple[Path, api.Dataset], here: Path) -> api.Dataset:
    """A copy of it all, in the working directory."""
    shutil.copytree(made[0], here, dirs_exist_ok=True)
    return made[1]


def fitted(data: api.Dataset, model: Any = SMALL, **options: Any) -> Record:
    runs = api.fit(data, model, seeds=(1,), training=BRIEF, device="cpu", say=silent, **options)
    return runs.records[0]


@pytest.mark.parametrize("name", SPLITS)
def test_rows_get_the_ids_that_preparing_gave_them(data: api.Dataset, name: SplitName) -> None:
    coding = load_coding(data.spec.prepared_dir)
    assert coding is not None
    expected = load_split(data.spec.prepared_dir, name, load_meta(data.spec.prepared_dir)).x_NC
    assert np.array_equal(rows_of(Path(f"mine/{name}.csv"), coding), expected)
    few = pl.read_csv(f"mine/{name}.csv", infer_schema=False).tail(3)  # what a column is, training has decided
    few.write_csv("few.csv")
    assert np.array_equal(rows_of(Path("few.csv"), coding), expected[-3:])


def test_the_auc_of_the_test_file_is_the_record_s(data: api.Dataset) -> None:
    record = fitted(data, keep_weights=True)
    test = pl.read_csv("mine/test.csv", infer_schema=False)
    expected = api.predict(record, "mine/test.csv", device="cpu")
    assert record.test is not None
    assert record.test.auc == pytest.approx(roc_auc_score(test["clicked"].cast(pl.Int64), expected), abs=1e-12)
    assert np.array_equal(api.predict(record, test.drop("clicked"), device="cpu"), expected)
    shuffled = test.select(reversed(test.columns))
    assert np.array_equal(api.predict(record, shuffled.to_pandas(), device="cpu"), expected)


def test_a_run_is_the_same_with_and_without_its_weights(data: api.Dataset) -> None:
    shutil.rmtree("results")
    plain = fitted(data)
    assert not weights_path(plain.spec).exists()
    kept = fitted(data, keep_weights=True)  # trained again, as they were not there
    assert weights_path(kept.spec).is_file()
    timeless = {"provenance", "epochs", "seal"}
    assert kept.model_dump(exclude=timeless) == plain.model_dump(exclude=timeless)
    assert [epoch.train_loss for epoch in kept.epochs] == [epoch.train_loss for epoch in plain.epochs]
    assert kept.provenance.code == plain.provenance.code
    assert kept.spec.record_path == plain.spec.record_path
    assert fitted(data) == kept  # and stands without being asked for


def assert_predicts_its_test_auc(record: Record) -> None:
    assert record.test is not None
    labels = pl.read_csv("mine/test.csv")["clicked"]
    found = roc_auc_score(labels, api.predict(record, "mine/test.csv", device="cpu"))
    assert record.test.auc == pytest.approx(found, abs=1e-12)


def test_an_own_model_predicts_and_a_changed_one_is_refused(data: api.Dataset) -> None:
    Path("toy.py").write_text(OWN)
    record = fitted(data, {"name": "Custom", "module": "toy.py:Toy"}, keep_weights=True)
    assert_predicts_its_test_auc(record)
    Path("toy.py").write_text(OWN.replace("return self.head(", "return 2 * self.head("))
    with pytest.raises(UserError, match="other code of Custom"):
        api.predict(record, "mine/test.csv", device="cpu")


def test_a_resumed_run_keeps_the_weights_that_it_was_tested_with(
    data: api.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = api.predict(fitted(data, keep_weights=True), "mine/test.csv", device="cpu")
    shutil.rmtree("results")
    monkeypatch.setattr(training, "train_runs", lambda runs, device, _, say: train_runs(runs, device, 0.0, say))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "describe", killed)
        with pytest.raises(KeyboardInterrupt):
            fitted(data, keep_weights=True)
    resumed = fitted(data, keep_weights=True)
    assert np.array_equal(api.predict(resumed, "mine/test.csv", device="cpu"), undisturbed)


def killed(*_: object) -> str:
    raise KeyboardInterrupt


def test_an_own_model_may_be_made_of_ours(data: api.Dataset) -> None:
    Path("toy.py").write_text(AROUND)
    record = fitted(data, {"name": "Custom", "module": "toy.py:Around"}, keep_weights=True)
    assert_predicts_its_test_auc(record)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop("item"), r"new.csv: has no column 'item';"),
        (lambda frame: frame.with_columns(price=pl.lit("cheap")), r"new.csv: line 2, column 'price': 'cheap' is not"),
        (lambda frame: frame.with_columns(seen=pl.lit("1 2")), r"line 2, column 'seen': '1 2' is no list in brackets"),
        (lambda frame: frame.head(0), "no data rows"),
    ],
)
def test_faulty_rows_are_one_line(data: api.Dataset, change: Any, message: str) -> None:
    coding = load_coding(data.spec.prepared_dir)
    assert coding is not None
    change(pl.read_csv("mine/test.csv", infer_schema=False)).write_csv("new.csv")
    with pytest.raises(UserError, match=message) as caught:
        rows_of(Path("new.csv"), coding)
    assert "\n" not in str(caught.value)


def test_the_command_writes_a_probability_for_each_row(data: api.Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    record = fitted(data, keep_weights=True)
    expected = api.predict(record, "mine/test.csv", device="cpu")
    for run, out in ((record.spec.key, "found.csv"), (str(record.spec.record_path), "found.parquet")):
        assert main(["predict", run, "mine/test.csv", "--out", out, "--device", "cpu"]) == 0
        found = pl.read_csv(out) if out.endswith("csv") else pl.read_parquet(out)
        assert found["row"].to_list() == list(range(1, 151))
        assert found["probability"].to_numpy() == pytest.approx(expected)
    capsys.readouterr()
    assert main(["predict", "0123456789ab/seed1", "mine/test.csv"]) == 1
    assert main(["predict", record.spec.key, "nowhere.csv"]) == 1
    assert main(["predict", str(weights_path(record.spec)), "mine/test.csv"]) == 1
    said = capsys.readouterr().err
    assert record.spec.key in said.splitlines()[0]
    assert len(said.splitlines()) == 3
    assert said.endswith("seed1.weights: is not a record; name a run's JSON file, results/runs/…/seed<n>.json\n")


def test_a_record_without_the_wanted_weights_does_not_stand(data: api.Dataset) -> None:
    record = fitted(data, keep_weights=True)
    wanted = record.spec.training.model_copy(update={"keep_weights": True})
    run = record.spec.model_copy(update={"training": wanted})
    assert stands(run)
    weights_path(run).unlink()
    assert not stands(run)
    assert stands(record.spec)


def test_weights_that_are_missing_damaged_or_of_another_training_are_one_line(data: api.Dataset) -> None:
    record = fitted(data, keep_weights=True)
    path = weights_path(record.spec)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(UserError, match="damaged weights"):
        api.predict(record, "mine/test.csv")
    other = fitted(data, {**SMALL, "hidden_units": [4]}, keep_weights=True)
    path.write_bytes(weights_path(other.spec).read_bytes())
    with pytest.raises(UserError, match="belongs to another training"):
        api.predict(record, "mine/test.csv")
    path.unlink()
    with pytest.raises(UserError, match="keep_weights: true"):
        api.predict(record, "mine/test.csv")


def test_without_a_vocabulary_nothing_is_trained_in_vain(data: api.Dataset) -> None:
    (data.spec.prepared_dir / FILE).unlink()
    shutil.rmtree("results")
    with pytest.raises(UserError, match="prepare again"):
        fitted(data, keep_weights=True)

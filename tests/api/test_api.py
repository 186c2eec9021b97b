"""The Python API: the same data, records and statistics as the command line."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

from tests.data.clicks import HEADER, clicks, text
from workflow import api
from workflow.data.store import load_meta, load_split
from workflow.errors import UserError

pytestmark = pytest.mark.usefixtures("here")

ROWS = clicks(400)
SMALL = {"name": "DNN", "hidden_units": [8], "embedding_dim": 4}
BRIEF = {"max_epochs": 2, "batch_size": 50}


def silent(_: str) -> None:
    """Discard progress lines."""


def frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=list(HEADER))


def test_a_frame_a_polars_frame_and_a_file_are_the_same_data() -> None:
    Path("mine.csv").write_text(text(ROWS))
    found = [
        api.dataset(frame(), "pandas", say=silent),
        api.dataset(pl.from_pandas(frame()), "polars", say=silent),
        api.dataset("mine.csv", say=silent),
    ]
    prints = {load_meta(one.spec.prepared_dir).fingerprint for one in found}
    assert len(prints) == 1
    assert list(found[0].fields.index) == ["user", "item", "hour"]
    assert list(found[0].splits["Rows"]) == ["320", "40", "40"]
    assert isinstance(found[0].remarks, list)


def test_another_frame_of_the_same_name_is_prepared_again() -> None:
    first = api.dataset(frame(), "mine", say=silent)
    before = load_split(first.spec.prepared_dir, "train", load_meta(first.spec.prepared_dir)).y_N
    again = api.dataset(frame().assign(clicked=lambda rows: 1 - rows["clicked"]), "mine", say=silent)
    after = load_split(again.spec.prepared_dir, "train", load_meta(again.spec.prepared_dir)).y_N
    assert np.array_equal(before, 1 - after)


def test_data_in_whose_place_others_were_prepared_are_refused() -> None:
    first = api.dataset(frame().head(300), "same", say=silent)
    api.dataset(frame(), "same", say=silent)
    with pytest.raises(UserError, match=r"^dataset same: was prepared from other data since; call api\.dataset again$"):
        api.fit(first, SMALL, seeds=(1,), training=BRIEF, device="cpu", say=silent)
    again = api.dataset(frame().head(300), "same", say=silent)
    assert again.fingerprint == first.fingerprint
    (record,) = api.fit(first, SMALL, seeds=(1,), training=BRIEF, device="cpu", say=silent).records
    assert record.provenance.data_fingerprint == first.fingerprint


def test_a_name_is_checked_before_a_file_is_written(here: Path) -> None:
    with pytest.raises(UserError, match="evil: must be of a-z"):
        api.dataset(frame(), "../../evil", say=silent)
    assert list(here.iterdir()) == []
    assert not (here.parent / "evil.parquet").exists()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            pd.DataFrame({"clicked": [0, 1, 1], "mixed": ["a", 1, None]}),
            "column 'mixed': its values have no common type",
        ),
        (pd.DataFrame([[0, 1, 2]], columns=["clicked", "item", "item"]), "has 2 columns called 'item'; rename all but"),
        (
            pl.DataFrame({"clicked": [1]}).with_columns(pl.Series("odd", [{1}], dtype=pl.Object)),
            "column 'odd': its val",
        ),
    ],
)
def test_a_frame_that_cannot_be_written_names_the_column(rows: pd.DataFrame | pl.DataFrame, message: str) -> None:
    with pytest.raises(UserError, match=f"^the frame: {message}"):
        api.dataset(rows, "mine", say=silent)


def test_any_other_file_is_no_record_and_nothing_to_delete() -> None:
    Path("paper.yaml").write_text("campaign: paper\n")
    Path("seed1.weights").write_bytes(b"\xff\x00")
    for name in ("paper.yaml", "seed1.weights", "."):
        with pytest.raises(UserError, match=r"is not a record; name a run's JSON file, results/runs/…/seed<n>\.json$"):
            api.load(name)
    for name in ("nofile.json", "seed1.json"):
        with pytest.raises(UserError, match=f"^{name}: no such (file|record); name a run's JSON file"):
            api.load(name)
    Path("seed1.json").write_text("{")
    with pytest.raises(UserError, match=r"damaged record .* delete it and train the run again"):
        api.load("seed1.json")


def test_fit_gives_records_and_a_second_call_trains_nothing() -> None:
    data = api.dataset(frame(), "mine", preparation={"split": {"seed": 7, "parts": [6, 2, 2]}}, say=silent)
    said: list[str] = []
    runs = api.fit(data, SMALL, seeds=(1, 2, 3), training=BRIEF, device="cpu", say=said.append)
    assert [record.spec.seed for record in runs.records] == [1, 2, 3]
    assert list(runs.frame["auc"]) == [record.test.auc for record in runs.records if record.test]
    assert list(runs.curves["epoch"]) == [1, 2] * 3
    again: list[str] = []
    assert api.fit(data, SMALL, seeds=(1, 2, 3), training=BRIEF, device="cpu", say=again.append).records == runs.records
    assert again == ["3 of 3 runs are finished, 0 to train"]
    numbers = np.arange(1, 4)
    assert api.fit(data, SMALL, seeds=numbers, training=BRIEF, device="cpu", say=silent).records == runs.records  # pyright: ignore[reportArgumentType]
    assert api.load(runs.records[0].spec.record_path) == runs.records[0]
    assert api.track(runs, "curves").exists()


def test_runs_that_failed_have_curves_of_no_epoch() -> None:
    data = api.dataset(frame(), "mine", say=silent)
    Path("none.py").write_text("from torch import nn\nclass Empty(nn.Module):\n    def __init__(self, _): ...\n")
    runs = api.fit(data, {"name": "Custom", "module": "none.py:Empty"}, seeds=(1,), device="cpu", say=silent)
    assert runs.finished == ()
    assert len(runs.curves) == 0
    assert list(runs.curves.groupby("seed")) == []
    assert [*runs.curves][:3] == ["model", "seed", "epoch"]
    assert api.track(runs, "curves").exists()


def test_comparisons_use_the_project_s_statistics() -> None:
    data = api.dataset(frame(), "mine", say=silent)
    large = {**SMALL, "hidden_units": [32, 16]}
    first, second = (
        api.fit(data, model, seeds=(1, 2, 3), training=BRIEF, device="cpu", say=silent) for model in (SMALL, large)
    )
    found = api.compare(second, first, "logloss")
    _, p = stats.ttest_ind(second.scores("logloss"), first.scores("logloss"), equal_var=False)
    assert found.p == pytest.approx(p)
    assert found.mean == pytest.approx(np.mean(second.scores("logloss")) - np.mean(first.scores("logloss")))
    auc = api.compare(second, first)
    assert auc.low is not None
    assert auc.high is not None
    assert auc.low < (auc.mean or 0) < auc.high
    assert auc.word in ("gain", "loss", "no difference", "open")
    better = (found.mean or 0) < 0
    assert found.word in ({"gain"} if better else {"loss"}) | {"open", "no difference"}
    swapped = {"gain": "loss", "loss": "gain"}
    assert api.compare(first, second, "logloss").word == swapped.get(found.word, found.word)
    few = api.fit(data, large, seeds=(1, 2), training=BRIEF, device="cpu", say=silent)
    assert (api.compare(few, first).word, api.compare(few, first).p) == ("open", None)
    assert "too few" in api.compare(few, first).reason


def test_mistakes_are_one_message() -> None:
    with pytest.raises(UserError, match="a frame has no name"):
        api.dataset(frame())
    data = api.dataset(frame(), "mine", say=silent)
    with pytest.raises(UserError, match="did you mean 'DeepFM'"):
        api.fit(data, "DeepFN", seeds=(1,), say=silent)
    with pytest.raises(UserError, match="max_epoch: unknown key"):
        api.fit(data, SMALL, seeds=(1,), training={"max_epoch": 1}, say=silent)
    with pytest.raises(UserError, match="no such file or folder"):
        api.dataset("nowhere.csv")
    with pytest.raises(UserError, match=r"fit: seeds: must be a list, such as \[a, b\] \(given: 1\)"):
        api.fit(data, SMALL, seeds=1, say=silent)  # pyright: ignore[reportArgumentType]
    runs = api.fit(data, SMALL, seeds=(1,), training=BRIEF, device="cpu", say=silent)
    for act in (lambda: api.compare(runs, runs, "accuracy"), lambda: runs.scores("accuracy")):  # pyright: ignore
        with pytest.raises(UserError, match=r"^no metric 'accuracy'; .*\(known: auc, gauc, logloss\)$"):
            act()
    for try_on in (
        lambda: api.fit(data, SMALL, seeds=(1,), device="gpu", say=silent),
        lambda: api.predict(runs.records[0], "new.csv", device="gpu"),
    ):
        with pytest.raises(UserError, match=r"^no device 'gpu'; .*\(known: auto, cpu, cuda\)$"):
            try_on()

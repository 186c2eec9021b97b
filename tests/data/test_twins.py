import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import OneHotEncoder

from tests.data.made import campaign, dataset, spec_of, splits_of
from workflow.data.prepare import prepare
from workflow.data.twins import twin as twins
from workflow.data.twins.planted import PAIR_GROUPS, exact_auc
from workflow.data.twins.twin import write_twin
from workflow.errors import UserError
from workflow.plan.cells import dataset_spec
from workflow.plan.config import DatasetConfig, load_dataset
from workflow.spec import Twin

DATASETS = ("criteo", "kkbox", "ml-1m", "ml-tag", "frappe")
RATES = {"criteo": 0.256, "kkbox": 0.5035, "ml-1m": 0.575, "ml-tag": 0.33, "frappe": 0.33}


def drawn_of(name: str, rows: int, seed: int) -> Any:
    """What is drawn before it is written."""
    config = load_dataset(name)
    return twins._draw(config, dataset_spec(config, campaign(twin=Twin())).preparation, rows, seed)


def write(name: str, path: Path, rows: int = 4000, seed: int = 1) -> DatasetConfig:
    config = load_dataset(name)
    write_twin(config, dataset_spec(config, campaign(twin=Twin(rows=rows, seed=seed))), path)
    return config


@pytest.mark.parametrize("name", DATASETS)
def test_twins_pass_through_the_readers_of_the_real_archives(name: str, tmp_path: Path) -> None:
    config = write(name, tmp_path / "a.zip")
    spec = dataset_spec(config, campaign(twin=Twin(rows=4000, seed=1)))
    meta = prepare(config, spec, tmp_path / "a.zip", tmp_path / "out")
    splits = splits_of(tmp_path / "out", meta)
    assert meta.origin == "twin"
    assert meta.origin_note == "4,000 rows, seed 1, labels from a planted model"
    assert meta.bayes_auc is not None
    assert all(0.8 < auc < 0.95 for auc in meta.bayes_auc.values())
    assert sum(split.rows for split in meta.splits.values()) == 4000
    rate = sum(split.positives for split in meta.splits.values()) / 4000
    assert rate == pytest.approx(RATES[name], abs=0.03)
    assert all(field.vocab_size > 3 for field in meta.fields)  # nothing is all rare
    if config.preparation.group:
        groups = [set(split.group_N.tolist()) for split in splits.values() if split.group_N is not None]
        assert len(groups[0] & groups[1] & groups[2]) > 10  # users occur in all splits
        activity = np.bincount(np.asarray(splits["train"].group_N))
        assert activity.max() > 4 * np.median(activity[activity > 0])


def test_the_bayes_auc_is_that_of_the_true_probability(tmp_path: Path) -> None:
    config = load_dataset("frappe")
    twin = Twin(rows=3000, seed=7)
    spec = dataset_spec(config, campaign(twin=twin))
    write_twin(config, spec, tmp_path / "a.zip")
    meta = prepare(config, spec, tmp_path / "a.zip", tmp_path / "out")
    drawn = twins._draw(config, spec.preparation, twin.rows, twin.seed)
    split_N = twins._splits(config, spec.preparation, drawn.label_N, twin.seed)
    for place, (name, split) in enumerate(splits_of(tmp_path / "out", meta).items()):
        rows = split_N == place
        assert np.array_equal(drawn.label_N[rows], split.y_N == 1)  # prepared rows are those that were drawn
        assert meta.bayes_auc is not None
        expected = roc_auc_score(drawn.label_N[rows], drawn.probability_N[rows])
        assert meta.bayes_auc[name] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", DATASETS)
def test_linear_is_worse_than_interactions_and_those_are_worse_than_bayes(name: str) -> None:
    drawn = drawn_of(name, 12_000, 3)
    train = np.arange(12_000) < 9_000
    single = np.stack([drawn.index_N[column.name] for column in drawn.schema.columns], axis=1)
    group = {key: value % PAIR_GROUPS for key, value in drawn.index_N.items()}
    crossed = np.stack([group[a] * PAIR_GROUPS + group[b] for a, b in drawn.schema.pairs], axis=1)

    def held_out_auc(x_NC: np.ndarray) -> float:
        encoder = OneHotEncoder(handle_unknown="ignore")
        model = LogisticRegression(C=0.3, solver="liblinear")
        model.fit(encoder.fit_transform(x_NC[train]), drawn.label_N[train])
        return float(roc_auc_score(drawn.label_N[~train], model.decision_function(encoder.transform(x_NC[~train]))))

    linear, interactions = held_out_auc(single), held_out_auc(np.hstack([single, crossed]))
    bayes = roc_auc_score(drawn.label_N[~train], drawn.probability_N[~train])
    assert 0.55 < linear < interactions - 0.02
    assert interactions < bayes


@pytest.mark.parametrize("name", DATASETS)
def test_there_are_easy_and_hard_samples(name: str) -> None:
    drawn = drawn_of(name, 4000, 1)
    of_label = np.where(drawn.label_N, drawn.probability_N, 1 - drawn.probability_N)
    shares_K = np.histogram(of_label, bins=(0, 0.3, 0.6, 1))[0] / len(of_label)
    assert shares_K.min() > 0.05


def test_equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("kkbox", "ml-1m"):
        paths = [tmp_path / f"{name}{i}.zip" for i in range(3)]
        for path, seed in zip(paths, (1, 1, 2), strict=True):
            write(name, path, rows=500, seed=seed)
        assert paths[0].read_bytes() == paths[1].read_bytes()
        assert paths[0].read_bytes() != paths[2].read_bytes()


def test_chunks_of_writing_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("criteo", tmp_path / "a.zip", rows=500)
    monkeypatch.setattr(twins, "CHUNK_ROWS", 37)
    write("criteo", tmp_path / "b.zip", rows=500)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_archive_formats(tmp_path: Path) -> None:
    write("frappe", tmp_path / "f.zip", rows=300)
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        assert archive.namelist() == ["train.csv", "valid.csv", "test.csv", "twin.json"]
        lines = archive.read("train.csv").split(b"\r\n")
        assert lines[0] == b"label,user,item,daytime,weekday,isweekend,homework,cost,weather,country,city"
        assert lines[-1] == b""
    write("ml-1m", tmp_path / "m.zip", rows=300)
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        assert archive.namelist() == ["ml-1m/ratings.dat", "ml-1m/users.dat", "ml-1m/movies.dat", "twin.json"]
        ratings = [line.split("::") for line in archive.read("ml-1m/ratings.dat").decode().splitlines()]
        users = [line.split("::") for line in archive.read("ml-1m/users.dat").decode().splitlines()]
        assert {row[2] for row in ratings} == set("12345")
        assert {row[0] for row in ratings} == {row[0] for row in users}
        assert len(users) == len({row[0] for row in users})
        assert {row[1] for row in users} == {"M", "F"}
        assert "é" in archive.read("ml-1m/movies.dat").decode("latin-1")


def test_peculiarities_of_kkbox_and_criteo(tmp_path: Path) -> None:
    write("kkbox", tmp_path / "k.zip", rows=3000)
    with zipfile.ZipFile(tmp_path / "k.zip") as archive:
        frame = pl.read_csv(archive.read("train.csv"), infer_schema=False)
    assert frame["genre_ids"].str.contains("|", literal=True).any()
    for part in (" ", ",", '"', "|"):
        assert frame["artist_name"].str.contains(part, literal=True).any(), part
    assert frame["genre_ids"].null_count() > 0
    ages = frame["bd"].cast(pl.Int64)
    assert (ages == 0).sum() > 0.02 * len(ages)
    assert 1051 in ages
    assert -43 in ages
    assert frame["isrc"].drop_nulls().str.len_chars().unique().to_list() == [12]
    assert frame["msno"].str.len_chars().unique().to_list() == [44]
    write("criteo", tmp_path / "c.zip", rows=3000)
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        frame = pl.read_csv(archive.read("train.csv"), infer_schema=False)
    assert frame.columns[:2] == ["Label", "I1"]
    assert len(frame.columns) == 40
    assert 0.3 < frame["I1"].null_count() / len(frame) < 0.6
    numbers = frame.select(pl.col("^I.*$").cast(pl.Int64))
    assert numbers.min().min_horizontal()[0] < 0
    assert numbers.max().max_horizontal()[0] > 100_000
    assert frame["C3"].drop_nulls().str.contains("^[0-9a-f]{8}$").all()


def test_cardinalities_grow_with_the_rows() -> None:
    small, large = (len(drawn_of("criteo", rows, 1).dictionaries["C3"]) for rows in (1000, 50_000))
    assert 20 <= small < large < 50_000


@pytest.mark.parametrize("preparation", [{}, {"format": "csv", "files": {"all": "rows.csv"}, "split": {"seed": 3}}])
def test_a_dataset_of_one_s_own_gets_a_default_twin(tmp_path: Path, preparation: dict[str, Any]) -> None:
    fields = [
        "shop",
        {"name": "price", "transform": "squared_log"},
        {"name": "tags", "list": {"separator": ";"}},
        "place",
    ]
    config = dataset(fields, label="clicked", group="customer", **preparation)
    spec = spec_of(config, Twin(rows=1000, seed=1))
    write_twin(config, spec, tmp_path / "a.zip")
    meta = prepare(config, spec, tmp_path / "a.zip", tmp_path / "out")
    assert meta.origin == "twin"
    assert meta.splits["train"].groups > 10
    assert meta.bayes_auc is not None
    assert meta.bayes_auc["train"] > 0.7


def test_the_smallest_twin_has_both_classes_everywhere(tmp_path: Path) -> None:
    for name in DATASETS:
        config = write(name, tmp_path / f"{name}.zip", rows=100)
        spec = dataset_spec(config, campaign(twin=Twin(rows=100, seed=1)))
        meta = prepare(config, spec, tmp_path / f"{name}.zip", tmp_path / name)
        assert all(0 < split.positives < split.rows for split in meta.splits.values())


def test_four_thousand_rows_take_well_under_a_second(tmp_path: Path) -> None:
    start = time.process_time()
    write("criteo", tmp_path / "a.zip")
    assert time.process_time() - start < 1.0


def test_a_twin_must_be_asked_for(tmp_path: Path) -> None:
    config = load_dataset("frappe")
    with pytest.raises(UserError, match=r"preparation\.twin is not set"):
        write_twin(config, dataset_spec(config, campaign()), tmp_path / "a.zip")


def test_exact_auc_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        score, label = rng.integers(0, 8, 60) / 8, rng.random(60) < 0.4
        assert exact_auc(score, label) == pytest.approx(roc_auc_score(label, score), abs=1e-12)

"""The five configuration files: their statements about the data, and real data as prepared."""

import os
from pathlib import Path

import pytest

from tests.data.made import campaign, splits_of
from workflow.data.fetch import MIRROR_VARIABLE, fetch
from workflow.data.prepare import prepare
from workflow.data.store import Meta
from workflow.plan.cells import dataset_spec
from workflow.plan.config import load_dataset, validate
from workflow.settings import LOSS_CLASSES, MODEL_CLASSES
from workflow.spec import SPLITS, Optimizer, Preparation, Training

DATASETS = ("criteo", "kkbox", "ml-1m", "ml-tag", "frappe")
INSTANCES = {"criteo": 45_840_617, "kkbox": 7_377_418, "ml-1m": 1_000_209, "ml-tag": 2_006_859, "frappe": 288_609}
FIELDS = {"criteo": 39, "kkbox": 13, "ml-1m": 5, "ml-tag": 3, "frappe": 10}


@pytest.mark.parametrize("name", DATASETS)
def test_published_figures_add_up(name: str) -> None:
    config = load_dataset(name)
    assert sum(config.published.rows.values()) == INSTANCES[name]
    assert len(config.preparation.fields) == FIELDS[name]
    if config.published.vocabulary:
        assert list(config.published.vocabulary) == [field.name for field in config.preparation.fields]
        assert sum(config.published.vocabulary.values()) == config.published.features


@pytest.mark.parametrize("name", DATASETS)
def test_source_is_complete(name: str) -> None:
    source = load_dataset(name).source
    assert source.url is not None
    assert f"/{source.archive}" in source.url
    assert source.homepage.startswith("https://")
    assert source.terms
    assert set(source.file_md5) == (set() if name == "ml-1m" else set(SPLITS))
    assert (source.sha256 is not None) == (source.md5 is not None) == (name == "ml-1m")


@pytest.mark.parametrize("name", DATASETS)
def test_protocol_is_made_of_known_settings(name: str) -> None:
    config = load_dataset(name)
    protocol = config.protocol
    for model, part in protocol.models.items():
        cls = MODEL_CLASSES[model]
        shared = {key: value for key, value in protocol.network.items() if key in cls.model_fields}
        validate(cls, {"name": model, **shared, **part}, name)
    for loss, part in protocol.losses.items():
        validate(LOSS_CLASSES[loss], {"name": loss, **part}, name)
    validate(Optimizer, protocol.optimizer, name)
    training = validate(Training, protocol.training, name)
    assert ("gauc" in training.monitor) == (config.preparation.group is not None) == (name != "criteo")


def test_the_paper_s_preset_of_kkbox_is_what_stands_in_the_preparation() -> None:
    config = load_dataset("kkbox")
    plain = dataset_spec(config, campaign())
    assert dataset_spec(config, campaign(preset="paper")) == plain
    bars = dataset_spec(config, campaign(preset="bars"))
    lists = {field.name: field.list for field in bars.preparation.fields if field.list}
    assert set(lists) == {"genre_ids", "artist_name"}
    assert all((c.vocabulary, c.separator, c.pooling, c.max_len) == ("tokens", " ", "sum", 3) for c in lists.values())
    assert bars.id != plain.id


def test_a_preset_that_breaks_the_schema_is_refused() -> None:
    config = load_dataset("kkbox")
    broken = config.preparation.model_dump(mode="json")
    broken["fields"][9]["list"]["pooling"] = "max"
    with pytest.raises(Exception, match="pooling"):
        validate(Preparation, broken, "kkbox")


# -- real data, where there is a mirror ---------------------------------------------------

needs_mirror = pytest.mark.skipif(
    MIRROR_VARIABLE not in os.environ, reason=f"{MIRROR_VARIABLE} is not set: no real data to prepare"
)


def real(name: str, folder: Path, **settings: str) -> Meta:
    config = load_dataset(name)
    archive = folder / config.source.archive
    fetch(config, campaign(), archive)
    return prepare(config, dataset_spec(config, campaign(**settings)), archive, folder / "out")


@needs_mirror
def test_real_frappe(tmp_path: Path) -> None:
    config, meta = load_dataset("frappe"), real("frappe", tmp_path)
    assert {split: meta.splits[split].rows for split in SPLITS} == config.published.rows
    positives = {split: meta.splits[split].positives for split in SPLITS}
    assert positives == {"train": 67_604, "valid": 19_063, "test": 9_536}
    # Whether or not the items of train's negatives are the published ones, contexts and positives are.
    assert {field.name: field.vocab_size for field in meta.fields} == config.published.vocabulary
    known = {file.name: file.published for file in meta.raw}
    assert known["valid.csv"]
    assert known["test.csv"]
    assert meta.origin == ("published" if known["train.csv"] else "other")
    assert ("train.csv is not the published file" in meta.origin_note) != known["train.csv"]


@needs_mirror
def test_real_ml_1m(tmp_path: Path) -> None:
    config, meta = load_dataset("ml-1m"), real("ml-1m", tmp_path)
    assert {split: meta.splits[split].rows for split in SPLITS} == config.published.rows
    positives = sum(meta.splits[split].positives for split in SPLITS)
    assert positives == 575_281
    sizes = {field.name: field.vocab_size for field in meta.fields}
    assert {name: sizes[name] for name in ("UserID", "Gender", "Age", "Occupation")} == {
        "UserID": 6042,
        "Gender": 4,
        "Age": 9,
        "Occupation": 23,
    }
    assert abs(sizes["MovieID"] - 3556) <= 16  # random splits give 3,556 +- 5


@needs_mirror
@pytest.mark.parametrize("name", ["kkbox", "ml-tag", "criteo"])
def test_the_other_archives_of_the_mirror(tmp_path: Path, name: str) -> None:
    meta = real(name, tmp_path)
    splits = splits_of(tmp_path / "out", meta)
    sizes = [field.vocab_size for field in meta.fields for _ in range(field.columns)]
    for split in splits.values():
        assert (split.x_NC.min(axis=0) >= 0).all()
        assert (split.x_NC.max(axis=0) < sizes).all()
    assert meta.features > 1000


@needs_mirror
def test_presets_of_kkbox_differ_on_real_names(tmp_path: Path) -> None:
    paper = {field.name: field for field in real("kkbox", tmp_path / "paper").fields}
    bars = {field.name: field for field in real("kkbox", tmp_path / "bars", preset="bars").fields}
    assert paper["artist_name"].vocab_size != bars["artist_name"].vocab_size
    assert (paper["artist_name"].pooling, bars["artist_name"].pooling) == ("mean", "sum")
    assert paper["msno"] == bars["msno"]

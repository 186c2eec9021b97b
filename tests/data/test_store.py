"""Prepared arrays are compared with their digests at every load, meta.json with its seal."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.data.made import column, dataset, prepared, splits_of
from workflow.data.store import Meta, load_meta, write_meta
from workflow.errors import UserError

FILES = column("f", train=list("abcabcabc"), valid=list("ab"), test=list("abc"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    prepared(dataset(["f"], group="f"), tmp_path, FILES)
    return tmp_path / "out"


def load(out: Path) -> object:
    return splits_of(out, load_meta(out))


def array(out: Path, name: str, change: Callable[[np.ndarray], None]) -> None:
    """Change an array in place, as a faulty disk or a curious hand would."""
    stored = np.load(out / name, mmap_mode="r+")
    change(stored)
    stored.flush()


def flip_labels(y_N: np.ndarray) -> None:
    y_N[:2] = 1 - y_N[:2]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("y_train.npy", flip_labels),
        ("y_test.npy", lambda y_N: y_N.__setitem__(0, np.nan)),
        ("x_valid.npy", lambda x_NC: x_NC.fill(0)),
        ("group_train.npy", lambda group_N: group_N.sort()),
    ],
    ids=["flipped labels", "NaN label", "zeroed page", "changed groups"],
)
def test_changed_arrays_are_refused(out: Path, name: str, change: Callable[[np.ndarray], None]) -> None:
    load(out)
    array(out, name, change)
    with pytest.raises(UserError, match=rf"{name}: was changed after it was prepared .*delete its folder and prepare"):
        load(out)


@pytest.mark.parametrize("place", [0, 5, 40, 100, -1])
def test_every_byte_counts(out: Path, place: int) -> None:
    path = out / "x_train.npy"
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"x_train\.npy: .*; delete its folder and prepare again"):
        load(out)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"x" * 300])
def test_what_is_no_array_is_refused(out: Path, content: bytes) -> None:
    (out / "y_train.npy").write_bytes(content)
    with pytest.raises(UserError, match=r"y_train\.npy: does not begin as the array .*; delete its folder"):
        load(out)


@pytest.mark.parametrize("change", [-4, -1, 1])
def test_a_shorter_or_longer_file_is_refused(out: Path, change: int) -> None:
    path = out / "y_train.npy"
    content = path.read_bytes()
    path.write_bytes(content[:change] if change < 0 else content + b"\0" * change)
    with pytest.raises(UserError, match=r"y_train\.npy: (damaged array \(it ends too early\)|was changed)"):
        load(out)


def test_another_shape_and_a_folder_are_told(out: Path) -> None:
    np.save(out / "y_train.npy", np.zeros(3, dtype=np.float64))
    with pytest.raises(
        UserError, match=r"y_train\.npy: does not begin as the array float32\[11\] that meta\.json describes"
    ):
        load(out)
    (out / "x_train.npy").unlink()
    (out / "x_train.npy").mkdir()
    with pytest.raises(UserError, match=r"x_train\.npy: cannot be read \(Is a directory\)"):
        load(out)


def test_an_edited_meta_is_refused(out: Path) -> None:
    path = out / "meta.json"
    path.write_text(path.read_text().replace('"origin": "other"', '"origin": "published"'))
    with pytest.raises(UserError, match=r"meta\.json: .* was changed after it was written; delete its folder and"):
        load_meta(out)


def test_a_meta_of_before_seals_is_refused(out: Path) -> None:
    content = json.loads((out / "meta.json").read_text())
    del content["seal"]
    (out / "meta.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"has no seal, .*; delete its folder and prepare again"):
        load_meta(out)


def test_a_written_meta_reads_back(out: Path, tmp_path: Path) -> None:
    meta = load_meta(out)
    assert write_meta(tmp_path / "copy", Meta.model_validate(meta.model_dump())) == meta
    assert load_meta(tmp_path / "copy") == meta

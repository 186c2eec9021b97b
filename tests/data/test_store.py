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


def array(change: Callable[[np.ndarray], None]) -> Callable[[Path], None]:
    """Change an array in place, as a faulty disk or a curious hand would."""

    def changed(path: Path) -> None:
        stored = np.load(path, mmap_mode="r+")
        change(stored)
        stored.flush()

    return changed


def flipped(place: int) -> Callable[[Path], None]:
    def flip(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[place] ^= 4
        path.write_bytes(content)

    return flip


def content(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(change(path.read_bytes()))


CHANGED = "was changed after it was prepared"
OTHER = "does not begin as the array"
SHORT = r"damaged array \(it ends too early\)"


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("y_train", array(lambda y_N: y_N.__setitem__(slice(2), 1 - y_N[:2])), CHANGED),
        ("y_test", array(lambda y_N: y_N.__setitem__(0, np.nan)), CHANGED),
        ("x_valid", array(lambda x_NC: x_NC.fill(0)), CHANGED),
        ("group_train", array(lambda group_N: group_N.sort()), CHANGED),
        *(("x_train", flipped(place), f"{OTHER}|{CHANGED}") for place in (0, 5, 40, 100, -1)),
        *(("y_train", content(lambda _, new=new: new), OTHER) for new in (b"", b"\x93NUMPY", b"x" * 300)),
        ("y_train", content(lambda old: old[:-4]), SHORT),
        ("y_train", content(lambda old: old[:-1]), SHORT),
        ("y_train", content(lambda old: old + b"\0"), CHANGED),
    ],
)
def test_changed_arrays_are_refused(out: Path, name: str, change: Callable[[Path], object], message: str) -> None:
    load(out)
    change(out / f"{name}.npy")
    with pytest.raises(UserError, match=rf"{name}\.npy: ({message}).*; delete its folder and prepare again"):
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

"""Prepared arrays are compared with their digests at every load, meta.json with its seal."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.data.made import column, dataset, prepared, splits_of
from workflow.data.store import load_meta
from workflow.errors import UserError

FILES = column("f", train=list("abcabcabc"), valid=list("ab"), test=list("abc"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    prepared(dataset(["f"], group="f"), tmp_path, FILES)
    return tmp_path / "out"


def load(out: Path) -> object:
    return splits_of(out, load_meta(out))


def flipped(place: int) -> Callable[[bytes], bytes]:
    def flip(old: bytes) -> bytes:
        content = bytearray(old)
        content[place] ^= 4
        return bytes(content)

    return flip


CHANGED = "was changed after it was prepared"
OTHER = "does not begin as the array"
SHORT = r"damaged array \(it ends too early\)"


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        *(("x_train", flipped(place), f"{OTHER}|{CHANGED}") for place in (0, 5, 40, 100, -1)),
        *(("y_train", lambda _, new=new: new, OTHER) for new in (b"", b"\x93NUMPY", b"x" * 300)),
        *(("y_train", lambda old, end=end: old[:end], SHORT) for end in (-4, -1)),
        ("y_train", lambda old: old + b"\0", CHANGED),
        ("y_test", lambda old: old[:-4] + np.float32(np.nan).tobytes(), CHANGED),
        *((name, lambda old: old[:-8] + bytes(8), CHANGED) for name in ("x_valid", "group_train")),
    ],
)
def test_changed_arrays_are_refused(out: Path, name: str, change: Callable[[bytes], bytes], message: str) -> None:
    load(out)
    path = out / f"{name}.npy"
    path.write_bytes(change(path.read_bytes()))
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


def test_an_edited_meta_and_one_of_before_seals_are_refused(out: Path) -> None:
    path = out / "meta.json"
    text = path.read_text()
    path.write_text(text.replace('"origin": "other"', '"origin": "published"'))
    with pytest.raises(UserError, match=r"meta\.json: .* was changed after it was written; delete its folder and"):
        load_meta(out)
    content = json.loads(text)
    del content["seal"]
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"has no seal, .*; delete its folder and prepare again"):
        load_meta(out)

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.made import (
    SPLIT_FILES,
    column,
    dataset,
    naive_bucket,
    naive_ids,
    prepared,
    same,
    spec_of,
    splits_of,
    table,
    zipped,
)
from workflow.data import prepare as module
from workflow.data.prepare import prepare
from workflow.data.store import load_meta
from workflow.errors import UserError
from workflow.files import sha256_file
from workflow.provenance.code import code_fingerprint

HEADER = ("label", "user", "city", "extra")
ROWS = {
    "train": [(1, "u2", "b", "x"), (0, "u10", "a", "x"), (1, "u2", "b", "y"), (0, "u3", "a", ""), (0, "u2", "", "")],
    "valid": [(0, "u2", "b", ""), (1, "new", "a", "")],
    "test": [("1.0", "u3", "c", ""), ("0.0", "u3", "", ""), (1, "", "b", "")],
}
FILES = {f"{split}.csv": table(HEADER, rows) for split, rows in ROWS.items()}


def test_known_answers(tmp_path: Path) -> None:
    meta, splits = prepared(dataset(["city", "user"], group="user", min_count=2), tmp_path, FILES)
    # city: a 1, b 2, OOV 3; user: u2 1, OOV 2.
    assert splits["train"].x_NC.tolist() == [[2, 1], [1, 2], [2, 1], [1, 2], [3, 1]]
    assert splits["valid"].x_NC.tolist() == [[2, 1], [1, 2]]
    assert splits["test"].x_NC.tolist() == [[3, 2], [3, 2], [2, 2]]
    assert [split.y_N.tolist() for split in splits.values()] == [[1, 0, 1, 0, 0], [0, 1], [1, 0, 1]]
    # Users are coded before mapping, in the order of their bytes: "", new, u10, u2, u3.
    groups = {name: split.group_N.tolist() for name, split in splits.items() if split.group_N is not None}
    assert groups == {"train": [3, 2, 3, 4, 3], "test": [4, 4, 0]}  # no user of valid has both classes
    assert [(field.name, field.vocab_size, field.columns) for field in meta.fields] == [("city", 4, 1), ("user", 3, 1)]
    counts = {name: (split.rows, split.positives, split.groups) for name, split in meta.splits.items()}
    assert counts == {"train": (5, 2, 3), "valid": (2, 1, 0), "test": (3, 2, 2)}
    assert meta.features == 7


def test_meta_describes_the_files(tmp_path: Path) -> None:
    meta, _ = prepared(dataset(["city"], group="user"), tmp_path, FILES)
    assert load_meta(tmp_path / "out") == meta
    for name, split in meta.splits.items():
        assert split.sha256 == {
            kind: sha256_file(tmp_path / "out" / f"{kind}_{name}.npy")
            for kind in ("x", "y", *(["group"] if split.groups else []))
        }
    assert meta.raw[0].sha256 == sha256_file(tmp_path / "toy.zip")
    assert meta.code == code_fingerprint("workflow.data.prepare")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "toy.zip"]  # no scratch left


def test_columns_are_found_by_name_in_each_file(tmp_path: Path) -> None:
    swapped = dict(FILES)
    swapped["valid.csv"] = table(HEADER[::-1], [row[::-1] for row in ROWS["valid"]])
    config = dataset(["city"], group="user")
    assert same(prepared(config, tmp_path / "a", FILES)[1], prepared(config, tmp_path / "b", swapped)[1])


@pytest.mark.parametrize("block_bytes", [1, 7, 64, 1000])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_block_size_and_line_ends_change_nothing(tmp_path: Path, block_bytes: int, line_end: str) -> None:
    rows = [(i % 2, f"u{i % 7}", ("a, b", 'say "x"', "two\nlines", "é", "")[i % 5], i % 3) for i in range(60)]
    config = dataset(["city", "user"], group="user", min_count=2)
    plain = {f"{split}.csv": table(HEADER, rows) for split in ROWS}
    other = {f"{split}.csv": table(HEADER, rows, line_end) for split in ROWS}
    meta, splits = prepared(config, tmp_path / "a", plain)
    assert meta.fields[0].vocab_size == 4 + 2
    again, others = prepared(config, tmp_path / "b", other, block_bytes)
    assert same(splits, others)
    assert again.fingerprint == meta.fingerprint


CELLS = st.lists(
    st.tuples(st.integers(-3, 40) | st.none(), st.sampled_from(["a", "b", "c", "", "ä"])), min_size=3, max_size=30
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(train=CELLS, test=CELLS, min_count=st.integers(1, 3), block_bytes=st.integers(1, 200))
def test_agrees_with_a_naive_reading(
    tmp_path_factory: pytest.TempPathFactory, train: Any, test: Any, min_count: int, block_bytes: int
) -> None:
    def rows(cells: Any) -> list[list[Any]]:
        return [[i % 2, "" if number is None else number, word] for i, (number, word) in enumerate(cells)]

    cells_of = {"train": train, "valid": test, "test": test}
    files = {f"{split}.csv": table(["label", "n", "w"], rows(cells)) for split, cells in cells_of.items()}
    config = dataset([{"name": "n", "transform": "squared_log"}, "w"], min_count=min_count)
    _, splits = prepared(config, tmp_path_factory.mktemp("d"), files, block_bytes)

    def texts(cells: Any) -> tuple[list[str], list[str]]:
        return [naive_bucket("" if n is None else str(n)) for n, _ in cells], [word for _, word in cells]

    for split, cells in ((splits["train"], train), (splits["test"], test)):
        expected = [naive_ids(a, b, min_count) for a, b in zip(texts(train), texts(cells), strict=True)]
        assert split.x_NC.T.tolist() == expected


def test_list_columns_take_several_columns_of_x(tmp_path: Path) -> None:
    field = {"name": "g", "list": {"max_len": 3, "vocabulary": "strings", "pooling": "mean"}}
    files = column("g", train=["rock pop", "rock", "rock", "pop", "pop", ""], valid=["pop x rock pop", ""])
    meta, splits = prepared(dataset(["g2", field][1:], min_count=2), tmp_path, files)
    assert (meta.fields[0].columns, meta.fields[0].vocab_size) == (3, 5)  # pad, pop, rock
    assert splits["train"].x_NC[:6].tolist() == [[3, 2, 0], [3, 0, 0], [3, 0, 0], [2, 0, 0], [2, 0, 0], [0, 0, 0]]
    assert splits["valid"].x_NC[:2].tolist() == [[2, 4, 3], [0, 0, 0]]


def test_one_file_is_split_by_rows(tmp_path: Path) -> None:
    rows = [(i % 2, f"v{i}") for i in range(100)]
    config = dataset(["f"], format="csv", files={"all": "rows.csv"}, split={"seed": 5, "parts": [6, 2, 2]})
    meta, splits = prepared(config, tmp_path, {"deep/folder/rows.csv": table(["label", "f"], rows)})
    assert [meta.splits[name].rows for name in ("train", "valid", "test")] == [60, 20, 20]
    assert meta.fields[0].vocab_size == 60 + 2
    assert (splits["valid"].x_NC == 61).all()  # every value is unique, so none was seen in training
    again = prepared(config, tmp_path / "again", {"rows.csv": table(["label", "f"], rows)})
    assert same(splits, again[1])


MOVIELENS = {
    "ml-1m/ratings.dat": "".join(f"{u}::{m}::{1 + (u + m) % 5}::0\n" for u in range(1, 11) for m in range(20, 30)),
    "ml-1m/users.dat": "".join(f"{u}::{'MF'[u % 2]}::25::{u % 3}::000-{u}\n" for u in range(1, 11)),
    "ml-1m/movies.dat": "20::Café (1999)::Drama\n".encode("latin-1"),
}


def movielens(**changes: Any) -> Any:
    values = {
        "format": "movielens-1m",
        "files": {"ratings": "ratings.dat", "users": "users.dat"},
        "label": "Rating",
        "label_at_least": 4,
        "group": "UserID",
        "split": {"seed": 2},
        **changes,
    }
    return dataset(["UserID", "Gender", "Occupation", "MovieID"], **values)


@pytest.mark.parametrize("block_bytes", [3, 1000])
def test_movielens_ratings_are_joined_with_users(tmp_path: Path, block_bytes: int) -> None:
    meta, splits = prepared(movielens(), tmp_path, MOVIELENS, block_bytes)
    x_NC = np.concatenate([split.x_NC for split in splits.values()])
    y_N = np.concatenate([split.y_N for split in splits.values()])
    users = ["1", "10", "2", "3", "4", "5", "6", "7", "8", "9"]  # in the order of their bytes
    assert [field.vocab_size for field in meta.fields] == [12, 4, 5, 12]
    for (user, gender, job, movie), label in zip(x_NC.tolist(), y_N.tolist(), strict=True):
        number = int(users[user - 1])
        assert gender == (1 if number % 2 else 2)  # F before M
        assert job == number % 3 + 1
        assert label == float(1 + (number + 19 + movie) % 5 >= 4)
    assert meta.splits["train"].rows == 80


# -- errors -----------------------------------------------------------------------------


def with_row(split: str, place: int, row: tuple[Any, ...]) -> dict[str, str]:
    rows = list(ROWS[split])
    rows[place] = row
    return {**FILES, f"{split}.csv": table(HEADER, rows)}


CITY = dataset(["city"])
BAD_NUMBER = dataset([{"name": "extra", "transform": "squared_log"}])
BAD_LABELS = {**with_row("train", 3, ("x", "", "", "")), "test.csv": table(HEADER, [("z", "", "", "")])}
BAD_RATING = {**MOVIELENS, "ml-1m/ratings.dat": "1::20::5::0\n2::20::::0\n" * 10}
ONE_CLASS = table(HEADER, [(0, "u2", "a", ""), (0, "u3", "b", "")])
FAULTS: list[tuple[Any, Any, str]] = [
    (CITY, BAD_LABELS, "train.csv: line 5, column 'label': 'x'.* .2 rows with 'x', 'z'."),
    (BAD_NUMBER, FILES, "train.csv: line 2, column 'extra': 'x' is not a number, which squared_log needs"),
    (movielens(), BAD_RATING, "ratings.dat: line 2, column 'Rating': no label"),
    *(
        (CITY, {**FILES, f"{split}.csv": ONE_CLASS}, f"{split} split: all 2 labels are 0, so its AUC is undefined")
        for split in ROWS
    ),
    (dataset(["citi"]), FILES, "train.csv: has no column 'citi'; did you mean 'city'"),
    (dataset(["city"], label="Label"), FILES, "train.csv: has no column 'Label'; did you mean 'label'"),
    (dataset(["city"], group="usr"), FILES, "train.csv: has no column 'usr'; did you mean 'user'"),
    (dataset(["city"], files={**SPLIT_FILES, "valid": "val.csv"}), FILES, "no file 'val.csv' in the archive"),
]


@pytest.mark.parametrize(("config", "files", "message"), FAULTS)
def test_a_fault_is_one_message_and_leaves_nothing(tmp_path: Path, config: Any, files: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        prepared(config, tmp_path, files)
    assert not (tmp_path / "out").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["toy.zip"]


# -- nothing half-written ---------------------------------------------------------------


def test_a_failed_preparation_keeps_the_earlier_result(tmp_path: Path) -> None:
    config = dataset(["city"])
    meta, splits = prepared(config, tmp_path, FILES)
    before = {name: np.array(split.x_NC) for name, split in splits.items()}
    with pytest.raises(UserError):
        prepared(config, tmp_path, with_row("test", 0, ("?", "", "", "")))
    assert load_meta(tmp_path / "out") == meta
    after = splits_of(tmp_path / "out", meta)
    assert all(np.array_equal(before[name], split.x_NC) for name, split in after.items())


def test_preparing_again_replaces_and_leaves_no_stale_arrays(tmp_path: Path) -> None:
    prepared(dataset(["city"], group="user"), tmp_path, FILES)
    prepared(dataset(["city"]), tmp_path, FILES)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"meta.json", "description.json", "vocabulary.json"} | {
        f"{kind}_{split}.npy" for kind in "xy" for split in ROWS
    }


KILLED = """
import os, sys
from pathlib import Path
from tests.data.made import dataset, spec_of
from workflow.data import prepare
config = dataset(["city"])
getattr(sys.modules["workflow.data." + sys.argv[2]], sys.argv[3])  # must exist
setattr(sys.modules["workflow.data." + sys.argv[2]], sys.argv[3], lambda *_, **__: os.kill(os.getpid(), 9))
folder = Path(sys.argv[1])
prepare.prepare(config, spec_of(config), folder / "toy.zip", folder / "out")
"""


@pytest.mark.parametrize("where", [("prepare", "_lookup"), ("prepare", "hashes_of"), ("prepare", "write_meta")])
def test_a_killed_process_leaves_nothing_that_looks_finished(tmp_path: Path, where: tuple[str, str]) -> None:
    zipped(tmp_path / "toy.zip", FILES)
    root = Path(module.__file__).parents[2]
    command = [sys.executable, "-c", KILLED, str(tmp_path), *where]
    killed = subprocess.run(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, check=False)
    assert killed.returncode == -9
    with pytest.raises(UserError, match="not prepared"):
        load_meta(tmp_path / "out")
    assert prepared(dataset(["city"]), tmp_path, FILES)[0].splits["train"].rows == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "toy.zip"]  # what the killed one left is gone


def test_a_full_disk_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workflow.data.encode.write.NpyFile.append", full)
    words = "out: cannot be written .No space left on device.. Free disk space"
    test_a_fault_is_one_message_and_leaves_nothing(tmp_path, CITY, FILES, words)


@pytest.mark.parametrize("blocked", ["out", "data"])
def test_a_file_in_the_folder_s_place_is_one_message(tmp_path: Path, blocked: str) -> None:
    config = dataset(["city"])
    archive = zipped(tmp_path / "toy.zip", FILES)
    (tmp_path / blocked).write_text("x")
    out = tmp_path / ("out" if blocked == "out" else "data/out")
    with pytest.raises(UserError, match=f"{blocked}: is a file, but a folder is needed there"):
        prepare(config, spec_of(config), archive, out)
    assert (tmp_path / blocked).read_text() == "x"

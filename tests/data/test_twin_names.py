"""Names and ids that look the same, or that a cast would merge, are kept apart by their bytes."""

import random
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.data.made import column, dataset, naive_ids, prepared, table
from workflow.errors import UserError
from workflow.spec import SPLITS

COMPOSED = "caf\u00e9"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
# Pairs that are one number, one case, one form or one hash bucket to somebody, and two ids to us.
TWINS = (
    *("1", "01", "+1", "1.0", " 1", "1 ", "\uff11", "1e0", "true", "True", "\u0131", "i", "I"),
    *(str(2**53), str(2**53 + 1), str(2**64), str(2**64 + 1), "0", "-0", "0x0"),
    *(COMPOSED, DECOMPOSED, "\u212b", "\u00c5", "A\u030a", "\u03bf", "o", "\u200bo", "o\u200d"),
)


def thrice(header: list[str], rows: list[Any]) -> dict[str, str]:
    """The same rows in each split."""
    return {f"{split}.csv": table(header, rows) for split in SPLITS}


def test_ids_that_look_the_same_are_different_ids(tmp_path: Path) -> None:
    draw = random.Random(4)
    train = [draw.choice(TWINS) for _ in range(600)]
    test = draw.sample(TWINS, len(TWINS))
    meta, splits = prepared(dataset(["id"]), tmp_path, column("id", train=train, test=test))
    assert splits["test"].x_NC[: len(test), 0].tolist() == naive_ids([*train, "pad", "pad"], test, 1)
    assert meta.fields[0].vocab_size == len(TWINS) + 3  # with padding, unknown and the rows that `column` adds


def test_users_that_look_the_same_are_different_users(tmp_path: Path) -> None:
    users = [COMPOSED, DECOMPOSED, "1", "01"]
    rows = [(n % 2, user) for user in users for n in range(6)]
    meta, _ = prepared(dataset(["user"], group="user"), tmp_path, thrice(["label", "user"], rows))
    assert meta.splits["test"].groups == len(users)


def test_columns_that_look_the_same_are_different_columns(tmp_path: Path) -> None:
    header = ["label", COMPOSED, DECOMPOSED, "x", "x\0002", "x\0003"]
    rows = [(n % 2, n % 3, n % 5, n % 7, n % 2, "one") for n in range(40)]
    meta, _ = prepared(dataset([DECOMPOSED, COMPOSED, "x"]), tmp_path, thrice(header, rows))
    assert [field.vocab_size - 2 for field in meta.fields] == [5, 3, 7]


def test_repeated_columns_that_nobody_reads_are_no_fault_whatever_others_are_called(tmp_path: Path) -> None:
    header = ["label", "x", "y", "y", "y\0003", "column_2"]
    rows = [(n % 2, n % 3, "a\nb", "c", "d", "e") for n in range(40)]
    meta, _ = prepared(dataset(["x", "column_2"]), tmp_path, thrice(header, rows))
    assert [field.vocab_size - 2 for field in meta.fields] == [3, 1]


def test_a_column_in_another_form_is_named_so_that_one_sees_it(tmp_path: Path) -> None:
    words = r"did you mean 'cafe\\u0301', which looks the same and is spelt 'caf\\xe9' here"
    with pytest.raises(UserError, match=words):
        prepared(dataset([COMPOSED]), tmp_path, thrice(["label", DECOMPOSED], [(0, 1), (1, 2)]))

"""Sealed files: what was written reads back; anything else is refused with its file and a remedy."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow.errors import UserError
from workflow.provenance.seal import Sealed, read_sealed, write_sealed


class Note(Sealed):
    text: str
    number: float = 0.1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "folder/note.json"
    write_sealed(path, Note(text="é"))
    return path


def refused(path: Path, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        read_sealed(path, Note, "note", "write it again")
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith("; write it again")
    assert len(str(caught.value).splitlines()) == 1


def test_what_was_written_reads_back(path: Path) -> None:
    note = read_sealed(path, Note, "note")
    assert note == write_sealed(path, Note(text="é"))
    assert note.text == "é"


def test_an_edited_value_is_refused(path: Path) -> None:
    path.write_text(path.read_text().replace("0.1", "0.2"))
    refused(path, "was changed after it was written")


def test_a_file_without_a_seal_is_refused(path: Path) -> None:
    content = json.loads(path.read_text())
    del content["seal"]
    path.write_text(json.dumps(content))
    refused(path, "has no seal")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe{}", b"\0" * 100, b"[" * 100_000, b'{"a":' * 100_000, b"[]", b"null", b'"x"', b'{"text": 1}'],
)
def test_what_is_no_such_file_is_damaged(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    refused(path, "damaged note")


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    refused(tmp_path, "cannot be read .Is a directory.")


def test_a_missing_file_is_for_the_caller_to_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_sealed(tmp_path / "none.json", Note, "note")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_flipped_bit_passes(path: Path, data: Any) -> None:
    good = bytearray(write_sealed(path, Note(text="some text")) and path.read_bytes())
    bit = data.draw(st.integers(0, 8 * len(good) - 1))
    good[bit // 8] ^= 1 << bit % 8
    path.write_bytes(good)
    try:
        read = read_sealed(path, Note, "note")
    except UserError:
        return
    assert read == write_sealed(path, Note(text="some text"))  # white space, say: the content is the same

"""Atomic writing: a reader sees the old file or the new one."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.errors import UserError, nearest
from workflow.files import atomic_path, canonical_json, sha256_json, write_text


def write_and_die(path: Path, error: Exception) -> None:
    with atomic_path(path) as part:
        part.write_text("half")
        raise error


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError, match="killed"):
        write_and_die(path, RuntimeError("killed"))
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


def test_a_full_disk_is_told_with_the_file_and_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    write_text(path, "old")
    with pytest.raises(UserError, match=r"x\.txt: cannot be written \(No space left.*Free disk space"):
        write_and_die(path, OSError(errno.ENOSPC, "No space left on device"))
    assert path.read_text() == "old"


def test_a_really_full_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The temporary file lies on a device without room, as the kernel says it."""
    path = tmp_path / "x.txt"
    write_text(path, "old")
    full = tmp_path / ".full.part"
    full.symlink_to("/dev/full")
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: (os.open(full, os.O_WRONLY), str(full)))
    with pytest.raises(UserError, match=r"x\.txt: cannot be written \(No space left.*Free disk space"):
        write_text(path, "new")
    assert path.read_text() == "old"
    assert not full.is_symlink()


def test_an_unwritable_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        write_text(tmp_path / "file" / "x.txt", "x")


@given(st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()))
def test_canonical_json_does_not_depend_on_order(values: dict[str, object]) -> None:
    backwards = dict(reversed(list(values.items())))
    assert canonical_json(values) == canonical_json(backwards)
    assert sha256_json(values) == sha256_json(backwards)


def test_nearest_names() -> None:
    assert nearest("drpout", ["dropout", "name"]) == "did you mean 'dropout'? (known: dropout, name)"
    assert nearest("zzz", ["dropout"]) == "(known: dropout)"

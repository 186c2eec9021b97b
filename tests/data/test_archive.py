import zipfile
from pathlib import Path

import pytest

from tests.data.made import zipped
from workflow.data.tables import files as module
from workflow.data.tables.files import check_archive, open_archive
from workflow.errors import UserError
from workflow.files import md5_file, sha256_file


def test_members_are_found_by_base_name_and_hashed(tmp_path: Path) -> None:
    content = bytes(range(256)) * 100
    (tmp_path / "plain").write_bytes(content)
    path = zipped(tmp_path / "a.zip", {"deep/er/f.csv": content, "g.csv": b""})
    with open_archive(path) as archive:
        blocks = list(archive.blocks("f.csv", 1000))
    assert b"".join(blocks) == content
    assert max(map(len, blocks)) == 1000
    digest = archive.read[0]
    assert (digest.name, digest.sha256, digest.md5) == (
        "f.csv",
        sha256_file(tmp_path / "plain"),
        md5_file(tmp_path / "plain"),
    )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"a.csv": "x", "b.csv": "y"}, "no file 'f.csv' in the archive, which holds: a.csv, b.csv"),
        ({"x/f.csv": "1", "y/f.csv": "2"}, "2 files called 'f.csv' in the archive, which holds: x/f.csv, y/f.csv"),
        ({}, "which holds: nothing"),
        ({"f.csv/": ""}, "no file 'f.csv'"),
    ],
)
def test_a_member_must_be_there_once(tmp_path: Path, members: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        check_archive(zipped(tmp_path / "a.zip", members), ("f.csv",))


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "a.zip", {"f.csv": b"0" * 2_000_000})
    check_archive(path, ("f.csv",))  # small enough to be harmless
    monkeypatch.setattr(module, "HARMLESS_BYTES", 1_000_000)
    with pytest.raises(UserError, match="would unpack to 2,000,000"), open_archive(path):
        pass


def test_an_archive_of_absurd_size_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOTAL_BYTES", 100)
    path = zipped(tmp_path / "a.zip", {"f.csv": bytes(range(256))})
    with pytest.raises(UserError, match="would unpack to 256"), open_archive(path):
        pass


def test_damaged_bytes_are_found(tmp_path: Path) -> None:
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        path = tmp_path / f"{compression}.zip"
        with zipfile.ZipFile(path, "w", compression) as archive:
            archive.writestr("f.csv", "".join(f"{i * i}\n" for i in range(3000)))
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 0xFF
        path.write_bytes(data)
        with pytest.raises(UserError, match=r"\.zip: damaged"):
            check_archive(path, ("f.csv",))


def test_a_missing_archive_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such archive"), open_archive(tmp_path / "none.zip"):
        pass

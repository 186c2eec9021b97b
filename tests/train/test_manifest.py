"""The manifest says what stands; one that is not true is dropped, and no record is touched."""

from pathlib import Path

import pytest

from tests.train.prepared import run_spec
from workflow.errors import UserError
from workflow.plan.campaign import Pack
from workflow.train.manifest import digest_of, drop_stale, is_stale, write_manifest

PACK = Pack(tuple(run_spec(seed=seed) for seed in (1, 2)))


@pytest.fixture(autouse=True)
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for number, path in enumerate(PACK.records):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"record {number}")
    write_manifest(PACK)
    return Path(PACK.manifest)


def test_it_holds_as_long_as_the_records_are_what_they_were(manifest: Path) -> None:
    before = digest_of([PACK.manifest])
    drop_stale([PACK])
    assert manifest.is_file()
    write_manifest(PACK)
    assert digest_of([PACK.manifest]) == before


@pytest.mark.parametrize("change", ["removed", "other"])
def test_a_missing_or_another_record_drops_it(manifest: Path, change: str) -> None:
    before = digest_of([PACK.manifest])
    first, second = PACK.records
    first.unlink() if change == "removed" else first.write_text("another")
    assert is_stale(PACK)
    drop_stale([PACK])
    assert not manifest.exists()
    assert not is_stale(PACK)
    assert digest_of([PACK.manifest]) != before
    assert second.read_text() == "record 1"
    drop_stale([PACK])


def test_a_damaged_manifest_is_dropped(manifest: Path) -> None:
    for content in (b"", b"{}", b'{"records": {}}', b"\xff"):
        manifest.write_bytes(content)
        drop_stale([PACK])
        assert not manifest.exists()


def test_it_is_not_written_without_every_record(manifest: Path) -> None:
    manifest.unlink()
    PACK.records[1].unlink()
    with pytest.raises(UserError, match="run the same command again"):
        write_manifest(PACK)
    assert not manifest.exists()

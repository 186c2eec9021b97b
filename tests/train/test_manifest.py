"""The manifest says which runs are finished; one that lacks a wanted record is dropped, and no record is touched."""

from pathlib import Path

import pytest

from tests.train.prepared import run_spec
from workflow.errors import UserError
from workflow.plan.campaign import Pack
from workflow.train.manifest import digest_of, drop_stale, is_true, write_manifest

PACK = Pack(tuple(run_spec(seed=seed) for seed in (1, 2)))
FIRST, SECOND = PACK.runs
BOTH = {FIRST.key, SECOND.key}


@pytest.fixture(autouse=True)
def manifest(here: Path) -> Path:
    for number, path in enumerate(PACK.records):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"record {number}")
    write_manifest(PACK, PACK.runs)
    return Path(PACK.manifest)


def test_it_holds_as_long_as_the_records_are_what_they_were(manifest: Path) -> None:
    before = digest_of([PACK], BOTH)
    drop_stale([PACK], BOTH)
    assert manifest.is_file()
    write_manifest(PACK, PACK.runs)
    assert digest_of([PACK], BOTH) == before


@pytest.mark.parametrize("change", ["removed", "other"])
def test_a_missing_or_another_record_drops_it(manifest: Path, change: str) -> None:
    before = digest_of([PACK], BOTH)
    first, second = PACK.records
    first.unlink() if change == "removed" else first.write_text("another")
    assert is_true(PACK, {SECOND.key})  # who does not want the first is not concerned
    drop_stale([PACK], {SECOND.key})
    assert manifest.exists()
    drop_stale([PACK], BOTH)
    assert not manifest.exists()
    assert digest_of([PACK], BOTH) != before
    assert second.read_text() == "record 1"
    drop_stale([PACK], BOTH)


def test_a_part_is_true_for_who_wants_no_more(manifest: Path) -> None:
    whole = {key: digest_of([PACK], {key}) for key in BOTH}
    write_manifest(PACK, [FIRST])
    assert is_true(PACK, {FIRST.key})
    assert not is_true(PACK, BOTH)
    assert digest_of([PACK], {FIRST.key}) == whole[FIRST.key]
    assert digest_of([PACK], {SECOND.key}) != whole[SECOND.key]


def test_a_damaged_manifest_is_dropped(manifest: Path) -> None:
    for content in (b"", b"{}", b'{"records": {}}', b"\xff"):
        manifest.write_bytes(content)
        drop_stale([PACK], BOTH)
        assert not manifest.exists()


def test_it_names_no_record_that_is_gone(manifest: Path) -> None:
    manifest.unlink()
    PACK.records[1].unlink()
    with pytest.raises(UserError, match="run the same command again"):
        write_manifest(PACK, PACK.runs)
    assert not manifest.exists()

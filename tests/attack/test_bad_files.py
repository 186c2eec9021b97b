"""Every bad file is refused with its name and a remedy, and nothing half-written stays."""

from pathlib import Path

import pytest

from tests.attack.bad_files import GOOD, archives, packed, sums, tables
from tests.attack.choice import quick
from tests.data.made import campaign, dataset, spec_of
from workflow.data.fetch import fetch
from workflow.data.prepare import prepare
from workflow.data.store import Meta, load_meta
from workflow.errors import UserError

CONFIG = dataset(["user", "city"], group="user")
REMEDIES = (
    "make it",
    "copy the archive again",
    "Fetch",
    "Take",
    "take",
    "re-encode",
    "convert",
    "Correct",
    "did you mean",
    "(known",
    "rename",
    "must",
    "set preparation.",
    "save it as UTF-8",
    "save the file as UTF-8",
    "save the sheet as CSV",
    "fix the row",
    "fill it in or drop such rows",
)


def made(folder: Path, content: bytes) -> Meta:
    (folder / "toy.zip").write_bytes(content)
    return prepare(CONFIG, spec_of(CONFIG), folder / "toy.zip", folder / "out")


def told(error: UserError, words: tuple[str, ...]) -> None:
    message = str(error)
    assert len(message.splitlines()) == 1
    assert len(message) < 1500
    assert message.isprintable()
    assert any(remedy in message for remedy in REMEDIES)
    assert [word for word in words if word not in message] == [], message


@pytest.mark.parametrize(("content", "words"), quick([*archives(), *tables()], 30))
def test_a_bad_archive_is_refused(tmp_path: Path, content: bytes, words: tuple[str, ...]) -> None:
    before = made(tmp_path, packed(dict(GOOD)))
    try:
        meta = made(tmp_path, content)
    except UserError as error:
        told(error, ("toy.zip", *words) if "split: all" not in "".join(words) else words)
        assert load_meta(tmp_path / "out") == before  # the earlier result stays
    else:  # a bit that no reader looks at
        assert not words
        assert meta.fingerprint == before.fingerprint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "toy.zip"]


@pytest.mark.parametrize(("content", "words"), quick(sums(), 5))
def test_a_bad_list_of_checksums_is_refused(tmp_path: Path, content: bytes, words: tuple[str, ...]) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "toy.zip").write_bytes(packed(dict(GOOD)))
    (mirror / "SHA256SUMS").write_bytes(content)
    target = tmp_path / "raw/toy.zip"
    with pytest.raises(UserError) as caught:
        fetch(CONFIG, campaign(mirror=str(mirror)), target)
    told(caught.value, words)
    assert list(target.parent.iterdir()) == []

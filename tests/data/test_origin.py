import hashlib
from pathlib import Path

import pytest

from tests.data.made import dataset, prepared, zipped
from tests.data.test_prepare import FILES, MOVIELENS, movielens
from workflow.data.store import Meta
from workflow.files import md5_file, sha256_file

MD5 = {name.removesuffix(".csv"): hashlib.md5(text.encode()).hexdigest() for name, text in FILES.items()}
WRONG = "0" * 32


def published(meta: Meta) -> list[bool | None]:
    return [file.published for file in meta.raw]


@pytest.mark.parametrize(
    ("known", "origin", "note", "files"),
    [
        (MD5, "published", "every file is the published one, by its checksum", [None, True, True, True]),
        (
            {**MD5, "train": WRONG},
            "other",
            f"train.csv is not the published file (md5 {MD5['train']}, published {WRONG})",
            [None, False, True, True],
        ),
        (
            {"train": MD5["train"], "valid": WRONG},
            "other",
            f"valid.csv is not the published file (md5 {MD5['valid']}, published {WRONG}); "
            "no checksum of the published test.csv is known",
            [None, True, False, None],
        ),
        ({}, "other", "no checksum of the published train.csv, valid.csv, test.csv is known", [None] * 4),
    ],
)
def test_data_are_published_only_if_every_file_is_and_the_note_says_what_differs(
    tmp_path: Path, known: dict[str, str], origin: str, note: str, files: list[bool | None]
) -> None:
    meta = prepared(dataset(["city"], {"file_md5": known}), tmp_path, FILES)[0]
    assert (meta.origin, meta.origin_note, published(meta)) == (origin, note, files)
    assert [file.name for file in meta.raw] == ["toy.zip", "train.csv", "valid.csv", "test.csv"]


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_the_archive_s_checksum_proves_its_members(tmp_path: Path, algorithm: str) -> None:
    path = zipped(tmp_path / "toy.zip", MOVIELENS)
    digest = {"sha256": sha256_file, "md5": md5_file}[algorithm](path)
    known = movielens().model_copy(update={"source": dataset(["a"], {algorithm: digest}).source})
    other = movielens().model_copy(update={"source": dataset(["a"], {algorithm: "0" * len(digest)}).source})
    meta = prepared(known, tmp_path, MOVIELENS)[0]
    assert meta.origin == "published"
    assert published(meta) == [True, True, True]
    meta = prepared(other, tmp_path, MOVIELENS)[0]
    assert meta.origin == "other"
    assert meta.origin_note.startswith("toy.zip is not the published archive (sha256 ")
    assert published(meta) == [False, None, None]


@pytest.mark.parametrize("blank", ["", "0"])
def test_timestamps_of_movielens_change_no_array(tmp_path: Path, blank: str) -> None:
    """GroupLens's own zip has them, and the copy that our runs read has none: both give the same data."""
    rows = MOVIELENS["ml-1m/ratings.dat"]
    assert isinstance(rows, str)
    real = "".join(f"{line[:-1]}{978_300_760 + n * 37}\n" for n, line in enumerate(rows.splitlines()))
    without = "".join(f"{line[:-1]}{blank}\n" for line in rows.splitlines())
    theirs, ours = (
        prepared(movielens(), tmp_path / name, {**MOVIELENS, "ml-1m/ratings.dat": text})[0]
        for name, text in (("theirs", real), ("ours", without))
    )
    assert theirs.fingerprint == ours.fingerprint
    assert theirs.raw != ours.raw

"""Archives and tables as blocks of rows, and their faults."""

import csv
import io
import tracemalloc
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.made import dataset, table, zipped
from workflow.data.tables import files as module
from workflow.data.tables import text as text_module
from workflow.data.tables.files import check_archive, open_archive
from workflow.data.tables.place import Place
from workflow.data.tables.read import read_frames
from workflow.data.tables.text import Dialect, text_frames
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


# -- read ------------------------------------------------------------------------------


ROWS = [(i % 2, f"v{i}", f"{i}, {i}") for i in range(10)]
GOOD = table(["label", "a", "b"], ROWS)


Frames = list[tuple[Place, pl.DataFrame]]


def frames(
    tmp_path: Path, text: str | bytes, columns: tuple[str, ...] = ("a", "b"), block_bytes: int = 1 << 20
) -> Frames:
    """Read `text` as the only file of a dataset."""
    config = dataset(["a"], format="csv", files={"all": "f.csv"}, split={})
    path = zipped(tmp_path / "toy.zip", {"f.csv": text})
    with open_archive(path) as archive:
        return list(read_frames(archive, config.preparation, columns, block_bytes))


def values(found: Frames) -> list[Any]:
    return [row for _, frame in found for row in frame.rows()]


def test_rows_are_counted_from_one_over_all_blocks(tmp_path: Path) -> None:
    found = frames(tmp_path, GOOD, block_bytes=40)
    assert len(found) > 2
    assert found[0][0].first_row == 1
    assert all(after.first_row == place.first_row + len(frame) for (place, frame), (after, _) in pairwise(found))
    assert values(found) == [(a, b) for _, a, b in ROWS]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("label,a,b\n1,x,y", [("x", "y")]),  # no line end at the end
        ("label,a,b\r\n1,x,\r\n", [("x", "")]),
        ("\ufefflabel,a,b\n1,x,y\n", [("x", "y")]),  # byte order mark
        ('"label","a","b"\n1,"x ""q""","l1\nl2"\n', [('x "q"', "l1\nl2")]),
        ("b,label,a\ny,1,x\n", [("x", "y")]),
        ("label,a,b,a2,c,c\n1,x,y,p,q,r\n", [("x", "y")]),  # a doubled column that is not used
        ("label,a,b\n1, x ,NA\n", [(" x ", "NA")]),  # nothing is trimmed or read as missing
    ],
)
def test_spellings_of_csv(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    assert values(frames(tmp_path, text)) == expected
    assert values(frames(tmp_path, text, block_bytes=1)) == expected


@pytest.mark.parametrize("block_bytes", [1, 50, 1 << 20])
@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,x", "line 12: 2 values, but there are 3 columns"),
        ("", "line 12: 0 values, but there are 3 columns"),
        ("1,x,y,z", "line 12: 4 values, but there are 3 columns"),
        ('1,"x,y",', None),
        ('1,"x,y"', "line 12: 2 values, but there are 3 columns"),
        (b"1,x,\xff\xfe", "line 12: bytes that are not UTF-8"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, row: str | bytes, message: str | None, block_bytes: int) -> None:
    row = row.encode() if isinstance(row, str) else row
    text = GOOD.encode() + row + b"\n1,x,y\n"
    if message is None:
        assert len(values(frames(tmp_path, text, block_bytes=block_bytes))) == 12
        return
    with pytest.raises(UserError, match=f"toy.zip: f.csv: {message}"):
        frames(tmp_path, text, block_bytes=block_bytes)


def test_a_quote_that_is_never_closed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "MAX_RECORD_BYTES", 200)
    text = GOOD + '1,"never closed,y\n' + "1,x,y\n" * 100
    with pytest.raises(UserError, match="a quote is opened and never closed, in the record that starts '1,\"never"):
        frames(tmp_path, text, block_bytes=64)


@settings(max_examples=400, deadline=None)
@given(st.text('ab",\n', max_size=24))
def test_quotes_are_read_as_pythons_reader_does_or_refused(text: str) -> None:
    """If text follows a closing quote, polars reads on to the next quote, over lines; no row may be lost."""
    dialect = Dialect(",", ("x", "y"), has_header=False)
    try:
        found = [
            row for _, frame in text_frames(iter([text.encode()]), "f", dialect, ("x", "y")) for row in frame.rows()
        ]
    except UserError:
        return
    assert found == [tuple(row) for row in csv.reader(io.StringIO(text.rstrip("\n"), newline=""))]


@pytest.mark.parametrize("value", ['"5\\" disc"', '"screen 5\\""', '"5" disc"', '5" disc', '"a \\"b\\" c"'])
@pytest.mark.parametrize("rows", [1, 2, 12])
def test_a_quote_that_is_not_written_twice_is_named(tmp_path: Path, value: str, rows: int) -> None:
    text = "label,a,b\n" + "".join(f"1,{value if n % 2 else 'x'},y\n0,x,y\n" for n in range(2 * rows))
    with pytest.raises(
        UserError, match=f"line 4: a quote that is not closed.*first of {rows}" if rows > 1 else "line 4"
    ):
        frames(tmp_path, text)


@pytest.mark.parametrize("value", ['"a ""q"", b"', '"two\nlines"', '""', 'a "b" c', ' "b"', '"""b"""'])
def test_quotes_that_pair_up_are_read(tmp_path: Path, value: str) -> None:
    expected = next(csv.reader(io.StringIO(value, newline="")))[0]
    found = values(frames(tmp_path, f"label,a,b\n1,{value},y\n0,x,{value}\n"))
    assert found == [(expected, "y"), ("x", expected)]


def test_an_empty_split_is_an_error(tmp_path: Path) -> None:
    config = dataset(["a"])
    members = {"train.csv": GOOD, "valid.csv": "label,a,b\n", "test.csv": GOOD}
    path = zipped(tmp_path / "toy.zip", members)
    with open_archive(path) as archive, pytest.raises(UserError, match=r"valid\.csv: has no data rows"):
        list(read_frames(archive, config.preparation, ("a",)))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak_bytes(rows: int) -> int:
        config = dataset(["a"], format="csv", files={"all": "f.csv"}, split={})
        path = zipped(
            tmp_path / f"{rows}.zip", {"f.csv": "label,a,b\n" + "1,xxxxxxxxxxxxxxxx,yyyyyyyyyyyyyyyyyy\n" * rows}
        )
        tracemalloc.start()
        with open_archive(path) as archive:
            count = sum(len(frame) for _, frame in read_frames(archive, config.preparation, ("a",), 1 << 16))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == rows
        return peak

    assert peak_bytes(100_000) < 1.5 * peak_bytes(20_000)


# -- MovieLens-1M -------------------------------------------------------------------------

USERS = "1::F::1::10::48067\n2::M::56::16::70072\n"


def movielens(
    tmp_path: Path, ratings: str, users: str = USERS, columns: tuple[str, ...] = ("UserID", "Age", "Rating")
) -> Any:
    config = dataset(["UserID"], format="movielens-1m", files={"ratings": "r.dat", "users": "u.dat"}, split={})
    path = zipped(tmp_path / "toy.zip", {"r.dat": ratings, "u.dat": users})
    with open_archive(path) as archive:
        return values(list(read_frames(archive, config.preparation, columns)))


def test_movielens_rows_keep_their_order(tmp_path: Path) -> None:
    assert movielens(tmp_path, "2::7::5::0\r\n1::7::3::0\n2::8::1::0") == [
        ("2", "56", "5"),
        ("1", "1", "3"),
        ("2", "56", "1"),
    ]


@pytest.mark.parametrize(
    ("ratings", "users", "message"),
    [
        ("1::7::5::0\n1::7::5\n", USERS, "r.dat: line 2: 3 values, but there are 4 columns"),
        ("1::7::5::0\n9::7::5::0\n", USERS, "r.dat: line 2: user '9' is not in toy.zip: u.dat"),
        ("1::7::5::0\n", USERS + USERS, "u.dat: user '1' occurs twice"),
        ("", USERS, "r.dat: has no data rows"),
        ("1::7::5::0\n", "", "u.dat: has no data rows"),
    ],
)
def test_faults_of_movielens_files(tmp_path: Path, ratings: str, users: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        movielens(tmp_path, ratings, users)


def test_a_column_that_movielens_lacks(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no column 'MovieId'; did you mean 'MovieID'"):
        movielens(tmp_path, "1::7::5::0\n", columns=("MovieId",))

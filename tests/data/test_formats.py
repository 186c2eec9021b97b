"""The same clicks in every format: the arrays are the same, whatever the file is called."""

import bz2
import gzip
import io
import lzma
import math
import zipfile
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.data.clicks import HEADER, clicks, text
from tests.data.made import campaign, dataset, prepared, same, spec_of
from workflow.data.provide import arrange, bring
from workflow.data.store import load_split
from workflow.errors import UserError

ROWS = clicks(400)
CSV = text(ROWS)
FIELDS = ["user", "item", "hour"]


def config(**changes: Any) -> Any:
    return dataset(FIELDS, format="csv", files={"all": "mine.csv"}, label="clicked", split={}, **changes)


def taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, **changes: Any) -> np.ndarray:
    """Training rows of a user's file with these bytes, whatever its name."""
    tmp_path.mkdir(exist_ok=True)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my data").write_bytes(content)
    own, spec = config(**changes), spec_of(config(**changes))
    bring(own, spec, campaign(local={"toy": "my data"}), print)
    meta = arrange(own, spec, campaign(local={"toy": "my data"}), print)
    split = load_split(spec.prepared_dir, "train", meta)
    return np.column_stack([split.y_N, split.x_NC])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    with pytest.MonkeyPatch.context() as patch:
        return taken(tmp_path_factory.mktemp("plain"), patch, CSV.encode())


def zipped(content: bytes, name: str = "export/clicks 2024.txt") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
        archive.writestr("__MACOSX/export/._clicks 2024.txt", b"\0")
    return stream.getvalue()


def parquet(content: bytes) -> bytes:
    stream = io.BytesIO()
    pl.read_csv(content).write_parquet(stream)
    return stream.getvalue()


def separated(separator: str) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(b",", separator.encode())


@pytest.mark.parametrize(
    "wrap",
    [
        gzip.compress,
        lambda content: gzip.compress(content[:100]) + gzip.compress(content[100:]),  # two members
        bz2.compress,
        lzma.compress,
        lambda content: pa.compress(content, codec="zstd", asbytes=True),
        zipped,
        lambda content: gzip.compress(content.decode().encode("utf-16")),
        parquet,
        lambda content: content.decode().encode("utf-16"),
        lambda content: content.decode().encode("utf-16-le"),
        lambda content: content.decode().encode("utf-32"),
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.replace(b"\n", b"\r"),
        lambda content: content.replace(b"\n", b"\r\n") + b"\r\n\r\n",
        lambda content: content.rstrip(b"\n"),
        separated("\t"),
        separated(";"),
        separated("|"),
        separated("::"),
    ],
)
def test_formats_are_told_by_content(
    plain: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrap: Callable[[bytes], bytes]
) -> None:
    assert np.array_equal(plain, taken(tmp_path, monkeypatch, wrap(CSV.encode())))
    assert len(plain) == 320


def test_any_separator_and_no_header(plain: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = text(ROWS, ()).replace(",", "~").encode()
    assert np.array_equal(plain, taken(tmp_path, monkeypatch, bare, columns=HEADER, separator="~"))


@pytest.mark.parametrize(
    ("content", "changes", "message"),
    [
        (text(ROWS, ()), {}, r"my data: has no column 'user'.*preparation\.columns"),
        (CSV, {"columns": HEADER}, "my data: its first line has the names of the columns; remove preparation.columns"),
        (text(ROWS, ()), {"columns": HEADER[:3]}, "preparation.columns: has no 'hour'"),
        (text(ROWS, ()), {"columns": (*HEADER, "more")}, "has 4 values, and preparation.columns names 5"),
        (CSV.replace(",", "~"), {}, "my data: has one column.*set preparation.separator"),
    ],
)
def test_headers_that_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        taken(tmp_path, monkeypatch, content.encode(), **changes)


def test_faults_come_once_a_kind_with_file_line_and_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = CSV.splitlines()
    lines[7] += ",9"
    lines[9] = lines[9].rpartition(",")[0]
    lines[11] = lines[11].rpartition(",")[0]
    with pytest.raises(UserError) as caught:
        taken(tmp_path, monkeypatch, "\n".join(lines).encode())
    assert str(caught.value).splitlines() == [
        "my data: line 8: 5 values, but there are 4 columns; fix the row",
        "my data: line 10: 3 values, but there are 4 columns (the first of 2 such rows); fix the row",
    ]


def test_a_line_is_counted_as_editors_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(label, f"a\nb{user}", item, hour) for label, user, item, hour in ROWS[:20]]
    rows[10] = ("maybe", *rows[10][1:])
    with pytest.raises(UserError, match=r"my data: line 22, column 'clicked': 'maybe' is not a label"):
        taken(tmp_path, monkeypatch, text(rows).encode())


def test_split_files_may_have_other_suffixes(tmp_path: Path) -> None:
    parts = {"train": ROWS[:300], "valid": ROWS[300:350], "test": ROWS[350:]}
    own = dataset(FIELDS, label="clicked")
    plain = prepared(own, tmp_path / "a", {f"{split}.csv": text(rows) for split, rows in parts.items()})
    other = {
        "train.parquet": parquet(text(parts["train"]).encode()),
        "valid.csv.gz": gzip.compress(text(parts["valid"]).encode()),
        "deep/test.tsv": text(parts["test"], delimiter="\t"),
    }
    assert same(plain[1], prepared(own, tmp_path / "b", other)[1])


def test_parquet_types_are_spelt_as_in_a_csv(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "clicked": [label == 1 for label, *_ in ROWS],
            "user": pl.Series([None if user == 3 else float(user) for _, user, *_ in ROWS]),
            "item": pl.Series([str(item) for _, _, item, _ in ROWS], dtype=pl.Categorical),
            "hour": pl.Series([hour for *_, hour in ROWS], dtype=pl.Int8),
        }
    )
    stream = io.BytesIO()
    frame.write_parquet(stream)
    as_csv = text([(label, "" if user == 3 else user, item, hour) for label, user, item, hour in ROWS])
    first = prepared(config(), tmp_path / "a", {"mine.parquet": stream.getvalue()})
    assert same(first[1], prepared(config(), tmp_path / "b", {"mine.csv": as_csv})[1])


def as_parquet(**more: pa.Array) -> bytes:
    """The clicks with further columns."""
    columns = {name: pa.array(values) for name, values in zip(HEADER, zip(*ROWS, strict=True), strict=True)}
    stream = io.BytesIO()
    pq.write_table(pa.table({**columns, **more}), stream)
    return stream.getvalue()


SECONDS = [timedelta(seconds=1)] * len(ROWS)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (pa.array(SECONDS), r"holds Duration.*, which is no value; write it as a number, such as its seconds"),
        (pa.array([[("a", 1)]] * len(ROWS), pa.map_(pa.string(), pa.int64())), "holds Map.*; flatten it"),
        (pa.array([b"\xff"] * len(ROWS)), "holds Binary, which is no value; write it as text in UTF-8, such as"),
        (pa.array([{"a": 1}] * len(ROWS)), "holds Struct.*; flatten it"),
        (pa.array([[{"a": 1}]] * len(ROWS)), r"holds List\(Struct.*; flatten it"),
        (
            pa.array([Decimal(1)] * len(ROWS), pa.decimal256(60)),
            "holds decimal256.*; write it as decimals of at most 38",
        ),
    ],
)
def test_a_column_of_parquet_that_is_no_value_is_named_with_its_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: pa.Array, message: str
) -> None:
    own = dataset([*FIELDS, "odd"], format="csv", files={"all": "mine.csv"}, label="clicked", split={})
    content = as_parquet(odd=values)
    with pytest.raises(UserError, match=f"mine.csv: column 'odd' {message}"):
        prepared(own, tmp_path, {"mine.csv": content})
    assert len(taken(tmp_path / "without", monkeypatch, content)) == 320  # a column that is not asked for harms nothing


def test_a_column_that_is_twice_in_parquet_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [pa.array(values) for values in zip(*ROWS, strict=True)]
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([*columns, columns[2]], [*HEADER, "item"]), stream)
    with pytest.raises(UserError, match=r"^my data: has 2 columns called 'item'; rename all but one$"):
        taken(tmp_path, monkeypatch, stream.getvalue())


def test_nan_in_a_list_of_parquet_is_no_token(tmp_path: Path) -> None:
    own = dataset(
        [*FIELDS, {"name": "seen", "list": {"max_len": 3}}],
        **{"format": "csv", "files": {"all": "mine.csv"}, "label": "clicked", "split": {}},
    )
    missing = [[1.0, None], [2.0]] * (len(ROWS) // 2)
    nan = [[1.0, math.nan], [2.0]] * (len(ROWS) // 2)
    found = [prepared(own, tmp_path / kind, {"mine.csv": as_parquet(seen=pa.array(lists))})
             for kind, lists in (("missing", missing), ("nan", nan))]  # fmt: skip
    assert found[1][0].fields[-1].vocab_size == 4  # 1 and 2, PAD and OOV
    assert same(found[0][1], found[1][1])


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(CSV.encode())[:-20],
        bz2.compress(CSV.encode())[:-20],
        lzma.compress(CSV.encode())[:-20],
        pa.compress(CSV.encode(), codec="zstd", asbytes=True)[:-20],
        parquet(CSV.encode())[:-20],
        b"\x1f\x8b" + bytes(50),
    ],
)
def test_a_damaged_file_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    with pytest.raises(UserError, match=r"^my data: .*take another copy$"):
        taken(tmp_path, monkeypatch, content)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.data.tables.content.HARMLESS_BYTES", 1 << 16)
    with pytest.raises(UserError, match="my data: refused: it unpacks to more than 200 times"):
        taken(tmp_path, monkeypatch, gzip.compress(b"clicked,user,item,hour\n" + b"1,1,1,1\n" * 100_000))

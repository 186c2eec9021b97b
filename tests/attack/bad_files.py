"""Bad archives, tables and lists of checksums, each with the words that its message must have."""

import gzip
import io
import random
import stat
import zipfile
from collections.abc import Iterator
from typing import Any

from tests.data.made import table

HEADER = ("label", "user", "city")
ROWS = [(number % 2, f"u{number % 5}", "abc"[number % 3]) for number in range(30)]
GOOD_TABLE = table(HEADER, ROWS)
GOOD = {f"{split}.csv": GOOD_TABLE for split in ("train", "valid", "test")}

Case = tuple[str, bytes, tuple[str, ...]]  # name, content, words; no words: refused or read as if it were good


def packed(members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the members, the same bytes each time."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return stream.getvalue()


def with_member(name: str, content: bytes = b"x", mode: int = 0, flags: int = 0) -> bytes:
    """A good archive with one more member."""
    stream = io.BytesIO(packed(dict(GOOD)))
    with zipfile.ZipFile(stream, "a") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        archive.writestr(member, content)
        member.flag_bits |= flags
    return stream.getvalue()


def archives(seed: int = 5) -> Iterator[Case]:
    """Archives that are truncated, corrupted or hostile, and other files."""
    good = packed(dict(GOOD))
    draw = random.Random(seed)
    for keep in sorted(draw.sample(range(len(good)), 16)):
        yield f"cut at {keep}", good[:keep], ("damaged or cut short zip archive",)
    for place in sorted(draw.sample(range(len(good)), 48)):
        yield f"flipped at {place}", good[:place] + bytes([good[place] ^ 0x10]) + good[place + 1 :], ()
    for name, fault in (
        ("../evil.txt", "points outside the archive"),
        ("/etc/evil.txt", "has an absolute path"),
        ("a/../../evil.txt", "points outside the archive"),
        ("C:/evil.txt", "has an absolute path"),
        ("..\\evil.txt", "points outside the archive"),
    ):
        yield f"member {name}", with_member(name), ("refused: member", fault, "Take the archive from its source")
    link = with_member("link", b"/etc/passwd", stat.S_IFLNK | 0o777)
    yield "a link", link, ("is a symbolic link",)
    yield "encrypted", with_member("secret", flags=1), ("is encrypted",)
    small, large = ((size << 20).to_bytes(4, "little") for size in (1, 300))  # 300 MiB of zeros take a second to pack
    bomb = packed({**GOOD, "zeros": bytes(1 << 20)}).replace(small, large)
    yield "a bomb", bomb, ("refused: its", "would unpack to")
    yield "empty", b"", ("damaged or cut short zip archive",)
    yield "text", b"<html>not found</html>", ("damaged or cut short zip archive",)
    yield "a gzip", b"\x1f\x8b\x08\x00" + bytes(50), ("damaged or cut short zip archive",)
    yield "no members", packed({}), ("no file 'train.csv' in the archive, which holds: nothing",)
    yield "one file missing", packed({k: v for k, v in GOOD.items() if k != "test.csv"}), ("no file 'test.csv'",)
    yield "one file twice", packed({**GOOD, "old/test.csv": GOOD_TABLE}), ("2 files called 'test.csv'",)
    yield "files in capitals", packed({k.upper(): v for k, v in GOOD.items()}), ("no file 'train.csv'",)


def in_train(content: str | bytes) -> bytes:
    """A good archive with another train.csv."""
    return packed({**GOOD, "train.csv": content})


def row(number: int, text: str) -> bytes:
    """A good archive whose train.csv has another row of this number."""
    lines = GOOD_TABLE.splitlines(keepends=True)
    lines[number] = text
    return in_train("".join(lines))


def tables() -> Iterator[Case]:
    """Tables that no reader may guess about."""
    bytes_ = GOOD_TABLE.encode()
    fields = "there are 3 columns; fix the row"
    for name, content, words in (
        ("empty", in_train(""), ("train.csv: is empty",)),
        ("only a line end", in_train("\n"), ("train.csv: its first line is empty",)),
        ("only a header", in_train("label,user,city\n"), ("no data rows",)),
        ("no header", in_train(GOOD_TABLE.partition("\n")[2]), ("has no column 'user'",)),
        ("a column misspelt", in_train(GOOD_TABLE.replace("city", "citi")), ("no column 'city'; did you mean 'citi'",)),
        (
            "a column twice",
            in_train(table(("label", "user", "city", "city"), [(0, 1, 2, 3)])),
            ("2 columns called 'city'",),
        ),
        ("one column", in_train("label\n0\n1\n"), ("has one column", "set preparation.separator")),
        ("CR alone in one line", in_train(bytes_.replace(b"\n", b"\r", 2)), ("train.csv: ",)),
        ("half of UTF-16", in_train(GOOD_TABLE.encode("utf-16")[:-1]), ("begins as utf-16", "save it as UTF-8")),
        ("half a gzip", in_train(gzip.compress(bytes_)[:-9]), ("damaged or cut short gzip",)),
        ("half a Parquet", in_train(b"PAR1" + bytes_), ("damaged or cut short parquet",)),
        ("a workbook", packed({"xl/workbook.xml": "", **GOOD}), ("is an Excel workbook; save the sheet as CSV",)),
        ("Feather", in_train(b"ARROW1\0\0" + bytes_), ("is an Arrow (Feather) file; convert it to CSV or Parquet",)),
        (
            "Latin-1 in a row",
            in_train(bytes_.replace(b"u4,b", b"\xfc,b", 1)),
            ("line", "not UTF-8", "save the file as UTF-8"),
        ),
        ("a long row", row(9, "1,u1,a,b\n"), ("line 10: 4 values, but " + fields,)),
        ("a short row", row(9, "1,u1\n"), ("line 10: 2 values, but " + fields,)),
        ("a row of one", row(4, "1\n"), ("line 5: 1 values, but " + fields,)),
        ("an empty row", row(5, "\n"), ("line 6: 0 values, but " + fields,)),
        ("no last value", in_train(GOOD_TABLE.rstrip("\n") + "\n1,u1"), ("line 32: 2 values, but " + fields,)),
        ("a quote never closed", row(6, '1,"u1,a\n'), ("line 7: a quote that is not closed",)),
        ("a quote in a value", row(6, '1,5" disk,a\n'), ("line 7: a quote that is not closed, or in a value",)),
        ("text behind a quote", row(8, '1,"u1"x,a\n'), ("line 9: a quote that is not closed, or in a value",)),
        ("a label of 2", row(3, "2,u1,a\n"), ("line 4, column 'label': '2' is not a label: it must be 0 or 1",)),
        ("no label", row(3, ",u1,a\n"), ("line 4, column 'label': no label; fill it in",)),
        ("a label of words", row(3, "maybe,u1,a\n"), ("'maybe' is not a label", "set preparation.label_is")),
        ("a label of nan", row(30, "nan,u1,a\n"), ("line 31, column 'label': no label",)),
        ("a label of -1", row(30, "-1,u1,a\n"), ("line 31, column 'label': '-1' is not a label",)),
        ("a label of inf", row(30, "inf,u1,a\n"), ("line 31, column 'label': 'inf' is not a label",)),
        ("a label of 1e400", row(30, "1e400,u1,a\n"), ("line 31, column 'label': '1e400' is not a label",)),
        ("one class", in_train(table(HEADER, [(1, "u", "a")] * 5)), ("train split: all 5 labels are 1",)),
        ("another class", in_train(table(HEADER, [(0, "u", "a")] * 5)), ("train split: all 5 labels are 0",)),
        ("a long header", in_train("label," + "x" * 200_000 + "\n"), ("has no column 'user'",)),
        ("zero bytes", in_train(bytes(500)), ("train.csv: its first line is no text",)),
        ("a picture", in_train(b"\x89PNG\r\n\x1a\n" + bytes(range(256))), ("train.csv: its first line is no text",)),
    ):
        yield f"table {name}", content, words


SUM = "0" * 64


def sums() -> Iterator[Case]:
    """Invalid lists of checksums, and lists of other archives."""
    for name, content, words in (
        ("empty", b"", ("SHA256SUMS: does not list toy.zip; make it with",)),
        (
            "binary",
            bytes(range(256)),
            ("SHA256SUMS: damaged list of checksums (", "; make it with `sha256sum *.zip > SHA256SUMS`"),
        ),
        ("UTF-16", f"{SUM}  toy.zip\n".encode("utf-16"), ("SHA256SUMS: damaged list of checksums",)),
        (
            "another file",
            f"{SUM}  toi.zip\n".encode(),
            ("does not list toy.zip; make it with", "did you mean 'toi.zip'"),
        ),
        ("another sum", f"{SUM}  toy.zip\n".encode(), ("sha256 is", "copy the archive again")),
        ("short", b"abc  toy.zip\n", ("'abc' is not a SHA-256",)),
        ("an MD5", b"0" * 32 + b"  toy.zip\n", ("is not a SHA-256",)),
        ("no sum", b"  toy.zip\n", ("is not a SHA-256",)),
        ("only the name", b"toy.zip\n", ("does not list toy.zip",)),
        ("turned round", b"toy.zip  " + SUM.encode() + b"\n", ("does not list toy.zip",)),
        ("a web page", b"<html>\n<body>404 not found</body>\n", ("does not list toy.zip",)),
        ("with control characters", b"\x1b[31mred  x\n", ("does not list toy.zip",)),
        ("a long line", b"x" * 100_000 + b"  " + b"y" * 100_000, ("does not list toy.zip",)),
        ("many files", b"".join(f"{SUM}  {n}.zip\n".encode() for n in range(5000)), ("does not list toy.zip",)),
    ):
        yield f"sums {name}", content, words


def good_parts() -> dict[str, Any]:
    """The configuration of these tables."""
    return {"fields": ["user", "city"], "group": "user"}

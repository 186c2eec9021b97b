"""Users' files that are not regular files, endless, decompression bombs or nonsense: one line each."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.attack.hang import no_hang
from tests.data.made import campaign, dataset, prepared, spec_of, table
from workflow.cost import epochs
from workflow.cost.epochs import Basis
from workflow.cost.own_files import rows_in
from workflow.data.drafts.sample import sample_of
from workflow.data.fetch import fetch
from workflow.data.local import look, note_path, read_note
from workflow.data.prepare import prepare
from workflow.data.sources import raw_archive
from workflow.data.store import load_meta, load_split
from workflow.data.tables import content, files, text
from workflow.errors import UserError
from workflow.rules import codes

CONFIG = dataset(["user", "city"], group="user", format="csv", files={"all": "rows.csv"}, split={})
TABLE = table(("label", "user", "city"), [(n % 2, f"u{n % 5}", "abc"[n % 3]) for n in range(60)])


def npz(shape: str) -> bytes:
    """An array that promises more bytes than there are."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("rows.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
    return stream.getvalue()


def array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.zeros(3))
    return stream.getvalue()


def zipped(rows: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("rows.csv", rows)
    return stream.getvalue()


MAKE: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "zeros without end": lambda path: path.symlink_to("/dev/zero"),
    "a folder": lambda path: path.mkdir(),
    "a loop": lambda path: path.symlink_to(path),
    "a bomb": lambda path: path.write_bytes(gzip.compress(bytes(6 << 20), 1)),
    "a bomb in a bomb": lambda path: path.write_bytes(zipped(gzip.compress(bytes(6 << 20), 9, mtime=0))),
    "a huge array": lambda path: path.write_bytes(npz("(9007199254740992,)")),
    "brackets for a shape": lambda path: path.write_bytes(npz("(" * 60)),
    "an array": lambda path: path.write_bytes(array()),
    "brackets": lambda path: path.write_bytes(b"[" * 100_000),
    "one line": lambda path: path.write_bytes(b"x" * (3 << 20)),
    "a damaged zip": lambda path: path.write_bytes(
        zipped(TABLE.encode()).replace(b"\0\0\0rows.csv", b"\0\0\0rows.csv" + b"\xff" * 9, 1)
    ),
}


def one_line(act: Callable[[], object]) -> None:
    with no_hang(), pytest.raises(UserError) as caught:
        act()
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 1_500


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TF4CTR_MIRROR", raising=False)
    for module in (files, content):
        monkeypatch.setattr(module, "HARMLESS_BYTES", 4 << 20)  # so that small bombs are bombs
    monkeypatch.setattr(text, "MAX_RECORD_BYTES", 2 << 20)


@pytest.mark.parametrize("kind", MAKE)
def test_a_file_of_ones_own_that_is_no_table_is_one_line(kind: str) -> None:
    path, raw = Path("rows.csv"), raw_archive(CONFIG, spec_of(CONFIG))
    MAKE[kind](path)
    own = campaign(local={"toy": str(path)})
    one_line(lambda: sample_of(path))
    one_line(lambda: (fetch(CONFIG, own, raw), prepare(CONFIG, spec_of(CONFIG), raw, Path("out"))))
    assert not Path("out/meta.json").exists()


@pytest.mark.parametrize("kind", MAKE)
def test_plan_and_notes_pass_over_what_is_no_table(kind: str) -> None:
    """Counting rows and checking for edits leave the message to `fetch`."""
    MAKE[kind](Path("rows.csv"))
    own = campaign(local={"toy": "rows.csv"})
    with no_hang(), suppress(UserError):
        rows_in(CONFIG, own, spec_of(CONFIG))
    with no_hang():
        look(CONFIG, own, raw_archive(CONFIG, spec_of(CONFIG)))


@pytest.mark.parametrize("kind", ["a pipe", "zeros without end", "a folder", "a loop", "brackets"])
def test_what_stands_in_the_place_of_a_list_or_an_array_is_one_line(kind: str) -> None:
    meta, _ = prepared(dataset(["city"]), Path(), {f"{split}.csv": TABLE for split in ("train", "valid", "test")})
    for name in ("out/x_train.npy", "out/meta.json"):
        Path(name).unlink()
        MAKE[kind](Path(name))
    one_line(lambda: load_split(Path("out"), "train", meta))
    one_line(lambda: load_meta(Path("out")))
    Path("mirror").mkdir()
    MAKE[kind](Path("mirror/SHA256SUMS"))
    one_line(lambda: fetch(dataset(["city"]), campaign(mirror="mirror"), Path("raw/toy.zip")))
    note = note_path(Path("data/raw/toy/toy.zip"))
    note.parent.mkdir(parents=True)
    MAKE[kind](note)
    with no_hang():
        assert read_note(Path("data/raw/toy/toy.zip")) is None


@pytest.mark.parametrize("kind", ["a pipe", "zeros without end", "a folder", "a loop", "brackets"])
def test_what_is_kept_for_the_next_call_is_made_anew_where_it_cannot_be_read(kind: str) -> None:
    for path in (codes.KEPT, epochs.KEPT):
        path.parent.mkdir()
        MAKE[kind](path)
    with no_hang():
        assert codes.Codes().known == {}
        assert Basis("cpu").works == epochs.shipped()


@pytest.mark.attack
def test_a_table_of_100_000_columns() -> None:
    """The named columns are read; reading all of them is refused."""
    columns = ["label", "user", "city", *(f"c{number}" for number in range(100_000 - 3))]
    path = Path("rows.csv")
    path.write_text(
        table(columns, [(n // 2 % 2, f"u{n % 5}", "abc"[n % 3], *("1" * (100_000 - 3))) for n in range(20)])
    )
    with pytest.raises(UserError, match=r"rows\.csv: has 100,000 columns, and at most 5,000 are looked at"):
        sample_of(path)
    raw = raw_archive(CONFIG, spec_of(CONFIG))
    fetch(CONFIG, campaign(local={"toy": "rows.csv"}), raw)
    assert prepare(CONFIG, spec_of(CONFIG), raw, Path("out")).splits["train"].rows == 16

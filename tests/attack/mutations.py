"""One mutation of a whole archive, by seed: of a file's bytes, or of its content with new digests."""

import copy
import gzip
import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from workflow.archive.write import write_sums_file
from workflow.files import sha256_json

DEEP: Any = "[" * 100_000  # written as it is: no parser of ours may follow it
VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 2**63, 10**400, -0.5, 1.5, 1e308, float("nan"), float("inf")),
    *("", "x", "\ud800", "a\0b", "../../x", "x" * 10_000, "published", "0" * 64, "\x1b[31m"),
    *([], {}, [[]], {"": 0}, {"a\0": {}}, [1] * 2_000),
)


def mutate(folder: Path, seed: int) -> str:
    """Change one thing in an archive, and return what."""
    draw = random.Random(seed)
    kind = draw.choice([bytes_of_a_file, value_of_a_record, value_of_a_description, arrays, listing, kind_of_a_file])
    return f"{kind.__name__}: {kind(folder, draw)}"


# -- bytes ----------------------------------------------------------------------------


def bytes_of_a_file(folder: Path, draw: random.Random) -> str:
    path = draw.choice(sorted(folder.iterdir()))
    content = bytearray(path.read_bytes())
    how = draw.choice(["flipped", "cut", "noise", "empty", "longer", "brackets", "bomb"])
    if how == "flipped" and content:
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    elif how == "cut":
        content = content[: draw.randrange(len(content) + 1)]
    elif how == "noise":
        content = bytearray(draw.randbytes(200))
    elif how == "empty":
        content = bytearray()
    elif how == "longer":
        content += draw.randbytes(9)
    elif how == "brackets":
        content = bytearray(DEEP.encode())
    else:
        content = bytearray(gzip.compress(bytes(8 << 20)))
    path.write_bytes(content)
    if draw.random() < 0.7 and path.name != "SHA256SUMS":
        renew(folder)
    return f"{path.name} {how}"


def renew(folder: Path) -> None:
    """New digests, as a forger would make them."""
    write_sums_file(folder, [path for path in folder.iterdir() if path.name != "SHA256SUMS" and path.is_file()])


# -- values ---------------------------------------------------------------------------


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all values below one."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(*above, key), *places(value[key], (*above, key))]]


def changed(values: Any, draw: random.Random) -> tuple[Any, str]:
    """A copy with one value replaced, removed, doubled or nudged."""
    values = copy.deepcopy(values)
    place = draw.choice(places(values))
    inner = values
    for key in place[:-1]:
        inner = inner[key]
    key, how = place[-1], draw.choice(["other", "gone", "nudged", "deep"])
    if how == "gone" or (how == "deep" and not isinstance(inner, dict)):
        del inner[key]
    elif how == "nudged" and isinstance(inner[key], float | int):
        inner[key] += draw.choice([1, -1, 1e-6, -1e-6, 0.01])
    elif how == "deep":
        inner[key] = "DEEP"
    else:
        inner[key] = copy.deepcopy(draw.choice(VALUES))
    return values, f"{'.'.join(map(str, place))} {how}"


def written(values: Any) -> str:
    return json.dumps(values).replace('"DEEP"', DEEP)


def resealed(values: Any) -> Any:
    if isinstance(values, dict) and "seal" in values:
        content = {key: value for key, value in values.items() if key != "seal"}
        try:
            return {**content, "seal": sha256_json(content)}
        except (ValueError, RecursionError):
            return values
    return values


def value_of_a_record(folder: Path, draw: random.Random) -> str:
    path = folder / "records.jsonl.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    number = draw.randrange(len(lines))
    values, what = changed(json.loads(lines[number]), draw)
    lines[number] = written(resealed(values))
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    renew(folder)
    return f"line {number} {what}"


def value_of_a_description(folder: Path, draw: random.Random) -> str:
    path = draw.choice([path for path in sorted(folder.iterdir()) if path.suffix == ".json"])
    values, what = changed(json.loads(path.read_bytes()), draw)
    path.write_text(written(resealed(values)))
    renew(folder)
    return f"{path.name} {what}"


# -- arrays ---------------------------------------------------------------------------


def arrays(folder: Path, draw: random.Random) -> str:
    path = draw.choice(sorted(folder.glob("*.npz")))
    with np.load(path) as stored:
        found: dict[str, Any] = dict(stored)
    name = draw.choice(sorted(found))
    how, change = draw.choice(sorted(CHANGES.items(), key=lambda one: one[0]))
    stream = io.BytesIO()
    if change is None:
        np.savez_compressed(stream, **found)
        content = patched(stream.getvalue(), name, draw)
    else:
        found |= {name: change(found[name])}
        if how == "gone":
            del found[name]
        np.savez(stream, **found)
        content = stream.getvalue()
    path.write_bytes(content)
    renew(folder)
    return f"{name} {how}"


CHANGES: dict[str, Callable[[Any], Any] | None] = {
    "0-d": lambda array: np.array(array.flat[0]),
    "short": lambda array: array[:-1],
    "long": lambda array: np.concatenate([array, array[:1]]),
    "other type": lambda array: (
        array.astype("U5" if array.dtype.kind != "U" else "f8", casting="unsafe")
        if array.dtype.kind != "U"
        else array.astype("S9")
    ),
    "float32": lambda array: array.astype("f4") if array.dtype.kind == "f" else array[:, None],
    "negative": lambda array: -array if array.dtype.kind in "if" else array[::-1],
    "zero": np.zeros_like,
    "not a number": lambda array: np.full_like(array, np.nan) if array.dtype.kind == "f" else array,
    "moved": lambda array: array + 1 if array.dtype.kind in "if" else array,
    "turned": lambda array: array[..., ::-1],
    "empty": lambda array: array[:0],
    "gone": lambda array: array,
    "header": None,
}


def patched(content: bytes, name: str, draw: random.Random) -> bytes:
    """The header of one array announces other bytes than follow."""
    shape = draw.choice(["(9007199254740992,)", "(-1,)", "(((((" * 60, "(1, 2", "9" * 60, "(True,)"])
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == f"{name}.npy":
                data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data[128:]
            new.writestr(member.filename, data)
    return stream.getvalue()


# -- files ----------------------------------------------------------------------------


def listing(folder: Path, draw: random.Random) -> str:
    path = folder / "SHA256SUMS"
    lines = path.read_text().splitlines()
    number = draw.randrange(len(lines))
    how = draw.choice(["gone", "twice", "path", "control", "upper", "cut"])
    line = lines.pop(number)
    put = {
        "gone": [],
        "twice": [line, "0" * 64 + line[64:]],
        "path": [line[:66] + "../../../etc/passwd"],
        "control": [line + "\0"],
        "upper": [line.upper()],
        "cut": [line[:30]],
    }
    path.write_text("\n".join([*lines[:number], *put[how], *lines[number:]]) + "\n")
    return f"{line[66:]} {how}"


def kind_of_a_file(folder: Path, draw: random.Random) -> str:
    import os  # noqa: PLC0415

    path = draw.choice(sorted(folder.iterdir()))
    how = draw.choice(["pipe", "zero", "folder", "link", "loop", "gone"])
    path.unlink()
    if how == "pipe":
        os.mkfifo(path)
    elif how == "zero":
        path.symlink_to("/dev/zero")
    elif how == "folder":
        path.mkdir()
    elif how == "link":
        path.symlink_to(folder / "nowhere")
    elif how == "loop":
        path.symlink_to(path)
    return f"{path.name} {how}"


def copied(archive: Path, folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(archive, folder)
    return folder

"""Reading what may be damaged, or made to do harm: kinds and sizes first, and one line for whatever goes wrong.

Readers state no list of exceptions. What a damaged file makes a parser raise is a `UserError` with
the file's name and a remedy; only a file that is not there is for the caller to name.
"""

import errno
import gzip
import io
import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workflow.errors import UserError, shortened

SMALL_BYTES = 1 << 20  # of lists and settings
LARGE_BYTES = 4 << 30
MOST_TIMES = 200  # most that our files shrink when compressed
REASON = 160  # characters of an error that a message quotes


@contextmanager
def in_one_line(where: object, what: str, remedy: str, missing: str | None = None) -> Iterator[None]:
    """Turn whatever reading raises into one line: "WHERE: damaged WHAT (why); REMEDY".

    `missing` is the line for a file that is not there; FileNotFoundError stays as it is without one, and a UserError
    always does.
    """
    try:
        yield
    except UserError:
        raise
    except FileNotFoundError as error:
        if missing is None:
            raise
        raise UserError(missing) from error
    except Exception as error:
        # Parsers raise OSErrors of their own, without a number; and a damaged offset has them seek before the file.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise UserError(f"{where}: cannot be read ({error.strerror or error}); {remedy}") from error
        raise UserError(f"{where}: damaged {what} ({reason(error)}); {remedy}") from error


def reason(error: Exception) -> str:
    """The first line of an error, short; its kind where it has none.

    >>> reason(ValueError("no number")), reason(MemoryError()), reason(RecursionError("maximum …"))
    ('no number', 'MemoryError', 'nested too deeply')
    """
    if isinstance(error, RecursionError):
        return "nested too deeply"
    first = next(iter(str(error).splitlines()), "")
    return shortened(first, REASON) if first else type(error).__name__


def regular_bytes(path: Path, most: int = LARGE_BYTES) -> bytes:
    """Read a regular file of at most `most` bytes; a device, a pipe or a larger file is a UserError."""
    content = regular_head(path, most + 1)
    if len(content) > most:
        raise UserError(f"{path}: is larger than the {most:,} bytes that such a file can have")
    return content


def regular_head(path: Path, most: int) -> bytes:
    """Read the first `most` bytes of a regular file."""
    with regular_file(path) as stream:
        return stream.read(most)


def regular_file(path: Path) -> io.BufferedReader:
    """Open a regular file for reading."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer would block
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise UserError(f"{path}: is a device or a pipe, not a file; put a file in its place")


def gunzipped(content: bytes) -> bytes:
    """Unpack gzip, unless it unpacks to more than anything of ours does, which is a ValueError."""
    most = MOST_TIMES * len(content) + SMALL_BYTES
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        found = stream.read(most + 1)
    if len(found) > most:
        raise ValueError(f"it unpacks to more than {MOST_TIMES} times its size")
    return found


def npz_arrays(content: bytes) -> dict[str, npt.NDArray[np.generic]]:
    """Read the arrays of an .npz file; each has the bytes that its header promises, and no objects are made."""
    found: dict[str, npt.NDArray[np.generic]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > MOST_TIMES * len(content) + SMALL_BYTES:
            raise ValueError(f"it unpacks to more than {MOST_TIMES} times its size")
        for member in members:
            with archive.open(member) as stream:
                data = stream.read(member.file_size + 1)
            found[member.filename.removesuffix(".npy")] = _array(data)
    return found


def _array(data: bytes) -> npt.NDArray[np.generic]:
    begins = 10 + int.from_bytes(data[8:10], "little")  # after magic, version, and the header with its length
    shape, fortran, dtype = _header(data[:begins])
    size_bytes = dtype.itemsize
    for length in shape:
        size_bytes *= length  # in Python's numbers, which do not overflow
    if dtype.hasobject or fortran or size_bytes != len(data) - begins:
        raise ValueError(f"an array {dtype}{list(shape)} of {len(data) - begins:,} bytes")
    return np.frombuffer(data, dtype, offset=begins).reshape(shape)


@lru_cache(maxsize=64)  # arrays of many runs have one header, and numpy parses it as Python code
def _header(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    stream = io.BytesIO(header)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("not an array of version 1.0")
    return np.lib.format.read_array_header_1_0(stream)

"""Atomic writing, and checksums."""

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workflow.errors import UserError, shortened

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}  # never raised by reading, whatever file the error names
NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
NOT_WRITABLE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS),
    *(errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY),  # a file where a folder should be, or the reverse
}


def locked(handle: int, *, wait: bool) -> bool:
    """Lock an open file until it is closed, however this process ends; False where another holds it.

    On a file system without locks (some mounts of NFS and Lustre) every process believes that it
    holds the lock: what it guards is then written twice, and whole each time, at worst.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
    return True


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; put it in place only when the block succeeds, else `path` is as it was."""
    handle, name = "", ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path)
        fd, name = tempfile.mkstemp(dir=path.parent, prefix=scratch_prefix(path), suffix=".part")
        os.close(fd)
        handle = name
        yield Path(name)
        Path(name).chmod(0o666 & ~_umask())
        _to_disk(Path(name))
        Path(name).replace(path)
        handle = ""
    except OSError as error:
        if error.errno not in NO_ROOM and not _is_about(error, path):
            raise  # errors that came from reading something else keep their own message
        raise cannot_write(path, error) from error
    finally:
        if handle:
            Path(handle).unlink(missing_ok=True)


def _is_about(error: OSError, path: Path) -> bool:
    """Whether an error is of a file, of a folder above it, or of what is written beside it."""
    if not isinstance(error.filename, str):
        return error.filename is None
    named, own = Path(error.filename).absolute(), path.absolute()
    return named in (own, *own.parents) or (named.parent == own.parent and named.name.startswith(f".{path.name}."))


def scratch_prefix(path: Path) -> str:
    """The prefix of temporary files and folders beside `path`, which names their process."""
    return f".{path.name}.{socket.gethostname()[:64]}-{os.getpid()}-"


def sweep(path: Path) -> None:
    """Remove what killed processes of this machine left beside `path` while they made it."""
    mine = re.compile(re.escape(f".{path.name}.{socket.gethostname()[:64]}-") + r"(\d+)-")
    for left in path.parent.iterdir() if path.parent.is_dir() else ():
        owner = mine.match(left.name)
        if owner and not _alive(int(owner[1])):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)  # another process may be sweeping, too
            else:
                left.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # another user's
    return True


def _to_disk(path: Path) -> None:
    """Flush the content to disk before the name points to it: a power cut leaves the old file or the new one."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def cannot_write(path: Path, error: OSError) -> UserError:
    """The message for a file or folder that cannot be written."""
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        for above in (path, *path.parents):
            if fault := no_folder(above):
                return fault
    if error.errno in (errno.EISDIR, errno.ENOTEMPTY, errno.EEXIST) and path.is_dir():
        return UserError(f"{path}: is a folder, but a file must be written there; move the folder away")
    return UserError(
        f"{path}: cannot be written ({os.strerror(error.errno) if error.errno else error}). "
        "Free disk space or make the folder writable, then run the same command again; "
        "finished results are kept."
    )


def no_folder(path: Path) -> UserError | None:
    """The message for a file in place of a folder; None if there is none."""
    if path.is_dir() or not os.path.lexists(path):
        return None
    kind = "a broken link" if path.is_symlink() and not path.exists() else "a file"
    return UserError(f"{path}: is {kind}, but a folder is needed there; move it away")


def told(error: OSError) -> UserError:
    """The message for an error of the file system that a user can fix; any other error is raised again."""
    name = error.filename if isinstance(error.filename, str) else ""
    if error.errno == errno.ENAMETOOLONG:
        return UserError(f"{shortened(name)}: longer than a file's name or path may be; shorten it")
    if error.errno in (errno.EACCES, errno.EPERM):
        return UserError(
            f"{name}: this user may not read or write there ({os.strerror(error.errno)}); change the rights "
            "of the file or folder, then run the same command again"
        )
    if error.errno not in NOT_WRITABLE:
        raise error
    return cannot_write(Path(name), error)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def write_text(path: Path, text: str) -> None:
    """Write `text` atomically."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` atomically."""
    with atomic_path(path) as part:
        part.write_bytes(content)


def sha256_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def md5_file(path: Path) -> str:
    """MD5 of a file's bytes, as hex; only for comparison with published md5 sums."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "md5").hexdigest()


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no white space: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_json(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`, as hex."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()

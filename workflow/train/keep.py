"""Where finished runs are kept, and which of them need no training. Does not load torch.

Every finished run is kept twice: at its own path, which Snakemake declares and may delete
when it restarts a job, and in `KEPT`, which it does not know. A run whose specification,
code and data are unchanged is never trained again while either copy stands.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from models import MODELS
from workflow.data.store import Meta
from workflow.errors import UserError
from workflow.files import atomic_path, sha256_file
from workflow.provenance import code_fingerprint
from workflow.settings import Custom, ModelSettings
from workflow.spec import RunSpec
from workflow.train.record import FileName, Record, read_record, write_record

KEPT = Path("results/kept")
Say = Callable[[str], None]


def training_code(model: ModelSettings) -> str:
    """Fingerprint of the code that trains this model."""
    files = (model.module.rpartition(":")[0],) if isinstance(model, Custom) else ()
    return code_fingerprint("workflow.train.loop", MODELS[model.name], files=files)


def kept_path(run: RunSpec) -> Path:
    """The copy of a run's record that Snakemake does not know."""
    return KEPT / f"{run.id}-seed{run.seed}.json"


def file_path(run: RunSpec, name: FileName) -> Path:
    """Where a file of a run lies, beside its record."""
    return run.record_path.with_suffix(f".{name}")


def state_path(run: RunSpec) -> Path:
    """Where an unfinished run leaves its state."""
    return run.record_path.with_suffix(".state")


def keep(run: RunSpec, record: Record) -> None:
    """Write a finished run's record, the copy first: it is safe from then on."""
    write_record(kept_path(run), record)
    write_record(run.record_path, record)


def restore(run: RunSpec, meta: Meta, say: Say = print) -> bool:
    """Put a finished run's record in place; False where it must be trained.

    Copies that are damaged or come from other code or data do not count.
    """
    for path in (run.record_path, kept_path(run)):
        if path.is_file() and is_current(path, run, meta, say):
            for target in (run.record_path, kept_path(run)):
                _copy(path, target)
            return True
    return False


def is_current(path: Path, run: RunSpec, meta: Meta, say: Say = print) -> bool:
    """Whether the record at `path` is what training this run now would give."""
    try:
        record = read_record(path)
    except UserError as error:
        say(f"to be trained again: {error}")
        return False
    provenance = record.provenance
    return (
        record.spec == run
        and provenance.code == training_code(run.model)
        and provenance.data_fingerprint == meta.fingerprint
        and all(_is_whole(file_path(run, name), digest) for name, digest in record.files.items())
    )


def _is_whole(path: Path, digest: str) -> bool:
    return path.is_file() and sha256_file(path) == digest


def _copy(source: Path, target: Path) -> None:
    """Copy a record; the time is new, as Snakemake expects of what a job puts out."""
    if source == target:
        os.utime(target)
    else:
        with atomic_path(target) as part:
            part.write_bytes(source.read_bytes())


def has_cuda(device: str) -> bool:
    """Whether training jobs will use a GPU, told without loading torch."""
    present = shutil.which("nvidia-smi") is not None or Path("/dev/nvidia0").exists()
    return device == "cuda" or (device == "auto" and present)

"""Where a run's files lie, and which runs need no training. Does not load torch."""

import shutil
from collections.abc import Callable
from pathlib import Path

from models import MODELS
from workflow.data.store import Meta
from workflow.errors import UserError
from workflow.files import sha256_file
from workflow.provenance import TRAINING, code_fingerprint
from workflow.settings import Custom, ModelSettings
from workflow.spec import RunSpec
from workflow.train.record import FileName, read_record

Say = Callable[[str], None]


def training_code(model: ModelSettings) -> str:
    """Fingerprint of the code that trains this model."""
    files = (model.module.rpartition(":")[0],) if isinstance(model, Custom) else ()
    return code_fingerprint(*TRAINING, MODELS[model.name], files=files)


def file_path(run: RunSpec, name: FileName) -> Path:
    """Where a file of a run lies, beside its record."""
    return run.record_path.with_suffix(f".{name}")


def state_path(run: RunSpec) -> Path:
    """Where an unfinished run leaves its state."""
    return run.record_path.with_suffix(".state")


def is_finished(run: RunSpec, meta: Meta, say: Say = print) -> bool:
    """Whether the run's record is what training it now would give, or tells why that fails.

    One that is damaged or comes from other code or data does not count.
    """
    try:
        record = read_record(run.record_path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except UserError as error:
        say(f"to be trained again: {error}")
        return False
    provenance = record.provenance
    try:
        code = training_code(run.model)
    except UserError:
        return False  # its file is gone: the attempt tells, after others have been looked at
    return (
        record.spec == run
        and provenance.code == code
        and provenance.data_fingerprint == meta.fingerprint
        and all(_is_whole(file_path(run, name), digest) for name, digest in record.files.items())
    )


def _is_whole(path: Path, digest: str) -> bool:
    return path.is_file() and sha256_file(path) == digest


def has_cuda(device: str) -> bool:
    """Whether training jobs will use a GPU, told without loading torch."""
    present = shutil.which("nvidia-smi") is not None or Path("/dev/nvidia0").exists()
    return device == "cuda" or (device == "auto" and present)

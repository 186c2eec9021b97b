"""Where a run's files lie, and which runs need no training. Does not load torch."""

import shutil
from collections.abc import Callable
from pathlib import Path

from models import MODELS
from workflow.data.store import Meta
from workflow.errors import UserError
from workflow.provenance import TRAINING, code_fingerprint
from workflow.settings import Custom, ModelSettings
from workflow.spec import RunSpec
from workflow.train.record import read_record

Say = Callable[[str], None]


def training_code(model: ModelSettings) -> str:
    """Fingerprint of the code that trains this model."""
    files = (model.module.rpartition(":")[0],) if isinstance(model, Custom) else ()
    return code_fingerprint(*TRAINING, MODELS[model.name], files=files)


def scores_path(run: RunSpec, split: str) -> Path:
    """Where ŷ of a split lies, for runs that keep it."""
    return run.record_path.with_suffix(f".{split}.npy")


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
    return (
        record.spec == run
        and provenance.code == training_code(run.model)
        and provenance.data_fingerprint == meta.fingerprint
        and all(scores_path(run, name).is_file() for name in ("valid", "test") if run.training.keep_scores)
    )


def has_cuda(device: str) -> bool:
    """Whether training jobs will use a GPU, told without loading torch."""
    present = shutil.which("nvidia-smi") is not None or Path("/dev/nvidia0").exists()
    return device == "cuda" or (device == "auto" and present)

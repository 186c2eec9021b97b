"""The places of a run's files, and which runs need no training. Does not load torch."""

import hashlib
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from models import MODELS
from workflow.data.store import Meta
from workflow.errors import UserError
from workflow.files import sha256_file, sha256_json
from workflow.provenance.code import TRAINING, code_fingerprint, modules_of
from workflow.provenance.equivalents import Relation, relation, representative
from workflow.provenance.own_code import contents_of, own_fingerprint, read_here
from workflow.reading import in_one_line, npz_arrays, regular_bytes
from workflow.settings import Custom, Framed, ModelSettings
from workflow.spec import RunSpec
from workflow.train.placements import UserSums
from workflow.train.record import FileName, Record, read_record

Say = Callable[[str], None]


def stamp_of(run: RunSpec, code: str, data_fingerprint: str) -> str:
    """Identity of a run's numbers: what a state or weights belong to."""
    return sha256_json([run.canonical(), code, data_fingerprint])


def training_code(model: ModelSettings) -> str:
    """Fingerprint of the code that trains this model; for a framed model only its base counts.

    Of a model of one's own it is of what its syntax suggests: what a record holds is made of what was loaded
    (`workflow.provenance.own_code`).
    """
    return model_code(model, *TRAINING)


def model_code(model: ModelSettings, *modules: str) -> str:
    """Fingerprint of a model's code, with that of other modules."""
    match model:
        case Custom():
            return code_fingerprint(*modules, MODELS[model.name], files=(model.module.rpartition(":")[0],))
        case Framed():
            base = MODELS[model.base.name]
            models = frozenset(name.partition(":")[0] for key, name in MODELS.items() if key != model.name)
            unused = models - modules_of(base.partition(":")[0])
            return code_fingerprint(*modules, MODELS[model.name], base, unused=unused)
        case _:
            return code_fingerprint(*modules, MODELS[model.name])


def counted_code(model: ModelSettings) -> str:
    """Fingerprint that a model's code shares with its equivalents."""
    return representative(training_code(model), family_name(model))


def family_name(model: ModelSettings) -> str:
    """What `equivalents.yaml` calls a model's code.

    >>> family_name(Framed())
    'Framed DeepFM'
    """
    return f"{model.name} {model.base.name}" if isinstance(model, Framed) else model.name


def is_of_this_code(record: Record, read: Callable[[str], bytes] = read_here) -> bool:
    """Whether a record counts as one of this checkout's code; `code_relation` says how closely."""
    return code_relation(record, read) != "other"


def code_relation(record: Record, read: Callable[[str], bytes] = read_here) -> Relation:
    """How the code of a record relates to the code that training now would run."""
    provenance, model = record.provenance, record.spec.model
    if not isinstance(model, Custom):
        return relation(provenance.code, training_code(model), family_name(model))
    contents = contents_of(provenance.own_files, read) if provenance.own_files else None
    return "this code" if contents is not None and provenance.code == own_fingerprint(contents) else "other"


def stands(run: RunSpec) -> bool:
    """Whether a run's record is of the code as it is now, as far as an own model's files tell, with its weights."""
    if not (isinstance(run.model, Custom) or run.training.keep_weights):
        return True  # a rule's parameter checks the fingerprint
    with suppress(FileNotFoundError, UserError):
        record = read_record(run.record_path)
        return has_weights(run, record) and (not isinstance(run.model, Custom) or is_of_this_code(record))
    return False


def has_weights(run: RunSpec, record: Record) -> bool:
    """Whether the weights that the run is to keep are there; a failed run has none."""
    return not run.training.keep_weights or record.status == "failed" or weights_path(run).is_file()


def file_path(run: RunSpec, name: FileName) -> Path:
    """Where a file of a run lies, beside its record."""
    return run.record_path.with_suffix(f".{name}")


def state_path(run: RunSpec) -> Path:
    """Where an unfinished run leaves its state."""
    return run.record_path.with_suffix(".state")


def weights_path(run: RunSpec) -> Path:
    """Where a run's weights lie, if they are kept."""
    return run.record_path.with_suffix(".weights")


def is_finished(run: RunSpec, meta: Meta, say: Say = print) -> bool:
    """Whether the run's record is what training it now would give, or has the reason why that fails.

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
        record.spec.canonical() == run.canonical()
        and has_weights(run, record)
        and is_of_this_code(record)
        and provenance.data_fingerprint == meta.fingerprint
        and all(
            (path := file_path(run, name)).is_file() and sha256_file(path) == digest
            for name, digest in record.files.items()
        )
    )


def has_cuda(device: str) -> bool:
    """Whether training jobs will use a GPU; does not load torch."""
    present = shutil.which("nvidia-smi") is not None or Path("/dev/nvidia0").exists()
    return device == "cuda" or (device == "auto" and present)


def read_user_sums(record: Record) -> UserSums | None:
    """Read what lies beside a record in the working directory; None where it is not there."""
    path = file_path(record.spec, "user_sums.npz")
    again = f"delete {record.spec.record_path} and run the same command again"
    try:
        with in_one_line(path, "sums by user", again):
            content = regular_bytes(path)
    except FileNotFoundError:
        return None
    if hashlib.sha256(content).hexdigest() != record.files.get("user_sums.npz"):
        raise UserError(f"{path}: is not the file that its record names; {again}")
    with in_one_line(path, "sums by user", again):
        arrays: dict[str, Any] = dict(npz_arrays(content))
        if len({array.shape for array in arrays.values()}) != 1:
            raise ValueError("arrays of several lengths")
        return UserSums(**arrays)

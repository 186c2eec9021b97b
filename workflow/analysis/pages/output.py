"""From an experiment's name to its files: what builds it, and the files in their formats."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

from workflow.errors import UserError, nearest
from workflow.files import atomic_path


def module_of(room: str, modules: Mapping[str, str], experiment: str) -> ModuleType:
    """Load the module that builds an experiment's table or figure; no other one's code is loaded.

    Parameters
    ----------
    room : str
        "tables" or "figures".
    modules : mapping
        From experiments to modules of that room.
    experiment : str
        The experiment's name.

    Raises
    ------
    UserError
        When the room has nothing for the experiment.
    """
    if experiment not in modules:
        raise UserError(f"experiment {experiment!r} has no {room.removesuffix('s')}; {nearest(experiment, modules)}")
    return import_module(f"workflow.analysis.{room}.{modules[experiment]}")


def write_files(stem: Path, contents: Mapping[str, str | bytes]) -> list[Path]:
    """Write <stem>.<suffix> for each content, each atomically, and give the paths."""
    paths = {stem.with_name(f"{stem.name}.{suffix}"): content for suffix, content in contents.items()}
    for path, content in paths.items():
        with atomic_path(path) as part:
            part.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(paths)

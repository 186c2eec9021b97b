"""The files of a table or figure."""

from collections.abc import Mapping
from pathlib import Path

from workflow.files import atomic_path


def write_files(stem: Path, contents: Mapping[str, str | bytes]) -> list[Path]:
    """Write <stem>.<suffix> for each content, each atomically, and give the paths."""
    paths = {stem.with_name(f"{stem.name}.{suffix}"): content for suffix, content in contents.items()}
    for path, content in paths.items():
        with atomic_path(path) as part:
            part.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(paths)

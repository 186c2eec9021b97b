"""Archives as a forger would leave them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.archive.conftest import Made
from workflow.archive.layout import RunArchive
from workflow.archive.write import write_archive
from workflow.files import sha256_json
from workflow.train.record import Record


def rewritten(made: Made, folder: Path, edit: Callable[[dict[str, Record]], None]) -> RunArchive:
    """An archive as a forger would leave it: records changed, every seal and digest made anew."""
    contents = made.archive.contents()
    records = dict(contents.records)
    edit(records)
    sums = {key: sums for key, sums in contents.sums.items() if key in records}
    changed = type(contents)(contents.campaign, records, sums, contents.metas)
    write_archive(folder, changed)
    return RunArchive(folder)


def forged(record: Record, change: Callable[[dict[str, Any]], None]) -> Record:
    content = record.content()
    change(content)
    return Record.model_validate({**content, "seal": sha256_json(content)})


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}

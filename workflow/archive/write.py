"""Writing an archive; `workflow.archive.layout` describes it."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from workflow.archive.compare import result_of
from workflow.archive.crate import write_crate
from workflow.archive.layout import (
    BESIDE,
    CAMPAIGN,
    CHOICES,
    CONFIGURATION,
    OWN_MODELS,
    RECORDS,
    SUMS,
    TIMING,
    WORKFLOW,
    Contents,
    RunArchive,
    is_own_name,
)
from workflow.archive.own_models import packed
from workflow.archive.sums import packed_sums
from workflow.errors import UserError
from workflow.files import canonical_json, sha256_file, sweep, write_bytes, write_text
from workflow.plan.config import ROOT
from workflow.reading import SMALL_BYTES, in_one_line, regular_bytes
from workflow.train.placements import UserSums
from workflow.train.record import Record


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder that holds anything but files of an archive: they could be lost.

    A `Snakefile` or a `timing.json` may be anyone's; beside a campaign.json it is an archive's. Files that a killed
    `export` left half-written are its own.
    """
    if not folder.is_dir():
        return
    for name in {own for path in folder.iterdir() if (own := _half_written(path.name))}:
        sweep(folder / name)
    names = {path.name for path in folder.iterdir() if not _half_written(path.name)}
    foreign = {name for name in names if not is_own_name(name)}
    if not foreign and not _is_of_a_campaign(folder / CAMPAIGN):
        foreign = names - {*BESIDE}
    if foreign:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        found = f"{min(foreign)}{more}, which is no part of an archive"
        raise UserError(f"{folder}: holds {found}; name an empty folder or an archive's")


def _half_written(name: str) -> str | None:
    """The archive's file that a temporary file beside it was meant for, see `workflow.files.atomic_path`."""
    parts = name.removeprefix(".").split(".") if name.startswith(".") and name.endswith(".part") else []
    beginnings = (".".join(parts[:count]) for count in range(1, len(parts)))
    return next(filter(is_own_name, beginnings), None)


def _is_of_a_campaign(path: Path) -> bool:
    with suppress(FileNotFoundError, UserError), in_one_line(path, "campaign", ""):
        return "campaign" in json.loads(regular_bytes(path, SMALL_BYTES))
    return False


def refuse_loss(folder: Path, contents: Contents) -> None:
    """Refuse to overwrite an archive that has more than `contents`: runs, results, descriptions, a timing."""
    if not (folder / SUMS).exists():
        return
    remedy = "write to another folder (--out), to `merge` the two, or add --force to overwrite it"
    try:
        old = RunArchive(folder)
        records, metas = old.records, old.metas
    except UserError as error:
        raise UserError(f"{folder}: holds an archive that cannot be read ({error}); {remedy}") from error
    lost = []
    if gone := len(records.keys() - contents.records.keys()):
        lost.append(f"{gone} of its {len(records)} runs")
    both = records.keys() & contents.records.keys()
    if other := sum(result_of(records[key]) != result_of(contents.records[key]) for key in both):
        lost.append(f"other results ({other})")
    lost += sorted(f"meta-{metas[one].dataset.name}.json" for one in metas.keys() - contents.metas.keys())
    lost += [TIMING] if TIMING in old.digests and contents.timing is None else []
    lost += [f"sums of {gone} pairs of runs"] if (gone := len(old.pairs.keys() - contents.pairs.keys())) else []
    if lost:
        raise UserError(f"{folder}: holds an archive of which {', '.join(lost)} would be lost; {remedy}")


def refuse_mixed_data(contents: Contents, remedy: str) -> None:
    """Refuse runs on different data of one dataset: an archive has one description and one list of test users of it."""
    read: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for record in contents.records.values():
        read[record.spec.dataset.name].add((record.spec.dataset.id, record.provenance.data_fingerprint))
    for name, data in sorted(read.items()):
        if len(data) > 1:
            shown = " and ".join(sorted(fingerprint[:12] for _, fingerprint in data))
            raise UserError(f"{name}: runs on different data (fingerprints {shown}) are no one archive; {remedy}")


def write_archive(folder: Path, contents: Contents) -> list[Path]:
    """Write an archive; equal contents give equal bytes. `SHA256SUMS` is written last.

    That of an overwritten archive is removed first, so that no incomplete folder looks complete, and files that the
    new one does not have are removed.
    """
    refuse_foreign(folder)
    files = list(_files(contents))  # before the old archive is touched
    stale: set[str] = set()
    with suppress(UserError):  # the names in a damaged one are unknown, so none is removed
        stale = set(RunArchive(folder).digests)
    (folder / SUMS).unlink(missing_ok=True)
    written: list[Path] = []
    for name, content in files:
        write_bytes(folder / name, content)
        written.append(folder / name)
    written.append(write_crate(folder, written, contents))
    for name in stale - {path.name for path in written}:
        if is_own_name(name):
            (folder / name).unlink(missing_ok=True)
    return [*written, write_sums_file(folder, written)]


def _files(contents: Contents) -> Iterator[tuple[str, bytes]]:
    yield CAMPAIGN, contents.campaign.model_dump_json(indent=1).encode() + b"\n"
    records = sorted(contents.records.values(), key=_place)
    text = "".join(canonical_json(record.model_dump(mode="json")) + "\n" for record in records)
    yield RECORDS, gzip.compress(text.encode(), mtime=0)
    for kind, sums in (("user", contents.sums), ("pair", contents.pairs)):
        by_dataset: dict[str, dict[str, UserSums]] = defaultdict(dict)
        for key in sorted(sums):
            if record := contents.records.get(key.partition("+")[0]):  # else nobody can say what they are of
                by_dataset[record.spec.dataset.name][key] = sums[key]
        for dataset, own in sorted(by_dataset.items()):
            yield f"{kind}_sums-{dataset}.npz", packed_sums(own)
    for meta in contents.metas.values():
        yield f"meta-{meta.dataset.name}.json", _lines(meta.model_dump(mode="json"))
    if contents.choices:
        yield CHOICES, _lines([choice.model_dump(mode="json") for _, choice in sorted(contents.choices.items())])
    if contents.timing is not None:
        yield TIMING, _lines(contents.timing.model_dump(mode="json"))
    if contents.own_files:
        yield OWN_MODELS, packed(contents.records.values(), contents.own_files)
    if contents.configuration:
        yield CONFIGURATION, _lines(contents.configuration)
    yield WORKFLOW, (ROOT / WORKFLOW).read_bytes()


def write_sums_file(folder: Path, files: Iterable[Path]) -> Path:
    """Write `SHA256SUMS` over the files of an archive."""
    lines = [f"{sha256_file(path)}  {path.relative_to(folder)}" for path in sorted(files)]
    write_text(folder / SUMS, "\n".join(lines) + "\n")
    return folder / SUMS


def _place(record: Record) -> tuple[str, str, str, int]:
    spec = record.spec
    return spec.dataset.name, spec.model.name, spec.id, spec.seed


def _lines(values: object) -> bytes:
    return (json.dumps(values, indent=1, sort_keys=True) + "\n").encode()

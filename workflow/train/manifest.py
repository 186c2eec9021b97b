"""The output that a training job declares to Snakemake: the digests of its pack's finished records.

The manifest is all that such a job declares. Snakemake deletes what a job declares before it
runs and after it fails, so the records, which it does not know, are safe from it. Does not load
torch.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from workflow.errors import UserError
from workflow.files import sha256_file, sha256_json, write_text
from workflow.plan.campaign import Pack
from workflow.provenance.seal import RUN_AGAIN
from workflow.reading import in_one_line, regular_bytes
from workflow.settings import Frozen
from workflow.spec import RunSpec
from workflow.train.keep import stands


class Manifest(Frozen):
    """results/packs/<pack>.json: SHA-256 of each finished record, by its path below the working directory."""

    records: dict[str, str]


def write_manifest(pack: Pack, finished: Iterable[RunSpec]) -> None:
    """Write the manifest of a pack, with the records of the runs that are finished."""
    try:
        digests = {str(run.record_path): sha256_file(run.record_path) for run in finished}
    except FileNotFoundError as error:
        raise UserError(f"{error.filename}: removed while its pack was trained; run the same command again") from error
    write_text(Path(pack.manifest), Manifest(records=digests).model_dump_json(indent=1) + "\n")


def read_manifest(pack: Pack) -> Manifest | None:
    """The manifest of a pack; None where there is none that can be read."""
    with suppress(FileNotFoundError, UserError), in_one_line(pack.manifest, "manifest", RUN_AGAIN):
        return Manifest.model_validate_json(regular_bytes(Path(pack.manifest)))
    return None


def is_true(pack: Pack, wanted: Collection[str]) -> bool:
    """Whether the pack's manifest has the records of all its runs that are wanted, by run key, as they are now."""
    manifest = read_manifest(pack)
    return manifest is not None and all(
        run.record_path.is_file()
        and manifest.records.get(str(run.record_path)) == sha256_file(run.record_path)
        and stands(run)
        for run in pack.runs
        if run.key in wanted
    )


def digest_of(packs: Iterable[Pack], wanted: Collection[str]) -> str:
    """One digest over the records of some runs, as the manifests of their packs have or lack them.

    What is made from records carries it as a parameter. Snakemake alone would take a missing
    manifest for a file that was only needed on the way, as long as the table made from it stands.
    """
    digests: dict[str, str | None] = {}
    for pack in packs:
        if paths := [str(run.record_path) for run in pack.runs if run.key in wanted]:
            manifest = read_manifest(pack)
            digests |= {path: manifest.records.get(path) if manifest else None for path in paths}
    return sha256_json(digests)


def drop_stale(packs: Iterable[Pack], wanted: Collection[str]) -> None:
    """Remove manifests that lack a wanted record, so that Snakemake sees their packs as what they are: not done."""
    for pack in packs:
        if not is_true(pack, wanted):
            Path(pack.manifest).unlink(missing_ok=True)

"""What a training job tells Snakemake that it left: the digests of its pack's records.

The manifest is all that such a job declares. Snakemake deletes what a job declares before it
runs and after it fails, so the records, which it does not know, are safe from it. Does not load
torch.
"""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from workflow.errors import UserError
from workflow.files import sha256_file, sha256_json, write_text
from workflow.plan.campaign import Pack
from workflow.settings import Frozen


class Manifest(Frozen):
    """results/packs/<pack>.json: SHA-256 of each record, by its path below the working directory."""

    records: dict[str, str]


def write_manifest(pack: Pack) -> None:
    """Write the manifest of a pack whose records all stand."""
    try:
        digests = {str(path): sha256_file(path) for path in pack.records}
    except FileNotFoundError as error:
        raise UserError(f"{error.filename}: removed while its pack was trained; run the same command again") from error
    write_text(Path(pack.manifest), Manifest(records=digests).model_dump_json(indent=1) + "\n")


def is_stale(pack: Pack) -> bool:
    """Whether the manifest is there and not true: a record is missing or another than it says."""
    try:
        manifest = Manifest.model_validate_json(Path(pack.manifest).read_bytes())
        return manifest.records != {str(path): sha256_file(path) for path in pack.records}
    except FileNotFoundError:
        return Path(pack.manifest).exists()
    except ValidationError:
        return True


def digest_of(manifests: Iterable[str]) -> str:
    """One digest over manifests as they stand, or do not.

    What is made from records carries it as a parameter. Snakemake alone would take a missing
    manifest for a file that was only needed on the way, as long as the table made from it stands.
    """
    return sha256_json([sha256_file(path) if (path := Path(name)).is_file() else None for name in manifests])


def drop_stale(packs: Iterable[Pack]) -> None:
    """Remove manifests that are not true, so that Snakemake sees their packs as what they are: not done."""
    for pack in packs:
        if is_stale(pack):
            Path(pack.manifest).unlink(missing_ok=True)

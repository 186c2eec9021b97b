"""Raw archives: from a local copy, a mirror, or the public source, in this order."""

import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pooch
import requests

from workflow.data.local import take
from workflow.data.sources import MIRROR_VARIABLE, local_source, mirror_of
from workflow.data.tables.files import check_archive
from workflow.errors import UserError, nearest, shortened
from workflow.files import atomic_path, md5_file, sha256_file
from workflow.plan.config import CampaignConfig, DatasetConfig
from workflow.reading import SMALL_BYTES, in_one_line, regular_bytes

SUMS = "SHA256SUMS"
SHA256 = re.compile(r"[0-9a-f]{64}")
RETRIES = 4
TIMEOUT_S = 60


def fetch(config: DatasetConfig, campaign: CampaignConfig, target: Path) -> None:
    """Put a dataset's raw archive at `target` after checking it."""
    local = local_source(config.name, campaign)
    mirror = None if local else mirror_of(campaign)
    with atomic_path(target) as part:
        if local:
            take(config, local, part)
        elif mirror:
            _from_mirror(config, mirror, part)
        else:
            _from_public(config, part)
        try:
            check_archive(part, tuple(config.preparation.files.values()))
        except UserError as error:  # of the temporary file
            source = f"{config.source.archive} from {local or mirror or config.source.url}"
            raise UserError(str(error).replace(str(part), source)) from error


# -- mirror ---------------------------------------------------------------------------


def _from_mirror(config: DatasetConfig, mirror: Path | str, part: Path) -> None:
    name, base = config.source.archive, str(mirror).rstrip("/")
    if isinstance(mirror, Path):
        remedy = f"make it with `cd {mirror} && sha256sum *.zip > {SUMS}`"
        with in_one_line(mirror / SUMS, "list of checksums", remedy, f"mirror {mirror}: has no {SUMS}; {remedy}"):
            sums = regular_bytes(mirror / SUMS, SMALL_BYTES)
    else:
        sums = _download_bytes(f"{base}/{SUMS}")
    expected = _listed(sums, name, f"{base}/{SUMS}")
    if isinstance(mirror, str):
        _download(f"{base}/{quote(name)}", part)
    elif (mirror / name).is_file():
        shutil.copyfile(mirror / name, part)
    else:
        raise UserError(f"{mirror / name}: not in the mirror, though its {SUMS} lists it; complete the mirror")
    found = sha256_file(part)
    if found != expected:
        raise UserError(
            f"{name} from mirror {mirror}: sha256 is {found}, its {SUMS} says {expected}; copy the archive again"
        )


def _listed(sums: bytes, name: str, where: str) -> str:
    """The checksum of `name` in a listing in sha256sum's format."""
    with in_one_line(where, "list of checksums", f"make it with `sha256sum *.zip > {SUMS}`"):
        lines = sums.decode("utf-8-sig").splitlines()
    known = {}
    for line in lines:
        digest, _, file = line.partition(" ")
        if file:
            known[file.lstrip(" *").removeprefix("./")] = digest.lower()
    if name not in known:
        listed = nearest(name, [shortened(file) for file in known])
        raise UserError(f"{where}: does not list {name}; make it with `sha256sum *.zip > {SUMS}`; {listed}")
    if not SHA256.fullmatch(known[name]):
        given = shortened(known[name])
        raise UserError(f"{where}: {name}: {given!r} is not a SHA-256; make it with `sha256sum *.zip > {SUMS}`")
    return known[name]


# -- public source --------------------------------------------------------------------


def _from_public(config: DatasetConfig, part: Path) -> None:
    source = config.source
    if source.url is None:
        raise UserError(f"dataset {config.name}: has no public URL (source.url); {_remedy(config)}")
    try:
        _download(source.url, part)
    except UserError as error:
        raise UserError(f"{error} Otherwise: {_remedy(config)}") from error
    for algorithm, published in (("sha256", source.sha256), ("md5", source.md5)):
        found = {"sha256": sha256_file, "md5": md5_file}[algorithm](part) if published else None
        if found != published:
            raise UserError(
                f"{source.url}: {algorithm} is {found}, published is {published}: not the archive that the paper's "
                f"data come from. Try again; if it stays so, {_remedy(config)}"
            )


def _remedy(config: DatasetConfig) -> str:
    name = config.source.archive
    return (
        f"get {name} by hand (see {config.source.homepage or 'its source'}) and set "
        f"`local: {{{config.name}: PATH}}` in the campaign, "
        f"or set `mirror` or {MIRROR_VARIABLE} to a folder or URL with {name} and {SUMS}."
    )


def _download(url: str, part: Path) -> None:
    """Download with a progress bar; a failed attempt is repeated."""
    with tempfile.TemporaryDirectory(dir=part.parent, prefix=f"{part.name}.") as folder:
        registry = pooch.create(
            path=folder,
            base_url="",
            registry={part.name: None},  # the callers compare checksums, with better messages
            urls={part.name: url},
            retry_if_failed=RETRIES,
        )
        # pooch's type of a downloader has parameter names that its own classes do not have.
        downloader = cast(Any, pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT_S))
        try:
            path = registry.fetch(part.name, downloader=downloader)
        except (requests.RequestException, ValueError) as error:
            raise UserError(
                f"{url}: cannot be downloaded ({_reason(error)}); check the network and try again."
            ) from error
        Path(path).replace(part)


def _download_bytes(url: str) -> bytes:
    try:
        with requests.get(url, timeout=TIMEOUT_S, stream=True) as answer:
            answer.raise_for_status()
            return next(answer.iter_content(SMALL_BYTES), b"")
    except requests.RequestException as error:
        raise UserError(f"{url}: cannot be read ({_reason(error)}); a mirror needs a {SUMS} file") from error


def _reason(error: Exception) -> str:
    """The innermost cause, which is what a reader can act on."""
    while isinstance(reason := getattr(error, "reason", None) or (error.args[0] if error.args else None), Exception):
        error = reason
    return " ".join(str(error).split())

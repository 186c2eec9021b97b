"""Make a dataset's arrays available: get its raw archive, real or synthetic, and prepare it."""

import os
from pathlib import Path

from workflow.data.description.facts import Description, load_description
from workflow.data.description.remarks import warnings_on
from workflow.data.fetch import fetch
from workflow.data.local import Note, is_changed, look, note_taken, own_names, refuse_changed
from workflow.data.prepare import BESIDE, prepare
from workflow.data.replaced import change_data
from workflow.data.sources import raw_archive
from workflow.data.store import Meta
from workflow.data.twins.twin import write_twin
from workflow.files import sha256_file
from workflow.plan.config import CampaignConfig, DatasetConfig
from workflow.plan.names import below
from workflow.spec import DatasetSpec
from workflow.train.keep import Say

DATA = Path("data")


def provide(config: DatasetConfig, spec: DatasetSpec, campaign: CampaignConfig, say: Say) -> None:
    """Make a dataset's arrays, unless they exist."""
    if spec.is_prepared:
        return
    raw = raw_archive(config, spec)
    if not raw.is_file():
        say(f"{config.title}: fetching {raw.name}")
        bring(config, spec, campaign, say)
    say(f"{config.title}: preparing")
    arrange(config, spec, campaign, say)


def described(config: DatasetConfig, spec: DatasetSpec, campaign: CampaignConfig, say: Say) -> Description:
    """A dataset's description, of the user's files as they are now; it is made if it is missing."""
    raw = raw_archive(config, spec)
    if config.name in campaign.local and spec.preparation.twin is None and is_changed(config, campaign, raw):
        bring(config, spec, campaign, say)
        arrange(config, spec, campaign, say)
    provide(config, spec, campaign, say)
    if not all((spec.prepared_dir / name).is_file() for name in BESIDE):  # prepared by an earlier version
        arrange(config, spec, campaign, say)
    description = load_description(spec.prepared_dir)
    assert description is not None  # as it was just written
    return description


def bring(config: DatasetConfig, spec: DatasetSpec, campaign: CampaignConfig, say: Say) -> None:
    """Put a dataset's raw archive where the workflow expects it, and return whether it has changed."""
    raw = below(DATA, raw_archive(config, spec))
    if spec.preparation.twin:
        write_twin(config, spec, raw)
        return
    before = raw.stat() if raw.is_file() else None
    digest = sha256_file(raw) if before else None
    # Read before they are copied, so that a change meanwhile is seen next time.
    note = look(config, campaign, raw)[1] if config.name in campaign.local else Note()
    fetch(config, campaign, raw)
    if before and raw.stat().st_size == before.st_size and sha256_file(raw) == digest:
        os.utime(raw, ns=(before.st_atime_ns, before.st_mtime_ns))  # so that nothing is made again from it
        say(f"{raw}: unchanged")
    elif before:
        say(f"{raw}: is another than before; prepare {config.name} again")
    note_taken(raw, note)


def arrange(
    config: DatasetConfig, spec: DatasetSpec, campaign: CampaignConfig, say: Say, archive: Path | None = None
) -> Meta:
    """Prepare a dataset, from its raw archive or from another one; runs of earlier arrays are set aside."""
    if archive is None:
        refuse_changed(config, spec, campaign)
    own = {} if archive or spec.preparation.twin else own_names(config, campaign)
    raw = archive or raw_archive(config, spec)
    meta = prepare(config, spec, raw, below(DATA, spec.prepared_dir), own=own)
    for line in change_data(spec, meta.fingerprint):
        say(line)
    for line in warnings_on(spec):
        say(line)
    return meta

"""The places of raw data: local archives, and the user's `local` and `mirror`. Downloads nothing."""

import os
from pathlib import Path

from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import CampaignConfig, DatasetConfig
from workflow.spec import DatasetSpec

MIRROR_VARIABLE = "TF4CTR_MIRROR"


def raw_archive(config: DatasetConfig, spec: DatasetSpec) -> Path:
    """The archive that this dataset is prepared from, below the working directory.

    A real archive serves every preparation; a twin is made for one.
    """
    twin = () if spec.preparation.twin is None else (spec.id,)
    return Path("data/raw", spec.name, *twin, config.source.archive)


def local_path(dataset: str, campaign: CampaignConfig) -> Path | None:
    """The path of a dataset in the campaign's `local`, which may not exist."""
    given = campaign.local.get(dataset)
    return _home(given, f"local.{dataset}") if given else None


def local_source(dataset: str, campaign: CampaignConfig) -> Path | None:
    """The file or folder that `local` names for a dataset; a missing one is refused."""
    source = local_path(dataset, campaign)
    if source is not None and not (source.is_dir() or source.is_file()):
        raise UserError(f"local.{dataset}: {source}: no such file or folder; give a zip or a folder with the files")
    return source


def mirror_of(campaign: CampaignConfig) -> Path | str | None:
    """The mirror: a folder, which must be there, or a URL."""
    mirror = campaign.mirror or os.environ.get(MIRROR_VARIABLE)
    if not mirror or mirror.startswith(("http://", "https://")):
        return mirror or None
    folder = _home(mirror, "mirror")
    if not folder.is_dir():
        raise UserError(f"mirror {folder}: no such folder; correct `mirror` or {MIRROR_VARIABLE}")
    return folder


def _home(path: str, key: str) -> Path:
    """The path with a leading `~` written out."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UserError(f"{key}: {path}: no such user's folder; write the path out") from error


def refuse_absent(plan: Plan) -> None:
    """Refuse a campaign whose `local` or `mirror` does not exist, even if all data are already here."""
    if plan.campaign.twin is None:
        for name in plan.campaign.datasets:
            local_source(name, plan.campaign)
        mirror_of(plan.campaign)

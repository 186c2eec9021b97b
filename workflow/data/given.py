"""Where the user says that data are: `local`, `mirror`, and whether they are there. Loads nothing that downloads."""

import os
from pathlib import Path

from workflow.errors import UserError
from workflow.plan.campaign import Plan

MIRROR_VARIABLE = "TF4CTR_MIRROR"


def home(path: str, key: str) -> Path:
    """The path with a leading `~` written out."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UserError(f"{key}: {path}: no such user's folder; write the path out") from error


def local_source(path: str, dataset: str) -> Path:
    """The file or folder that `local` names for a dataset."""
    source = home(path, f"local.{dataset}")
    if not (source.is_dir() or source.is_file()):
        raise UserError(f"local.{dataset}: {source}: no such file or folder; give a zip or a folder with the files")
    return source


def is_remote(mirror: str) -> bool:
    """Whether a mirror is on the web."""
    return mirror.startswith(("http://", "https://"))


def mirror_folder(mirror: str) -> Path:
    """The folder of a mirror that is not on the web."""
    folder = home(mirror, "mirror")
    if not folder.is_dir():
        raise UserError(f"mirror {folder}: no such folder; correct `mirror` or {MIRROR_VARIABLE}")
    return folder


def refuse_absent(plan: Plan) -> None:
    """Refuse a campaign whose `local` or `mirror` is not there, also where all data are here already.

    Raises
    ------
    UserError
        With the key and the path.
    """
    campaign = plan.campaign
    if campaign.twin is None:
        for name in campaign.local.keys() & campaign.datasets:
            local_source(campaign.local[name], name)
        if (mirror := campaign.mirror or os.environ.get(MIRROR_VARIABLE)) and not is_remote(mirror):
            mirror_folder(mirror)

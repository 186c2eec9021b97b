"""Where the project and its configuration lie, and what names tell. Imports next to nothing: `--help` needs it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CAMPAIGN_VARIABLE = "TF4CTR_CAMPAIGN"  # names the campaign file where --configfile does not


def config_root() -> Path:
    """The configuration folder: `TF4CTR_CONFIG`, else config/ of this checkout."""
    return Path(os.environ.get("TF4CTR_CONFIG") or ROOT / "config")


def campaigns() -> list[str]:
    """Names of the campaigns in the configuration folder."""
    return sorted(path.stem for path in config_root().glob("*.yaml"))


def is_figure(experiment: str) -> bool:
    """Whether an experiment, by its name, is drawn; the others are tables.

    Examples
    --------
    >>> is_figure("figure_6"), is_figure("table_4")
    (True, False)
    """
    return experiment.startswith("figure_")

"""The places of the project and its configuration, and the meaning of names. Imports almost nothing, for `--help`."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IS_INSTALLED = not (ROOT / "tf4ctr").is_file()  # as a wheel: the working directory is then the user's own
CONFIG_VARIABLE = "TF4CTR_CONFIG"
CAMPAIGN_VARIABLE = "TF4CTR_CAMPAIGN"  # names the campaign file where --configfile does not


def config_root() -> Path:
    """The configuration folder: `TF4CTR_CONFIG`, else config/ of this checkout or wheel."""
    return Path(os.environ.get(CONFIG_VARIABLE) or ROOT / "config")


def use_own_config() -> None:
    """Let an installed project use the configuration folder of the working directory, where it has one."""
    if IS_INSTALLED and Path("config/experiments").is_dir():
        os.environ.setdefault(CONFIG_VARIABLE, str(Path("config").resolve()))


def make_own_config() -> bool:
    """Put a copy of the shipped configuration into the working directory; False where there is one, or a checkout."""
    if not IS_INSTALLED or config_root() != ROOT / "config":
        return False
    for path in sorted((ROOT / "config").rglob("*.*")):
        target = Path("config", path.relative_to(ROOT / "config"))
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    use_own_config()
    return True


def default_campaign() -> Path:
    """The campaign of a command that names none."""
    path = config_root() / "paper.yaml"
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def campaigns() -> list[str]:
    """Names of the campaigns in the configuration folder."""
    return sorted(path.stem for path in config_root().glob("*.yaml"))


DATASETS = frozenset({"criteo", "frappe", "kkbox", "ml-1m", "ml-tag"})  # of the paper; all others are the user's
# What the project renders as tables; an experiment of another name that is no figure is the user's.
TABLES = ("table_1", "table_2", "table_3", "table_4", "table_5", "table_6", "selection", "tuned", "cost")
PROJECT = frozenset((*TABLES, "components"))


def is_users(experiment: str) -> bool:
    """Whether an experiment, by its name, is a user's own."""
    return experiment not in PROJECT and not is_figure(experiment)


def is_figure(experiment: str) -> bool:
    """Whether an experiment, by its name, is drawn; the others are tables."""
    return experiment.startswith("figure_")

"""The command `init`: from a file of rows to a dataset and a campaign, which `run` then takes."""
# ruff: noqa: PLC0415

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.cli.common import Add, place
from workflow.errors import UserError
from workflow.files import write_text
from workflow.plan.places import config_root

if TYPE_CHECKING:
    from workflow.data.draft import Draft

SPLIT_NAMES = {
    "train": ("train", "training"),
    "valid": ("valid", "validation", "val", "dev"),
    "test": ("test", "testing"),
}
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
REPOSITORY = ("paper", "small", "evidence", "demo")


def add_to(add: Add) -> None:
    """Add the command."""
    sub = add("init", init)
    sub.add_argument(
        "source", type=place, nargs="?", metavar="FILE", help="a table, or a folder with train, valid, test"
    )
    sub.add_argument("--name", help="of the dataset and of its campaign (default: the file's)")
    sub.add_argument("--label", metavar="COLUMN", help="the label's column (default: guessed)")
    sub.add_argument("--force", action="store_true", help="write over files of this name")
    sub.add_argument(
        "--fuxictr",
        nargs=2,
        type=place,
        metavar=("dataset_config.yaml", "model_config.yaml"),
        help="take the dataset and the models from FuxiCTR's files",
    )
    sub.add_argument("--dataset", metavar="ID", help="the dataset of FuxiCTR's file, where it has several")


def init(options: argparse.Namespace) -> None:
    """Write the configuration of your own data from the file itself, with what was guessed as comments."""
    from workflow.data.draft import campaign_yaml, dataset_yaml
    from workflow.plan.config import available, load_campaign, load_dataset

    if (options.source is None) == (options.fuxictr is None):
        raise UserError(
            "name a table: tf4ctr init mine.csv; or FuxiCTR's two files: tf4ctr init --fuxictr A.yaml B.yaml"
        )
    draft = _from_fuxictr(options) if options.fuxictr else _from_table(options)
    dataset, campaign = config_root() / f"datasets/{draft.name}.yaml", config_root() / f"{draft.name}.yaml"
    for path in (dataset, campaign):
        if path.exists() and not options.force:
            raise UserError(f"{path}: is there already; add --force to write over it, or another --name")
    write_text(dataset, dataset_yaml(draft))
    write_text(campaign, campaign_yaml(draft))
    for cached in (available, load_dataset):
        cached.cache_clear()
    load_campaign(campaign)  # what was written must be read
    guess = draft.guess
    user = f"user {guess.group}" if guess.group else "no user"
    print(f"{dataset}: label {guess.label}, {len(guess.fields)} fields, {user}, {_split_told(draft)}")
    for name, why in guess.left_out:
        print(f"  left out: {name}, {why}")
    for note in draft.notes:
        print(f"  {note}")
    print(f"{campaign}: Tables I and IV")
    print(f"next: tf4ctr describe {draft.name}, tf4ctr run {draft.name}")


def name_of(source: Path, given: str | None) -> str:
    """A dataset's name from a file's, or the one that is given.

    Examples
    --------
    >>> name_of(Path("My Clicks_2024.csv.gz"), None)
    'my-clicks-2024'
    """
    if given is not None:
        if not NAME.fullmatch(given):
            raise UserError(f"--name {given}: must be of a-z, 0-9 and -, the first no -")
        return given
    name = re.sub(r"[^a-z0-9]+", "-", source.name.lower().split(".")[0]).strip("-") or "mine"
    return f"my-{name}" if name in REPOSITORY else name


def _from_table(options: argparse.Namespace) -> "Draft":
    from workflow.data.draft import Draft
    from workflow.data.guess import guess
    from workflow.data.sample import sample_of

    source: Path = options.source
    if not source.exists():
        raise UserError(f"{source}: no such file or folder")
    files = split_files(source) if source.is_dir() else {"all": source}
    sample = sample_of(next(iter(files.values())))
    name = name_of(source.resolve() if source.is_dir() else source, options.name)
    return Draft(
        name=name,
        title=name if source.is_dir() else source.name.split(".")[0],
        source=source,
        files={split: path.name for split, path in files.items()},
        sample=sample,
        guess=guess(sample, options.label),
    )


def split_files(folder: Path) -> dict[str, Path]:
    """The files of train, valid and test in a folder.

    Raises
    ------
    UserError
        When one is missing or there twice.
    """
    found: dict[str, Path] = {}
    files = sorted(path for path in folder.iterdir() if path.is_file())
    for split, words in SPLIT_NAMES.items():
        fitting = [path for path in files if set(re.split(r"[^a-z]+", path.name.lower())) & set(words)]
        if len(fitting) != 1:
            problem = "no file" if not fitting else f"{len(fitting)} files"
            remedy = "name a single table instead, which is split here" if not fitting else "keep one"
            raise UserError(f"{folder}: {problem} of {split} ({', '.join(words)}); {remedy}")
        found[split] = fitting[0]
    return found


def _split_told(draft: "Draft") -> str:
    if "all" not in draft.files:
        return "split as given"
    return f"split by {draft.guess.time}" if draft.guess.time else "split at random"


def _from_fuxictr(options: argparse.Namespace) -> "Draft":
    from workflow.data.fuxictr import draft_of

    dataset, models = options.fuxictr
    return draft_of(dataset, models, options.dataset, options.name)

"""The command `init`: from a file of rows to a dataset and a campaign, which `run` then takes."""
# ruff: noqa: PLC0415

import argparse
from pathlib import Path

from workflow.cli.common import Add, place
from workflow.errors import UserError
from workflow.files import write_text
from workflow.plan.places import config_root, make_own_config


def add_to(add: Add) -> None:
    """Add the command."""
    sub = add("init", init)
    sub.add_argument(
        "source", type=place, nargs="?", metavar="FILE", help="a table, or a folder with train, valid and test"
    )
    sub.add_argument("--name", help="name of the dataset and of its campaign (default: the file's)")
    sub.add_argument("--label", metavar="COLUMN", help="the label's column (default: guessed)")
    sub.add_argument("--force", action="store_true", help="overwrite files of this name")
    sub.add_argument(
        "--fuxictr",
        nargs=2,
        type=place,
        metavar=("dataset_config.yaml", "model_config.yaml"),
        help="take the dataset and the models from FuxiCTR's files",
    )
    sub.add_argument("--dataset", metavar="ID", help="the dataset in FuxiCTR's file, if it has several")


def init(options: argparse.Namespace) -> None:
    """Write the configuration for your own data, guessed from the file, with the reasons as comments."""
    from workflow.data.drafts.draft import MODELS, draft_of_table, yaml_of
    from workflow.data.drafts.fuxictr import draft_of
    from workflow.plan.config import available, load_campaign, load_dataset, load_experiment

    if (options.source is None) == (options.fuxictr is None):
        raise UserError(
            "name a table: tf4ctr init mine.csv; or FuxiCTR's two files: tf4ctr init --fuxictr A.yaml B.yaml"
        )
    if options.fuxictr:
        dataset_file, models_file = options.fuxictr
        draft = draft_of(dataset_file, models_file, options.dataset, options.name)
    else:
        draft = draft_of_table(options.source, options.name, options.label)
    if make_own_config():
        print("config/: a copy of the shipped configuration, for this folder")
    root = config_root()
    root = root.relative_to(Path.cwd()) if root.is_relative_to(Path.cwd()) else root
    dataset, campaign = root / f"datasets/{draft.name}.yaml", root / f"{draft.name}.yaml"
    experiment = root / f"experiments/{draft.experiment}.yaml"
    for path in (dataset, experiment, campaign):
        if path.exists() and not options.force:
            raise UserError(f"{path}: already exists; add --force to overwrite it, or choose another --name")
    write_text(dataset, yaml_of("dataset", draft))
    write_text(experiment, yaml_of("experiment", draft))
    write_text(campaign, yaml_of("campaign", draft))
    for cached in (available, load_dataset, load_experiment):
        cached.cache_clear()
    load_campaign(campaign)  # check that the written configuration can be read
    guess = draft.guess
    user = f"user {guess.group}" if guess.group else "no user"
    split = f"split by {guess.time}" if guess.time else "split at random"
    split = split if "all" in draft.files else "split as given"
    print(f"{dataset}: label {guess.label}, {len(guess.fields)} fields, {user}, {split}")
    for name, why in guess.left_out:
        print(f"  left out: {name}, {why}")
    if guess.missing:
        listed = ", ".join(f"'{word}'" for word in guess.missing)
        print(f"  missing values: {listed} and the empty cell; if one is a value, correct `missing`")
    for note in draft.notes:
        print(f"  {note}")
    print(f"{experiment}: TF4CTR and {len(MODELS)} other models, five seeds each")
    print(f"{campaign}: the comparison of these models on your data")
    print(f"next: tf4ctr describe {draft.name}, tf4ctr run {draft.name}")

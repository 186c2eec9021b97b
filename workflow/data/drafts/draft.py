"""The configuration of a dataset and its campaign, written for the user with what was guessed as comments."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workflow.data.drafts.guess import Guess
from workflow.data.drafts.guess import guess as guessed
from workflow.data.drafts.sample import Sample, sample_of
from workflow.data.encode.missing import PANDAS
from workflow.errors import UserError

LARGE, MEDIUM = 200_000, 20_000  # rows
SPLIT_NAMES = {
    "train": ("train", "training"),
    "valid": ("valid", "validation", "val", "dev"),
    "test": ("test", "testing"),
}
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
MODELS = (
    *("WideDeep", "DeepFM", "DCN", "xDeepFM", "AutoInt+", "AFN+", "DCNv2", "EDCN", "CL4CTR", "EulerNet", "DualMLP"),
    "FinalMLP",
)
REPOSITORY = ("paper", "small", "evidence", "demo")


@dataclass(frozen=True)
class Draft:
    """What a dataset's file and its campaign say."""

    name: str
    title: str
    source: Path  # a file, or a folder with the three files
    files: Mapping[str, str]  # by split, or the only one under "all"
    sample: Sample
    guess: Guess
    protocol: Mapping[str, Any] = field(default_factory=dict)  # laid over what is written otherwise
    notes: tuple[str, ...] = ()  # comments for its first lines
    min_count: int | None = None  # where it is known

    @property
    def experiment(self) -> str:
        """The name of the experiment that compares models on it."""
        return f"{self.name}-models"


def draft_of_table(source: Path, name: str | None = None, label: str | None = None) -> Draft:
    """Look at a file, or at a folder with files of train, valid and test, and guess what to write.

    Raises
    ------
    UserError
        When it cannot be read, or no column looks like a label.
    """
    if not source.exists():
        raise UserError(f"{source}: no such file or folder")
    files = split_files(source) if source.is_dir() else {"all": source}
    sample = sample_of(next(iter(files.values())))
    named = name_of(source.resolve() if source.is_dir() else source, name)
    return Draft(
        name=named,
        title=named if source.is_dir() else source.name.split(".")[0],
        source=source,
        files={split: path.name for split, path in files.items()},
        sample=sample,
        guess=guessed(sample, label),
    )


def name_of(source: Path, given: str | None) -> str:
    """A dataset's name from a file's, or the one that is given.

    Examples
    --------
    >>> name_of(Path("My Clicks_2024.csv.gz"), None)
    'my-clicks-2024'
    """
    if given is not None:
        if not NAME.fullmatch(given):
            raise UserError(f"--name {given}: must be of a-z, 0-9 and -, the first no -, at most 48 of them")
        return given
    name = re.sub(r"[^a-z0-9]+", "-", source.name.lower().split(".")[0]).strip("-")[:40].rstrip("-") or "mine"
    return f"my-{name}" if name in REPOSITORY else name


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


def dataset_yaml(draft: Draft) -> str:
    """The text of config/datasets/<name>.yaml."""
    guess, sample = draft.guess, draft.sample
    one = "all" in draft.files
    lines = [
        f"# Written by `tf4ctr init` from the first {len(sample.frame):,} rows of {Path(sample.file).name}.",
        "# What was guessed says so; correct what is wrong. config/README.md explains each key.",
        *(f"# {note}" for note in draft.notes),
        f"name: {draft.name}",
        f"title: {_flow(draft.title)}",
        f"source: {{archive: {draft.name}.zip}}",
        "preparation:",
        f"  format: {'csv' if one else 'split-csv'} # what kind of file it is, its content decides",
        f"  files: {_flow(dict(draft.files))}",
    ]
    if sample.separator not in (None, ","):
        lines.append(f"  separator: {_flow(sample.separator)}")
    if not sample.has_header:
        names = _flow(list(sample.frame.columns))
        lines.append(f"  columns: {names} # the file has no header: give them names, here and below")
    lines.append(f"  label: {_flow(guess.label)} # {guess.label_why}")
    lines += [f"  {key}: {_flow(value)}" for key, value in guess.label_settings.items()]
    lines += [
        f"  group: {_flow(guess.group)} # {guess.group_why}",
        f"  min_count: {min_count(draft)} # rarer values share the id of unseen ones",
        _missing(guess),
        *([_split(guess)] if one else []),
        "  fields:",
    ]
    for one_field in guess.fields:
        lines.append(f"    - name: {_flow(one_field.name)}{f' # guessed: {one_field.why}' if one_field.why else ''}")
        lines += [f"      {key}: {_flow(value)}" for key, value in one_field.settings.items()]
    lines += [f"    # left out: {_flow(name)}, {why}" for name, why in guess.left_out]
    return "\n".join([*lines, *_protocol(draft)]) + "\n"


def campaign_yaml(draft: Draft) -> str:
    """The text of config/<name>.yaml."""
    return f"""\
# Written by `tf4ctr init`. `tf4ctr run {draft.name}` compares the models of {draft.experiment} on your data.
campaign: {draft.name}
datasets: [{draft.name}]
experiments: [table_1, {draft.experiment}]
every_dataset: true # Table I, too, shows your data
seeds: null # those of the experiment, five; [1] for a first look
limits: {{network: {{}}, training: {{}}}} # {{training: {{max_epochs: 1}}}} for a first look
precision: fp32
device: auto
threads: 1
pack_size: 4
pack_workers: 1
twin: null
preset: null
mirror: null
local: {{{draft.name}: {_flow(str(draft.source.resolve()))}}}
"""


def experiment_yaml(draft: Draft) -> str:
    """The text of config/experiments/<name>-models.yaml."""
    return f"""\
# Written by `tf4ctr init`. Take out models that are of no interest; docs/own-models.md adds one of your own.
name: {draft.experiment}
title: {_flow(f"Models on {draft.title}")}
at: {{table: {draft.experiment}}}
datasets: [{draft.name}]
seeds: [2020, 2021, 2022, 2023, 2024]
arms:
  - {{label: "{{name}}", grid: {{model.name: {_flow(MODELS)}}}, model: {{}}}}
  - {{label: "TF4CTR", model: {{name: TF4CTR}}, loss: {{name: twin_focus}}}}
"""


def min_count(draft: Draft) -> int:
    """As it is known; else 1 for tables of a few thousand rows, and 2 for larger ones."""
    if draft.min_count is not None:
        return draft.min_count
    return 1 if draft.sample.is_whole and len(draft.sample.frame) < MEDIUM else 2


def _missing(guess: Guess) -> str:
    if not guess.missing:
        return "  missing: pandas # the empty cell, NaN, NA, null and the like; or a list of your own"
    words = [*PANDAS, *(word for word in guess.missing if word not in PANDAS)]
    found = ", ".join(map(_flow, guess.missing))
    return f"  missing: {_flow(words)} # guessed: found {found}; take out what is a value"


def _split(guess: Guess) -> str:
    if guess.time is None:
        return "  split: {seed: 2023, parts: [8, 1, 1]} # at random; {by: COLUMN, parts: [8, 1, 1]} divides by time"
    time = _flow(guess.time)
    return (
        f"  split: {{by: {time}, parts: [8, 1, 1]}} # guessed: the earlier rows train, the latest test;\n"
        "    # {seed: 2023, parts: [8, 1, 1]} divides at random, {leave_last_out: USER, by: TIME} by user"
    )


def _protocol(draft: Draft) -> list[str]:
    rows = len(draft.sample.frame)
    batch = 10_000 if rows >= LARGE else 1_000 if rows >= MEDIUM else 128
    monitor = ["auc", "gauc"] if draft.guess.group else ["auc"]
    settings: dict[str, Any] = {
        "network": {"dropout": 0.1},
        "optimizer": {"embedding_l2": 1e-5},
        "training": {"batch_size": batch, "monitor": monitor},
    }
    comments = {"optimizer": " # tune it: AUC depends on it more than on the model"}
    for key, value in draft.protocol.items():
        settings[key] = {**settings.get(key, {}), **value}
    lines = ["protocol: # where every model starts from; `models: {DCNv2: {cross_layers: 4}}` sets single ones"]
    for key, value in settings.items():
        if key == "models":
            lines += ["  models:", *(f"    {_flow(name)}: {_flow(one)}" for name, one in value.items())]
        else:
            lines.append(f"  {key}: {_flow(value)}{comments.get(key, '')}")
    return lines


def _flow(value: Any) -> str:
    """A value as YAML on one line. JSON is YAML, but for numbers such as 1e-05, which YAML reads as text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, float):
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    if isinstance(value, str) and value.replace("_", "").isalnum() and value.isascii() and value[0].isalpha():
        return value if value.lower() not in _WORDS else json.dumps(value)
    return json.dumps(value, ensure_ascii=False)


_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "none"}

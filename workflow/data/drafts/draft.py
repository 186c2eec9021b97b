"""The configuration of a dataset and its campaign, written for the user with what was guessed as comments."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

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
    """The content of a dataset's file and of its campaign."""

    name: str
    title: str
    source: Path  # a file, or a folder with the three files
    files: Mapping[str, str]  # by split, or the only one under "all"
    sample: Sample
    guess: Guess
    protocol: Mapping[str, Any] = field(default_factory=dict)  # laid over what is written otherwise
    notes: tuple[str, ...] = ()  # comments for its first lines
    min_count: int | None = None  # where it is known; else 1 for tables of a few thousand rows, and 2 for larger ones

    @property
    def experiment(self) -> str:
        """The name of the experiment that compares models on it."""
        return f"{self.name}-models"


def draft_of_table(source: Path, name: str | None = None, label: str | None = None) -> Draft:
    """Look at a file, or at a folder with files of train, valid and test, and guess what to write."""
    if not source.exists():
        raise UserError(f"{source}: no such file or folder")
    files = split_files(source) if source.is_dir() else {"all": source}
    sample = sample_of(next(iter(files.values())), label)
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
    """The files of train, valid and test in a folder."""
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


def yaml_of(kind: Literal["dataset", "experiment", "campaign"], draft: Draft) -> str:
    """The text of config/datasets/<name>.yaml, config/experiments/<name>-models.yaml or config/<name>.yaml."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["flow"] = _flow
    return made.get_template(f"{kind}.yaml").render(
        draft=draft,
        guess=draft.guess,
        sample=draft.sample,
        file=Path(draft.sample.file).name,
        one_file="all" in draft.files,
        min_count=draft.min_count or (1 if draft.sample.is_whole and len(draft.sample.frame) < MEDIUM else 2),
        missing=[*PANDAS, *(word for word in draft.guess.missing if word not in PANDAS)],
        protocol=_protocol(draft),
        models=MODELS,
    )


def _protocol(draft: Draft) -> dict[str, Any]:
    rows = len(draft.sample.frame)
    settings: dict[str, Any] = {
        "network": {"dropout": 0.1},
        "optimizer": {"embedding_l2": 1e-5},
        "training": {
            "batch_size": 10_000 if rows >= LARGE else 1_000 if rows >= MEDIUM else 128,
            "monitor": ["auc", "gauc"] if draft.guess.group else ["auc"],
        },
    }
    return settings | {key: {**settings.get(key, {}), **value} for key, value in draft.protocol.items()}


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

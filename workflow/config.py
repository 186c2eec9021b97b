"""Configuration files: campaigns, datasets, experiments. Typed, unknown keys are errors."""

import os
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, Field, PositiveInt, ValidationError

from workflow.errors import UserError, nearest
from workflow.names import ArchiveName, DatasetName, Label, Name
from workflow.settings import Frozen
from workflow.spec import Precision, Preparation, Seeds, Threads, Twin

ROOT = Path(__file__).resolve().parents[1]
CAMPAIGN_VARIABLE = "TF4CTR_CAMPAIGN"  # names the campaign file where --configfile does not
Coordinates = dict[Name, str]  # where a cell or a print stands: table, dataset, model, loss, ssem, dfm, alpha …
Partial = dict[str, Any]  # a part of a model, loss, optimizer or training mapping
M = TypeVar("M", bound=BaseModel)

# -- datasets -------------------------------------------------------------------------


class Source(Frozen):
    """Where the raw archive comes from and what its published bytes are."""

    archive: ArchiveName
    url: str | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    md5: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    file_md5: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]] = {}
    homepage: str = ""
    terms: str = ""


ArchiveStanding = Literal["direct", "close", "stand-in"]


class KnownArchive(Frozen):
    """Bytes that are known, and what runs on them are evidence of; `reason` is quoted by tables.

    `published` stands for the files whose published checksums `source` lists.
    """

    sha256: Annotated[str, Field(pattern=r"^([0-9a-f]{64}|published)$")]
    standing: ArchiveStanding
    reason: Annotated[str, Field(min_length=1)]


class Published(Frozen):
    """Facts about the published data, from the authors' logs: what ours is compared with."""

    rows: dict[Literal["train", "valid", "test"], PositiveInt] = {}
    features: PositiveInt | None = None
    fields: PositiveInt | None = None
    vocabulary: dict[str, PositiveInt] = {}


class Protocol(Frozen):
    """Settings that runs on this dataset start from; experiments may override them."""

    network: Partial = {}  # for every model
    models: dict[str, Partial] = {}  # by model name
    losses: dict[str, Partial] = {}  # by loss name
    optimizer: Partial = {}
    training: Partial = {}


class DatasetConfig(Frozen):
    """config/datasets/<name>.yaml."""

    name: DatasetName
    title: str
    source: Source
    archives: tuple[KnownArchive, ...] = ()  # other bytes are a stand-in
    published: Published = Published()
    preparation: Preparation
    presets: dict[str, Partial] = {}  # by preset name: field name → list column settings
    protocol: Protocol = Protocol()


# -- experiments ----------------------------------------------------------------------


class Arm(Frozen):
    """One family of cells: fixed settings, and a grid over dotted keys."""

    label: Label  # for display; a template over the grid's last key parts, such as "{ssem}+{dfm}"
    at: Coordinates = {}  # where its cells stand, such as {ssem: "{ssem}", loss: log}; by default {model: its label}
    print_at: Coordinates = {}  # where their print stands, as far as it is elsewhere; "" takes a coordinate out
    grid: dict[str, tuple[Any, ...]] = {}
    model: Partial
    loss: Partial = {"name": "log"}
    optimizer: Partial = {}
    training: Partial = {}
    probes: Partial = {}
    datasets: tuple[str, ...] | None = None  # None: those of the experiment


class Override(Frozen):
    """Settings of the cell at these coordinates, with their source, such as a log of the authors."""

    dataset: str
    at: Coordinates
    source: str
    set: dict[str, Any]


class ExperimentConfig(Frozen):
    """config/experiments/<name>.yaml."""

    name: Name
    title: str
    datasets: tuple[str, ...]
    at: Coordinates = {}  # of all its cells, such as {table: "3"}
    every_dataset: bool = True  # whether a campaign's `every_dataset` applies here
    timed: bool = False  # its runs are timed by a job of their own, not trained to the end
    seeds: Seeds = (2023,)
    arms: tuple[Arm, ...] = ()
    overrides: tuple[Override, ...] = ()


# -- campaigns ------------------------------------------------------------------------


class Limits(Frozen):
    """Overrides that make a campaign cheaper; none of them in the paper's own."""

    network: Partial = {}
    training: Partial = {}
    experiments: dict[Name, Partial] = {}  # training of single experiments, laid over `training`

    def training_of(self, experiment: str) -> Partial:
        """What an experiment's training is overridden with."""
        return {**self.training, **self.experiments.get(experiment, {})}


class Timing(Frozen):
    """How Table VI is measured. `twin_rows`: on a KKBox-shaped twin of that many rows; null: on KKBox."""

    twin_rows: Annotated[int, Field(ge=100)] | None = None
    repeats: PositiveInt = 3


class CampaignConfig(Frozen):
    """config/<campaign>.yaml."""

    campaign: Name
    datasets: Annotated[tuple[str, ...], Field(min_length=1)]
    experiments: Annotated[tuple[Name, ...], Field(min_length=1)]
    seeds: Seeds | None = None
    twin: Twin | None = None
    preset: Name | None = None
    every_dataset: bool = False  # run each experiment on all of `datasets`, not only on its own
    limits: Limits = Limits()
    timing: Timing = Timing()
    precision: Precision = "fp32"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: Threads = 1
    cuda_graph: bool = False
    checkpoint_s: Annotated[float, Field(ge=0.0)] = 30.0
    pack_size: PositiveInt = 16
    pack_workers: PositiveInt = 1
    mirror: str | None = None
    local: dict[str, str] = {}


def load_campaign(path: Path) -> CampaignConfig:
    """Read and check a campaign file; its dataset and experiment names must exist."""
    return check_campaign(read_yaml(path), str(path))


def check_campaign(values: Any, where: str) -> CampaignConfig:
    """Check a campaign mapping; `where` names its origin in messages."""
    campaign = validate(CampaignConfig, values, where)
    for key, names, folder in (
        ("datasets", campaign.datasets, "datasets"),
        ("experiments", campaign.experiments, "experiments"),
        ("limits.experiments", tuple(campaign.limits.experiments), "experiments"),
        ("local", tuple(campaign.local), "datasets"),
    ):
        for name in names:
            if name not in available(folder):
                raise UserError(f"{where}: {key}: no {folder[:-1]} {name!r}; {nearest(name, available(folder))}")
    return campaign


@cache
def available(folder: str) -> tuple[str, ...]:
    """Names of the files in config/<folder>."""
    return tuple(sorted(path.stem for path in (config_root() / folder).glob("*.yaml")))


def config_root() -> Path:
    """The configuration folder: `TF4CTR_CONFIG`, else config/ of this checkout."""
    return Path(os.environ.get("TF4CTR_CONFIG") or ROOT / "config")


@cache
def load_dataset(name: str) -> DatasetConfig:
    """Read config/datasets/<name>.yaml."""
    return _load_named(DatasetConfig, "datasets", name)


@cache
def load_experiment(name: str) -> ExperimentConfig:
    """Read config/experiments/<name>.yaml."""
    return _load_named(ExperimentConfig, "experiments", name)


def _load_named(cls: type[M], folder: str, name: str) -> M:
    path = config_root() / folder / f"{name}.yaml"
    if not path.is_file():
        raise UserError(f"{path}: no such file; {nearest(name, available(folder))}")
    config = validate(cls, read_yaml(path), str(path))
    if getattr(config, "name", name) != name:
        raise UserError(f"{path}: name: must equal the file's name, {name!r}")
    return config


def read_yaml(path: Path) -> Any:
    """Read a YAML (or JSON) file, with the line of a syntax error in the message."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {error}") from error


def validate(cls: type[M], values: Any, where: str) -> M:
    """Validate `values` as `cls`; every fault becomes one line that names file and key."""
    try:
        return cls.model_validate(values)
    except ValidationError as error:
        raise UserError("\n".join(f"{where}: {_fault(cls, fault)}" for fault in error.errors())) from error


def _fault(cls: type[BaseModel], fault: Any) -> str:
    key = ".".join(str(part) for part in fault["loc"]) or "(whole file)"
    if fault["type"] == "extra_forbidden":
        return f"{key}: unknown key; {nearest(str(fault['loc'][-1]), _keys_beside(cls, fault['loc']))}"
    if fault["type"] == "union_tag_invalid":
        expected = fault["ctx"]["expected_tags"].replace("'", "").split(", ")
        return f"{key}: no {fault['ctx']['tag']!r}; {nearest(str(fault['ctx']['tag']), expected)}"
    if fault["type"] == "literal_error" and isinstance(fault["input"], str):
        expected = fault["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{key}: no {fault['input']!r}; {nearest(fault['input'], expected)}"
    given = "" if isinstance(fault["input"], dict | list) else f" (given: {fault['input']!r})"
    return f"{key}: {fault['msg'].removeprefix('Value error, ')}{given}"


def _keys_beside(cls: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Keys that the mapping around `loc` knows, found in the JSON schema of `cls`."""
    schema = cls.model_json_schema()
    definitions = schema.get("$defs", {})
    nodes = [schema]
    for part in loc[:-1]:
        nodes = [child for node in nodes for child in _children(_resolve(node, definitions), part, definitions)]
    return sorted({key for node in nodes for key in _resolve(node, definitions).get("properties", {})})


def _resolve(node: Any, definitions: dict[str, Any]) -> Any:
    return definitions[node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def _children(node: Any, part: int | str, definitions: dict[str, Any]) -> list[Any]:
    branches = [_resolve(branch, definitions) for branch in node.get("anyOf", node.get("oneOf", [node]))]
    found = []
    for branch in branches:
        if isinstance(part, int) and "items" in branch:
            found.append(branch["items"])
        elif part in branch.get("properties", {}):
            found.append(branch["properties"][part])
        elif branch.get("properties", {}).get("name", {}).get("const") == part:
            found.append(branch)  # pydantic puts a union's tag into the location
    return found

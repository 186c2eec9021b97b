"""Configuration files: campaigns, datasets, experiments. Typed, unknown keys are errors."""

from contextlib import suppress
from functools import cache
from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, Field, model_validator

from workflow.errors import UserError, nearest
from workflow.plan.names import ArchiveName, DatasetName, Label, Name
from workflow.plan.partial import Partial, part_of, parts_by_name
from workflow.plan.places import ROOT, config_root
from workflow.plan.reading import read_yaml, validate
from workflow.plan.space import Tuning, TuningChanges
from workflow.settings import LOSS_CLASSES, MODEL_CLASSES, Frozen, PositiveInt
from workflow.spec import ListColumn, Optimizer, Precision, Preparation, Seeds, Threads, Training, Twin, TwinRows

RESERVED = frozenset({"dataset", "metric", "source"})  # coordinates that cells and prints have by themselves
MAX_CELLS = 10_000  # of one arm on one dataset
Coordinates = dict[Name, str]  # of a cell or a printed number: table, dataset, model, loss, ssem, dfm, alpha …
NETWORKS = tuple(cls for name, cls in MODEL_CLASSES.items() if name != "Custom")  # its keys are its own
NetworkPart = Annotated[Partial, part_of(*NETWORKS)]
TrainingPart = Annotated[Partial, part_of(Training)]
M = TypeVar("M", bound=BaseModel)
# What archives bring along, by folder of config/ and name: known where config/ has no such file, or in a file's place.
LENT: dict[tuple[str, str], Any] = {}
INSTEAD: dict[tuple[str, str], Any] = {}


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if twice := [name for name in names if names.count(name) > 1]:
        raise ValueError(f"{twice[0]!r} is named twice; name it once")
    return names


Distinct = Annotated[tuple[Name, ...], AfterValidator(_distinct)]

# -- datasets -------------------------------------------------------------------------


class Source(Frozen):
    """Where the raw archive comes from and what its published bytes are."""

    archive: ArchiveName
    url: str | None = None
    size_bytes: PositiveInt | None = None  # of the published archive, for `plan`
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    md5: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    file_md5: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]] = {}
    homepage: str = ""
    terms: str = ""


ArchiveStanding = Literal["published", "redrawn", "stand-in"]


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

    network: NetworkPart = {}  # for every model that has the key
    models: Annotated[dict[str, Partial], parts_by_name(MODEL_CLASSES)] = {}  # by model name
    losses: Annotated[dict[str, Partial], parts_by_name(LOSS_CLASSES)] = {}  # by loss name
    optimizer: Annotated[Partial, part_of(Optimizer)] = {}
    training: TrainingPart = {}


class DatasetConfig(Frozen):
    """config/datasets/<name>.yaml."""

    name: DatasetName
    title: str
    source: Source
    archives: tuple[KnownArchive, ...] = ()  # other bytes are a stand-in
    published: Published = Published()
    preparation: Preparation
    presets: dict[Name, dict[str, Annotated[Partial, part_of(ListColumn)]]] = {}  # by preset: by field
    protocol: Protocol = Protocol()

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        preparation = self.preparation
        fields = [field.name for field in preparation.fields]
        for key, names, known in (
            *((f"presets.{preset}", columns, fields) for preset, columns in self.presets.items()),
            ("published.vocabulary", self.published.vocabulary, fields),
            ("source.file_md5", self.source.file_md5, preparation.files),
        ):
            for name in names:
                if name not in known:
                    raise ValueError(f"{key}: no {name!r}; {nearest(name, known)}")
        if (label := preparation.label) in fields:
            raise ValueError(f"preparation.fields: has the label, {label!r}: models would read the answer; remove it")
        if preparation.format == "csv" and len(preparation.files) != 1:
            raise ValueError("preparation.files: format csv takes exactly one file, such as `all: data.csv`")
        if preparation.format == "movielens-1m" and set(preparation.files) != {"ratings", "users"}:
            raise ValueError("preparation.files: movielens-1m needs `ratings` and `users`")
        return self


# -- experiments ----------------------------------------------------------------------


class Arm(Frozen):
    """One family of cells: fixed settings, and a grid over dotted keys."""

    label: Label  # for display; a template over the grid's last key parts, such as "{ssem}+{dfm}"
    at: Coordinates = {}  # coordinates of its cells, such as {ssem: "{ssem}", loss: log}; by default {model: its label}
    print_at: Coordinates = {}  # the coordinates of their printed number, if different; "" removes one
    grid: dict[str, tuple[Any, ...]] = {}
    model: Partial
    loss: Partial = {"name": "log"}
    optimizer: Partial = {}
    training: Partial = {}
    probes: Partial = {}
    datasets: Distinct | None = None  # None: those of the experiment


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
    datasets: Distinct
    at: Coordinates = {}  # of all its cells, such as {table: "3"}
    reference: Coordinates = {}  # coordinates of a cell's plain reference, if different: {loss: log}
    every_dataset: bool = True  # whether a campaign's `every_dataset` applies here
    timed: bool = False  # its runs are timed by a job of their own, not trained to the end
    seeds: Seeds = (2023,)
    arms: tuple[Arm, ...] = ()
    tuning: Tuning | None = None  # in place of arms: models whose settings are drawn and chosen
    overrides: tuple[Override, ...] = ()

    @model_validator(mode="after")
    def _cells_agree(self) -> Self:
        if self.tuning and (self.arms or self.overrides or self.timed):
            raise ValueError(
                "tuning: a tuned experiment has no arms, overrides or timing; put models into tuning.models"
            )
        for number, arm in enumerate(self.arms):
            if (cells := prod(len(values) for values in arm.grid.values())) > MAX_CELLS:
                most = f"at most {MAX_CELLS:,} are accepted; name fewer values"
                raise ValueError(f"arms.{number}.grid: makes {cells:,} cells, {most}")
        for where, at in (("at", self.at), *((f"arms.{number}.at", arm.at) for number, arm in enumerate(self.arms))):
            for key in RESERVED & set(at):
                raise ValueError(f"{where}.{key}: cannot be set in an arm; remove it")
        cells = [(one.dataset, one.at) for one in self.overrides]
        for dataset, at in cells:
            if cells.count((dataset, at)) > 1:
                at_cell = f"the cell at {'+'.join(at.values())!r} of {dataset}"
                raise ValueError(f"overrides: {at_cell} is set twice; write one override")
        return self


# -- campaigns ------------------------------------------------------------------------


class Limits(Frozen):
    """Overrides that make a campaign cheaper; none of them in the paper's own."""

    network: NetworkPart = {}
    training: TrainingPart = {}
    experiments: dict[Name, TrainingPart] = {}  # training of single experiments, laid over `training`

    def training_of(self, experiment: str) -> Partial:
        """What an experiment's training is overridden with."""
        return {**self.training, **self.experiments.get(experiment, {})}


class Timing(Frozen):
    """How Table VI is measured. `twin_rows`: on a KKBox-shaped twin of that many rows; null: on KKBox."""

    twin_rows: TwinRows | None = None
    repeats: Annotated[PositiveInt, Field(le=1000)] = 3


class CampaignConfig(Frozen):
    """config/<campaign>.yaml."""

    campaign: Name
    datasets: Annotated[Distinct, Field(min_length=1)]
    experiments: Annotated[Distinct, Field(min_length=1)]
    seeds: Seeds | None = None
    twin: Twin | None = None
    preset: Name | None = None
    every_dataset: bool = False  # run each experiment on all of `datasets`, not only on its own
    limits: Limits = Limits()
    timing: Timing = Timing()
    tuning: TuningChanges = TuningChanges()
    precision: Precision = "fp32"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: Threads = 1
    cuda_graph: bool = False
    checkpoint_s: Annotated[float, Field(ge=0.0)] = 30.0
    keep_weights: bool = False  # of each run, for `tf4ctr predict`
    packs: Literal["experiments", "datasets"] = "experiments"  # what the runs of a job share
    first: tuple[dict[Name, str | tuple[str, ...]], ...] = ()  # coordinates of what is trained before the rest
    pack_size: PositiveInt = 16
    pack_workers: PositiveInt = 1
    mirror: str | None = None
    local: dict[str, str] = {}


def load_campaign(path: Path) -> CampaignConfig:
    """Read and check a campaign file; its dataset and experiment names must exist."""
    return check_campaign(read_yaml(path), str(path))


def check_campaign(values: Any, where: str) -> CampaignConfig:
    """Check a campaign mapping; `where` names its origin in messages."""
    for key, what in (("preparation", "a dataset"), ("arms", "an experiment")):
        if isinstance(values, dict) and key in values:
            raise UserError(f"{where}: describes {what} and no campaign; name it in `{what.split()[1]}s` of one")
    campaign = validate(CampaignConfig, values, where)
    for key, names, folder in (
        ("datasets", campaign.datasets, "datasets"),
        ("experiments", campaign.experiments, "experiments"),
        ("limits.experiments", tuple(campaign.limits.experiments), "experiments"),
        ("tuning.datasets", campaign.tuning.datasets or (), "datasets"),
        ("local", tuple(campaign.local), "datasets"),
    ):
        for name in names:
            if name not in available(folder):
                raise UserError(f"{where}: {key}: no {folder[:-1]} {name!r}; {nearest(name, available(folder))}")
    presets = {preset for name in campaign.datasets for preset in load_dataset(name).presets}
    if campaign.preset and presets and campaign.preset not in presets:
        raise UserError(f"{where}: preset: no {campaign.preset!r}; {nearest(campaign.preset, presets)}")
    return campaign


@cache
def available(folder: str) -> tuple[str, ...]:
    """Names of the files in config/<folder>."""
    found = {name for kind, name in LENT if kind == folder}
    with suppress(FileNotFoundError, NotADirectoryError):  # `glob` finds nothing in an unreadable folder
        found |= {path.stem for path in (config_root() / folder).iterdir() if path.suffix == ".yaml"}
    return tuple(sorted(found))


@cache
def load_dataset(name: str) -> DatasetConfig:
    """Read config/datasets/<name>.yaml."""
    return _load_named(DatasetConfig, "datasets", name)


@cache
def load_experiment(name: str) -> ExperimentConfig:
    """Read config/experiments/<name>.yaml."""
    config = _load_named(ExperimentConfig, "experiments", name)
    tuned = config.tuning.models if config.tuning else ()
    path = config_root() / f"experiments/{name}.yaml"
    known = {*available("datasets"), *(file.stem for file in (ROOT / "config/datasets").glob("*.yaml"))}
    for key, names in (
        ("datasets", config.datasets),
        *((f"arms.{number}.datasets", arm.datasets or ()) for number, arm in enumerate(config.arms)),
        *((f"overrides.{number}.dataset", (override.dataset,)) for number, override in enumerate(config.overrides)),
        ("tuning.datasets", tuple(config.tuning.datasets) if config.tuning else ()),
        *((f"tuning.models.{number}.own_on", tuple(model.own_on)) for number, model in enumerate(tuned)),
    ):
        for dataset in (one for one in names if one not in known):
            raise UserError(f"{path}: {key}: no dataset {dataset!r}; {nearest(dataset, known)}")
    return config


def _load_named(cls: type[M], folder: str, name: str) -> M:
    path = config_root() / folder / f"{name}.yaml"
    given = INSTEAD.get((folder, name), None if path.is_file() else LENT.get((folder, name)))
    if given is None and not path.is_file():
        raise UserError(f"{path}: no such file; {nearest(name, available(folder))}")
    config = validate(cls, read_yaml(path) if given is None else given, str(path))
    if getattr(config, "name", name) != name:
        raise UserError(f"{path}: name: must equal the file's name, {name!r}")
    return config

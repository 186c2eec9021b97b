"""What the paper prints: paper/tables.yaml, typed, and flattened to coordinates. Unknown keys are errors.

Scores are `Decimal`, read from strings, so that a printed 81.40 stays 81.40.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from workflow.plan.config import ROOT, read_yaml, validate
from workflow.settings import Frozen


def _printed(value: Any) -> Decimal:
    if not isinstance(value, str):
        raise ValueError("write the print in quotes, so that trailing zeros survive")
    try:
        return Decimal(value.replace(",", ""))
    except ArithmeticError as error:
        raise ValueError("not a number") from error


Printed = Annotated[Decimal, BeforeValidator(_printed)]
Count = Annotated[int, BeforeValidator(lambda value: int(_printed(value))), Field(gt=0)]
Quantity = Literal["instances", "fields", "features", "split"]
ByDataset = dict[str, Printed]


class About(Frozen):
    """Which paper, and which of its versions is transcribed."""

    title: str
    arxiv: str
    version: Annotated[str, Field(pattern=r"^v[1-9]\d*$")]
    authors: Annotated[int, Field(gt=0)]

    @property
    def cited(self) -> str:
        """The version, as it is cited.

        Examples
        --------
        >>> About(title="A paper", arxiv="2405.03167", version="v1", authors=5).cited
        'arXiv 2405.03167v1'
        """
        return f"arXiv {self.arxiv}{self.version}"


class DatasetCounts(Frozen):
    """A row of Table I; `notes` say why a print is wrong."""

    instances: Count
    fields: Count
    features: Count
    split: Annotated[str, Field(pattern=r"^\d+:\d+:\d+$")]
    notes: dict[Quantity, str] = Field(default={})


class LossRow(Frozen):
    """A row of Table II: AUC and gain over log loss, per dataset and on average."""

    auc: ByDataset
    gain: ByDataset = Field(default={})
    mean_auc: Printed
    mean_gain: Printed | None = None
    note: str | None = None


class LossGroup(Frozen):
    """The rows of one model in Table II, by loss."""

    encoder: str
    losses: dict[Literal["log", "focal", "rce", "twin_focus"], LossRow]


class GridCell(Frozen):
    """A cell of Table III."""

    auc: Printed
    gauc: Printed
    note: str | None = None


class ComparisonRow(Frozen):
    """A row of Table IV: AUC by model."""

    auc: dict[str, Printed]
    p_value: Printed
    note: str | None = None


class FrameworkRow(Frozen):
    """Two rows of Table V: a model alone and inside the framework."""

    plain: ByDataset
    framework: ByDataset
    gain: ByDataset


class TimingRow(Frozen):
    """A row of Table VI; ratios are to the DNN."""

    train_s: Printed
    train_ratio: Annotated[str, Field(pattern=r"^[\d.]+x$")] | None = None
    infer_s: Printed
    infer_ratio: Annotated[str, Field(pattern=r"^[\d.]+x$")] | None = None


class Located(Frozen):
    """Where in the paper a table stands."""

    location: str
    note: str | None = None

    @property
    def number(self) -> str:
        """What the paper calls it, such as "Table IV"."""
        return self.location.partition(",")[0]


class Table1(Located):
    """Dataset statistics, by dataset."""

    datasets: dict[str, DatasetCounts]


class Table2(Located):
    """Losses, by model."""

    models: dict[str, LossGroup]


class Table3(Located):
    """SSEM and DFM methods, by dataset and `SSEM+DFM`."""

    datasets: dict[str, dict[str, GridCell]]


class Table4(Located):
    """Models, by dataset."""

    datasets: dict[str, ComparisonRow]


class Table5(Located):
    """The framework around three models."""

    models: dict[str, FrameworkRow]


class Table6(Located):
    """Times of the first epoch, by model."""

    models: dict[str, TimingRow]


class Paper(Frozen):
    """Every printed table."""

    paper: About
    table_1: Table1
    table_2: Table2
    table_3: Table3
    table_4: Table4
    table_5: Table5
    table_6: Table6


@cache
def load_paper(path: Path = ROOT / "paper" / "tables.yaml") -> Paper:
    """Read and check the transcription.

    Raises
    ------
    UserError
        When the file is missing, is not YAML, or breaks the schema; it names file and key.
    """
    return validate(Paper, read_yaml(path), str(path))


def in_paper(dataset: str) -> bool:
    """Whether the paper has a dataset of this name; others are the user's own."""
    return dataset in load_paper().table_1.datasets


# -- every print by its coordinates ---------------------------------------------------


@dataclass(frozen=True)
class Print:
    """One printed number: where it stands (its metric among the coordinates), its text, its exact value.

    `version` is that of the paper which prints it.
    """

    at: Mapping[str, str]
    text: str
    value: Fraction
    version: str

    @property
    def points(self) -> Decimal:
        """The printed decimal."""
        return Decimal(self.text)


def flattened(paper: Paper) -> Iterator[Print]:
    """Every printed number, in the order of the tables."""
    for number, table in enumerate((_table_1, _table_2, _table_3, _table_4, _table_5, _table_6), start=1):
        for at, value in table(paper):
            exact, text = value if isinstance(value, tuple) else (Fraction(value), str(value))
            yield Print({"table": str(number), **at}, text, exact, paper.paper.version)


_Flat = Iterator[tuple[dict[str, str], Decimal | int | tuple[Fraction, str]]]


def _table_1(paper: Paper) -> _Flat:
    for dataset, row in paper.table_1.datasets.items():
        for metric in ("instances", "fields", "features"):
            yield {"dataset": dataset, "metric": metric}, getattr(row, metric)
        parts = [int(part) for part in row.split.split(":")]
        for metric, part in zip(("train", "valid", "test"), parts, strict=True):
            share = Fraction(part, sum(parts)), f"{part} of {row.split}"
            yield {"dataset": dataset, "metric": f"{metric}_share"}, share


def _table_2(paper: Paper) -> _Flat:
    for model, group in paper.table_2.models.items():
        for loss, row in group.losses.items():
            at = {"model": model, "loss": loss}
            for metric, values in (("auc", row.auc), ("gain", row.gain)):
                for dataset, value in values.items():
                    yield {**at, "dataset": dataset, "metric": metric}, value
            for metric, value in (("mean_auc", row.mean_auc), ("mean_gain", row.mean_gain)):
                if value is not None:
                    yield {**at, "metric": metric}, value


def _table_3(paper: Paper) -> _Flat:
    for dataset, cells in paper.table_3.datasets.items():
        for name, cell in cells.items():
            ssem, dfm = name.split("+")
            for metric, value in (("auc", cell.auc), ("gauc", cell.gauc)):
                yield {"dataset": dataset, "ssem": ssem, "dfm": dfm, "metric": metric}, value


def _table_4(paper: Paper) -> _Flat:
    for dataset, row in paper.table_4.datasets.items():
        for model, value in row.auc.items():
            yield {"dataset": dataset, "model": model, "metric": "auc"}, value
        yield {"dataset": dataset, "metric": "p_value"}, row.p_value


def _table_5(paper: Paper) -> _Flat:
    for model, row in paper.table_5.models.items():
        for dataset in row.plain:
            at = {"model": model, "dataset": dataset}
            yield {**at, "variant": "plain", "metric": "auc"}, row.plain[dataset]
            yield {**at, "variant": "framework", "metric": "auc"}, row.framework[dataset]
            yield {**at, "variant": "framework", "metric": "gain"}, row.gain[dataset]


def _table_6(paper: Paper) -> _Flat:
    for model, row in paper.table_6.models.items():
        at = {"dataset": "kkbox", "model": model}
        for metric in ("train_s", "infer_s"):
            yield {**at, "metric": metric}, getattr(row, metric)
        for metric in ("train_ratio", "infer_ratio"):
            printed = getattr(row, metric)
            if printed is not None:
                yield {**at, "metric": metric}, Decimal(printed.removesuffix("x"))

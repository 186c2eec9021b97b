"""What the paper prints: paper/tables.yaml, typed. Unknown keys are errors.

Scores are `Decimal`, read from strings, so that a printed 81.40 stays 81.40.
"""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from workflow.config import ROOT, read_yaml, validate
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
    """Which paper."""

    title: str
    arxiv: str


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

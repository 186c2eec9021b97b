"""What others published on the same files: paper/published.csv, a row per run, and as facts."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from workflow.analysis.paper.facts import Fact
from workflow.errors import UserError
from workflow.plan.config import ROOT, validate
from workflow.plan.reading import read_rows
from workflow.settings import Frozen

PUBLISHED_PATH = ROOT / "paper" / "published.csv"
COORDINATES = ("dataset", "files", "model", "by", "choice", "source", "version", "embedding_dim", "published", "url")
Auc = Annotated[Decimal, Field(gt=0, lt=1)]
Word = Annotated[str, Field(min_length=1)]
Inputs = Literal["published", "redrawn", "other protocol"]
ByWhom = Literal["others", "the paper's authors"]
Choice = Literal["published", "by validation"]


def _or_none(text: str) -> str | None:
    return text or None


class PublishedRun(Frozen):
    """One published run.

    `run` counts the runs of one source. `other_inputs` says how the prepared rows differ from the paper's, and
    `standing` how close that is: published without a difference, redrawn where rare tokens differ, other protocol
    where columns do. `by` tells the group's own later logs from what others published, `choice` a run that validation
    would have chosen among the source's trials from the one that it published, on the day `published`.
    """

    dataset: Word
    files: Word
    model: Word
    auc: Auc
    logloss: Annotated[Annotated[Decimal, Field(gt=0)] | None, BeforeValidator(_or_none)]
    run: Annotated[int, Field(gt=0)]
    seed: str
    embedding_dim: Annotated[Annotated[int, Field(gt=0)] | None, BeforeValidator(_or_none)]
    other_inputs: str
    standing: Inputs
    by: ByWhom
    choice: Choice
    source: Word
    version: Word
    published: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
    url: Annotated[str, Field(pattern=r"^https://")]
    note: str

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.standing == "published") != (self.other_inputs == ""):
            raise ValueError("standing is published where other_inputs is empty, and there only")
        return self

    @property
    def key(self) -> tuple[str, ...]:
        """What no two rows share."""
        return self.dataset, self.files, self.model, self.source, self.version, self.by, self.choice, str(self.run)


@cache
def load_published(path: Path = PUBLISHED_PATH) -> tuple[PublishedRun, ...]:
    """Read the table; a `UserError` names the line that breaks the schema or is there twice."""
    found: dict[tuple[str, ...], PublishedRun] = {}
    for line, row in enumerate(read_rows(path), start=2):
        run = validate(PublishedRun, row, f"{path}: line {line}")
        if run.key in found:
            raise UserError(f"{path}: line {line}: {' '.join(run.key)} is there twice; number the runs of a source")
        found[run.key] = run
    return tuple(found.values())


def published_facts(runs: Iterable[PublishedRun]) -> Iterator[Fact]:
    """The AUC of every run, with all that identifies the run as its coordinates."""
    for run in runs:
        at = {name: str(getattr(run, name) or "") for name in COORDINATES}
        standing, key = run.standing, " ".join(run.key)
        yield Fact(at, "auc", str(run.auc), "published", standing=standing, key=key, note=run.other_inputs)

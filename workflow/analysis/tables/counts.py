"""The numbers of Table I: printed, published and prepared here, and what each comparison comes to.

Two questions are kept apart. Is the paper's print right? That is judged against the
published data. Are our data the published ones? That is judged against the same facts,
never against a print that is itself wrong.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.dataset import data_title
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import NOT_RUN, Ground, Standing, data_standing
from workflow.analysis.paper.facts import Fact
from workflow.analysis.paper.prints import in_paper
from workflow.data.store import Meta
from workflow.plan.cells import dataset_spec
from workflow.plan.config import DatasetConfig, Published, load_dataset
from workflow.spec import SPLITS, DatasetSpec

Quantity = Literal["instances", "fields", "features", "split"]
LABELS: dict[Quantity, str] = {
    "instances": "instances",
    "fields": "fields",
    "features": "features",
    "split": "train:valid:test",
}
Counts = dict[Quantity, str | None]


class PrintCheck(StrEnum):
    """Whether the paper's print is right."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class CountCell:
    """One number of Table I. `why` explains what does not agree; it plays no part in the verdicts."""

    quantity: Quantity
    paper: str | None
    published: str | None
    ours: str | None
    print: PrintCheck
    verdict: Verdict
    why: str


@dataclass(frozen=True)
class DatasetCounts:
    """A dataset's cells and the data behind ours."""

    config: DatasetConfig
    spec: DatasetSpec
    meta: Meta | None
    cells: tuple[CountCell, ...]

    @property
    def standing(self) -> tuple[Standing, str] | None:
        """Of what the prepared data are evidence, and why; None where they are not prepared."""
        return _standing(self.config, self.meta)

    @property
    def own(self) -> bool:
        """Whether the paper does not have this dataset."""
        return not in_paper(self.config.name)

    @property
    def title(self) -> str:
        """The dataset's name for readers."""
        planned = "synthetic" if self.spec.preparation.twin else None
        return data_title(self.config.title, planned or (self.standing[0] if self.standing else None))


def row_of(evidence: Evidence, dataset: str) -> DatasetCounts:
    """A dataset's counts from all three sources."""
    config = load_dataset(dataset)
    meta = evidence.meta_of(dataset)
    facts, ours = published_counts(config.published), prepared_counts(meta)
    printed = {name: evidence.print_of({"table": "1", "dataset": dataset}, name) for name in LABELS}
    cells = tuple(_cell(config, name, printed[name], facts[name], ours[name], meta) for name in LABELS)
    return DatasetCounts(config, dataset_spec(config, evidence.plan.campaign), meta, cells)


def _standing(config: DatasetConfig, meta: Meta | None) -> tuple[Standing, str] | None:
    return data_standing(config, meta.origin, {file.name: file.sha256 for file in meta.raw}) if meta else None


# -- the three sources of a number ----------------------------------------------------


def published_counts(published: Published) -> Counts:
    """The published facts in the paper's form; None where a fact is not known.

    Examples
    --------
    >>> published_counts(Published(rows={"train": 70, "valid": 20, "test": 10}, features=1234))["split"]
    '7:2:1'
    """
    whole = set(published.rows) == set(SPLITS)
    rows = [published.rows[name] for name in SPLITS] if whole else []
    features = published.features or sum(published.vocabulary.values())
    return {
        "instances": f"{sum(rows):,}" if whole else None,
        "fields": str(len(published.vocabulary)) if published.vocabulary else None,
        "features": f"{features:,}" if features else None,
        "split": ratio(rows) if whole else None,
    }


def prepared_counts(meta: Meta | None) -> Counts:
    """The counts of our prepared data; all None where they are not prepared."""
    if meta is None:
        return dict.fromkeys(LABELS)
    rows = [meta.splits[name].rows for name in SPLITS]
    return {
        "instances": f"{sum(rows):,}",
        "fields": str(len(meta.fields)),
        "features": f"{meta.features:,}",
        "split": ratio(rows),
    }


def ratio(rows: list[int]) -> str:
    """Shares of the splits in tenths, as the paper writes them.

    Examples
    --------
    >>> ratio([202_027, 57_722, 28_860])
    '7:2:1'
    """
    return ":".join(str(round(10 * part / sum(rows))) for part in rows)


# -- the two verdicts -----------------------------------------------------------------


def _cell(
    config: DatasetConfig,
    quantity: Quantity,
    printed: Fact | None,
    published: str | None,
    ours: str | None,
    meta: Meta | None,
) -> CountCell:
    paper = printed.text if printed else None
    fact = published or (ours if meta is not None and meta.origin == "published" else None)
    right, verdict = judge_print(paper, fact), _judge_ours(config, ours, published or paper, meta)
    apart = right is PrintCheck.WRONG or (meta is not None and meta.origin != "twin" and ours != fact)
    why = printed.note if printed and apart else ""
    return CountCell(quantity, paper, published, ours, right, verdict, why)


def judge_print(paper: str | None, fact: str | None) -> PrintCheck:
    """Compare the paper's number with what the published data have."""
    if paper is None or fact is None:
        return PrintCheck.UNKNOWN
    return PrintCheck.RIGHT if paper == fact else PrintCheck.WRONG


def _judge_ours(config: DatasetConfig, ours: str | None, expected: str | None, meta: Meta | None) -> Verdict:
    standing = _standing(config, meta)
    ground = Ground(None, standing[0]) if standing else NOT_RUN
    if expected is None:
        return verdict(ground, Finding.NONE)
    return verdict(ground, Finding.CONSISTENT if ours == expected else Finding.INCONSISTENT)

"""The paper beside what others published on the same files: paper/published.csv, a row per run.

Two questions, and no run of ours is needed for either. Is each printed baseline within, below or
above what others got with that model? And was the paper's own model ahead of every model that had
been published when it appeared, and is it of those published since?

What counts as equal is ± 0.10 points around a single run, the paper's own bar for a gain that counts
and the bar of those who published most of the rows. Where they published three seeds or more, it is
the prediction interval of one more run. Rows whose inputs differ (other rare tokens, lists read
otherwise) say so and how far they bear; a print is placed among those that bear farthest, and every
answer repeats the difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from workflow.analysis.evidence.verdict import Finding, Standing
from workflow.analysis.stats.prediction import Prediction, WIDEST_points, meets, prediction
from workflow.errors import UserError
from workflow.plan.config import ROOT, validate
from workflow.plan.reading import read_rows
from workflow.settings import Frozen

PUBLISHED_PATH = ROOT / "paper" / "published.csv"
APPEARED = "2024-05"  # the paper's first version on arXiv
Auc = Annotated[Decimal, Field(gt=0, lt=1)]
Word = Annotated[str, Field(min_length=1)]


class PublishedRun(Frozen):
    """One published run.

    `run` counts the runs of one source; `other_inputs` says how the prepared rows differ from the
    paper's, and is empty where they do not; `standing` says of what that makes them evidence: direct
    without a difference, close where rare tokens differ, other protocol where columns do; `published` is
    the day on which the source showed it.
    """

    dataset: Word
    files: Word
    model: Word
    auc: Auc
    logloss: Annotated[Decimal, Field(gt=0)]
    run: Annotated[int, Field(gt=0)]
    seed: str
    embedding_dim: Annotated[int, Field(gt=0)]
    other_inputs: str
    standing: Literal[Standing.DIRECT, Standing.CLOSE, Standing.OTHER_PROTOCOL]
    source: Word
    version: Word
    published: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    url: Annotated[str, Field(pattern=r"^https://")]
    note: str

    @model_validator(mode="after")
    def _told(self) -> Self:
        if (self.standing == Standing.DIRECT) != (self.other_inputs == ""):
            raise ValueError("standing is direct where other_inputs is empty, and there only")
        return self

    @property
    def points(self) -> Decimal:
        """AUC in points, cut to two decimals as the paper prints."""
        return (100 * self.auc).quantize(Decimal("0.01"), rounding=ROUND_DOWN)


@dataclass(frozen=True)
class PrintedAuc:
    """A printed test AUC, in points."""

    dataset: str
    model: str
    points: Decimal


@dataclass(frozen=True)
class Placed:
    """A printed AUC among published runs, all of one standing.

    `gap_points` is the print minus the nearest published value, cut alike; 0 between the lowest
    and the highest. It is negative below, also where that counts as within.
    """

    printed: PrintedAuc
    place: Finding
    gap_points: Decimal
    runs: tuple[PublishedRun, ...]

    @property
    def other_inputs(self) -> tuple[str, ...]:
        """How the inputs of the runs differ from the paper's; empty where they do not."""
        return tuple(dict.fromkeys(run.other_inputs for run in self.runs if run.other_inputs))

    @property
    def standing(self) -> Standing | None:
        """Of what the runs are evidence; None where there is none."""
        return self.runs[0].standing if self.runs else None


@dataclass(frozen=True)
class Lead:
    """The paper's own model against the best that others published, by the paper's day and to this one."""

    then: Placed
    now: Placed


def load_published(path: Path = PUBLISHED_PATH) -> tuple[PublishedRun, ...]:
    """Read the table.

    Raises
    ------
    UserError
        When it cannot be read, has no row, or a row breaks the schema or stands twice; it names the line.
    """
    found: dict[tuple[str, ...], PublishedRun] = {}
    for line, row in enumerate(read_rows(path), start=2):
        run = validate(PublishedRun, row, f"{path}: line {line}")
        key = (run.files, run.model, run.source, run.version, str(run.run))
        if key in found:
            raise UserError(f"{path}: line {line}: {' '.join(key)} stands twice; number the runs of a source")
        found[key] = run
    return tuple(found.values())


def place_baselines(printed: Iterable[PrintedAuc], runs: Sequence[PublishedRun]) -> list[Placed]:
    """Place each printed baseline among the runs of the same model on the same dataset.

    Parameters
    ----------
    printed : iterable of PrintedAuc
        By the names of datasets and models that the runs have.
    runs : sequence of PublishedRun
        All of them.

    Returns
    -------
    list of Placed
        In the order of the prints; `none known` where the table has no run.
    """
    return [
        _placed(each, [run for run in runs if (run.dataset, run.model) == (each.dataset, each.model)])
        for each in printed
    ]


def lead(printed: PrintedAuc, runs: Sequence[PublishedRun], appeared: str = APPEARED) -> Lead:
    """Compare the paper's own model with the best run of any model on the dataset.

    Parameters
    ----------
    printed : PrintedAuc
        The paper's model.
    runs : sequence of PublishedRun
        All of them, without the authors' own.
    appeared : str
        When the paper did, as the start of a date: runs published before it could be known.

    Returns
    -------
    Lead
        Each `above` where the model leads, `within` where the best is as good, `below` where not.
    """
    here = [run for run in runs if run.dataset == printed.dataset]
    known = [run for run in here if run.published < appeared]
    return Lead(*(_placed(printed, _best(group)) for group in (known, here)))


def nearest_inputs(runs: Sequence[PublishedRun]) -> list[PublishedRun]:
    """Those of the runs whose inputs are nearest to the paper's."""
    order = list(Standing)
    nearest = min((order.index(run.standing) for run in runs), default=0)
    return [run for run in runs if run.standing == order[nearest]]


def _best(runs: Sequence[PublishedRun]) -> list[PublishedRun]:
    return sorted(nearest_inputs(runs), key=lambda run: run.auc)[-1:]


def _placed(printed: PrintedAuc, runs: Sequence[PublishedRun]) -> Placed:
    if not runs:
        return Placed(printed, Finding.NONE_KNOWN, Decimal(0), ())
    runs = nearest_inputs(runs)
    groups = defaultdict(list)
    for run in runs:
        groups[run.files, run.source, run.version].append(run.auc)
    bounds = [_bounds(group) for group in groups.values()]
    low, high = min(low for low, _ in bounds), max(high for _, high in bounds)
    place = Finding.WITHIN
    if not meets(low, high, printed.points):
        place = Finding.ABOVE if Fraction(printed.points) / 100 > high else Finding.BELOW
    lowest, highest = min(run.points for run in runs), max(run.points for run in runs)
    nearest = min(max(printed.points, lowest), highest)
    return Placed(printed, place, printed.points - nearest, tuple(runs))


def _bounds(auc_N: Sequence[Decimal]) -> tuple[float | Fraction, float | Fraction]:
    """What counts as the same as one source's runs, in AUC."""
    found = prediction([float(auc) for auc in auc_N])
    if isinstance(found, Prediction):
        return found.interval.low, found.interval.high
    bar = Fraction(WIDEST_points) / 100
    return Fraction(min(auc_N)) - bar, Fraction(max(auc_N)) + bar

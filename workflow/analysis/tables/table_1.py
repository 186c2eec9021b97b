"""Table I: the datasets' counts, printed, published and prepared here.

Two questions are kept apart. Is the paper's print right? That is judged against the
published data. Are our data the published ones? That is judged against the same facts,
never against a print that is itself wrong.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import get_args

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.prints import DatasetCounts, Quantity, in_paper
from workflow.analysis.evidence.standing import data_standing
from workflow.analysis.evidence.verdict import NOT_RUN, Finding, Ground, Standing, Verdict
from workflow.analysis.pages.document import Document, Entry, Field, Mark, Section, Table
from workflow.analysis.pages.notes import data_line, data_title
from workflow.analysis.tables.columns import told
from workflow.analysis.tables.frame import source_line, title_of
from workflow.cells import dataset_spec
from workflow.config import DatasetConfig, Published, load_dataset
from workflow.data.store import Meta
from workflow.spec import SPLITS, DatasetSpec

LABELS: dict[Quantity, str] = {
    "instances": "instances",
    "fields": "fields",
    "features": "features",
    "split": "train:valid:test",
}
Counts = dict[Quantity, str | None]


class Print(StrEnum):
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
    print: Print
    verdict: Verdict
    why: str


@dataclass(frozen=True)
class Row:
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
        planned = "twin" if self.spec.preparation.twin else None
        return data_title(self.config.title, planned or (self.standing[0] if self.standing else None))


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare the paper's counts with the published facts and with the prepared data; tell the wrong prints."""
    paper = evidence.paper
    rows = [_row(evidence, name) for name in evidence.datasets_of(experiment)]
    printed = [row for row in rows if not row.own]
    return Document(
        name=experiment.replace("_", "-"),
        title=title_of(paper.table_1, experiment),
        lines=(source_line(paper, paper.table_1),),
        sections=(
            *([_counts(printed), _wrong(printed), *_apart(printed)] if printed else []),
            *_own_counts([row for row in rows if row.own]),
            _data_section(rows),
            *_prepared(rows),
        ),
        notes=(
            "Published: row counts and vocabulary sizes of the data that the authors trained on, from their logs.",
            "Features are vocabulary rows over all fields; every field counts one row for padding and one for "
            "unseen values, as the authors' library does.",
            "Print says whether the paper's number agrees with the published data. Finding says whether our prepared "
            "data do, where they are direct or close evidence: reproduced means the same number.",
            f"Campaign {evidence.plan.campaign.campaign}.",
        ),
        data=tuple(line for row in rows for line in _long(evidence, experiment, row)),
    )


def _row(evidence: Evidence, dataset: str) -> Row:
    config = load_dataset(dataset)
    meta = evidence.meta_of(dataset)
    printed = evidence.paper.table_1.datasets.get(dataset)
    facts, ours = published_counts(config.published), prepared_counts(meta)
    cells = tuple(_cell(config, quantity, printed, facts[quantity], ours[quantity], meta) for quantity in LABELS)
    return Row(config, dataset_spec(config, evidence.plan.campaign), meta, cells)


def _standing(config: DatasetConfig, meta: Meta | None) -> tuple[Standing, str] | None:
    return data_standing(config, meta.origin, {file.name: file.sha256 for file in meta.raw}) if meta else None


# -- the three sources of a number ----------------------------------------------------


def printed_count(printed: DatasetCounts | None, quantity: Quantity) -> str | None:
    """The paper's number as it prints it."""
    if printed is None:
        return None
    value = getattr(printed, quantity)
    return value if isinstance(value, str) else f"{value:,}"


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
        return dict.fromkeys(get_args(Quantity))
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
    printed: DatasetCounts | None,
    published: str | None,
    ours: str | None,
    meta: Meta | None,
) -> CountCell:
    paper = printed_count(printed, quantity)
    fact = published or (ours if meta is not None and meta.origin == "published" else None)
    right, verdict = judge_print(paper, fact), _judge_ours(config, ours, published or paper, meta)
    apart = right is Print.WRONG or (meta is not None and meta.origin != "twin" and ours != fact)
    why = printed.notes.get(quantity, "") if printed and apart else ""
    return CountCell(quantity, paper, published, ours, right, verdict, why)


def judge_print(paper: str | None, fact: str | None) -> Print:
    """Compare the paper's number with what the published data have."""
    if paper is None or fact is None:
        return Print.UNKNOWN
    return Print.RIGHT if paper == fact else Print.WRONG


def _judge_ours(config: DatasetConfig, ours: str | None, expected: str | None, meta: Meta | None) -> Verdict:
    standing = _standing(config, meta)
    ground = Ground(None, standing[0]) if standing else NOT_RUN
    if expected is None:
        return ground.verdict(Finding.NO_PRINT)
    return ground.verdict(Finding.REPRODUCED if ours == expected else Finding.DIFFERS)


# -- sections -------------------------------------------------------------------------


def _counts(rows: list[Row]) -> Section:
    header = ("Dataset", "", "Paper", "Published", "Ours", "Print", "Finding")
    fields = tuple(_fields(row, cell, first=cell is row.cells[0]) for row in rows for cell in row.cells)
    return Section("Counts", tables=(Table("Dataset statistics", header, "llrrrll", fields, group=len(LABELS)),))


def _own_counts(rows: list[Row]) -> list[Section]:
    header = ("Dataset", *LABELS.values())
    fields = tuple((row.title, *(cell.ours or "–" for cell in row.cells)) for row in rows)
    table = Table("Datasets that the paper does not have", header, "l" + "r" * len(LABELS), fields)
    return [Section("Your own data", tables=(table,))] if rows else []


def _fields(row: Row, cell: CountCell, first: bool) -> tuple[Field, ...]:
    emphasis = Mark.BEST if cell.print is Print.WRONG else Mark.PLAIN
    return (
        row.title if first else "",
        LABELS[cell.quantity],
        cell.paper or "–",
        cell.published or "–",
        cell.ours or "–",
        Entry(cell.print.value, emphasis),
        told(cell.verdict),
    )


def _wrong(rows: list[Row]) -> Section:
    lines = [_explain(row, cell) for row in rows for cell in row.cells if cell.print is Print.WRONG]
    return Section("Where the paper's print is wrong", tuple(lines) or ("Nowhere, as far as it can be checked.",))


def _explain(row: Row, cell: CountCell) -> str:
    parts = [row.config.published.rows[name] for name in SPLITS if name in row.config.published.rows]
    total = " + ".join(f"{part:,}" for part in parts)
    detail = f" ({total})" if cell.quantity == "instances" and parts else ""
    fact = f"the published data have {cell.published}{detail}" if cell.published else f"the files have {cell.ours}"
    agrees = cell.verdict.shown is Finding.REPRODUCED and cell.published is not None
    ours = ", and so have ours" if agrees else ""
    name = f"{row.config.title}, {LABELS[cell.quantity]}"
    return f"{name}: the paper prints {cell.paper}; {fact}{ours}. {cell.why or 'The reason is not known.'}"


def _apart(rows: list[Row]) -> list[Section]:
    lines = [
        f"{row.title}, {LABELS[cell.quantity]}: {cell.ours}, against {expected}. {cell.why}".rstrip()
        for row in rows
        for cell in row.cells
        for expected in [cell.published or cell.paper]
        if row.meta and row.meta.origin != "twin" and cell.ours != expected
    ]
    return [Section("Where our data differ", tuple(lines))] if lines else []


def _data_section(rows: list[Row]) -> Section:
    return Section("Data behind ours", tuple(_data_of(row) for row in rows))


def _data_of(row: Row) -> str:
    if row.meta is None or row.standing is None:
        return f"{row.config.title}: not prepared in this campaign."
    standing, reason = row.standing
    return data_line(row.config.title, [(str(standing), reason, row.meta.origin_note)])


def _prepared(rows: list[Row]) -> list[Section]:
    header = ("Dataset", "Split", "Rows", "Positive", "Users", "Prepared in")
    lines = tuple(line for row in rows if row.meta for line in _splits(row.spec, row.meta, row.title))
    table = Table("Splits", header, "llrrrl", lines)
    return [Section("Prepared data", tables=(table,), appendix=True)] if lines else []


def _splits(spec: DatasetSpec, meta: Meta, title: str) -> list[tuple[Field, ...]]:
    return [
        (
            title,
            name,
            f"{meta.splits[name].rows:,}",
            f"{100 * meta.splits[name].positives / meta.splits[name].rows:.2f} %",
            f"{meta.splits[name].groups:,}" if meta.splits[name].groups else "–",
            spec.prepared_dir.as_posix(),
        )
        for name in SPLITS
    ]


def _long(evidence: Evidence, experiment: str, row: Row) -> list[dict[str, str]]:
    return [
        {
            "campaign": evidence.plan.campaign.campaign,
            "experiment": experiment,
            "dataset": row.config.name,
            "quantity": cell.quantity,
            "paper": cell.paper or "",
            "published": cell.published or "",
            "ours": cell.ours or "",
            "print": cell.print,
            "finding": cell.verdict.word,
            "standing": cell.verdict.standing or "",
            "why": cell.why,
            "prepared": row.spec.prepared_dir.as_posix() if row.meta else "",
            "fingerprint": row.meta.fingerprint if row.meta else "",
            "data_note": row.meta.origin_note if row.meta else "",
        }
        for cell in row.cells
    ]

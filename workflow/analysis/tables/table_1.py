"""Table I: the datasets' counts, printed, published and prepared here.

Two questions are kept apart. Is the paper's print right? That is judged against the published data. Are our data the
published ones? That is judged against the same facts, never against a print that is itself wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.analysis.compare.words import Finding, Verdict, verdict
from workflow.analysis.evidence.dataset import data_title
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import NOT_RUN, Ground, Standing, data_standing
from workflow.analysis.pages.document import Document, Entry, Field, Mark, Section, table_of
from workflow.analysis.pages.notes import data_line
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.tables.page import long_data, source_line
from workflow.data.description.facts import Description, load_description
from workflow.data.description.remarks import remarks_on
from workflow.data.description.tables import FIELDS_HEADER, SPLITS_HEADER, field_lines, split_lines
from workflow.data.store import Meta
from workflow.plan.cells import dataset_spec
from workflow.plan.config import DatasetConfig, load_dataset, load_experiment
from workflow.spec import SPLITS, DatasetSpec

LABELS = {"instances": "instances", "fields": "fields", "features": "features", "split": "train:valid:test"}
RIGHT, WRONG, UNKNOWN = "right", "wrong", "not known"  # the paper's print
NOTES = (
    "Published: row counts and vocabulary sizes of the data that the authors trained on, from their logs.",
    "Features are vocabulary rows over all fields; every field counts one row for padding and one for "
    "unseen values, as the authors' library does.",
    "Print says whether the paper's number agrees with the published data. Finding says whether our prepared "
    "data do, where these are the published ones or partly redrawn: consistent means the same number.",
)


@dataclass(frozen=True)
class Count:
    """One number of Table I. `why` explains what does not agree; it plays no part in the verdicts."""

    quantity: str
    paper: str | None
    published: str | None
    ours: str | None
    print: str
    verdict: Verdict
    why: str

    @property
    def expected(self) -> str | None:
        """What our data should have."""
        return self.published or self.paper


@dataclass(frozen=True)
class Counts:
    """A dataset's numbers and the data behind ours, with their standing; neither where they are not prepared."""

    config: DatasetConfig
    spec: DatasetSpec
    meta: Meta | None
    standing: tuple[Standing, str] | None
    cells: tuple[Count, ...]

    @property
    def title(self) -> str:
        """The dataset's name for readers."""
        planned = "synthetic" if self.spec.preparation.twin else None
        return data_title(self.config.title, planned or (self.standing[0] if self.standing else None))


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare the paper's counts with the published facts and with the prepared data; name the wrong prints."""
    paper = evidence.paper
    rows = [counts_of(evidence, name) for name in evidence.datasets_of(experiment)]
    printed = [row for row in rows if in_paper(row.config.name)]
    own = [row for row in rows if row not in printed]
    about_paper = bool(printed) or not rows
    return Document(
        name=experiment,
        number=paper.name_of("1") if about_paper else "",
        title=load_experiment(experiment).title,
        lines=(source_line(paper, "1"),) if about_paper else (),
        sections=(
            *([_counts(printed), _wrong(printed), *_apart(printed)] if printed else []),
            *_own_counts(own),
            *(
                _described(row.title, description)
                for row in own
                if row.meta and (description := load_description(row.spec.prepared_dir))
            ),
            Section("Data behind ours", tuple(map(_data_of, rows))),
            *_prepared(rows),
        ),
        notes=NOTES if about_paper else (),
        data=long_data(evidence, experiment, [line for row in rows for line in _data(row)]),
    )


# -- judging --------------------------------------------------------------------------


def counts_of(evidence: Evidence, dataset: str) -> Counts:
    """A dataset's numbers from all three sources."""
    config, meta = load_dataset(dataset), evidence.meta_of(dataset)
    raw = {file.name: file.sha256 for file in meta.raw} if meta else {}
    standing = data_standing(config, meta.origin, raw) if meta else None
    known = config.published
    facts = in_paper_form(known.rows, len(known.vocabulary), known.features or sum(known.vocabulary.values()))
    ours = in_paper_form({}, 0, 0)
    if meta:
        ours = in_paper_form({name: meta.splits[name].rows for name in SPLITS}, len(meta.fields), meta.features)
    cells = []
    for name in LABELS:
        printed = evidence.print_of({"table": "1", "dataset": dataset}, name)
        paper, published, own = printed.text if printed else None, facts[name], ours[name]
        fact = published or (own if meta and meta.origin == "published" else None)
        right = UNKNOWN if paper is None or fact is None else RIGHT if paper == fact else WRONG
        expected = published or paper
        finding = Finding.CONSISTENT if own == expected else Finding.INCONSISTENT
        word = verdict(Ground(None, standing[0]) if standing else NOT_RUN, finding if expected else Finding.NONE)
        apart = right == WRONG or (meta is not None and meta.origin != "twin" and own != fact)
        cells.append(Count(name, paper, published, own, right, word, printed.note if printed and apart else ""))
    return Counts(config, dataset_spec(config, evidence.plan.campaign), meta, standing, tuple(cells))


def in_paper_form(rows: Mapping[Any, int], fields: int, features: int) -> dict[str, str | None]:
    """Counts as the paper writes them, shares of the splits in tenths; None where a fact is not known."""
    parts = [rows[name] for name in SPLITS if name in rows]
    whole = len(parts) == len(SPLITS)
    return {
        "instances": f"{sum(parts):,}" if whole else None,
        "fields": str(fields) if fields else None,
        "features": f"{features:,}" if features else None,
        "split": ":".join(str(round(10 * part / sum(parts))) for part in parts) if whole else None,
    }


# -- sections -------------------------------------------------------------------------


def _counts(rows: Sequence[Counts]) -> Section:
    fields: list[Mapping[str, Field]] = [
        {
            "Dataset": row.title if cell is row.cells[0] else "",
            "": LABELS[cell.quantity],
            "Paper": cell.paper or "–",
            "Published": cell.published or "–",
            "Ours": cell.ours or "–",
            "Print": Entry(cell.print, Mark.BEST if cell.print == WRONG else Mark.PLAIN),
            "Finding": cell.verdict,
        }
        for row in rows
        for cell in row.cells
    ]
    return Section("Counts", tables=(table_of("Dataset statistics", fields, group=len(LABELS)),))


def _wrong(rows: Sequence[Counts]) -> Section:
    lines = [_explain(row, cell) for row in rows for cell in row.cells if cell.print == WRONG]
    return Section("Where the paper's print is wrong", tuple(lines) or ("Nowhere, as far as it can be checked.",))


def _explain(row: Counts, cell: Count) -> str:
    parts = [row.config.published.rows[name] for name in SPLITS if name in row.config.published.rows]
    total = " + ".join(f"{part:,}" for part in parts)
    detail = f" ({total})" if cell.quantity == "instances" and parts else ""
    fact = f"the published data have {cell.published}{detail}" if cell.published else f"the files have {cell.ours}"
    agrees = cell.verdict.shown is Finding.CONSISTENT and cell.published is not None
    ours = ", and so have ours" if agrees else ""
    name = f"{row.config.title}, {LABELS[cell.quantity]}"
    return f"{name}: the paper prints {cell.paper}; {fact}{ours}. {cell.why or 'The reason is not known.'}"


def _apart(rows: Sequence[Counts]) -> list[Section]:
    lines = [
        f"{row.title}, {LABELS[cell.quantity]}: {cell.ours}, against {cell.expected}. {cell.why}".rstrip()
        for row in rows
        for cell in row.cells
        if row.meta and row.meta.origin != "twin" and cell.ours != cell.expected
    ]
    return [Section("Where our data differ", tuple(lines))] if lines else []


def _own_counts(rows: Sequence[Counts]) -> list[Section]:
    fields = [{"Dataset": row.title, **{LABELS[cell.quantity]: cell.ours or "–" for cell in row.cells}} for row in rows]
    table = table_of("Datasets that the paper does not have", fields)
    return [Section("Your own data", tables=(table,))] if rows else []


def _described(title: str, description: Description) -> Section:
    """Of a user's own dataset: its fields, what is unseen, and what to beware of."""
    lines = tuple(f"{'Warning' if remark.is_warning else 'Note'}: {remark.text}." for remark in remarks_on(description))
    found = {"splits": (SPLITS_HEADER, split_lines(description)), "fields": (FIELDS_HEADER, field_lines(description))}
    tables = (
        table_of(f"{title}: {what}", [dict(zip(header, line, strict=True)) for line in body])
        for what, (header, body) in found.items()
    )
    return Section(f"{title} before training", lines, tuple(tables))


def _data_of(row: Counts) -> str:
    if row.meta is None or row.standing is None:
        return f"{row.config.title}: not prepared in this campaign."
    standing, reason = row.standing
    return data_line(row.config.title, [(str(standing), reason, row.meta.origin_note)])


def _prepared(rows: Sequence[Counts]) -> list[Section]:
    lines = [
        {
            "Dataset": row.title,
            "Split": name,
            "Rows": f"{split.rows:,}",
            "Positive": f"{100 * split.positives / split.rows:.2f} %",
            "Users": f"{split.groups:,}" if split.groups else "–",
            "Prepared in": row.spec.prepared_dir.as_posix(),
        }
        for row in rows
        if row.meta
        for name, split in ((name, row.meta.splits[name]) for name in SPLITS)
    ]
    return [Section("Prepared data", tables=(table_of("Splits", lines),), appendix=True)] if lines else []


def _data(row: Counts) -> Iterator[dict[str, object]]:
    for cell in row.cells:
        yield {
            "dataset": row.config.name,
            "quantity": cell.quantity,
            "paper": cell.paper,
            "published": cell.published,
            "ours": cell.ours,
            "print": cell.print,
            "finding": cell.verdict,
            "standing": cell.verdict.standing,
            "why": cell.why,
            "prepared": row.spec.prepared_dir.as_posix() if row.meta else None,
            "fingerprint": row.meta.fingerprint if row.meta else None,
            "data_note": row.meta.origin_note if row.meta else None,
        }

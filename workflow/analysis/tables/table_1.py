"""Table I: the datasets' counts, printed, published and prepared here."""

from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Entry, Field, Mark, Section, Table
from workflow.analysis.pages.notes import data_line
from workflow.analysis.tables.counts import LABELS, CountCell, DatasetCounts, PrintCheck, row_of
from workflow.analysis.tables.own_data import described
from workflow.analysis.tables.page import source_line, title_of
from workflow.analysis.tables.rows import told
from workflow.data.store import Meta
from workflow.plan.config import load_experiment
from workflow.spec import SPLITS, DatasetSpec


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare the paper's counts with the published facts and with the prepared data; tell the wrong prints."""
    paper = evidence.paper
    rows = [row_of(evidence, name) for name in evidence.datasets_of(experiment)]
    printed = [row for row in rows if not row.own]
    return Document(
        name=experiment.replace("_", "-"),
        title=title_of(paper, "1", experiment) if printed or not rows else load_experiment(experiment).title,
        lines=(source_line(paper, "1"),) if printed or not rows else (),
        sections=(
            *([_counts(printed), _wrong(printed), *_apart(printed)] if printed else []),
            *_own_counts([row for row in rows if row.own]),
            *described(rows),
            _data_section(rows),
            *_prepared(rows),
        ),
        notes=()
        if rows and not printed
        else (
            "Published: row counts and vocabulary sizes of the data that the authors trained on, from their logs.",
            "Features are vocabulary rows over all fields; every field counts one row for padding and one for "
            "unseen values, as the authors' library does.",
            "Print says whether the paper's number agrees with the published data. Finding says whether our prepared "
            "data do, where these are the published ones or partly redrawn: consistent means the same number.",
        ),
        data=tuple(line for row in rows for line in _long(evidence, experiment, row)),
    )


# -- sections -------------------------------------------------------------------------


def _counts(rows: list[DatasetCounts]) -> Section:
    header = ("Dataset", "", "Paper", "Published", "Ours", "Print", "Finding")
    fields = tuple(_fields(row, cell, first=cell is row.cells[0]) for row in rows for cell in row.cells)
    return Section("Counts", tables=(Table("Dataset statistics", header, "llrrrll", fields, group=len(LABELS)),))


def _own_counts(rows: list[DatasetCounts]) -> list[Section]:
    header = ("Dataset", *LABELS.values())
    fields = tuple((row.title, *(cell.ours or "–" for cell in row.cells)) for row in rows)
    table = Table("Datasets that the paper does not have", header, "l" + "r" * len(LABELS), fields)
    return [Section("Your own data", tables=(table,))] if rows else []


def _fields(row: DatasetCounts, cell: CountCell, first: bool) -> tuple[Field, ...]:
    emphasis = Mark.BEST if cell.print is PrintCheck.WRONG else Mark.PLAIN
    return (
        row.title if first else "",
        LABELS[cell.quantity],
        cell.paper or "–",
        cell.published or "–",
        cell.ours or "–",
        Entry(cell.print.value, emphasis),
        told(cell.verdict),
    )


def _wrong(rows: list[DatasetCounts]) -> Section:
    lines = [_explain(row, cell) for row in rows for cell in row.cells if cell.print is PrintCheck.WRONG]
    return Section("Where the paper's print is wrong", tuple(lines) or ("Nowhere, as far as it can be checked.",))


def _explain(row: DatasetCounts, cell: CountCell) -> str:
    parts = [row.config.published.rows[name] for name in SPLITS if name in row.config.published.rows]
    total = " + ".join(f"{part:,}" for part in parts)
    detail = f" ({total})" if cell.quantity == "instances" and parts else ""
    fact = f"the published data have {cell.published}{detail}" if cell.published else f"the files have {cell.ours}"
    agrees = cell.verdict.shown is Finding.CONSISTENT and cell.published is not None
    ours = ", and so have ours" if agrees else ""
    name = f"{row.config.title}, {LABELS[cell.quantity]}"
    return f"{name}: the paper prints {cell.paper}; {fact}{ours}. {cell.why or 'The reason is not known.'}"


def _apart(rows: list[DatasetCounts]) -> list[Section]:
    lines = [
        f"{row.title}, {LABELS[cell.quantity]}: {cell.ours}, against {expected}. {cell.why}".rstrip()
        for row in rows
        for cell in row.cells
        for expected in [cell.published or cell.paper]
        if row.meta and row.meta.origin != "twin" and cell.ours != expected
    ]
    return [Section("Where our data differ", tuple(lines))] if lines else []


def _data_section(rows: list[DatasetCounts]) -> Section:
    return Section("Data behind ours", tuple(_data_of(row) for row in rows))


def _data_of(row: DatasetCounts) -> str:
    if row.meta is None or row.standing is None:
        return f"{row.config.title}: not prepared in this campaign."
    standing, reason = row.standing
    return data_line(row.config.title, [(str(standing), reason, row.meta.origin_note)])


def _prepared(rows: list[DatasetCounts]) -> list[Section]:
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


def _long(evidence: Evidence, experiment: str, row: DatasetCounts) -> list[dict[str, str]]:
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

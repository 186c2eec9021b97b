"""The audit as Markdown, CSV, JSON, and on the terminal. The same result gives the same bytes."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from workflow.analysis.claims.audit import counts, summary_line
from workflow.analysis.claims.registry import LAYER_TITLES, LAYERS, Layer
from workflow.analysis.claims.results import AUDIT_SYMBOLS, VERDICTS, AuditResult, AuditRow, listing
from workflow.analysis.pages.document import Document, Entry, Section, Table
from workflow.analysis.pages.markdown import to_markdown
from workflow.files import write_text

CSV_COLUMNS = (
    *("campaign", "claim", "item", "place", "quote", "kind", "layer", "verdict", "measured", "expected"),
    *("explanation", "rests_on", "evidence"),
)
TWIN_LINE = (
    "This campaign ran on synthetic twins of the data. Nothing in the third layer is evidence about the paper; "
    "every line of it says so. The first two layers use no run."
)
EVIDENCE_SHOWN = 4
ITEMISED = ("support", "selection")  # claims whose items stand in the Markdown; CSV and JSON have all


def write_audit(result: AuditResult, out: Path) -> None:
    """Write <out>/audit.md, audit.csv and audit.json; each atomically.

    Parameters
    ----------
    result : AuditResult
        What `audit` returned.
    out : Path
        The folder, such as paper_tables/<campaign>.
    """
    for suffix, text in (("md", audit_md(result)), ("csv", audit_csv(result)), ("json", audit_json(result))):
        write_text(out / f"audit.{suffix}", text)


def audit_md(result: AuditResult) -> str:
    """The audit for readers: the counts first, then each layer, then the items behind the claims."""
    document = Document(
        name="audit",
        title=f"Audit of the paper's claims: campaign {result.campaign}",
        lines=(summary_line(result) + ".", *([TWIN_LINE] if result.twin else [])),
        sections=(
            _summary(result),
            *(_layer(result, layer) for layer in LAYERS if any(row.layer == layer for row in result.rows)),
            *(_items(row) for row in result.rows if row.items and row.kind in ITEMISED),
        ),
        notes=(
            "Measured is what was computed, expected is what the paper says or needs. Nothing here is typed: "
            "paper/claims.yaml says what must hold, the tables, logs and runs say whether it does.",
            "Printed numbers are compared exactly. The paper truncates to two decimals, so a log supports a cell if "
            "its values, truncated, are the printed ones.",
            "audit.csv and audit.json also have every single comparison behind a claim.",
            "The verdict on our runs rests on Welch's two-sided t tests at 5 %, corrected by Holm within a family of "
            "claims; what they leave open is inconclusive.",
        ),
        columns=CSV_COLUMNS,
        data=(),
    )
    return to_markdown(document)


def audit_csv(result: AuditResult) -> str:
    """One line per claim and layer, followed by a line per item behind it."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in result.rows:
        own = {
            **{"campaign": result.campaign, "claim": row.claim, "place": row.place, "quote": row.quote or ""},
            **{"kind": row.kind, "layer": row.layer, "rests_on": row.basis},
        }
        writer.writerow({**own, "item": "", "explanation": row.explanation, **_found(row)})
        for item in row.items:
            writer.writerow({**own, "item": item.label, "explanation": "", **_found(item)})
    return stream.getvalue()


def audit_json(result: AuditResult) -> str:
    """Everything, with claims as the registry has them, for other programs."""
    value = {
        "campaign": result.campaign,
        "twin": result.twin,
        "summary": summary_line(result),
        "counts": {layer: {str(verdict): n for verdict, n in tally.items()} for layer, tally in counts(result).items()},
        "claims": [
            claim.model_dump(mode="json", include={"id", "place", "quote", "kind", "means", "says", "family"})
            for claim in result.claims
        ],
        "rows": [asdict(row) for row in result.rows],
    }
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def print_audit(result: AuditResult, console: Console | None = None, details: bool = False) -> None:
    """Print the rows as a table; with `details` also the explanation, evidence and items of each.

    Parameters
    ----------
    result : AuditResult
        All of it, or what `narrow` left.
    console : rich.console.Console, optional
        Where to print.
    details : bool
        Whether to say why, below the table.
    """
    target = console or Console()
    table = RichTable(title=f"Audit, campaign {result.campaign}", title_justify="left", expand=False)
    for name in ("Claim", "Place", "Layer", "Verdict", "Measured", "Expected"):
        table.add_column(name, no_wrap=name in ("Claim", "Layer"), overflow="fold")
    for row in result.rows:
        table.add_row(*(escape(text) for text in _line(row)))
    target.print(table)
    for row in result.rows if details else ():
        _print_details(target, row)
    if result.twin:
        target.print(escape(TWIN_LINE))
    target.print(escape(summary_line(result)), soft_wrap=True)


# -- parts ----------------------------------------------------------------------------


def _line(row: AuditRow) -> tuple[str, ...]:
    return row.claim, row.place, row.layer, _verdict(row), row.measured, row.expected


def _print_details(target: Console, row: AuditRow) -> None:
    target.print(escape(f"\n{row.claim}, {LAYER_TITLES[row.layer]}: {row.verdict}"))
    quote = f' "{row.quote}"' if row.quote else ""
    target.print(escape(f"  {row.place}{quote}: {row.means}."), soft_wrap=True)
    target.print(escape(f"  {row.explanation}"), soft_wrap=True)
    target.print(escape(f"  Rests on {row.basis}. Evidence: {listing(row.evidence, 12) or 'none'}."), soft_wrap=True)
    for item in row.items:
        line = f"  - {item.label}: {item.verdict}; {item.measured}; expected {item.expected}"
        target.print(escape(line), soft_wrap=True)


def _verdict(row: AuditRow) -> str:
    return f"{AUDIT_SYMBOLS[row.verdict]} {row.verdict}"


def _found(row: Any) -> dict[str, str]:
    return {
        "verdict": str(row.verdict),
        "measured": row.measured,
        "expected": row.expected,
        "evidence": "; ".join(row.evidence),
    }


def _summary(result: AuditResult) -> Section:
    tally = counts(result)
    rows = [
        (LAYER_TITLES[layer], f"{AUDIT_SYMBOLS[verdict]} {verdict}", str(tally[layer].get(verdict, 0)))
        for layer in LAYERS
        for verdict in VERDICTS[layer]
        if tally[layer].get(verdict, 0)
    ]
    table = Table("Claims by verdict", ("Layer", "Verdict", "Claims"), "llr", tuple(rows))
    return Section("Summary", tables=(table,))


def _layer(result: AuditResult, layer: Layer) -> Section:
    rows = tuple(
        (
            row.claim,
            row.place,
            f"“{row.quote}”" if row.quote else "",
            Entry(_verdict(row)),
            row.measured,
            row.expected,
            f"{row.means}. {row.explanation}",
            row.basis,
            _short(row.evidence),
        )
        for row in result.rows
        if row.layer == layer
    )
    header = ("Claim", "Place", "Quote", "Verdict", "Measured", "Expected", "Why", "Rests on", "Evidence")
    title = LAYER_TITLES[layer]
    table = Table(f"{title[0].upper()}{title[1:]}", header, "l" * len(header), rows)
    return Section(f"{title[0].upper()}{title[1:]}", tables=(table,))


def _items(row: AuditRow) -> Section:
    rows = tuple(
        (
            item.label,
            f"{AUDIT_SYMBOLS[item.verdict]} {item.verdict}",
            item.measured,
            item.expected,
            _short(item.evidence),
        )
        for item in row.items
    )
    header = ("Item", "Verdict", "Measured", "Expected", "Evidence")
    table = Table(f"{row.means} ({row.basis})", header, "lllll", rows)
    return Section(f"Behind {row.claim}, {LAYER_TITLES[row.layer]}", tables=(table,), appendix=True)


def _short(evidence: Sequence[str]) -> str:
    return listing(evidence, EVIDENCE_SHOWN)

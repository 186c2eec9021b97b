"""The audit as Markdown, CSV and JSON. The same result gives the same bytes."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workflow.analysis.claims.audit import counts, summary_line
from workflow.analysis.claims.cases import IN_WORDS
from workflow.analysis.claims.recheck import recheck_data, recheck_text
from workflow.analysis.claims.registry import LAYER_TITLES, LAYERS, Layer
from workflow.analysis.claims.results import AuditResult, AuditRow, Item, Outcome, listing
from workflow.analysis.compare.words import Verdict
from workflow.analysis.pages.document import Document, Section, table_of
from workflow.analysis.pages.files import to_csv, write_files
from workflow.analysis.pages.markdown import to_markdown

TWIN_LINE = (
    "This campaign ran on synthetic data. Nothing under “The paper against our runs” is evidence about the paper. The "
    "other layers use no run."
)
EVIDENCE_SHOWN = 4
ITEMISED = ("support", "selection", "published")  # claims whose items the Markdown has; CSV and JSON have all


def write_audit(result: AuditResult, out: Path) -> list[Path]:
    """Write <out>/audit.md, audit.csv and audit.json, each atomically, and give these paths."""
    texts = {"md": audit_md(result), "csv": audit_csv(result), "json": audit_json(result)}
    return write_files(out / "audit", texts)


def audit_md(result: AuditResult) -> str:
    """The audit for readers: the counts first, then each layer, then the items behind the claims."""
    document = Document(
        name="audit",
        title=f"Audit of the paper's claims: campaign {result.campaign}",
        lines=(summary_line(result) + ".", *([TWIN_LINE] if result.twin else [])),
        sections=(
            _summary(result),
            Section("Agreement with a second derivation", lines=recheck_text()),
            *(_layer(result, layer) for layer in LAYERS if any(row.layer == layer for row in result.rows)),
            *(_items(row) for row in result.rows if row.outcome.items and row.claim.kind in ITEMISED),
        ),
        notes=(
            "“Measured” is what was computed, “Expected” is what the paper says or what its statement needs. All "
            "verdicts are generated: paper/claims.yaml says what must hold, and the tables, logs and runs decide "
            "whether it does.",
            "A check that only compares two quotes of the paper is listed but not counted.",
            "Printed numbers are compared exactly. The paper truncates to two decimals, so a log supports a cell if "
            "its values, truncated, are the printed ones.",
            "A printed number is above or below others' results if it lies outside the prediction interval of their "
            "seeds, or more than 0.1 points from their single run. If others used another protocol there is no verdict "
            "about the paper, and their numbers are under “Measured”.",
            "audit.csv and audit.json also have every single comparison behind a claim.",
            "A claim about our runs has the verdicts of the tables' comparisons: each comparison is computed and "
            "corrected once. A claim that rests on several comparisons holds if enough of them hold, does not hold if "
            "too many cannot, and is open otherwise. What no table compares is tested in the same way, two-sided at "
            "5 % with the errors of seeds and test set, and corrected by Holm within a family of claims.",
        ),
    )
    return to_markdown(document)


def audit_csv(result: AuditResult) -> str:
    """One line per claim and layer, followed by a line per item behind it.

    A relation is in words in a column of its own: `at least` and `0.02`, not `≥ 0.02`.
    """
    lines = [line for row in result.rows for line in _lines(result.campaign, row)]
    return to_csv(lines, list(lines[0]) if lines else ["campaign"])


def audit_json(result: AuditResult) -> str:
    """The whole audit for other programs, with claims as in the registry."""
    value = {
        "campaign": result.campaign,
        "twin": result.twin,
        "summary": summary_line(result),
        "counts": {layer: {str(word): n for word, n in tally.items()} for layer, tally in counts(result).items()},
        "recheck": recheck_data(),
        "claims": [claim.model_dump(mode="json") for claim in result.claims],
        "rows": [
            {"claim": row.claim.id, "layer": row.layer, "basis": row.basis, **_plain(row.outcome)}
            for row in result.rows
        ],
    }
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


# -- parts ----------------------------------------------------------------------------


def _plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain JSON types, with the verdict in words."""
    shown = ("label", "measured", "expected", "evidence")
    items = [{**{name: getattr(item, name) for name in shown}, **_words(item.verdict)} for item in outcome.items]
    return {**asdict(outcome), **_words(outcome.verdict), "items": items}


def _words(verdict: Verdict) -> dict[str, str]:
    return {"verdict": verdict.word, "standing": verdict.standing or ""}


def _lines(campaign: str, row: AuditRow) -> Iterator[dict[str, str]]:
    outcome = row.outcome
    whole = Item("", row.verdict, outcome.measured, outcome.expected, outcome.evidence)
    for item in (whole, *outcome.items):
        relation, expected = in_words(item.expected)
        yield {
            "campaign": campaign,
            "claim": row.claim.id,
            "item": item.label,
            "place": row.claim.place,
            "quote": row.claim.quote or "",
            "kind": row.claim.kind,
            "rank": row.claim.rank,
            "reading": row.claim.reading,
            "layer": row.layer,
            "finding": item.verdict.word,
            "standing": item.verdict.standing or "",
            "measured": item.measured,
            "relation": relation,
            "expected": expected,
            "explanation": "" if item is not whole else outcome.explanation,
            "caution": row.claim.caution or "",
            "rests_on": row.basis,
            "evidence": "; ".join(item.evidence),
        }


def in_words(expected: str) -> tuple[str, str]:
    """The expected relation in words, and the value; an empty relation if the text has none."""
    for sign, name in IN_WORDS.items():
        if expected.startswith(f"{sign} "):
            return name, expected.removeprefix(f"{sign} ")
    return "", expected


def _summary(result: AuditResult) -> Section:
    rows = [
        {"Layer": LAYER_TITLES[layer], "Verdict": f"{word.sign} {word}", "Checks": str(count)}
        for layer, tally in counts(result).items()
        for word, count in tally.items()
    ]
    return Section("Summary", tables=(table_of("Checks by verdict", rows),))


def _layer(result: AuditResult, layer: Layer) -> Section:
    rows = [
        {
            "Claim": row.claim.id,
            "Place": row.claim.place,
            "Quote": f"“{row.claim.quote}”" if row.claim.quote else "",
            "Verdict": f"{row.verdict.sign} {row.verdict}",
            "Measured": row.outcome.measured,
            "Expected": row.outcome.expected,
            "Why": " ".join((f"{row.claim.means}.", row.outcome.explanation, *row.claim.remarks)),
            "Based on": row.basis,
            "Evidence": listing(row.outcome.evidence, EVIDENCE_SHOWN),
        }
        for row in result.rows
        if row.layer == layer
    ]
    title = LAYER_TITLES[layer][0].upper() + LAYER_TITLES[layer][1:]
    return Section(title, tables=(table_of(title, rows),))


def _items(row: AuditRow) -> Section:
    rows = [
        {
            "Item": item.label,
            "Verdict": f"{item.verdict.sign} {item.verdict}",
            "Measured": item.measured,
            "Expected": item.expected,
            "Evidence": listing(item.evidence, EVIDENCE_SHOWN),
        }
        for item in row.outcome.items
    ]
    table = table_of(f"{row.claim.means} ({row.basis})", rows)
    return Section(f"Behind {row.claim.id}, {LAYER_TITLES[row.layer]}", tables=(table,), appendix=True)

"""The summary in the README: what the audit finds without any run. Generated, never typed."""

from dataclasses import replace
from pathlib import Path

from workflow.analysis.claims.audit import audit_prints, counts
from workflow.analysis.claims.registry import LAYER_TITLES
from workflow.analysis.claims.results import AuditResult
from workflow.analysis.evidence.verdict import SIGNS
from workflow.errors import UserError
from workflow.files import write_text

BEGIN = "<!-- audit summary: written by `make summary` -->"
END = "<!-- end of the audit summary -->"


def without_transcriptions(result: AuditResult) -> AuditResult:
    """The rows in which something is computed: two quotes that are compared are no finding to count."""
    rows = tuple(row for row in result.rows if not (row.claim.transcription and row.layer == "paper"))
    return replace(result, rows=rows)


def block(result: AuditResult) -> str:
    """The counts as Markdown, between the markers."""
    tally = counts(result)
    lines = [
        f"- {LAYER_TITLES[layer]}: " + ", ".join(f"{SIGNS[verdict][0]} {n} {verdict}" for verdict, n in found.items())
        for layer, found in tally.items()
        if found
    ]
    claims = len({row.claim.id for row in result.rows})
    title = f"**{claims} claims of the paper checked before any run:**"
    return "\n".join((BEGIN, title, "", *lines, END))


def update(page: Path) -> None:
    """Put the present counts between the markers of a page, and leave the rest as it is.

    Raises
    ------
    UserError
        When the page cannot be read or lacks a marker. Nothing is written then.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{page}: cannot be read ({error.strerror}); name a page with --out") from error
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError(f"{page}: lacks the lines {BEGIN!r} and {END!r}; put them where the summary belongs")
    write_text(page, before + block(without_transcriptions(audit_prints())) + after)

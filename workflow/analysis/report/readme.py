"""The summary in the README: what the audit finds without any run. Generated, never typed."""

from pathlib import Path

import pandas as pd

from workflow.analysis.claims.audit import audit_frame, counts, narrow
from workflow.analysis.claims.registry import LAYER_TITLES, Layer, load_claims
from workflow.analysis.claims.results import AUDIT_SYMBOLS, AuditResult
from workflow.analysis.evidence.collect import COLUMNS
from workflow.analysis.evidence.prints import load_paper
from workflow.errors import UserError
from workflow.files import write_text

BEGIN = "<!-- audit summary: written by `make summary` -->"
END = "<!-- end of the audit summary -->"
WITHOUT_RUNS: tuple[Layer, ...] = ("paper", "logs")


def audit_without_runs() -> AuditResult:
    """The layers that need no run: the paper with itself and with its authors' logs."""
    nothing = pd.DataFrame(columns=list(COLUMNS)).astype(COLUMNS)
    return narrow(audit_frame(nothing, "none", False, load_paper(), load_claims()), layers=WITHOUT_RUNS)


def block(result: AuditResult) -> str:
    """The counts as Markdown, between the markers."""
    tally = counts(result)
    lines = [
        f"- {LAYER_TITLES[layer]}: "
        + ", ".join(f"{AUDIT_SYMBOLS[verdict]} {n} {verdict}" for verdict, n in found.items())
        for layer, found in tally.items()
        if found
    ]
    claims = len({row.claim for row in result.rows})
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
    write_text(page, before + block(audit_without_runs()) + after)

"""The generated blocks of the README: what the shipped runs say, what the audit finds, what campaigns take."""

from pathlib import Path

from workflow.analysis.claims.audit import audit, audit_prints, counts
from workflow.analysis.claims.registry import LAYER_TITLES
from workflow.analysis.claims.results import AuditResult
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.report.answer import answer
from workflow.analysis.report.takes import needs_block
from workflow.analysis.report.text import templates
from workflow.errors import UserError
from workflow.files import write_text

AUDIT = "the audit"
NEEDS = "what it takes"
FOUND = "what we found"


def audit_block(result: AuditResult) -> str:
    """What the audit finds without any run, as Markdown."""
    tally = counts(result)
    lines = [
        f"- {LAYER_TITLES[layer]}: " + ", ".join(f"{n} {verdict}" for verdict, n in found.items())
        for layer, found in tally.items()
        if found
    ]
    claims, quotes = len({row.claim.id for row in result.computed}), len(result.rows) - len(result.computed)
    every = len(result.claims)
    done = (
        f"**{claims} of the {every} claims of the paper are checked without any run, in {len(result.computed)} checks**"
    )
    aside = (
        f"({quotes} more checks compare two quotes of it and are not counted; “above”, “within” and “below” say where "
        "the paper's numbers lie relative to others' results)"
    )
    return "\n".join((f"{done} {aside}:", "", *lines))


def found_block(evidence: Evidence, identifier: str) -> str:
    """What the shipped runs say, as Markdown: headline, research questions, figure, caveats, archive."""
    found = answer(evidence, audit(evidence))
    page = templates(autoescape=False).get_template("readme.md")
    return page.render(answer=found, campaign=evidence.plan.campaign.campaign, identifier=identifier).strip()


def update(page: Path, evidence: Evidence, identifier: str) -> None:
    """Fill the blocks between the markers of a page, and leave the rest as it is.

    `identifier` is the archive's.

    Raises
    ------
    UserError
        When the page cannot be read or lacks a marker. Nothing is written then.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{page}: cannot be read ({error.strerror}); name a page with --out") from error
    text = _filled(text, page, FOUND, found_block(evidence, identifier))
    text = _filled(text, page, NEEDS, needs_block(evidence.records))
    write_text(page, _filled(text, page, AUDIT, audit_block(audit_prints())))


def marked(name: str, block: str) -> str:
    """A block between its markers."""
    return "\n".join((*_markers(name)[:1], block, _markers(name)[1]))


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- {name}: written by `make summary` -->", f"<!-- end of {name} -->"


def _filled(text: str, page: Path, name: str, block: str) -> str:
    first, last = _markers(name)
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise UserError(f"{page}: lacks the lines {first!r} and {last!r}; put them where the summary belongs")
    return before + marked(name, block) + after

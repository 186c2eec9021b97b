"""The printed numbers in other versions of the paper: paper/prints.<version>.csv, whole files of one schema."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workflow.analysis.claims.cases import Check
from workflow.analysis.claims.results import AuditItem, Outcome, listing
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.paper.prints import Paper, load_paper
from workflow.plan.config import ROOT


def other_versions(folder: Path = ROOT / "paper") -> tuple[Paper, ...]:
    """The transcribed versions besides the audited one, by the names of their files."""
    return tuple(load_paper(path) for path in sorted(folder.glob("prints.v*.csv")))


def compared(audited: Paper, others: Sequence[Paper]) -> Outcome:
    """Compare every print with that at the same coordinates in each other version, digit by digit.

    Returns
    -------
    Outcome
        `changed between versions` where any print is another, or stands in one of them alone;
        `none known` without another version. Items are the prints that changed.
    """
    if not others:
        text = f"Only {audited.about.cited} is transcribed; see README for what is known of others."
        return Outcome(Verdict(Finding.NONE_KNOWN), "no other version", "the same prints", text)
    own, changed = _texts(audited), Verdict(Finding.CHANGED)
    items = []
    for other in others:
        theirs = _texts(other)
        for place in own | theirs:
            first, second = own.get(place, "nothing"), theirs.get(place, "nothing")
            if first != second:
                items.append(AuditItem(place, changed, f"{second} in {other.about.version}", first))
    versions = listing([other.about.cited for other in others])
    if not items:
        same = f"All {len(own)} prints are those of {versions}."
        return Outcome(Verdict(Finding.CONSISTENT), f"0 of {len(own)} changed", "the same prints", same)
    told = listing([f"{item.label}: {item.expected}, {item.measured}" for item in items])
    text = f"{audited.about.cited} beside {versions}: {told}."
    measured, names = f"{len(items)} of {len(own)} changed", tuple(item.label for item in items)
    return Outcome(changed, measured, "the same prints", text, names, tuple(items))


def _texts(paper: Paper) -> dict[str, str]:
    """By place."""
    return {one.label: one.text for one in paper.prints}


ON_PAPER: Mapping[str, Check] = {"V.prints": lambda _: compared(load_paper(), other_versions())}

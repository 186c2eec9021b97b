"""The printed numbers in other versions of the paper: paper/prints.<version>.csv, whole files of one schema."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from workflow.analysis.claims.cases import Check
from workflow.analysis.claims.results import AuditItem, Outcome, listing
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.paper.facts import label
from workflow.analysis.paper.prints import Paper, load_paper
from workflow.plan.config import ROOT


def other_versions(folder: Path = ROOT / "paper") -> tuple[Paper, ...]:
    """The transcribed versions besides the audited one, by the names of their files."""
    return tuple(load_paper(path) for path in sorted(folder.glob("prints.v*.csv")))


def compared(audited: Paper, others: Sequence[Paper]) -> Outcome:
    """Compare every print with that at the same coordinates in each other version, digit by digit.

    Parameters
    ----------
    audited : Paper
        The version that the audit is about.
    others : sequence of Paper
        Other versions.

    Returns
    -------
    Outcome
        `changed between versions` where any print is another, or stands in one of them alone;
        `none known` without another version. Items are the prints that changed.
    """
    if not others:
        text = f"Only {audited.about.cited} is transcribed; see README for what is known of others."
        return Outcome(Verdict(Finding.NONE_KNOWN), "no other version", "the same prints", text)
    own = {(frozenset(one.at.items()), one.metric): one for one in audited.prints}
    items = []
    for other in others:
        theirs = {(frozenset(one.at.items()), one.metric): one for one in other.prints}
        for place in [*own, *(place for place in theirs if place not in own)]:
            first, second = (side[place].text if place in side else "nothing" for side in (own, theirs))
            if first != second:
                measured = f"{second} in {other.about.version}"
                items.append(
                    AuditItem(label({**dict(place[0]), "metric": place[1]}), Verdict(Finding.CHANGED), measured, first)
                )
    versions = listing([other.about.cited for other in others])
    if not items:
        same = f"All {len(own)} prints are those of {versions}."
        return Outcome(Verdict(Finding.CONSISTENT), f"0 of {len(own)} changed", "the same prints", same)
    told = listing([f"{item.label}: {item.expected}, {item.measured}" for item in items])
    text = f"{audited.about.cited} beside {versions}: {told}."
    names = tuple(item.label for item in items)
    return Outcome(
        Verdict(Finding.CHANGED), f"{len(items)} of {len(own)} changed", "the same prints", text, names, tuple(items)
    )


ON_PAPER: Mapping[str, Check] = {"V.prints": lambda _: compared(load_paper(), other_versions())}

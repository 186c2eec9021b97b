"""The one vocabulary of verdicts: what the numbers say (a finding) and of what that is evidence (a standing).

An obstacle comes first, in one order: not run, failed, incomplete. Then the standing decides
whether a finding may be shown: on direct and close evidence it is, with the standing beside
it; under another protocol, on a stand-in and on a twin nothing is said about the paper. On data
that the paper does not have a finding is one about the models, and none about the paper.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Tone = Literal["good", "bad", "unsure", "data", "none"]


class Finding(StrEnum):
    """What a comparison came to."""

    # a number beside its print
    REPRODUCED = "reproduced"
    DIFFERS = "differs"
    NOT_TELLING = "not telling"  # the plain reference's print would have passed too
    NEAR = "near"  # too few runs for an interval
    FAR = "far"
    NO_PRINT = "no paper value"
    TOO_FEW = "too few runs"  # of a gain and an optimum, too
    # a gain
    SHOWN = "gain shown"
    LOSS = "loss shown"
    EQUAL = "equal"
    OPEN = "not decided"
    # an optimum that the paper states
    SEEN = "seen"
    TIED = "tied"
    NOT_SEEN = "not seen"
    NOT_STATED = "not stated"
    # a claim, weighed over its comparisons (it may also be `reproduced`)
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    # the paper with itself
    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"
    DOUBTFUL = "doubtful"
    CHANGED = "changed between versions"
    OMITTED = "omitted"  # by the paper, which contradicts nothing
    # the paper with the authors' logs
    SUPPORTED = "supported"
    PARTLY = "partly supported"
    UNSUPPORTED = "unsupported"
    CONTRADICTED = "contradicted"
    # the paper with others' published results
    ABOVE = "above"
    WITHIN = "within"
    BELOW = "below"
    NONE_KNOWN = "none known"
    # obstacles, in their order
    NOT_RUN = "not run"
    FAILED = "failed"
    INCOMPLETE = "incomplete"


class Standing(StrEnum):
    """Of what the runs are evidence, from the strongest to the weakest."""

    DIRECT = "direct"  # the published bytes and split, the paper's protocol
    CLOSE = "close"  # the same source and task, part of it drawn again
    OTHER_PROTOCOL = "other protocol"  # a campaign's limits, preset or precision change the run
    OWN = "own data"  # a dataset that the paper does not have
    STAND_IN = "stand-in"  # another log of the kind
    TWIN = "twin"  # synthetic


WORDS: tuple[Finding | Standing, ...] = (*Finding, *Standing)  # the order in which readers see them
OBSTACLES = (Finding.NOT_RUN, Finding.FAILED, Finding.INCOMPLETE)
BEARING = (Standing.DIRECT, Standing.CLOSE)  # what a finding about the paper may rest on
_TELLING = (*BEARING, Standing.OWN)  # what a finding may rest on at all
_WEAKEST_FIRST = tuple(reversed(Standing))

# Shapes, not colours: they stay apart in print and for every reader. The tone is a colour, never alone.
SIGNS: Mapping[Finding | Standing, tuple[str, Tone]] = {
    Finding.NOT_RUN: ("·", "none"),
    Finding.FAILED: ("✗", "bad"),
    Finding.INCOMPLETE: ("…", "none"),
    Finding.REPRODUCED: ("✓", "good"),
    Finding.DIFFERS: ("≠", "bad"),
    Finding.NOT_TELLING: ("◌", "unsure"),
    Finding.NEAR: ("≈", "unsure"),
    Finding.FAR: ("≉", "unsure"),
    Finding.NO_PRINT: ("○", "none"),
    Finding.SHOWN: ("✓", "good"),
    Finding.LOSS: ("≠", "bad"),
    Finding.EQUAL: ("=", "unsure"),
    Finding.OPEN: ("~", "unsure"),
    Finding.TOO_FEW: ("·", "none"),
    Finding.SEEN: ("✓", "good"),
    Finding.TIED: ("=", "unsure"),
    Finding.NOT_SEEN: ("≠", "bad"),
    Finding.NOT_STATED: ("○", "none"),
    Finding.REFUTED: ("≠", "bad"),
    Finding.INCONCLUSIVE: ("~", "unsure"),
    Finding.CONSISTENT: ("✓", "good"),
    Finding.INCONSISTENT: ("≠", "bad"),
    Finding.DOUBTFUL: ("?", "unsure"),
    Finding.CHANGED: ("≠", "unsure"),
    Finding.OMITTED: ("○", "unsure"),
    Finding.SUPPORTED: ("✓", "good"),
    Finding.PARTLY: ("◐", "unsure"),
    Finding.UNSUPPORTED: ("○", "unsure"),
    Finding.CONTRADICTED: ("≠", "bad"),
    Finding.ABOVE: ("↑", "good"),
    Finding.WITHIN: ("=", "unsure"),
    Finding.BELOW: ("↓", "bad"),
    Finding.NONE_KNOWN: ("○", "none"),
    Standing.DIRECT: ("●", "none"),
    Standing.CLOSE: ("°", "none"),
    Standing.OTHER_PROTOCOL: ("△", "unsure"),
    Standing.OWN: ("□", "none"),
    Standing.STAND_IN: ("◇", "data"),
    Standing.TWIN: ("◆", "data"),
}


@dataclass(frozen=True)
class Verdict:
    """A finding and its standing. Without a finding the standing forbids one.

    `standing` is None where nothing has run, and where no run is needed. Others' published runs
    have one too: of what their inputs make them evidence.
    """

    finding: Finding | None
    standing: Standing | None = None

    @property
    def shown(self) -> Finding | Standing:
        """What a reader is told."""
        told = self.finding if self.finding is not None else self.standing
        assert told is not None
        return told

    @property
    def word(self) -> str:
        """It as a word."""
        return str(self.shown)

    @property
    def sign(self) -> str:
        """It as one sign."""
        return SIGNS[self.shown][0]

    @property
    def tone(self) -> Tone:
        """It as a colour, which is never alone."""
        return SIGNS[self.shown][1]

    @property
    def beside(self) -> str:
        """The standing, where it has to stand beside the finding: everything but direct evidence."""
        return "" if self.finding is None or self.standing in (None, Standing.DIRECT) else str(self.standing)

    @property
    def told(self) -> str:
        """Word and standing, where this has to stand beside it."""
        return f"{self.word} ({self.beside})" if self.beside else self.word

    @property
    def beside_sign(self) -> str:
        """`beside` as one sign."""
        return SIGNS[self.standing][0] if self.beside and self.standing else ""

    def __str__(self) -> str:
        return self.word


@dataclass(frozen=True)
class Ground:
    """What a comparison stands on: an obstacle in its way, if any, and the standing of its runs."""

    obstacle: Finding | None = None
    standing: Standing | None = None

    @property
    def bears(self) -> bool:
        """Whether it carries a finding about the paper."""
        return self.obstacle is None and self.standing in BEARING

    def verdict(self, finding: Finding) -> Verdict:
        """The verdict of a comparison that came to `finding`: obstacles first, then the standing."""
        if self.obstacle is not None:
            return Verdict(self.obstacle, self.standing)
        return Verdict(finding if self.standing in _TELLING else None, self.standing)


NOT_RUN = Ground(Finding.NOT_RUN)


def ground_of(statuses: Iterable[str], standings: Iterable[Standing]) -> Ground:
    """What the runs of a cell are good for.

    Parameters
    ----------
    statuses : iterable of str
        ok, failed or not run, for each planned run.
    standings : iterable of Standing
        Of each run that has a record, and of a planned run where it is known already.

    Returns
    -------
    Ground
        No record at all is `not run`. A failed run makes the cell failed, as a mean over the
        survivors would be a choice; a missing one makes it incomplete, for the same reason.

    Examples
    --------
    >>> ground_of(["ok", "failed", "not run"], [Standing.CLOSE]).verdict(Finding.REPRODUCED).word
    'failed'
    """
    known: Mapping[str, Finding | None] = {"ok": None, "failed": Finding.FAILED, "not run": Finding.NOT_RUN}
    return Ground(_obstacle(known[status] for status in statuses), weakest(standings))


def joined(grounds: Iterable[Ground]) -> Ground:
    """What a comparison of several cells stands on: `not run` where none of them has, and the weakest standing.

    Examples
    --------
    >>> joined([NOT_RUN, Ground(None, Standing.DIRECT)]).obstacle.value
    'incomplete'
    """
    found = list(grounds)
    standings = (ground.standing for ground in found if ground.standing)
    return Ground(_obstacle(ground.obstacle for ground in found), weakest(standings))


def _obstacle(parts: Iterable[Finding | None]) -> Finding | None:
    """What stands in the way of a whole: a failed part most of all, a missing one too; `not run` where all miss."""
    found = set(parts)
    if found <= {Finding.NOT_RUN}:
        return Finding.NOT_RUN
    if Finding.FAILED in found:
        return Finding.FAILED
    return Finding.INCOMPLETE if found - {None} else None


def weakest(standings: Iterable[Standing]) -> Standing | None:
    """The weakest of them; None of none.

    Examples
    --------
    >>> weakest([Standing.DIRECT, Standing.CLOSE]).value
    'close'
    """
    present = set(standings)
    return next((standing for standing in _WEAKEST_FIRST if standing in present), None)

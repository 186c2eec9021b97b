"""The vocabulary of verdicts.

Missing runs come first: not run, failed, incomplete. Then the standing decides
whether a finding may be shown. It may on the published data and on real data of the same source, partly
redrawn; under another protocol, on a stand-in and on synthetic data nothing is said about the
paper. On data that the paper does not have a finding is about the models, not about the paper.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from workflow.analysis.evidence.standing import BEARING, Ground, Obstacle, Signed, Standing, Tone


class Finding(Signed):
    """The result of a comparison."""

    NONE = ("", "", "none")  # nothing to compare with, or fewer runs than a verdict needs
    # a gain that the paper claims
    HOLDS = ("holds", "✓", "good")
    SMALLER = ("holds, smaller", "◒", "good")
    DOES_NOT_HOLD = ("does not hold", "✗", "bad")
    REVERSED = ("reversed", "⇄", "bad")
    # a gain without a printed value
    GAIN = ("gain", "✓", "good")
    LOSS = ("loss", "≠", "bad")
    # either
    EQUAL = ("no difference", "=", "unsure")
    OPEN = ("open", "~", "unsure")
    # a printed number
    CONSISTENT = ("consistent", "✓", "good")
    HIGHER = ("paper higher", "↑", "bad")
    LOWER = ("paper lower", "↓", "bad")
    # an optimum or a trend that the paper states
    SEEN = ("seen", "✓", "good")
    TIED = ("tied", "=", "unsure")
    NOT_SEEN = ("not seen", "≠", "bad")
    NOT_STATED = ("not stated", "○", "none")
    # the paper against itself (it may also be `consistent`)
    INCONSISTENT = ("inconsistent", "≠", "bad")
    DOUBTFUL = ("doubtful", "?", "unsure")
    CHANGED = ("changed between versions", "≠", "unsure")
    OMITTED = ("omitted", "○", "unsure")  # by the paper; not a contradiction
    # the paper against the authors' logs
    SUPPORTED = ("supported", "✓", "good")
    PARTLY = ("partly supported", "◐", "unsure")
    UNSUPPORTED = ("unsupported", "○", "unsure")
    CONTRADICTED = ("contradicted", "≠", "bad")
    # the paper against others' published results
    ABOVE = ("above", "↑", "good")
    WITHIN = ("within", "=", "unsure")
    BELOW = ("below", "↓", "bad")
    NONE_KNOWN = ("none known", "○", "none")


Word = Finding | Obstacle | Standing
WORDS: tuple[Word, ...] = (*Finding, *Obstacle, *Standing)  # the order in which readers see them


@dataclass(frozen=True)
class Verdict:
    """A finding or an obstacle, and the standing of what it rests on. Without either the standing forbids a finding.

    `standing` is None where nothing has run, and where no run is needed. Others' published runs
    have one too. `weak` marks a print that fits, and so would that of the plain reference.
    """

    finding: Finding | Obstacle | None
    standing: Standing | None = None
    weak: bool = False

    @property
    def shown(self) -> Word:
        """The word that readers see."""
        shown = self.finding if self.finding is not None else self.standing
        assert shown is not None
        return shown

    @property
    def word(self) -> str:
        """The verdict as a word."""
        return f"{self.shown} (weak)" if self.weak else str(self.shown)

    @property
    def sign(self) -> str:
        """The verdict as one sign."""
        return self.shown.sign

    @property
    def tone(self) -> Tone:
        """The verdict as a colour, which never appears alone."""
        return self.shown.tone

    def __str__(self) -> str:
        return self.word


def verdict(ground: Ground, finding: Finding, *, weak: bool = False, about_paper: bool = True) -> Verdict:
    """The verdict of a comparison with this finding: missing runs first, then the standing.

    One that is not `about_paper`, of a user's own models, may rest on any protocol and on all but synthetic data.
    """
    if ground.obstacle is not None:
        return Verdict(ground.obstacle, ground.standing)
    bears = ground.standing in (*BEARING, Standing.OWN) or not (about_paper or ground.standing is Standing.SYNTHETIC)
    return Verdict(finding if bears else None, ground.standing, weak and bears)


def tally(verdicts: Iterable[Verdict]) -> list[tuple[Verdict, int]]:
    """How often each verdict occurs, in the vocabulary's order; a standing counts if there is no finding."""
    found = Counter(each if each.finding is None else replace(each, standing=None) for each in verdicts)
    return sorted(found.items(), key=lambda pair: (WORDS.index(pair[0].shown), pair[0].weak))

"""The words of the page that a reader cannot guess: each is explained, and its first use leads there."""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from workflow.analysis.compare.gains import BAR_points


@dataclass(frozen=True)
class Word:
    """A term as it is written, and what it means. `anchor` is where the page explains it."""

    term: str
    anchor: str
    meaning: str


WORDS = (
    Word("points", "word-points", "AUC × 100, as the paper prints it: an AUC of 0.9872 is 98.72 points."),
    Word(
        "gAUC",
        "word-gauc",
        "The AUC among a user's own rows, averaged over users by their number of rows. Datasets without users have "
        "none.",
    ),
    Word(
        "SER",
        "word-ser",
        "How the paper's model gives its two encoders embeddings: a table of half the size to the simple one, a whole "
        "one to the complex one. Share is one table for both.",
    ),
    Word(
        "WSF",
        "word-wsf",
        "Weighted sum fusion: the logits of both encoders, added with two learned weights. Sum adds them as they are.",
    ),
    Word(
        "TF loss",
        "word-tf-loss",
        "The Twin Focus loss: beside the loss of the whole one for each encoder, that of the simple one weighted "
        "towards easy samples and that of the complex one towards hard samples.",
    ),
    Word(
        "γ = 0",
        "word-gamma-0",
        "The same loss without focusing: γ is the exponent of both weights, which are then 1, so that each encoder "
        "has a plain log loss of its own.",
    ),
    Word(
        "standing",
        "word-standing",
        "What the data and the protocol of runs are: published, redrawn, other protocol, stand-in, synthetic. Only "
        "the first two show a finding about the paper.",
    ),
    Word(
        "redrawn",
        "word-redrawn",
        "The standing of runs on real data of the same source, part of which had to be drawn again.",
    ),
    Word(
        "holds",
        "word-holds",
        "A gain is shown and the paper's size is not above its 95 % interval; where it is, the gain holds, smaller. "
        "It does not hold where no gain is shown and the paper's size is above the interval.",
    ),
    Word(
        "consistent",
        "word-consistent",
        "The print lies in the 95 % interval of one more run of ours, whose half width is shown beside it. It is weak "
        "where the print of the plain reference would lie there, too.",
    ),
    Word(
        "open",
        "word-open",
        "The runs show neither a gain nor a loss, nor that both are equal (the whole 95 % interval of the gain within "
        f"±{BAR_points} points), nor that the paper's size is too large.",
    ),
)


class Words:
    """Links words to what they mean, each where the page has it first: hand in texts in the page's order."""

    def __init__(self) -> None:
        self.all = WORDS
        self._left = {re.compile(rf"(?<!\w){re.escape(word.term)}s?(?!\w)", re.IGNORECASE): word for word in WORDS}

    def link(self, text: str) -> Markup:
        """The text, escaped, with a link for each word that was not met before."""
        met = {pattern: found for pattern in self._left if (found := pattern.search(text))}
        parts, end = [], 0
        for pattern, found in sorted(met.items(), key=lambda pair: pair[1].start()):
            if found.start() >= end:
                word = self._left.pop(pattern)
                link = Markup('<a class="word" href="#{}" title="{}">{}</a>')
                parts += [escape(text[end : found.start()]), link.format(word.anchor, word.meaning, found[0])]
                end = found.end()
        return Markup("").join([*parts, escape(text[end:])])

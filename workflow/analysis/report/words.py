"""The words of the page that a reader cannot guess: each is explained, and its first use leads there."""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from workflow.analysis.evidence.number import TOLERANCE_points


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
        "Of what runs are evidence, by their data and protocol: direct, close, other protocol, stand-in, twin. Only "
        "the first two show a finding about the paper.",
    ),
    Word(
        "close",
        "word-close",
        "The standing of runs on the same source and task, part of which had to be drawn again. The finding is shown, "
        "with this word beside it.",
    ),
    Word(
        "reproduced",
        "word-reproduced",
        "The print lies in the 95 % prediction interval of one more run of ours, which is no wider than "
        f"±{TOLERANCE_points} points. It differs where it lies outside the interval.",
    ),
    Word(
        "too few runs",
        "word-too-few-runs",
        f"Our runs do not settle it: the interval of one more run is wider than ±{TOLERANCE_points} points, or a "
        "comparison has fewer than three runs a side.",
    ),
    Word(
        "not telling",
        "word-not-telling",
        "The print would pass, but so would the paper's print of the plain reference: passing tells nothing.",
    ),
    Word(
        "not decided",
        "word-not-decided",
        "The runs show neither a gain nor a loss, nor that both are equal, which is where the whole 95 % interval of "
        f"the gain lies within ±{TOLERANCE_points} points.",
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

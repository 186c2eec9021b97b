"""A sentence of the answer, and the words that sentences share."""

from collections.abc import Iterable
from dataclasses import dataclass

FEW = 3  # things that a sentence names one by one


@dataclass(frozen=True)
class Sentence:
    """A topic of the answer, in a sentence or two.

    `anchor` is the part of the page that shows what it rests on; `found` is what its comparisons
    came to, empty where it is of no comparison.
    """

    topic: str
    text: str
    anchor: str
    found: str = ""

    @property
    def title(self) -> str:
        """The topic with what was found."""
        return f"{self.topic}: {self.found}" if self.found else self.topic


def plural(count: int) -> str:
    """The ending of a counted noun.

    Examples
    --------
    >>> plural(1), plural(2)
    ('', 's')
    """
    return "" if count == 1 else "s"


def listed(parts: Iterable[str]) -> str:
    """Parts as a list in a sentence.

    Examples
    --------
    >>> listed(["a", "b", "c"]), listed([])
    ('a, b and c', '')
    """
    found = list(parts)
    return " and ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)

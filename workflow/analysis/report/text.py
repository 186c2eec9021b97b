"""Words that sentences share."""

from collections.abc import Iterable


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

"""Errors that a user can fix: one message, no traceback, exit status 1."""

from collections.abc import Iterable
from difflib import get_close_matches
from unicodedata import normalize

SHOWN = 60  # names listed in a message
FEW = 20  # listed in addition to the nearest one


class UserError(Exception):
    """What is wrong, where (file, key or row), and the remedy, in one message.

    Control characters, which names in an archive or a file may hold, are written out: a message
    goes to a terminal.
    """

    def __init__(self, message: str) -> None:
        super().__init__("".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in message))


def nearest(name: str, known: Iterable[str]) -> str:
    r"""The known names and the one that `name` may have meant: both, only the list, or only the nearest of many.

    >>> nearest("SERR", ["SER", "GM"])
    "did you mean 'SER'? (known: GM, SER)"
    >>> nearest("caf\u00e9", ["cafe\u0301"])
    "did you mean 'cafe\\u0301', which looks the same and is spelt 'caf\\xe9' here?"
    """
    names = sorted(map(shortened, known))
    if not names:
        return "(there are none)"
    name = name[:200]  # comparing takes time quadratic in the length
    for other in names:
        if other != name and normalize("NFC", other) == normalize("NFC", name):
            return f"did you mean {other!a}, which looks the same and is spelt {name!a} here?"
    close = get_close_matches(name.lower(), [n.lower() for n in names], n=1, cutoff=0.5)
    hint = next((n for n in names if close and n.lower() == close[0]), None)
    listing = f"(known: {', '.join(names[:SHOWN])}{', …' if len(names) > SHOWN else ''})"
    if hint is None:
        return listing
    return f"did you mean {hint!r}?{f' {listing}' if len(names) <= FEW else ''}"


def shortened(text: str, length: int = 80) -> str:
    """Cut a user's text to what a message can show, control characters made visible."""
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= length else f"{shown[: length - 1]}…"

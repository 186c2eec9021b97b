"""Helpers for sentences, and the order of tables and figures."""

from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def plural(count: int) -> str:
    """The ending of a counted noun."""
    return "" if count == 1 else "s"


def listed(parts: Iterable[str], word: str = "and") -> str:
    """Parts as a list in a sentence."""
    found = list(parts)
    return f" {word} ".join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)


def templates(*, autoescape: bool) -> Environment:
    """The report's templates, in which a misspelt name is an error."""
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    return Environment(
        loader=loader, autoescape=autoescape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def in_paper_order(names: Iterable[str]) -> tuple[str, ...]:
    """Tables by number, then figures by number, then what the paper does not have, as it comes."""
    return tuple(sorted(names, key=_place))


def _place(name: str) -> tuple[int, int]:
    kind, _, number = name.rpartition("_")
    known = ("table", "figure")
    return (known.index(kind), int(number)) if kind in known and number.isdigit() else (len(known), 0)

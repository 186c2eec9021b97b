"""The paper's order of its tables and figures, in which a reader looks for them; a campaign's is that of its runs."""

from collections.abc import Iterable


def in_paper_order(names: Iterable[str]) -> tuple[str, ...]:
    """Tables by number, then figures by number, then what the paper does not have, as it comes.

    Examples
    --------
    >>> in_paper_order(["figure_10", "selection", "table_4", "figure_2", "table_1"])
    ('table_1', 'table_4', 'figure_2', 'figure_10', 'selection')
    """
    return tuple(sorted(names, key=_place))


def _place(name: str) -> tuple[int, int]:
    kind, _, number = name.rpartition("_")
    known = ("table", "figure")
    return (known.index(kind), int(number)) if kind in known and number.isdigit() else (len(known), 0)

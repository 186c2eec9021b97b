"""Tables, counts and links of the report's HTML, as a reader sees them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser


@dataclass
class Cell:
    """A field of an HTML table: its text, its verdict's word and the configuration that it links to."""

    text: str = ""
    word: str = ""
    run: str = ""


@dataclass
class Grid:
    """An HTML table under its heading."""

    heading: str
    caption: str = ""
    rows: list[list[Cell]] = field(default_factory=list)

    def lines(self) -> Iterator[dict[str, Cell]]:
        """Each row by the header's names."""
        names = [cell.text for cell in self.rows[0]]
        for row in self.rows[1:]:
            yield dict(zip(names, row, strict=True))


class Page(HTMLParser):
    """Tables and counts in lists of facts, in the order of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.grids: list[Grid] = []
        self.facts: list[tuple[str, str]] = []  # a term, and each count behind it with its word
        self._open: list[tuple[str, str]] = []
        self._heading = self._term = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        kind = attributes.get("class") or ""
        if tag in ("br", "meta", "link", "input", "img"):
            self.handle_data("\n")
            return
        self._open.append((tag, kind))
        if tag == "table":
            self.grids.append(Grid(self._heading))
        elif tag == "tr":
            self.grids[-1].rows.append([])
        elif tag in ("td", "th"):
            self.grids[-1].rows[-1].append(Cell())
        elif tag in ("h3", "h4"):
            self._heading = ""
        elif tag == "dt":
            self._term = ""
        elif tag == "dd" or kind == "count":
            self.facts.append((self._term.strip(), ""))
        elif tag == "a":
            target = (attributes.get("href") or "").partition("#run-")[2].partition("-")[0]
            if target and self._inside("table"):
                self.grids[-1].rows[-1][-1].run = target

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        kinds = [kind for _, kind in self._open]
        if any(kind == "sign" or kind.startswith("bar") for kind in kinds):
            return
        told = any(kind.startswith("verdict") for kind in kinds)
        if self._inside("caption"):
            self.grids[-1].caption += data
        elif self._inside("td") or self._inside("th"):
            cell = self.grids[-1].rows[-1][-1]
            cell.word, cell.text = (cell.word + data.strip(), cell.text) if told else (cell.word, cell.text + data)
        elif self._inside("h3") or self._inside("h4"):
            self._heading += data
        elif self._inside("dt"):
            self._term += data
        elif self._inside("dd"):
            term, text = self.facts[-1]
            self.facts[-1] = term, text + data

    def _inside(self, tag: str) -> bool:
        return any(name == tag for name, _ in self._open)


@lru_cache(maxsize=32)
def parsed(html: str) -> Page:
    """A page that its readers leave as it is; most variants of the outputs share it."""
    return Page(html)

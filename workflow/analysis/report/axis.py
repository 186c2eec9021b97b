"""Rows along one axis of points, drawn as SVG: wide beside their labels, or narrow below them, for a telephone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil
from textwrap import wrap
from xml.etree.ElementTree import Element, SubElement, tostring

MARGIN, TOP, FOOT = 8, 44, 56  # the drawing's own units, as all that follows; nothing is cut at the edge
LINE, GAP = 17, 8  # of a group's title, and above it


@dataclass(frozen=True)
class Layout:
    """Where the parts lie: between `left` and `right` the axis, and within a row its label, its numbers, its marks."""

    name: str
    width: int
    left: int
    right: int
    row: int
    told_x: int
    told_y: int
    middle: int
    letters: int  # of a group's title on one line
    strip: int  # how high the grid is about a row's marks, so that none crosses its words
    label_y: int = 14
    label_x: int = 12


WIDE = Layout("wide", width=960, left=390, right=690, row=20, told_x=702, told_y=14, middle=10, letters=110, strip=20)
NARROW = Layout("narrow", width=360, left=16, right=344, row=52, told_x=12, told_y=30, middle=41, letters=48, strip=18)
LAYOUTS = (WIDE, NARROW)


class Axis:
    """Points to places, zero always among them."""

    def __init__(self, values: Iterable[float], layout: Layout, step: float = 0.2) -> None:
        found = [0.0, *values]
        self.low = -step * ceil(max(step, -min(found)) / step - 1e-9)
        self.high = step * ceil(max(step, *found) / step - 1e-9)
        self._layout = layout

    def x(self, value: float) -> str:
        """Where a value lies; what lies outside is put at the edge."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return f"{self._layout.left + share * (self._layout.right - self._layout.left):.1f}"

    def ticks(self) -> list[float]:
        """Round values, nine at the most."""
        span = self.high - self.low
        step = next(one for one in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if span / one <= 8)
        return [step * place for place in range(ceil(self.low / step - 1e-9), int(self.high / step + 1e-9) + 1)]


@dataclass
class Drawing:
    """A drawing in the making, from the top down; `band` is shaded either side of zero."""

    title: str
    words: str
    axis: Axis
    layout: Layout
    band: float | None = None
    links: bool = False  # an image may hold none
    _y: int = field(default=TOP, init=False)
    svg: Element = field(init=False)

    def __post_init__(self) -> None:
        role = "group" if self.links else "img"
        self.svg = Element(
            "svg", {"class": self.layout.name, "role": role, "aria-label": f"{self.title}. {self.words}"}
        )
        self.text((self.layout.left + self.layout.right) // 2, 14, f"{self.title} (points)", "mid")

    def group(self, title: str, rows: int, told: str = "") -> None:
        """The title of a few rows, and below it, so that no line crosses it, the grid that they lie on."""
        self._y += GAP
        for line in wrap(title, self.layout.letters):
            self._y += LINE
            self.text(0, self._y - 4, line, "group")
        if told:
            below = self.layout.told_x < self.layout.right  # a narrow drawing has no room beside the title
            self._y += LINE * below
            self.text(self.layout.told_x, self._y - 4, told, "dim")
        edges = self._y + self.layout.middle - self.layout.strip // 2
        strips = [edges + self.layout.row * place for place in range(rows)]
        self._grid([strips[0]] if self.layout.strip == self.layout.row else strips, rows)

    def row(self, label: str, told: str) -> int:
        """A row's words; the height at which its marks belong."""
        top, self._y = self._y, self._y + self.layout.row
        self.text(self.layout.label_x, top + self.layout.label_y, label, "dim")
        self.text(self.layout.told_x, top + self.layout.told_y, told, "dim")
        return top + self.layout.middle

    def dot(self, value: float, y: int, over: Element | None = None, r: str = "3.5") -> Element:
        """One of ours."""
        place = {"cx": self.axis.x(value), "cy": str(y), "r": r}
        return SubElement(self.svg if over is None else over, "circle", {"class": "ours", **place})

    def interval(self, low: float, high: float, y: int) -> None:
        """Ours, from one end to the other."""
        ends = {"x1": self.axis.x(low), "x2": self.axis.x(high), "y1": str(y), "y2": str(y)}
        SubElement(self.svg, "line", {"class": "ours", **ends})

    def diamond(self, value: float, y: int) -> None:
        """One of the paper's."""
        self._diamond(float(self.axis.x(value)), y)

    def legend(self, theirs: str = "", ours: str = "", band: str = "") -> None:
        """What the marks are, below the axis."""
        y, x = self._y + 40, 4
        for words, draw in ((theirs, self._diamond), (ours, self._mark), (band, self._patch)):
            if words:
                draw(x + 8, y)
                self.text(x + 24, y + 4, words, "dim")
                x += 40 + 6 * len(words)

    def text(self, x: float | str, y: float, words: str, style: str = "") -> None:
        """Words at a place."""
        place = {"x": str(x), "y": str(y), **({"class": style} if style else {})}
        SubElement(self.svg, "text", place).text = words

    def done(self) -> str:
        """The drawing as text, with the axis named at both ends: a long one is not seen whole."""
        for tick in self.axis.ticks():
            words = f"{tick:+.1f}".replace("-", "−") if abs(tick) > 1e-9 else "0"
            for y in (TOP - 8, self._y + 18):
                self.text(self.axis.x(tick), y, words, "dim mid")
        width, height = self.layout.width + 2 * MARGIN, self._y + FOOT
        self.svg.set("viewBox", f"{-MARGIN} 0 {width} {height}")
        return tostring(self.svg, encoding="unicode")

    def _grid(self, tops: list[int], rows: int) -> None:
        height = self.layout.strip * rows // len(tops)
        if self.band is not None:
            left, right = float(self.axis.x(-self.band)), float(self.axis.x(self.band))
            for top in tops:
                place = {"x": f"{left:.1f}", "y": str(top), "width": f"{right - left:.1f}", "height": str(height)}
                SubElement(self.svg, "rect", {"class": "band", **place})
        for tick in self.axis.ticks():
            style, x = "zero" if abs(tick) < 1e-9 else "grid", self.axis.x(tick)
            SubElement(self.svg, "path", {"class": style, "d": "".join(f"M{x} {top}v{height}" for top in tops)})

    def _diamond(self, x: float, y: int) -> None:
        shape = f"M{x - 5:.1f} {y}L{x:.1f} {y - 5}L{x + 5:.1f} {y}L{x:.1f} {y + 5}Z"
        SubElement(self.svg, "path", {"class": "theirs", "d": shape})

    def _mark(self, x: float, y: int) -> None:
        if self.band is None:  # with an interval
            ends = {"x1": f"{x - 10:g}", "x2": f"{x + 10:g}", "y1": str(y), "y2": str(y)}
            SubElement(self.svg, "line", {"class": "ours", **ends})
        SubElement(self.svg, "circle", {"class": "ours", "cx": f"{x:g}", "cy": str(y), "r": "3.5"})

    def _patch(self, x: float, y: int) -> None:
        place = {"x": f"{x - 8:g}", "y": str(y - 6), "width": "20", "height": "12"}
        SubElement(self.svg, "rect", {"class": "band", **place})

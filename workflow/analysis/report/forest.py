"""Two drawings as SVG text: the paper's gains beside ours, and every printed number beside ours.

Inside the page they take its colours; `standalone` adds their own, for light and dark screens.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from math import ceil
from xml.etree.ElementTree import Element, SubElement, tostring

from workflow.analysis.evidence.gains import in_points
from workflow.analysis.evidence.number import TOLERANCE_points
from workflow.analysis.report.contrasts import Contrast, Printed, Question

WIDTH, ROW, LEFT, RIGHT = 860, 20, 300, 620  # the drawing's own units; between LEFT and RIGHT lies the axis
HEAD, FOOT = 30, 40
STYLE = """
svg { --paper: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --link: #0a58ca; --bad: #8c1420;
  --band: #dff3e4; background: var(--paper); }
@media (prefers-color-scheme: dark) { svg { --paper: #0f1318; --ink: #e4e8ed; --quiet: #a3adb8; --line: #343c46;
  --link: #7db4ff; --bad: #ffaab0; --band: #12331f; } }
text { font: 12px system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: var(--ink); }
.group { font-weight: 600; } .dim { fill: var(--quiet); } .mid { text-anchor: middle; }
.grid { stroke: var(--line); } .zero { stroke: var(--quiet); } .band { fill: var(--band); }
.theirs { fill: none; stroke: var(--bad); stroke-width: 1.6; }
.ours { fill: var(--link); stroke: var(--link); stroke-width: 1.6; } a { text-decoration: none; }
"""


class _Axis:
    """Points to places, the same distance either side of zero or not; what lies outside is put at the edge."""

    def __init__(self, values: Iterable[float], step: float) -> None:
        found = [0.0, *values]
        self.low = -step * ceil(max(step, -min(found)) / step - 1e-9)
        self.high = step * ceil(max(step, *found) / step - 1e-9)

    def x(self, value: float) -> str:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return f"{LEFT + share * (RIGHT - LEFT):.1f}"

    def ticks(self) -> list[float]:
        span = self.high - self.low
        step = next(one for one in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if span / one <= 8)
        return [step * place for place in range(ceil(self.low / step - 1e-9), int(self.high / step + 1e-9) + 1)]


def forest(questions: Sequence[Question]) -> str:
    """Each gain that the paper claims (a diamond) beside ours (a dot with its 95 % interval), in points.

    Parameters
    ----------
    questions : sequence of Question
        What `questions_of` gives. Ours is drawn where the runs bear a finding about the paper.

    Returns
    -------
    str
        An SVG element; empty where there is neither a claimed gain nor one of ours.
    """
    groups = [(one.title, [each for each in one.contrasts if _drawn(each)]) for one in questions]
    groups = [(title, found) for title, found in groups if found]
    shown = [one for _, found in groups for one in found]
    if not shown:
        return ""
    axis = _Axis((value for one in shown for value in _extent(one)), 0.2)
    bottom = HEAD + ROW * (len(shown) + len(groups))
    svg = _frame(axis, bottom, "Gains: the paper's beside ours", _forest_words(shown))
    y = HEAD
    for title, found in groups:
        _text(svg, 0, y + 14, title, "group")
        y += ROW
        names = Counter((one.dataset, one.item) for one in found)
        for one in found:
            over = f" over {one.over}" if names[one.dataset, one.item] > 1 else ""
            _gain_row(svg, axis, y, one, f"{one.dataset} · {one.item}{over}")
            y += ROW
    _legend(svg, bottom)
    return tostring(svg, encoding="unicode")


def against_prints(prints: Sequence[Printed]) -> str:
    """Each printed number's difference to ours, a row a table, dataset and metric, with the ±0.10 band.

    Parameters
    ----------
    prints : sequence of Printed
        What `prints_of` gives. Those whose runs bear no finding about the paper are left out.

    Returns
    -------
    str
        An SVG element; empty where nothing can be drawn.
    """
    shown = [one for one in prints if one.number.ground.bears and one.number.delta_points is not None]
    if not shown:
        return ""
    rows = [(key, list(found)) for key, found in groupby(shown, lambda one: (one.table, one.dataset, one.metric))]
    axis = _Axis((float(one.number.delta_points or 0) for one in shown), 0.2)
    bottom = HEAD + ROW * len(rows)
    words = f"{len(shown)} printed numbers, ours less the print in points; the band is ±{TOLERANCE_points}."
    svg = _frame(axis, bottom, "Printed numbers: ours less the print", words, band=float(TOLERANCE_points))
    for place, ((table, dataset, metric), found) in enumerate(rows):
        y = HEAD + ROW * place
        name = f"{table.replace('_', ' ').capitalize()} · {dataset} · {metric.replace('auc', 'AUC')}"
        _text(svg, 0, y + 14, name)
        within = sum(abs(one.number.delta_points or 0) <= TOLERANCE_points for one in found)
        _text(svg, RIGHT + 12, y + 14, f"{within} of {len(found)} within ±{TOLERANCE_points}", "dim")
        for one in found:
            link = SubElement(svg, "a", href=f"#run-{one.number.run_keys[0].partition('/')[0]}")
            dot = SubElement(link, "circle", cx=axis.x(float(one.number.delta_points or 0)), cy=str(y + 10), r="4")
            dot.set("class", "ours")
            told = f"{one.cell}: paper {one.number.paper_points}, ours {one.number.ours}, Δ {one.number.delta}"
            SubElement(dot, "title").text = told
    return tostring(svg, encoding="unicode")


def standalone(svg: str) -> str:
    """The drawing as a file of its own: links of the page left out, colours for light and dark screens put in."""
    head, _, rest = svg.partition(">")
    named = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"{named}><style>{STYLE}</style>{rest}\n"


# -- parts ----------------------------------------------------------------------------


def _drawn(one: Contrast) -> bool:
    return one.gain.paper_points is not None or one.tells


def _extent(one: Contrast) -> list[float]:
    found = [] if one.gain.paper_points is None else [float(one.gain.paper_points)]
    if one.tells and one.gain.mean is not None:
        interval = one.interval
        found += [100 * each for each in ((interval.low, interval.high) if interval else (one.gain.mean,))]
    return found


def _forest_words(shown: Sequence[Contrast]) -> str:
    ours = sum(one.tells for one in shown)
    return f"{len(shown)} gains in points of AUC × 100, {ours} of them with ours; tables below have the numbers."


def _gain_row(svg: Element, axis: _Axis, y: int, one: Contrast, name: str) -> None:
    middle, each = y + 10, one.gain
    _text(svg, 12, y + 14, name, "dim")
    if each.paper_points is not None:
        x = float(axis.x(float(each.paper_points)))
        diamond = f"M{x - 5:.1f} {middle}L{x:.1f} {middle - 5}L{x + 5:.1f} {middle}L{x:.1f} {middle + 5}Z"
        SubElement(svg, "path", {"class": "theirs", "d": diamond})
    parts = [] if each.paper_points is None else [f"paper {each.paper}"]
    if one.tells and each.mean is not None:
        if interval := one.interval:
            ends = {"x1": axis.x(100 * interval.low), "x2": axis.x(100 * interval.high)}
            SubElement(svg, "line", {"class": "ours", **ends, "y1": str(middle), "y2": str(middle)})
        SubElement(svg, "circle", {"class": "ours", "cx": axis.x(100 * each.mean), "cy": str(middle), "r": "3.5"})
        parts.append(f"ours {in_points(each.mean)}")
    _text(svg, RIGHT + 12, y + 14, f"{', '.join(parts)}; {each.verdict.word}", "dim")


def _frame(axis: _Axis, bottom: int, title: str, words: str, band: float | None = None) -> Element:
    svg = Element("svg", {"viewBox": f"0 0 {WIDTH} {bottom + FOOT}", "role": "img", "aria-label": f"{title}. {words}"})
    if band is not None:
        left, right = axis.x(-band), axis.x(band)
        place = {"x": left, "y": str(HEAD - 4), "width": f"{float(right) - float(left):.1f}"}
        SubElement(svg, "rect", {"class": "band", **place, "height": str(bottom - HEAD + 8)})
    for tick in axis.ticks():
        x = axis.x(tick)
        style = "zero" if abs(tick) < 1e-9 else "grid"
        SubElement(svg, "line", {"class": style, "x1": x, "x2": x, "y1": str(HEAD - 4), "y2": str(bottom + 4)})
        _text(svg, x, bottom + 18, f"{tick:+.1f}".replace("-", "−") if abs(tick) > 1e-9 else "0", "dim mid")
    _text(svg, (LEFT + RIGHT) // 2, 14, f"{title} (points)", "mid")
    return svg


def _legend(svg: Element, bottom: int) -> None:
    SubElement(svg, "path", {"class": "theirs", "d": f"M0 {bottom + 30}l5 -5l5 5l-5 5Z"})
    _text(svg, 16, bottom + 34, "the paper's", "dim")
    SubElement(svg, "line", {"class": "ours", "x1": "90", "x2": "118", "y1": f"{bottom + 30}", "y2": f"{bottom + 30}"})
    SubElement(svg, "circle", {"class": "ours", "cx": "104", "cy": f"{bottom + 30}", "r": "3.5"})
    _text(svg, 124, bottom + 34, "ours, 95 % interval", "dim")


def _text(svg: Element, x: float | str, y: float, words: str, style: str = "") -> None:
    place = {"x": str(x), "y": str(y), **({"class": style} if style else {})}
    SubElement(svg, "text", place).text = words

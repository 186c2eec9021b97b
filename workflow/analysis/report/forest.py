"""Two drawings as SVG text: the paper's gains beside ours, and every printed number beside ours.

Inside the page they take its colours; `standalone` adds their own, for light and dark screens.
"""

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import SubElement

from workflow.analysis.compare.gains import BAR_points
from workflow.analysis.compare.judge import Comparison
from workflow.analysis.compare.points import in_points
from workflow.analysis.compare.questions import Asked
from workflow.analysis.report.axis import WIDE, Axis, Drawing, Layout
from workflow.analysis.report.printed import Printed

STYLE = """
svg { --paper: #fff; --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --link: #0a58ca; --bad: #8c1420;
  background: var(--paper); }
@media (prefers-color-scheme: dark) { svg { --paper: #0f1318; --ink: #e4e8ed; --quiet: #a3adb8; --line: #343c46;
  --link: #7db4ff; --bad: #ffaab0; } }
text { font: 12px system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: var(--ink); }
.group { font-weight: 600; } .dim { fill: var(--quiet); } .mid { text-anchor: middle; }
.grid { stroke: var(--line); } .zero { stroke: var(--quiet); }
.theirs { fill: none; stroke: var(--bad); stroke-width: 1.6; }
.ours { fill: var(--link); stroke: var(--link); stroke-width: 1.6; }
"""

# What is drawn, by the name of its declaration or by its id without the dataset.
SHOWN = frozenset(
    {
        "tf4ctr",
        "tf4ctr-over-left-out",
        "tf4ctr-over-size",
        "pairing:SER+Sum",
        "fusion:WSF",
        "tf-loss",
        "tf-loss-mean",
        "tf-loss-in-ser",
        "auxiliary-in-ser",
        "focusing-in-ser",
        "focusing-mean",
        "framework",
        "framework-mean",
    }
)

NO_GAINS = '<svg viewBox="0 0 480 32"><text x="8" y="21">These experiments have no gain to draw.</text></svg>'


def forest(asked: Sequence[Asked], layout: Layout = WIDE) -> str:
    """Each gain that the paper claims (a diamond) beside ours (a dot with its 95 % interval), in points.

    Parameters
    ----------
    asked : sequence of Asked
        The research questions. Ours is drawn where the runs say something of the paper.
    layout : Layout
        Wide or narrow.

    Returns
    -------
    str
        An SVG element; empty where there is neither a claimed gain nor one of ours.
    """
    groups = [(one.text, [each for each in (*one.singles, *one.answers) if _drawn(each)]) for one in asked]
    groups = [(title, found) for title, found in groups if found]
    shown = [one for _, found in groups for one in found]
    if not shown:
        return ""
    axis = Axis((value for one in shown for value in _extent(one)), layout)
    drawing = Drawing("Gains: the paper's beside ours", _forest_words(shown), axis, layout)
    for title, found in groups:
        drawing.group(title, len(found))
        for one in found:
            _gain_row(drawing, one, f"{one.title} · {one.item} over {one.over}")
    drawing.legend("the paper's", "ours, 95 % interval")
    return drawing.done()


def against_prints(prints: Sequence[Printed], layout: Layout = WIDE) -> str:
    """Each printed number's difference to ours, a row a number, with the ±0.10 band.

    Parameters
    ----------
    prints : sequence of Printed
        What `prints_of` gives. Those whose runs bear no finding about the paper are left out.
    layout : Layout
        Wide or narrow.

    Returns
    -------
    str
        An SVG element; empty where nothing can be drawn.
    """
    shown = [one for one in prints if one.number.ground.bears and one.number.delta_points is not None]
    if not shown:
        return ""
    order = list(dict.fromkeys(map(_group, shown)))
    shown.sort(key=lambda one: order.index(_group(one)))  # AUC and gAUC of a table take turns
    axis = Axis((float(one.number.delta_points or 0) for one in shown), layout)
    words = f"{len(shown)} printed numbers, ours less the print in points; the band is ±{BAR_points}."
    band = float(BAR_points)
    drawing = Drawing("Printed numbers: ours less the print", words, axis, layout, band, links=True)
    for title, group in groupby(shown, _group):
        found = list(group)
        within = sum(abs(one.number.delta_points or 0) <= BAR_points for one in found)
        drawing.group(title, len(found), f"{within} of {len(found)} within ±{BAR_points}")
        for one in found:
            _print_row(drawing, one)
    drawing.legend(ours="ours less the print", band=f"within ±{BAR_points} points")
    return drawing.done()


def standalone(svg: str) -> str:
    """The drawing as a file of its own: links of the page left out, colours for light and dark screens put in."""
    head, _, rest = svg.partition(">")
    named = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return f"{named}><style>{STYLE}</style>{rest}\n"


# -- parts ----------------------------------------------------------------------------


def _drawn(one: Comparison) -> bool:
    name = one.id.partition("@")[0]
    return one.metric == "auc" and not SHOWN.isdisjoint((name, name.partition(":")[0])) and _says(one)


def _says(one: Comparison) -> bool:
    return one.ran and one.gain.ground.bears


def _extent(one: Comparison) -> list[float]:
    found = [] if one.gain.paper_points is None else [float(one.gain.paper_points)]
    if one.gain.mean is not None:
        interval = one.gain.interval
        found += [100 * each for each in ((interval.low, interval.high) if interval else (one.gain.mean,))]
    return found


def _forest_words(shown: Sequence[Comparison]) -> str:
    return f"{len(shown)} gains in points of AUC × 100; tables below have the numbers."


def _gain_row(drawing: Drawing, one: Comparison, name: str) -> None:
    gain = one.gain
    parts = [] if gain.paper_points is None else [f"paper {gain.paper}"]
    parts += [f"ours {in_points(gain.mean)}"] if gain.mean is not None else []
    y = drawing.row(name, f"{gain.verdict.word}: {', '.join(parts)}")
    if gain.paper_points is not None:
        drawing.diamond(float(gain.paper_points), y)
    if gain.mean is not None:
        if interval := gain.interval:
            drawing.interval(100 * interval.low, 100 * interval.high, y)
        drawing.dot(100 * gain.mean, y)


def _group(one: Printed) -> str:
    return f"{one.title} · {one.dataset} · {one.metric.replace('auc', 'AUC')}"


def _print_row(drawing: Drawing, one: Printed) -> None:
    number = one.number
    label = f"{one.title}, {one.cell}, {one.dataset} {one.metric.replace('auc', 'AUC')}"
    told = f"{number.paper_points} → {number.ours_points}, Δ {number.delta}; {number.verdict.word}"
    y = drawing.row(one.cell, told)
    name = f"{label}: paper {number.paper_points}, ours {number.ours}, Δ {number.delta}, {number.verdict.word}"
    link = SubElement(drawing.svg, "a", {"href": f"#run-{number.run_keys[0].partition('/')[0]}", "aria-label": name})
    SubElement(drawing.dot(float(number.delta_points or 0), y, link, "4.5"), "title").text = name

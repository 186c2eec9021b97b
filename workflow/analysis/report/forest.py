"""Two drawings as SVG text: the paper's gains beside ours, and every printed number beside ours.

Inside the page they take its colours; `standalone` adds their own, for light and dark screens.
"""

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import SubElement

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.gains import BAR_points, Gain
from workflow.analysis.compare.points import in_points
from workflow.analysis.compare.questions import Asked
from workflow.analysis.report.axis import WIDE, Axis, Drawing, Layout
from workflow.analysis.report.printed import Printed
from workflow.analysis.report.scores import Ranking

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
        "two-mlps-over-one",
        "two-mlps-over-tf4ctr",
        "framework",
        "framework-mean",
    }
)

NO_GAINS = '<svg viewBox="0 0 480 32"><text x="8" y="21">These experiments have no gain to draw.</text></svg>'


Groups = Sequence[tuple[str, Sequence[tuple[str, Gain]]]]  # by title of a group: named gains


def of_questions(asked: Sequence[Asked]) -> Groups:
    """The gains to draw of each research question, where the runs say something of the paper."""
    groups = [(one.text, [each for each in (*one.singles, *one.answers) if _drawn(each)]) for one in asked]
    return [
        (title, [(f"{one.title} · {one.item} over {one.over}", one.gain) for one in found])
        for title, found in groups
        if found
    ]


def of_rankings(rankings: Sequence[Ranking]) -> Groups:
    """What the best of a user's models gains over each other."""
    groups = [
        (
            f"{ranking.title}: the best model over each other",
            [(f"{ranking.first} over {one.label}", one.gain) for one in ranking.models if _measured(one.gain)],
        )
        for ranking in rankings
    ]
    return [(title, [(name, gain) for name, gain in found if gain]) for title, found in groups if found]


def forest(groups: Groups, layout: Layout = WIDE) -> str:
    """Each gain that the paper claims (a diamond) beside ours (a dot with its 95 % interval), in points.

    Returns
    -------
    str
        An SVG element; empty where there is nothing to draw.
    """
    shown = [gain for _, found in groups for _, gain in found]
    if not shown:
        return ""
    axis = Axis((value for one in shown for value in _extent(one)), layout)
    words = f"{len(shown)} gains in points of AUC × 100; tables below have the numbers."
    theirs = any(one.paper_points is not None for one in shown)
    drawing = Drawing("Gains: the paper's beside ours" if theirs else "Gains", words, axis, layout)
    for title, found in groups:
        drawing.group(title, len(found))
        for name, gain in found:
            _gain_row(drawing, gain, name)
    drawing.legend("the paper's" if theirs else "", "ours, 95 % interval" if theirs else "gain, 95 % interval")
    return drawing.done()


def against_prints(prints: Sequence[Printed], layout: Layout = WIDE) -> str:
    """Each printed number's difference to ours, a row a number, with the ±0.10 band.

    Parameters
    ----------
    prints : sequence of Printed
        What `prints_of` gives. Those whose runs say nothing of the paper are left out.
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


def _measured(gain: Gain | None) -> bool:
    return gain is not None and gain.ground.obstacle is None and gain.verdict.finding is not None


def _extent(gain: Gain) -> list[float]:
    found = [] if gain.paper_points is None else [float(gain.paper_points)]
    if gain.mean is not None:
        interval = gain.interval
        found += [100 * each for each in ((interval.low, interval.high) if interval else (gain.mean,))]
    return found


def _gain_row(drawing: Drawing, gain: Gain, name: str) -> None:
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

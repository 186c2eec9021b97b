"""Counts of verdicts as one stacked bar in SVG."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from workflow.analysis.compare.words import Verdict

WIDTH, HEIGHT, GAP = 400.0, 14.0, 1.5  # the drawing's own units


def bar(counts: Sequence[tuple[Verdict, int]]) -> str:
    """Draw counts as shares of one bar, in their order; empty where there is none.

    Examples
    --------
    >>> bar([])
    ''
    """
    total = sum(count for _, count in counts)
    if not total:
        return ""
    svg = Element("svg", {"class": "bar", "viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}", "preserveAspectRatio": "none"})
    svg.set("aria-hidden", "true")
    x = 0.0
    for verdict, count in counts:
        wide = WIDTH * count / total
        place = {"x": f"{x:.1f}", "y": "0", "width": f"{max(wide - GAP, 0.8):.1f}", "height": f"{HEIGHT:g}"}
        piece = SubElement(svg, "rect", {"class": verdict.tone, **place})
        SubElement(piece, "title").text = f"{count} {verdict.word}"
        x += wide
    return tostring(svg, encoding="unicode")

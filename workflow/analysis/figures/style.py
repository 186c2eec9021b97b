"""The look of every figure, and the only module that knows matplotlib.

Colours are Okabe and Ito's, which stay apart for colour-blind readers; what has to stay
apart in grey, too, differs in line style or marker. Sizes are those of a two-column page.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, TypeAlias

import matplotlib as mpl
from matplotlib.axes import Axes as _Axes
from matplotlib.figure import Figure as _Figure
from matplotlib.ticker import MaxNLocator

from workflow.analysis.pages.document import as_text
from workflow.analysis.pages.files import to_csv, write_files

if TYPE_CHECKING:  # the report draws without pandas
    import pandas as pd

Axes: TypeAlias = _Axes
Figure: TypeAlias = _Figure
Grid: TypeAlias = Any  # an array of Axes, rows × columns
Look: TypeAlias = dict[str, Any]  # keyword arguments of a plotting function

PAGE_in = 7.16  # two columns
BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
INK, GREY, PALE = "#222222", "#767676", "#E4E4E4"
CLASS_COLOURS = {"misclassified": VERMILLION, "poorly classified": BLUE, "well classified": GREEN}
SMALL_pt = 6.5
NOTE_characters = 115  # letters of a line that fits the page at this size
_TIMELESS = {
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
    "png": {"Software": None},
    "svg": {"Creator": None, "Date": None, "Format": None, "Type": None},
}
_DARK = {"#ffffff": "#0f1318", INK: "#e4e8ed", GREY: "#a3adb8", PALE: "#343c46", BLUE: "#4aa8e0", VERMILLION: "#f0803c"}
_CORNERS = {
    "upper left": (0.02, 0.97, "left", "top"),
    "lower left": (0.02, 0.03, "left", "bottom"),
    "lower right": (0.98, 0.03, "right", "bottom"),
    "center": (0.5, 0.5, "center", "center"),
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw and save in the project's style, whatever the user's matplotlib settings."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rc_file(Path(__file__).with_name("house.mplstyle"), use_default_template=False)
        yield


def canvas(
    rows: int,
    columns: int,
    *,
    height_in: float,
    width_in: float = PAGE_in,
    ratios: Sequence[float] | None = None,
    sharex: bool | str = False,
    sharey: bool | str = False,
) -> tuple[Figure, Grid]:
    """Make a figure with a grid of axes, always two-dimensional; `ratios` are of the rows' heights."""
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey, height_ratios=ratios)  # pyright: ignore[reportCallIssue, reportArgumentType]
    return figure, axes


def legend(figure: Figure, columns: int, notes: Sequence[str] = ()) -> None:
    """Put one legend for all panels below them, under notes that must not be lost with the caption."""
    handles: dict[str, Any] = {}
    for axis in figure.axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    text = "\n".join(line for note in notes for line in balanced(note)) or None
    found = figure.legend(
        handles.values(),
        handles,
        loc="outside lower center",
        ncols=columns,
        handlelength=2.2,
        columnspacing=1.4,
        title=text,
        title_fontsize=SMALL_pt,
    )
    found.get_title().set(color=GREY, multialignment="center")


def balanced(note: str) -> list[str]:
    """A note in as few lines as fit the page, all about as long."""
    note = note.replace(" = ", "\u00a0=\u00a0")  # keeps a setting on one line
    lines = wrap(note, NOTE_characters)
    widths = range(-(-len(note) // max(len(lines), 1)), NOTE_characters)
    return next((even for width in widths if len(even := wrap(note, width)) == len(lines)), lines)


def whole_numbers(axis: Axes) -> None:
    """Put ticks of x at whole numbers only."""
    axis.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


def say_in(axis: Axes, text: str, *, corner: str = "lower right", colour: str = GREY) -> None:
    """Write a small note into a corner of a panel; an empty one writes nothing."""
    x, y, horizontal, vertical = _CORNERS[corner]
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8}
    look = {"fontsize": SMALL_pt, "color": colour, "bbox": box}
    if text:
        axis.text(x, y, text, transform=axis.transAxes, ha=horizontal, va=vertical, **look)


def blank(axis: Axes, text: str) -> None:
    """Leave a panel empty and say why."""
    axis.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)  # leaves shared ticks alone
    say_in(axis, text, corner="center")


def sentences(lines: Sequence[str]) -> Figure:
    """A figure without anything to draw yet: sentences instead of empty panels."""
    figure = Figure(figsize=(PAGE_in, 0.3 + 0.2 * len(lines)), layout="constrained")
    axis = figure.subplots()
    axis.set_axis_off()
    say_in(axis, "\n".join(lines), corner="center")
    return figure


def write_figure(figure: Figure, frame: "pd.DataFrame", stem: Path) -> list[Path]:
    """Write <stem>.pdf, .png, .svg and .csv with what it draws, and give these paths; in the project's style."""
    rows = [{str(name): as_text(value) for name, value in row.items()} for row in frame.to_dict("records")]
    return write_files(stem, {**drawn(figure), "csv": to_csv(rows, list(frame.columns))})


def drawn(figure: Figure) -> dict[str, bytes]:
    """The figure by suffix: pdf, png, and svg that follows dark mode; the same content gives the same bytes."""
    _lay_out(figure)
    return {"pdf": _saved(figure, "pdf"), "png": _saved(figure, "png"), "svg": svg_of(figure)}


def svg_of(figure: Figure) -> bytes:
    """The figure as a vector that follows dark mode; the same content gives the same bytes."""
    _lay_out(figure)
    return themed(_saved(figure, "svg").decode("utf-8")).encode("utf-8")


def _lay_out(figure: Figure) -> None:
    """Once, so that each kind of file has one layout; rounded, as the solver's last digits differ from call to call."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    if any(axis.get_ylabel() for axis in figure.axes):  # it compares all pairs of axes, which takes seconds for many
        figure.align_ylabels()
    axes = [each for axis in figure.axes for each in (axis, *axis.child_axes)]
    for side in (side for axis in axes for side in (axis.xaxis, axis.yaxis)):
        if not side.get_label_text():  # else each drawing searches a place for it past all ticks
            side.set_label_coords(0, 0)
    engine.execute(figure)
    figure.set_layout_engine(None)
    for axis in figure.axes:
        axis.set_position([round(float(edge), 5) for edge in axis.get_position().bounds])  # pyright: ignore[reportArgumentType]


def _saved(figure: Figure, kind: str) -> bytes:
    stream = BytesIO()
    figure.savefig(stream, format=kind, metadata=_TIMELESS[kind])
    return stream.getvalue()


def themed(svg: str) -> str:
    """Make the figure's colours follow dark mode, and remove needless blanks."""
    svg = " ".join(svg.split()).replace("> <", "><").replace("'DejaVu Sans'", "'DejaVu Sans', Verdana, sans-serif")
    svg = re.sub(r'style="[^"]*"', lambda found: re.sub("(?<=[:;]) ", "", found[0]), svg)
    svg = re.sub(r"(?<=\d\.\d\d)\d+(?=[ \"])", "", svg)  # of a coordinate, in points
    light = dark = ""
    for colour, by_night in _DARK.items():
        name = f"--c{colour[1:].lower()}"
        light, dark = f"{light}{name}:{colour};", f"{dark}{name}:{by_night};"
        svg = svg.replace(colour.lower(), f"var({name})")
    style = f"<style>:root{{{light}}}@media (prefers-color-scheme: dark){{:root{{{dark}}}}}</style>"
    before, tag, rest = svg.partition("<svg")
    opening, end, body = rest.partition(">")
    return before + tag + opening + end + style + body

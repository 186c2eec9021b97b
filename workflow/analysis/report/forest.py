"""Two drawings: the paper's gains beside ours, and every printed number beside ours; narrow ones for a telephone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import fill

from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.gains import BAR_points, Gain
from workflow.analysis.compare.numbers import Number
from workflow.analysis.compare.points import in_points
from workflow.analysis.compare.questions import Answered
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset
from workflow.analysis.figures import style
from workflow.analysis.paper.prints import Paper
from workflow.analysis.report.scores import Ranking

# The drawn comparisons, by name or by id without the dataset.
SHOWN = frozenset(
    {
        "tf4ctr",
        "tf4ctr-over-left-out",
        "tf4ctr-over-size",
        "pairing:SER+Sum",
        "fusion:WSF",
        "tf-loss",
        "tf-loss-mean",
        "tf-over-other-mean",
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
NO_GAINS = "These experiments have no gain to draw."
NARROW_in, NARROW_LETTERS = 2.7, 50
WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}  # so that no line crosses text
ROW_in, TITLE_in, FOOT_in = 0.145, 0.3, 0.6


@dataclass(frozen=True)
class Line:
    """A row of a drawing, in points: its words, ours with its interval, and the paper's."""

    label: str
    told: str
    ours: float | None
    interval: tuple[float, float] | None = None
    theirs: float | None = None


Groups = Sequence[tuple[str, Sequence[Line]]]  # by title


def of_questions(asked: Iterable[Answered]) -> Groups:
    """The gains to draw of each research question, where the runs say something of the paper."""
    groups = [
        (one.text, sorted(filter(_is_shown, (*one.singles, *one.answers)), key=lambda each: each.title))
        for one in asked
    ]
    return [
        (title, [_gain(f"{one.title} · {one.item} over {one.over}{_mean_of(one)}", one.gain) for one in found])
        for title, found in groups
        if found
    ]


def of_rankings(rankings: Iterable[Ranking]) -> Groups:
    """What the best of a user's models gains over each other."""
    groups = [
        (
            f"{ranking.title}: the best model over each other",
            [
                _gain(f"{ranking.first} over {one.label}", one.gain)
                for one in ranking.models
                if one.gain and one.gain.ground.obstacle is None and one.gain.verdict.finding is not None
            ],
        )
        for ranking in rankings
    ]
    return [(title, lines) for title, lines in groups if lines]


def of_prints(prints: Iterable[tuple[Observed, Number]], paper: Paper) -> Groups:
    """Each printed number's difference to ours, by table, dataset and metric, where the runs say something of it."""
    groups: dict[str, list[Line]] = {}
    for one, number in prints:
        if number.ground.bears and number.delta_points is not None:
            table = paper.name_of(one.cell.experiment.removeprefix("table_"))
            metric = number.metric.replace("auc", "AUC")
            told = f"{number.paper_points} → {number.ours_points}, Δ {number.delta}; {number.verdict.word}"
            line = Line(one.label, told, float(number.delta_points))
            groups.setdefault(f"{table} · {OnDataset(one.cell.dataset, (one,)).title} · {metric}", []).append(line)
    within = {title: sum(abs(one.ours or 0) <= float(BAR_points) for one in lines) for title, lines in groups.items()}
    return [
        (f"{title}: {within[title]} of {len(lines)} within ±{BAR_points}", lines) for title, lines in groups.items()
    ]


def forest(groups: Groups, *, narrow: bool = False, band: bool = False) -> bytes:
    """Draw a row a line: ours a dot with its interval, the paper's a diamond, in points; `band` shades ±0.10."""
    with style.house_style():
        if not groups:
            return style.svg_of(style.sentences([NO_GAINS]))
        counts = [len(lines) for _, lines in groups]
        long = any(len(one.label) > NARROW_LETTERS for _, lines in groups for one in lines)
        each, width, letters = (3 + long, NARROW_in, 38) if narrow else (1, style.PAGE_in, 64 if band else 50)
        titles = [fill(title, letters) for title, _ in groups]
        title_lines = sum(max(1 + narrow, 1 + title.count("\n")) for title in titles)
        height = ROW_in * each * sum(counts) + TITLE_in * title_lines + FOOT_in
        figure, axes = style.canvas(len(groups), 1, height_in=height, width_in=width, sharex=True, ratios=counts)
        for axis, title, (_, lines) in zip(axes[:, 0], titles, groups, strict=True):
            axis.set_title(title, fontweight="bold", y=None if axis is axes[0, 0] else 1)  # a given y avoids measuring
            axis.grid(axis="x", color=style.PALE, linewidth=0.6)
            axis.axvline(0, color=style.GREY, linewidth=0.8)
            if band:
                edges, label = (-float(BAR_points), float(BAR_points)), f"within ±{BAR_points} points"
                axis.axvspan(*edges, color=style.PALE, linewidth=0, label=label)
            _draw(axis, lines, "ours less the print" if band else "ours, 95 % interval")
            (_told_beside if narrow else _told_at_the_sides)(axis, lines)
        axes[0, 0].tick_params(labeltop=True)  # also above, as a long drawing needs scrolling
        axes[-1, 0].locator_params(axis="x", nbins=5)
        axes[-1, 0].xaxis.set_major_formatter(lambda value, _: in_points(value / 100))
        axes[-1, 0].set_xlabel("points of AUC (AUC × 100)" if not band else "points")
        style.legend(figure, 3)
        return style.svg_of(figure)


def _draw(axis: style.Axes, lines: Sequence[Line], ours: str) -> None:
    for y, one in enumerate(lines):
        if one.theirs is not None:
            look: style.Look = {"marker": "D", "markerfacecolor": "none", "linestyle": ""}
            axis.plot(one.theirs, y, color=style.VERMILLION, label="the paper's", **look)
        if one.ours is not None:
            low, high = one.interval or (one.ours, one.ours)
            axis.plot((low, one.ours, high), (y, y, y), color=style.BLUE, marker="o", markevery=[1], label=ours)
    axis.set_ylim(len(lines) - 0.5, -0.5)
    axis.tick_params(left=False)
    axis.spines["left"].set_visible(False)


def _told_at_the_sides(axis: style.Axes, lines: Sequence[Line]) -> None:
    axis.set_yticks(range(len(lines)), [one.label for one in lines])
    right = axis.secondary_yaxis("right")
    right.set_yticks(range(len(lines)), [one.told for one in lines])
    right.tick_params(right=False)
    right.spines["right"].set_visible(False)


def _told_beside(axis: style.Axes, lines: Sequence[Line]) -> None:
    """A telephone has no room at the sides: the words stand above each row's marks."""
    axis.set_yticks([])
    axis.set_ylim(len(lines) - 0.75, -0.75)
    for y, one in enumerate(lines):
        place: style.Look = {"xycoords": axis.get_yaxis_transform(), "xytext": (0, 4), "textcoords": "offset points"}
        look: style.Look = {"fontsize": style.SMALL_pt, "va": "bottom", "bbox": WHITE}
        axis.annotate(f"{fill(one.label, NARROW_LETTERS)}\n{one.told}", (0, y), **place, **look).set_in_layout(False)


def _is_shown(one: Comparison) -> bool:
    named = not SHOWN.isdisjoint((one.name, one.name.partition(":")[0]))
    return named and one.metric == "auc" and one.ran and one.gain.ground.bears


def _mean_of(one: Comparison) -> str:
    return f", mean of {len(one.members)}" if one.planned and len(one.terms) > 2 else ""


def _gain(label: str, gain: Gain) -> Line:
    theirs = None if gain.paper_points is None else float(gain.paper_points)
    parts = [] if theirs is None else [f"paper {gain.paper}"]
    parts += [] if gain.mean is None else [f"ours {in_points(gain.mean)}"]
    interval = (100 * gain.interval.low, 100 * gain.interval.high) if gain.interval else None
    ours = None if gain.mean is None else 100 * gain.mean
    return Line(label, f"{gain.verdict.word}: {', '.join(parts)}", ours, interval, theirs)

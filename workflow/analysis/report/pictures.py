"""The figures of the campaign in the page: vectors that follow its dark mode and stay sharp when enlarged."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures import SWEEPS
from workflow.analysis.report.order import in_paper_order
from workflow.plan.config import load_experiment
from workflow.plan.places import is_figure

SAFE = " <>/='():;,{}@!?+-"  # as they are within the quotes of an attribute; a quarter smaller than base64


@dataclass(frozen=True)
class FigureView:
    """A figure; `uri` is None where it has not been drawn, or no run that it draws has finished."""

    anchor: str
    title: str
    path: str
    data: str
    uri: Markup | None
    swept: bool  # it has a verdict on an optimum


def figures_of(evidence: Evidence) -> tuple[FigureView, ...]:
    """The campaign's figures as they lie in figures/<campaign>, in the paper's order."""
    campaign = evidence.plan.campaign
    names = [name for name in in_paper_order(campaign.experiments) if is_figure(name)]
    return tuple(_figure(evidence, Path("figures", campaign.campaign, f"{name}.svg"), name) for name in names)


def _figure(evidence: Evidence, path: Path, name: str) -> FigureView:
    cells = evidence.cells(name)
    empty = bool(cells) and not any(one.finished for one in cells)
    uri = Markup(f"data:image/svg+xml,{quote(path.read_bytes(), safe=SAFE)}") if path.is_file() and not empty else None
    title = f"{name.replace('_', ' ').capitalize()}: {load_experiment(name).title}"
    return FigureView(
        name.replace("_", "-"), title, path.as_posix(), path.with_suffix(".csv").as_posix(), uri, name in SWEEPS
    )

"""The campaign's figures, small enough to stand in the page."""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from workflow.analysis.evidence.load import Evidence
from workflow.config import load_experiment

PICTURE_pixels, COLOURS = 1200, 48


@dataclass(frozen=True)
class FigureView:
    """A figure; `uri` is None where it has not been drawn."""

    anchor: str
    title: str
    path: str
    data: str
    uri: str | None


def figures_of(evidence: Evidence) -> tuple[FigureView, ...]:
    """The campaign's figures as they lie in figures/<campaign>."""
    campaign = evidence.plan.campaign
    names = [name for name in campaign.experiments if name.startswith("figure_")]
    return tuple(_figure(Path("figures", campaign.campaign, f"{name}.png"), name) for name in names)


def _figure(path: Path, name: str) -> FigureView:
    uri = f"data:image/png;base64,{b64encode(small_picture(path)).decode()}" if path.is_file() else None
    title = f"{name.replace('_', ' ').capitalize()}: {load_experiment(name).title}"
    return FigureView(name.replace("_", "-"), title, path.as_posix(), path.with_suffix(".csv").as_posix(), uri)


def small_picture(path: Path) -> bytes:
    """A picture for the page: at most `PICTURE_pixels` wide, in `COLOURS` colours; the file on disk is the full one."""
    try:
        with Image.open(path) as opened:
            picture = opened.convert("RGB")
    except OSError:  # no picture that can be read: the page shows what lies there
        return path.read_bytes()
    if picture.width > PICTURE_pixels:
        high = round(picture.height * PICTURE_pixels / picture.width)
        picture = picture.resize((PICTURE_pixels, high), Image.Resampling.LANCZOS)
    stream = BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
    return stream.getvalue()

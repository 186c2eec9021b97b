"""A small curve over epochs, as coordinates for inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

WIDTH, HEIGHT, MARGIN = 240.0, 64.0, 6.0  # of the drawing, in its own units


@dataclass(frozen=True)
class Curve:
    """One series. `points` is what SVG's polyline takes; `best` is where the best epoch lies."""

    title: str
    points: str
    dots: tuple[tuple[str, str], ...]
    best: tuple[str, str] | None
    low: str
    high: str
    words: str


def curve(title: str, epochs: Sequence[int], values: Sequence[float | None], best_epoch: int | None) -> Curve | None:
    """Lay a series out.

    Parameters
    ----------
    title : str
        What the values are.
    epochs : sequence of int
        Their epochs.
    values : sequence of float or None
        One per epoch; those without a finite value are left out.
    best_epoch : int or None
        The epoch to mark.

    Returns
    -------
    Curve or None
        None where no epoch has a value.
    """
    known = [(epoch, value) for epoch, value in zip(epochs, values, strict=True) if value is not None]
    known = [(epoch, value) for epoch, value in known if isfinite(value)]
    if not known:
        return None
    low, high = min(value for _, value in known), max(value for _, value in known)
    placed = {epoch: (_x(epoch, known), _y(value, low, high)) for epoch, value in known}
    return Curve(
        title=title,
        points=" ".join(f"{x},{y}" for x, y in placed.values()),
        dots=tuple(placed.values()) if len(placed) < 3 else (),
        best=placed.get(best_epoch) if best_epoch else None,
        low=f"{low:.4f}",
        high=f"{high:.4f}",
        words=_words(title, known, best_epoch),
    )


def _x(epoch: int, known: Sequence[tuple[int, float]]) -> str:
    first, last = known[0][0], known[-1][0]
    share = (epoch - first) / (last - first) if last > first else 0.5
    return f"{MARGIN + share * (WIDTH - 2 * MARGIN):.1f}"


def _y(value: float, low: float, high: float) -> str:
    share = (value - low) / (high - low) if high > low else 0.5
    return f"{HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN):.1f}"


def _words(title: str, known: Sequence[tuple[int, float]], best_epoch: int | None) -> str:
    (first, start), (last, end) = known[0], known[-1]
    text = f"{title} by epoch: {start:.4f} in epoch {first}"
    text += f", {end:.4f} in epoch {last}" if last != first else ""
    best = dict(known).get(best_epoch or 0)
    return text + (f"; best epoch {best_epoch}: {best:.4f}" if best is not None else "") + "."

"""Lines that every table needs: data behind it, legend, what limits its runs."""

from collections import Counter
from collections.abc import Iterable

import pandas as pd

from workflow.analysis.cells import SYMBOLS, Verdict
from workflow.plan import Plan

ORIGINS = {
    "published": "the published files{}",
    "other": "not the published files{}, so a difference from the paper proves nothing",
    "twin": "a synthetic twin{}: no evidence about the paper",
}
SUFFIXES = {"twin": " (synthetic twin)", "other": " (other data)"}


def data_title(title: str, origins: Iterable[str]) -> str:
    """The dataset's title, with a warning where its runs are not on the published files.

    Examples
    --------
    >>> data_title("Frappe", ["published", "other"])
    'Frappe (other data)'
    """
    present = set(origins)
    return title + next((suffix for origin, suffix in SUFFIXES.items() if origin in present), "")


def data_line(title: str, used: Iterable[tuple[str, str]]) -> str:
    """Say on which data a dataset's runs were made.

    Parameters
    ----------
    title : str
        The dataset's title.
    used : iterable of (origin, note)
        One pair per run that has a record.

    Returns
    -------
    str
        One line; with several kinds of data, each with its number of runs.
    """
    counts = Counter(used)
    if not counts:
        return f"{title}: no run yet."
    kinds = [_kind(origin, note, runs if len(counts) > 1 else None) for (origin, note), runs in counts.items()]
    return f"{title}: {' Also '.join(kinds)}"


def _kind(origin: str, note: str, runs: int | None) -> str:
    details = ([note.strip().rstrip(".")] if note.strip() else []) + ([f"{runs} runs"] if runs else [])
    return ORIGINS[origin].format(f" ({'; '.join(details)})" if details else "") + "."


def used_data(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Origin and note of the data of each run that has a record."""
    known = rows.dropna(subset=["data_origin"])
    return [(str(origin), str(note)) for origin, note in zip(known["data_origin"], known["data_note"], strict=True)]


def legend(verdicts: Iterable[Verdict]) -> list[str]:
    """The signs that occur, in words, as one line; none where no sign occurs."""
    present = set(verdicts)
    signs = [f"{SYMBOLS[verdict]} {verdict}" for verdict in Verdict if verdict in present]
    return [f"Signs: {', '.join(signs)}."] if signs else []


def campaign_notes(plan: Plan, frame: pd.DataFrame) -> list[str]:
    """Say what campaign and machines the runs come from, and which limits the campaign sets."""
    campaign = plan.campaign
    done = frame.loc[frame["status"] != "not run"].drop_duplicates("run_key")
    planned = frame["run_key"].nunique()
    notes = [f"Campaign {campaign.campaign}: {len(done)} of {planned} runs done{_machines(done)}."]
    limits = {**campaign.limits.network, **campaign.limits.training}
    if limits:
        listing = ", ".join(f"{key} = {value}" for key, value in limits.items())
        notes.append(f"This campaign is not the paper's protocol: it sets {listing}.")
    return notes


def _machines(done: pd.DataFrame) -> str:
    kinds = Counter(zip(done["device"], done["precision"], strict=True))
    return "".join(f"; {runs} on {device} in {precision}" for (device, precision), runs in sorted(kinds.items()))

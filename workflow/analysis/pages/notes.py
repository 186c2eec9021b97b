"""Lines that every table needs: data behind it, legend, what limits its runs."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from workflow.analysis.evidence.number import SYMBOLS, Verdict
from workflow.config import Limits, load_dataset
from workflow.plan import Plan

ORIGINS = {
    "published": "the published files{}",
    "other": "not the published files{}, so a difference from the paper proves nothing",
    "twin": "a synthetic twin{}: no evidence about the paper",
}
# What each precision is, but for float32, which needs no note. Every logit comes from a layer that
# stays out of half precision; losses and metrics are computed from logits outside of it.
PRECISIONS = {
    "tf32": "TF32 (factors of matrix products are rounded to 10 bits of mantissa; all else is float32)",
    "bf16": "bfloat16 (hidden layers, in evaluation too; weights, logits, losses and metrics are float32)",
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


def precision_notes(used: Iterable[tuple[str, str, str]]) -> list[str]:
    """Say in which precision networks were trained, where it is not float32 throughout.

    Parameters
    ----------
    used : iterable of (dataset, cell, precision)
        One triple per run that has a record.

    Returns
    -------
    list of str
        Nothing where all is float32. Where runs differ, the datasets or cells that are not.

    Examples
    --------
    >>> precision_notes([("Frappe", "DNN", "fp32"), ("Frappe", "TF4CTR", "fp32")])
    []
    """
    runs = dict.fromkeys(used)
    present = {precision for _, _, precision in runs}
    notes = []
    for precision, words in PRECISIONS.items():
        if precision in present:
            names = _names_of(precision, runs) if len(present) > 1 else []
            notes.append(f"Trained in {words}{': ' if names else ''}{', '.join(names)}.")
    return [" ".join([*notes, "All else is in float32."])] if notes and "fp32" in present else notes


def _names_of(precision: str, runs: Collection[tuple[str, str, str]]) -> list[str]:
    """The shortest names that only runs of this precision have."""
    for template in ("{dataset}", "{cell}"):
        names = {template.format(dataset=dataset, cell=cell): None for dataset, cell, of in runs if of == precision}
        others = {template.format(dataset=dataset, cell=cell) for dataset, cell, of in runs if of != precision}
        if others.isdisjoint(names):
            return list(names)
    return list(dict.fromkeys(f"{cell} on {dataset}" for dataset, cell, of in runs if of == precision))


def limits_text(limits: Limits, experiments: Collection[str]) -> str:
    """The campaign's limits on these experiments, in words; empty where there are none.

    Examples
    --------
    >>> limits = Limits(training={"max_epochs": 2}, experiments={"figure_2": {"max_epochs": 9}})
    >>> limits_text(limits, ["figure_2"])
    'max_epochs = 9'
    >>> limits_text(limits, ["table_3", "figure_2"])
    'max_epochs = 2; for figure_2 max_epochs = 9'
    """
    if len(experiments) == 1:
        return _listing({**limits.network, **limits.training_of(*experiments)})
    own = [f"for {name} {_listing(limits.experiments[name])}" for name in experiments if name in limits.experiments]
    return "; ".join(part for part in (_listing({**limits.network, **limits.training}), *own) if part)


def _listing(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in values.items())


def campaign_notes(plan: Plan, frame: pd.DataFrame) -> list[str]:
    """Say what campaign and machines the runs come from, in which precision, and the campaign's limits."""
    campaign = plan.campaign
    done = frame.loc[frame["status"] != "not run"].drop_duplicates("run_key")
    planned = frame["run_key"].nunique()
    notes = [f"Campaign {campaign.campaign}: {len(done)} of {planned} runs done{_machines(done)}."]
    titles = (load_dataset(str(name)).title for name in done["dataset"])
    notes += precision_notes(zip(titles, done["cell"], done["precision"], strict=True))
    return notes + limits_notes(campaign.limits, list(frame["experiment"].unique()))


def limits_notes(limits: Limits, experiments: Collection[str]) -> list[str]:
    """Say that a campaign with limits is another protocol; nothing where there are none."""
    listing = limits_text(limits, experiments)
    return [f"This campaign is not the paper's protocol: it sets {listing}."] if listing else []


def _machines(done: pd.DataFrame) -> str:
    kinds = Counter(zip(done["device"], done["precision"], strict=True))
    return "".join(f"; {runs} on {device} in {precision}" for (device, precision), runs in sorted(kinds.items()))

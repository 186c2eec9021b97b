"""Lines that every table or figure needs: the data behind it, a legend, what limits its runs."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from workflow.plan.config import Limits

# What each precision is, but for float32, which needs no note. Every logit comes from a layer that
# stays out of half precision; losses and metrics are computed from logits outside of it.
PRECISIONS = {
    "tf32": "TF32 (factors of matrix products are rounded to 10 bits of mantissa; all else is float32)",
    "bf16": "bfloat16 (hidden layers, in evaluation too; weights, logits, losses and metrics are float32)",
}


def data_line(title: str, used: Iterable[tuple[str, str, str]]) -> str:
    """Say on which data a dataset's runs were made, from the standing, reason and note of each that has a record."""
    counts = Counter(used)
    if not counts:
        return f"{title}: no run yet."
    if {standing for standing, _, _ in counts} == {"own data"}:
        return f"{title}: {next(iter(counts))[1]}."
    kinds = []
    for (standing, reason, note), runs in counts.items():
        number = f"{runs} runs, " if len(counts) > 1 else ""
        kinds.append(f"{number}{standing}: {reason}{f' [{note}]' if note else ''}.")
    nothing = " It says nothing about the paper." if {key[0] for key in counts} & {"stand-in", "synthetic"} else ""
    return f"{title}: {' Also '.join(kinds)}{nothing}"


def precision_notes(used: Iterable[tuple[str, str, str]]) -> list[str]:
    """Say in which precision networks were trained, where it is not float32 throughout.

    `used` has dataset, cell and precision of each run with a record. Where runs differ, the datasets, or else the
    cells, that are not in float32 are named.
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
    for template in ("{0}", "{1}", "{1} on {0}"):
        names = {template.format(dataset, cell): None for dataset, cell, of in runs if of == precision}
        if names.keys().isdisjoint(template.format(dataset, cell) for dataset, cell, of in runs if of != precision):
            break
    return list(names)


def limits_text(limits: Limits, experiments: Collection[str]) -> str:
    """The campaign's limits on these experiments, in words; empty where there are none.

    Examples
    --------
    >>> limits = Limits(training={"max_epochs": 2}, experiments={"figure_2": {"max_epochs": 9}})
    >>> limits_text(limits, ["figure_2"]), limits_text(limits, ["table_3", "figure_2"])
    ('max_epochs = 9', 'max_epochs = 2; for figure_2 max_epochs = 9')
    """
    if len(experiments) == 1:
        return _listing({**limits.network, **limits.training_of(*experiments)})
    own = [f"for {name} {_listing(limits.experiments[name])}" for name in experiments if name in limits.experiments]
    return "; ".join(part for part in (_listing({**limits.network, **limits.training}), *own) if part)


def _listing(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in values.items())


def limits_notes(limits: Limits, experiments: Collection[str], about_paper: bool = True) -> list[str]:
    """Say what a campaign's limits set, and so that it is another protocol than the paper's; nothing without limits."""
    listing = limits_text(limits, experiments)
    other = "is not the paper's protocol: it " if about_paper else ""
    return [f"This campaign {other}sets {listing}."] if listing else []


def runs_note(campaign: str, done: Collection[tuple[str, str]], planned: int) -> str:
    """Say how many runs there are, and on which devices in which precision; `done` has a pair per run."""
    kinds = "".join(f"; {runs} on {device} in {kind}" for (device, kind), runs in sorted(Counter(done).items()))
    return f"Campaign {campaign}: {len(done)} of {planned} runs done{kinds}."

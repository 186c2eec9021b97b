"""Lines that every table or figure needs: what verdicts mean, the data behind it, the limits of its runs."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from workflow.plan.config import Limits

NUMBERS_NOTE = (
    "Ours is the mean of n runs ± their standard deviation; Δ is ours minus the paper's, both truncated to two "
    "decimals as in the paper. “One new run” is the half width of the 95 % interval in which one more run of ours "
    "would fall. A printed number in this interval is “consistent”; it is “consistent (weak)” if the printed number of "
    "the plain reference row would be in it as well. The best of the paper's and the best of our values are bold, the "
    "second best italic (underlined in LaTeX)."
)
_INTERVAL = (
    "95 % interval contains the errors of seeds and test set; variances over seeds are moderated by those of all cells "
    "of the dataset. p is Holm-corrected over all planned comparisons of a family; “Family size” is their number. “No "
    "difference”: the interval lies within ± 0.10"
)
GAIN_NOTE = f"Gains are in points of AUC, rounded. A {_INTERVAL}, the paper's own threshold for a significant gain."
GAINS_NOTE = (
    f"{GAIN_NOTE} A printed gain “holds” if ours is shown and the paper's value is not above our interval; if it is "
    "above, the gain “holds, smaller”. It “does not hold” if no gain is shown and the paper's value is above our "
    "interval. For a printed loss, read “below”. “By chance”: whether one pair of runs could give the paper's gain by "
    "chance."
)
SWEEPS_NOTE = (
    "An optimum that the paper states in Figures 6 to 9 is “seen” if it beats every other value, each at the 5 % "
    "level. It is “not seen” if another value beats it (Holm-corrected), “tied” if no other value is better by 0.10 "
    "points of AUC or more, and “open” otherwise. Each dataset is judged separately."
)
OWN_NOTE = (
    "Ours is the mean of n runs ± their standard deviation, in points of AUC; the best is bold, the second best "
    f"italic. A gain is a difference of means. Its {_INTERVAL}."
)

# Precisions other than float32. Every logit comes from a layer that is never in half precision, and losses and metrics
# are computed from these logits.
PRECISIONS = {
    "tf32": "TF32 (factors of matrix products are rounded to 10 bits of mantissa; all else is float32)",
    "bf16": "bfloat16 (hidden layers, in evaluation too; weights, logits, losses and metrics are float32)",
}


def data_line(title: str, used: Iterable[tuple[str, str, str]]) -> str:
    """The data of a dataset's runs, from the standing, reason and note of each run with a record."""
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
    """The precision in which networks were trained, if it is not float32 throughout.

    `used` has dataset, cell and precision of each run with a record. If runs differ, the notes name the datasets, or
    else the cells, that are not in float32.
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
    """The campaign's limits on these experiments, in words; empty where there are none."""
    if len(experiments) == 1:
        return _listing({**limits.network, **limits.training_of(*experiments)})
    own = [f"for {name} {_listing(limits.experiments[name])}" for name in experiments if name in limits.experiments]
    return "; ".join(part for part in (_listing({**limits.network, **limits.training}), *own) if part)


def _listing(values: Mapping[str, object]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in values.items())


def limits_notes(limits: Limits, experiments: Collection[str], about_paper: bool = True) -> list[str]:
    """A campaign's limits, and that they make its protocol differ from the paper's; empty without limits."""
    listing = limits_text(limits, experiments)
    other = "is not the paper's protocol: it " if about_paper else ""
    return [f"This campaign {other}sets {listing}."] if listing else []


def runs_note(campaign: str, finished: Collection[tuple[str, str]], failed: int, planned: int) -> str:
    """How many runs there are, on which devices and in which precision; `finished` has a pair per run."""
    kinds = "".join(f"; {runs} on {device} in {kind}" for (device, kind), runs in sorted(Counter(finished).items()))
    return f"Campaign “{campaign}”: {len(finished)} of {planned} runs finished{failures(failed)}{kinds}."


def failures(failed: int) -> str:
    """How many runs failed, as an ending; empty if none did."""
    return f", {failed} failed" if failed else ""

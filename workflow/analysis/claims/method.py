"""Sections 3 and 4.1: the modules and the setup beside the authors' logs, and the paper beside its other versions."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from workflow.analysis.claims.cases import LOGS, PAPER, UNFAIR, Check, Sign, logged_at_all, side_by_side
from workflow.analysis.claims.results import Item, Outcome, listing
from workflow.analysis.claims.table_1 import logged
from workflow.analysis.claims.terms import Like, Term, count, one, said, term
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.paper.facts import Except, Fact, Frame, Match
from workflow.analysis.paper.prints import Paper, load_paper
from workflow.plan.config import ROOT

DIMENSION = 16  # of an embedding
WIDTH = 400  # of the simple encoder's first layer
DEEP, SHALLOW = "[400, 400]", "[400]"
GATE = 6561  # parameters of a gate 160-40-1 with batch norm
EXPERT_AND_GATE = 32922  # an expert 160-80-160 and a gate 160-40-2, with batch norm
OTHERS = Except(["criteo"])

# -- the modules, by the parameters that the logs count -------------------------------


def parameters(frame: Frame, ssem: str, dfm: str, units: str) -> Term:
    """Parameters of a configuration in the logs on Frappe."""
    return one(frame.select("num_params", source="log", dataset="frappe", ssem=ssem, dfm=dfm, units=units))


def added_by_ser(frame: Frame) -> Term:
    """Parameters that SER adds to the shared embedding."""
    return parameters(frame, "SER", "Sum", DEEP) - parameters(frame, "Share", "Sum", DEEP)


def half_input(frame: Frame) -> Term:
    """Weights of half of the simple encoder's input."""
    return logged(frame, "frappe", "n_fields") * DIMENSION * WIDTH / 2


def half_table(frame: Frame) -> Term:
    """Eq. 3: a table of half the width, and half of the simple encoder's input less."""
    return logged(frame, "frappe", "vocab_total") * DIMENSION / 2 - half_input(frame)


def ser_selects(frame: Frame) -> Outcome:
    """P05.select: parameters beyond the table and the input, such as those of a gate."""
    left = added_by_ser(frame) - half_table(frame)
    text = "" if left.number > 0 else "SER has no gate: every sample enters both encoders."
    return LOGS.single(left, ">", 0, extra=text)


def ser_is_no_larger(frame: Frame) -> Outcome:
    """P16.fair: eq. 3 states the second table, so more weights are an unfair comparison but no contradiction."""
    vocabulary = logged(frame, "frappe", "vocab_total")
    weights = added_by_ser(frame) + half_input(frame) + vocabulary * DIMENSION
    text = "Eq. 3 states the second table of half the width, so this is an unequal comparison but not a contradiction."
    return UNFAIR.single(weights / vocabulary, "=", DIMENSION, extra=text)


def _one_gate(frame: Frame) -> Outcome:
    logs = frame.select("num_params", source="log", dataset="frappe", ssem="GM", dfm=("WSF", "CF"), units=SHALLOW)
    return LOGS.each(logs, "=", GATE, of=lambda log: term(log) - parameters(frame, "Share", log.at["dfm"], SHALLOW))


def _two_weights(frame: Frame) -> Outcome:
    logs = frame.select("num_params", source="log", model="TF4CTRv2", dataset="frappe", ssem="SER", dfm="WSF")
    wanted = said(frame, "P27", "parameters")
    return LOGS.each(logs, "=", wanted, of=lambda log: term(log) - parameters(frame, "SER", "Sum", log.at["units"]))


def evaluates_the_same(frame: Frame, dfm: Match = None) -> Outcome:
    """E09: reloaded weights give the same validation AUC; a fusion that draws noise would not."""
    logs = frame.select("best_valid_auc", source="log", dfm=dfm)
    return LOGS.each(logs, "=", of=lambda log: frame.beside(log, "reval_valid_auc"))


# -- the setup, and what the text leaves out ------------------------------------------


def every(frame: Frame, column: str, sign: Sign, wanted: Like, dataset: Match = None) -> Outcome:
    """Every log, or every log of some datasets, has such a setting."""
    return LOGS.each(frame.select(column, source="log", dataset=dataset), sign, wanted)


def stated(frame: Frame, column: str, claim: str, metric: str, dataset: Match = None) -> Outcome:
    """Every log has the setting that the text states."""
    return every(frame, column, "=", said(frame, claim, metric), dataset)


def epochs_after_best(frame: Frame, log: Fact) -> Term:
    """The number of epochs of a log after its best."""
    return term(frame.beside(log, "epochs_run")) - frame.beside(log, "best_epoch")


def baselines_logged(frame: Frame) -> Outcome:
    """U.logs.baselines: a log of each baseline of Table IV."""
    ten = {fact.at["model"] for fact in frame.select("auc", table="4", model=Except(["TF4CTR"]))}
    return LOGS.present(frame.select("test_auc", source="log", model=ten), "a baseline of Table IV", len(ten))


# -- other versions: paper/prints.<version>.csv ---------------------------------------


def other_versions(folder: Path = ROOT / "paper") -> tuple[Paper, ...]:
    """The transcribed versions besides the audited one, by the names of their files."""
    return tuple(load_paper(path) for path in sorted(folder.glob("prints.v*.csv")))


def compared(audited: Paper, others: Sequence[Paper]) -> Outcome:
    """Compare every printed number with that at the same coordinates in each other version, digit by digit.

    `changed between versions` if any printed number differs or is in only one version; items are those numbers.
    """
    if not others:
        text = f"Only {audited.about.cited} is transcribed; see README for what is known of others."
        return Outcome(Verdict(Finding.NONE_KNOWN), "no other version", "the same prints", text)
    own, changed = {one.label: one.text for one in audited.prints}, Verdict(Finding.CHANGED)
    items: list[Item] = []
    for other in others:
        theirs = {one.label: one.text for one in other.prints}
        pairs = {place: (own.get(place, "nothing"), theirs.get(place, "nothing")) for place in own | theirs}
        items += [
            Item(place, changed, f"{second} in {other.about.version}", first)
            for place, (first, second) in pairs.items()
            if first != second
        ]
    versions = listing([other.about.cited for other in others])
    if not items:
        same = f"All {len(own)} prints are those of {versions}."
        return Outcome(Verdict(Finding.CONSISTENT), f"0 of {len(own)} changed", "the same prints", same)
    found = listing([f"{item.label}: {item.expected}, {item.measured}" for item in items])
    text = f"{audited.about.cited} beside {versions}: {found}."
    measured, names = f"{len(items)} of {len(own)} changed", tuple(item.label for item in items)
    return Outcome(changed, measured, "the same prints", text, names, tuple(items))


ON_PAPER: Mapping[str, Check] = {
    "P01": lambda frame: side_by_side(frame, ("P01", "limitations"), ("P02", "limitations")),
    "P02": lambda frame: side_by_side(frame, ("P02", "limitations"), ("P02", "conclusion")),
    # the range of m follows from that of c
    "P07": lambda frame: PAPER.single(term(2) - said(frame, "P07", "c-max"), "=", said(frame, "P07", "m-min")),
    "N01": lambda frame: side_by_side(frame, ("N01", "text"), ("N01", "table")),
    "V.prints": lambda _: compared(load_paper(), other_versions()),
}
ON_LOGS: Mapping[str, Check] = {
    "P05": lambda frame: LOGS.single(added_by_ser(frame), "=", half_table(frame)),
    "P05.select": ser_selects,
    "P06": lambda frame: LOGS.single(
        (parameters(frame, "MoE", "WSF", SHALLOW) - parameters(frame, "Share", "WSF", SHALLOW)) / EXPERT_AND_GATE,
        "=",
        said(frame, "P06", "experts"),
    ),
    "E04": _one_gate,
    # a range that all but a few runs keep is supported in part
    "P07": lambda frame: LOGS.each(
        frame.select("c", source="log"), "≤", said(frame, "P07", "c-max"), partly=Finding.PARTLY
    ),
    "P08": lambda frame: LOGS.single(
        count(frame.select("gamma", source="log", gamma=("1", "2", "3"))),
        ">",
        count(frame.select("gamma", source="log")) / 2,
    ),
    "P09": partial(logged_at_all, column="initial_weight", what="the start of the fusion's weights"),
    "P16.fair": ser_is_no_larger,
    "P27": _two_weights,
    "E09.noise": evaluates_the_same,
    "E09.others": lambda frame: evaluates_the_same(frame, Except(["VF"])),
    "U.logs": partial(logged_at_all, column="test_auc", what="a running log"),
    "P11.criteo": lambda frame: stated(frame, "min_categr_count", "P11.criteo", "threshold", "criteo"),
    "P11.others": lambda frame: stated(frame, "min_categr_count", "P11.others", "threshold", OTHERS),
    "P12": partial(logged_at_all, column="discretisation", what="how numbers were made discrete"),
    "P15": lambda frame: stated(frame, "learning_rate", "P15", "rate"),
    # the last epochs without improvement lower the rate too, and do not count
    "P15.constant": lambda frame: LOGS.each(
        frame.select("lr_reductions", source="log"), "=", 0, of=lambda log: term(log) - epochs_after_best(frame, log)
    ),
    "P16": lambda frame: stated(frame, "embedding_dim", "P16", "dimension"),
    "P17": lambda frame: stated(frame, "hard_hidden_units", "P17", "units"),
    "P18.criteo": lambda frame: stated(frame, "batch_size", "P18.criteo", "rows", "criteo"),
    "P18.others": lambda frame: stated(frame, "batch_size", "P18.others", "rows", OTHERS),
    "P19": lambda frame: LOGS.each(
        frame.select("epochs_run", source="log"),
        "=",
        said(frame, "P19", "patience"),
        of=partial(epochs_after_best, frame),
    ),
    "P60": partial(logged_at_all, column="class_counts", what="samples by class"),
    "P62": partial(logged_at_all, column="hardware", what="the hardware"),
    "U01": lambda frame: every(frame, "embedding_regularizer", "=", "0"),
    "U02": lambda frame: every(frame, "net_dropout", "=", "0"),
    "U03": lambda frame: every(frame, "batch_norm", "≠", "True"),
    "U.logs.baselines": baselines_logged,
}

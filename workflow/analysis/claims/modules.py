"""Sections 3.2 to 3.6: what the modules are, by the parameters that the authors' logs count, and their settings."""

from collections.abc import Mapping

from workflow.analysis.claims.cases import LOGS, PAPER, UNFAIR, Check
from workflow.analysis.claims.results import Outcome
from workflow.analysis.claims.table_1 import logged
from workflow.analysis.claims.terms import Term, count, one, said, term
from workflow.analysis.compare.words import Finding
from workflow.analysis.paper.facts import Except, Frame, Match

DIMENSION = 16  # of an embedding
WIDTH = 400  # of the simple encoder's first layer
DEEP, SHALLOW = "[400, 400]", "[400]"
GATE = 6561  # parameters of a gate 160-40-1 with batch norm
EXPERT_AND_GATE = 32922  # an expert 160-80-160 and a gate 160-40-2, with batch norm


def parameters(frame: Frame, ssem: str, dfm: str, units: str) -> Term:
    """Parameters of a configuration in the logs on Frappe."""
    return one(frame.select("num_params", source="log", dataset="frappe", ssem=ssem, dfm=dfm, units=units))


def added_by_ser(frame: Frame) -> Term:
    """Parameters that SER adds to the shared embedding."""
    return parameters(frame, "SER", "Sum", DEEP) - parameters(frame, "Share", "Sum", DEEP)


def half_input(frame: Frame) -> Term:
    """Weights of half of the simple encoder's input."""
    return logged(frame, "n_fields", "frappe") * DIMENSION * WIDTH / 2


def half_table(frame: Frame) -> Term:
    """Eq. 3: a table of half the width, and half of the simple encoder's input less."""
    return logged(frame, "vocab_total", "frappe") * DIMENSION / 2 - half_input(frame)


def ser_selects(frame: Frame) -> Outcome:
    """P05.select: something is left beyond the table and the input, as a gate would be."""
    left = added_by_ser(frame) - half_table(frame)
    text = "" if left.number > 0 else "SER has no gate: every sample enters both encoders."
    return LOGS.single(left, ">", 0, extra=text)


def ser_is_no_larger(frame: Frame) -> Outcome:
    """P16.fair: eq. 3 states the second table, so that more weights are unequal and no contradiction."""
    vocabulary = logged(frame, "vocab_total", "frappe")
    weights = added_by_ser(frame) + half_input(frame) + vocabulary * DIMENSION
    text = "Eq. 3 states the second table of half the width, so this is an unequal comparison and no contradiction."
    return UNFAIR.single(weights / vocabulary, "=", DIMENSION, extra=text)


def two_experts(frame: Frame) -> Outcome:
    """P06."""
    added = parameters(frame, "MoE", "WSF", SHALLOW) - parameters(frame, "Share", "WSF", SHALLOW)
    return LOGS.single(added / EXPERT_AND_GATE, "=", said(frame, "P06", "experts"))


def one_gate(frame: Frame) -> Outcome:
    """E04."""
    logs = frame.select("num_params", source="log", dataset="frappe", ssem="GM", dfm=("WSF", "CF"), units=SHALLOW)
    shared = {dfm: parameters(frame, "Share", dfm, SHALLOW) for dfm in ("WSF", "CF")}
    return LOGS.each(logs, lambda log: term(log) - shared[log.at["dfm"]], "=", GATE)


def two_weights(frame: Frame) -> Outcome:
    """P27."""
    logs = frame.select("num_params", source="log", model="TF4CTRv2", dataset="frappe", ssem="SER", dfm="WSF")
    return LOGS.each(
        logs,
        lambda log: term(log) - parameters(frame, "SER", "Sum", log.at["units"]),
        "=",
        said(frame, "P27", "parameters"),
    )


def evaluates_the_same(frame: Frame, dfm: Match = None) -> Outcome:
    """E09: restored weights give the validation AUC again; a fusion that draws noise would not."""
    logs = frame.select("best_valid_auc", source="log", dfm=dfm)
    return LOGS.each(logs, lambda log: frame.beside(log, "reval_valid_auc"), "=", term)


def side_by_side(frame: Frame, *places: tuple[str, str]) -> Outcome:
    """Two quotes of the text, by claim and name."""
    (own,), (other,) = (frame.select(name, claim=claim) for claim, name in places)
    return PAPER.single(own, "=", other, computed=False)


ON_PAPER: Mapping[str, Check] = {
    "P01": lambda frame: side_by_side(frame, ("P01", "limitations"), ("P02", "limitations")),
    "P02": lambda frame: side_by_side(frame, ("P02", "limitations"), ("P02", "conclusion")),
    # the range of m follows from that of c
    "P07": lambda frame: PAPER.single(term(2) - said(frame, "P07", "c-max"), "=", said(frame, "P07", "m-min")),
    "N01": lambda frame: side_by_side(frame, ("N01", "text"), ("N01", "table")),
}
ON_LOGS: Mapping[str, Check] = {
    "P05": lambda frame: LOGS.single(added_by_ser(frame), "=", half_table(frame)),
    "P05.select": ser_selects,
    "P06": two_experts,
    "E04": one_gate,
    # a range that all but a few runs keep is supported in part
    "P07": lambda frame: LOGS.each(
        frame.select("c", source="log"), term, "≤", said(frame, "P07", "c-max"), partly=Finding.PARTLY
    ),
    "P08": lambda frame: LOGS.single(
        count(frame.select("gamma", source="log", gamma=("1", "2", "3"))),
        ">",
        count(frame.select("gamma", source="log")) / 2,
    ),
    "P09": lambda frame: LOGS.present(
        frame.select("initial_weight", source="log"), "the start of the fusion's weights"
    ),
    "P16.fair": ser_is_no_larger,
    "P27": two_weights,
    "E09.noise": evaluates_the_same,
    "E09.others": lambda frame: evaluates_the_same(frame, Except(["VF"])),
    "U.logs": lambda frame: LOGS.present(frame.select("test_auc", source="log"), "a running log"),
}

"""Sections 3.2 to 3.6: what the modules are, by the parameters that the authors' logs count, and their settings."""

from collections.abc import Mapping
from dataclasses import replace

from workflow.analysis.claims.cases import LOGS, PAPER, UNFAIR, Check, compare, quotes
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


def half_table(frame: Frame) -> Term:
    """Eq. 3: a table of half the width, and half of the simple encoder's input less."""
    vocabulary, fields = logged(frame, "vocab_total", "frappe"), logged(frame, "n_fields", "frappe")
    return vocabulary * DIMENSION / 2 - fields * DIMENSION * WIDTH / 2


def ser_is_a_half_table(frame: Frame) -> Outcome:
    """P05."""
    return LOGS.single(compare(added_by_ser(frame), "=", half_table(frame)))


def ser_selects(frame: Frame) -> Outcome:
    """P05.select: something is left beyond the table and the input, as a gate would be."""
    found = compare(added_by_ser(frame) - half_table(frame), ">", 0)
    text = "" if found.holds else " SER has no gate: every sample enters both encoders."
    outcome = LOGS.single(found)
    return replace(outcome, explanation=f"{outcome.explanation}{text}")


def ser_is_no_larger(frame: Frame) -> Outcome:
    """P16.fair: eq. 3 states the second table, so that more weights are unequal and no contradiction."""
    vocabulary, fields = logged(frame, "vocab_total", "frappe"), logged(frame, "n_fields", "frappe")
    weights = added_by_ser(frame) + fields * DIMENSION * WIDTH / 2 + vocabulary * DIMENSION
    outcome = UNFAIR.single(compare(weights / vocabulary, "=", DIMENSION))
    text = "Eq. 3 states the second table of half the width, so this is an unequal comparison and no contradiction."
    return replace(outcome, explanation=f"{outcome.explanation} {text}")


def two_experts(frame: Frame) -> Outcome:
    """P06."""
    added = parameters(frame, "MoE", "WSF", SHALLOW) - parameters(frame, "Share", "WSF", SHALLOW)
    return LOGS.single(compare(added / EXPERT_AND_GATE, "=", said(frame, "P06", "experts")))


def one_gate(frame: Frame) -> Outcome:
    """E04."""
    logs = frame.select("num_params", source="log", dataset="frappe", ssem="GM", dfm=("WSF", "CF"), units=SHALLOW)
    shared = {dfm: parameters(frame, "Share", dfm, SHALLOW) for dfm in ("WSF", "CF")}
    return LOGS.many(compare(term(log) - shared[log.at["dfm"]], "=", GATE, label=log.label) for log in logs)


def m_from_c(frame: Frame) -> Outcome:
    """P07: the range of m follows from that of c."""
    c_max, m_min = (said(frame, "P07", name) for name in ("c-max", "m-min"))
    return PAPER.single(compare(term(2) - c_max, "=", m_min))


def c_at_most_1(frame: Frame) -> Outcome:
    """P07 in the logs: a range that all but a few runs keep is supported in part."""
    most = said(frame, "P07", "c-max")
    logs = frame.select("c", source="log")
    return LOGS.many((compare(log, "≤", most) for log in logs), partly=Finding.PARTLY)


def usual_gamma(frame: Frame) -> Outcome:
    """P08."""
    usual, every = frame.select("gamma", source="log", gamma=("1", "2", "3")), frame.select("gamma", source="log")
    return LOGS.single(compare(count(usual), ">", count(every) / 2))


def initial_weight(frame: Frame) -> Outcome:
    """P09."""
    return LOGS.present(frame.select("initial_weight", source="log"), "the start of the fusion's weights")


def two_weights(frame: Frame) -> Outcome:
    """P27."""
    logs = frame.select("num_params", source="log", model="TF4CTRv2", dataset="frappe", ssem="SER", dfm="WSF")
    printed = said(frame, "P27", "parameters")
    return LOGS.many(
        compare(term(log) - parameters(frame, "SER", "Sum", log.at["units"]), "=", printed, label=log.label)
        for log in logs
    )


def evaluates_the_same(frame: Frame, dfm: Match = None) -> Outcome:
    """E09: restored weights give the validation AUC again; a fusion that draws noise would not."""
    logs = frame.select("best_valid_auc", source="log", dfm=dfm)
    return LOGS.many(compare(frame.beside(log, "reval_valid_auc"), "=", log, label=log.label) for log in logs)


def without_noise(frame: Frame) -> Outcome:
    """E09.others."""
    return evaluates_the_same(frame, Except(["VF"]))


def one_name(frame: Frame) -> Outcome:
    """N01."""
    (text,), (table,) = frame.select("text", claim="N01"), frame.select("table", claim="N01")
    return quotes(text, "=", table)


def limitations(frame: Frame) -> Outcome:
    """P01."""
    (own,), (other,) = (frame.select("limitations", claim=claim) for claim in ("P01", "P02"))
    return quotes(own, "=", other)


def limitations_listed(frame: Frame) -> Outcome:
    """P02."""
    (own,), (other,) = (frame.select(name, claim="P02") for name in ("limitations", "conclusion"))
    return quotes(own, "=", other)


def logs_are_public(frame: Frame) -> Outcome:
    """U.logs."""
    return LOGS.present(frame.select("test_auc", source="log"), "a running log")


ON_PAPER: Mapping[str, Check] = {
    "P01": limitations,
    "P02": limitations_listed,
    "P07": m_from_c,
    "N01": one_name,
}
ON_LOGS: Mapping[str, Check] = {
    "P05": ser_is_a_half_table,
    "P05.select": ser_selects,
    "P06": two_experts,
    "E04": one_gate,
    "P07": c_at_most_1,
    "P08": usual_gamma,
    "P09": initial_weight,
    "P16.fair": ser_is_no_larger,
    "P27": two_weights,
    "E09.noise": evaluates_the_same,
    "E09.others": without_noise,
    "U.logs": logs_are_public,
}

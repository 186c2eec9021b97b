"""Table I and the data of section 4.1: counts, features, splits."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial

from workflow.analysis.claims.cases import LOGS, PAPER, Check
from workflow.analysis.claims.results import Outcome
from workflow.analysis.claims.terms import Term, count, one, said, term
from workflow.analysis.paper.facts import Fact, Frame

# Public numbers that the paper's own references state.
RATINGS_OF_ML_1M = "1,000,209"  # README of MovieLens 1M, which footnote 3 leads to
CRITEO_AT_10 = "910,747"  # BARS, which footnote 6 leads to: Criteo_x4_001
CRITEO_AT_2 = "5,549,252"  # BARS, which footnote 6 leads to: Criteo_x4_002
SPLITS = ("train", "valid", "test")


def of_dataset(frame: Frame, metric: str, dataset: str) -> Term:
    """What Table I prints of a dataset."""
    return one(frame.select(metric, table="1", dataset=dataset))


def logged(frame: Frame, dataset: str, column: str) -> Term:
    """A column that is the same in all logs of a dataset."""
    return one(frame.select(column, source="log", dataset=dataset))


def rows_of(frame: Frame, dataset: str) -> Term:
    """The rows of the three splits together, in the logs."""
    train, valid, test = (logged(frame, dataset, f"n_{split}") for split in SPLITS)
    return train + valid + test


def ones(frame: Frame, features: Fact) -> Term:
    """The share of ones in the one-hot encoding: fields over features."""
    return of_dataset(frame, "fields", features.at["dataset"]) / features


def most_ones(frame: Frame, claim: str) -> Term:
    """The share of ones that a printed sparsity, in percent, leaves."""
    return term(1) - said(frame, claim, "sparsity") / 100


def as_logged(frame: Frame, metric: str, of: Callable[[Frame, str], Term]) -> Outcome:
    """Whether a count of each dataset is that of the logs."""
    return LOGS.each(frame.select(metric, table="1"), "=", of=lambda fact: of(frame, fact.at["dataset"]))


def share(frame: Frame, split: str) -> Outcome:
    """A split has its printed share of the logs' rows, within 0.1 %."""

    def printed(fact: Fact) -> Term:
        parts = [int(part) for part in fact.text.split(":")]
        return Term(Fraction(parts[SPLITS.index(split)], sum(parts)), (fact,))

    def own(fact: Fact) -> Term:
        return logged(frame, fact.at["dataset"], f"n_{split}") / rows_of(frame, fact.at["dataset"])

    return LOGS.each(frame.select("split", table="1"), "≈", printed, of=own, within="0.001")


ON_PAPER: Mapping[str, Check] = {
    "P03": lambda frame: PAPER.single(count(frame.select("fields", table="1")), "=", said(frame, "P03", "datasets")),
    "P04": lambda frame: PAPER.each(
        frame.select("features", table="1"), "<", most_ones(frame, "P04"), need="some", of=partial(ones, frame)
    ),
    "P10": lambda frame: PAPER.single(
        ones(frame, frame.select("features", table="1", dataset="criteo")[0]), "<", most_ones(frame, "P10")
    ),
    "T1.ml-1m": lambda frame: PAPER.single(of_dataset(frame, "instances", "ml-1m"), "=", RATINGS_OF_ML_1M),
    "T1.criteo": lambda frame: PAPER.single(of_dataset(frame, "features", "criteo"), "=", CRITEO_AT_10),
    "T1.criteo-other": lambda frame: PAPER.single(of_dataset(frame, "features", "criteo"), "≠", CRITEO_AT_2),
}
ON_LOGS: Mapping[str, Check] = {
    "P10": lambda frame: LOGS.each(
        frame.select("vocab_total", source="log", dataset="criteo"),
        "<",
        most_ones(frame, "P10"),
        of=lambda log: term(frame.beside(log, "n_fields")) / log,
    ),
    "T1.instances": partial(as_logged, metric="instances", of=rows_of),
    "T1.fields": partial(as_logged, metric="fields", of=partial(logged, column="n_fields")),
    "T1.features": partial(as_logged, metric="features", of=partial(logged, column="vocab_total")),
    **{f"T1.split.{split}": partial(share, split=split) for split in SPLITS},
}

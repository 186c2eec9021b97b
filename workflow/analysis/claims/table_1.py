"""Table I and the data of section 4.1: counts, features, splits."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial

from workflow.analysis.claims.cases import LOGS, PAPER, Check, compare
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


def logged(frame: Frame, column: str, dataset: str) -> Term:
    """A column that all logs of a dataset agree in."""
    return one(frame.select(column, source="log", dataset=dataset))


def rows_of(frame: Frame, dataset: str) -> Term:
    """The rows of the three splits together, in the logs."""
    train, valid, test = (logged(frame, f"n_{split}", dataset) for split in SPLITS)
    return train + valid + test


def ones(frame: Frame, fact: Fact) -> Term:
    """The share of ones in the one-hot encoding: fields over features."""
    return of_dataset(frame, "fields", fact.at["dataset"]) / fact


def most_ones(frame: Frame, claim: str) -> Term:
    """The share of ones that a printed sparsity, in percent, leaves."""
    return term(1) - said(frame, claim, "sparsity") / 100


def five_datasets(frame: Frame) -> Outcome:
    """P03."""
    return PAPER.single(compare(count(frame.select("fields", table="1")), "=", said(frame, "P03", "datasets")))


def sparse_somewhere(frame: Frame) -> Outcome:
    """P04."""
    features = frame.select("features", table="1")
    most = most_ones(frame, "P04")
    return PAPER.many((compare(ones(frame, each), "<", most, label=each.label) for each in features), "some")


def sparse_criteo(frame: Frame) -> Outcome:
    """P10 by Table I."""
    (features,) = frame.select("features", table="1", dataset="criteo")
    return PAPER.single(compare(ones(frame, features), "<", most_ones(frame, "P10")))


def sparse_criteo_logged(frame: Frame) -> Outcome:
    """P10 by the logs."""
    logs = frame.select("vocab_total", source="log", dataset="criteo")
    most = most_ones(frame, "P10")
    return LOGS.many(compare(term(frame.beside(log, "n_fields")) / log, "<", most, label=log.label) for log in logs)


def ratings(frame: Frame) -> Outcome:
    """T1.ml-1m."""
    return PAPER.single(compare(of_dataset(frame, "instances", "ml-1m"), "=", RATINGS_OF_ML_1M))


def at_threshold_10(frame: Frame) -> Outcome:
    """T1.criteo."""
    return PAPER.single(compare(of_dataset(frame, "features", "criteo"), "=", CRITEO_AT_10))


def not_at_threshold_2(frame: Frame) -> Outcome:
    """T1.criteo-other."""
    return PAPER.single(compare(of_dataset(frame, "features", "criteo"), "≠", CRITEO_AT_2))


def instances(frame: Frame) -> Outcome:
    """T1.instances."""
    found = frame.select("instances", table="1")
    return LOGS.many(compare(rows_of(frame, each.at["dataset"]), "=", each, label=each.label) for each in found)


def as_logged(frame: Frame, metric: str, column: str) -> Outcome:
    """A count of each dataset is that of the logs."""
    found = frame.select(metric, table="1")
    return LOGS.many(compare(logged(frame, column, each.at["dataset"]), "=", each, label=each.label) for each in found)


def shares(frame: Frame, split: str) -> Outcome:
    """A split has its printed share of the logs' rows, within 0.1 %."""

    def cases() -> Iterator[tuple[Fact, Term, Term]]:
        for fact in frame.select("split", table="1"):
            parts = [int(part) for part in fact.text.split(":")]
            printed = Fraction(parts[SPLITS.index(split)], sum(parts))
            name = fact.at["dataset"]
            yield fact, logged(frame, f"n_{split}", name) / rows_of(frame, name), Term(printed, (fact,))

    return LOGS.many(compare(own, "≈", share, label=fact.label, within="0.001") for fact, own, share in cases())


ON_PAPER: Mapping[str, Check] = {
    "P03": five_datasets,
    "P04": sparse_somewhere,
    "P10": sparse_criteo,
    "T1.ml-1m": ratings,
    "T1.criteo": at_threshold_10,
    "T1.criteo-other": not_at_threshold_2,
}
ON_LOGS: Mapping[str, Check] = {
    "P10": sparse_criteo_logged,
    "T1.instances": instances,
    "T1.fields": partial(as_logged, metric="fields", column="n_fields"),
    "T1.features": partial(as_logged, metric="features", column="vocab_total"),
    "T1.split.train": partial(shares, split="train"),
    "T1.split.valid": partial(shares, split="valid"),
    "T1.split.test": partial(shares, split="test"),
}

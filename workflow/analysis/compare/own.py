"""Comparisons that nobody declares: each model with each other, on a user's own data and in own experiments."""

from collections.abc import Iterator
from itertools import combinations

from workflow.analysis.compare.comparison import Comparison, comparison_id, over_best_of
from workflow.analysis.compare.declared import Declaration
from workflow.analysis.compare.gains import gain_of
from workflow.analysis.evidence.cells import Observed, sample
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.paper.prints import in_paper
from workflow.plan.places import is_users
from workflow.plan.tuning import FINAL

TUNED_ALIKE = "all tuned alike"
OWN, OWN_TUNED = "own", "own-tuned"  # names of those on a user's own data; those of an own experiment have its name
MOST_MODELS = 40  # more are a search, which a table of all pairs would not answer


def own_comparisons(evidence: Evidence) -> Iterator[Comparison]:
    """Each model over each other, and each over the best of the others; two families for each experiment and dataset.

    Table IV and tuned models on data that the paper does not have, and experiments of the user's own.
    """
    for experiment in evidence.plan.campaign.experiments:
        for dataset in evidence.datasets_of(experiment):
            name, models = own_name(evidence, experiment, dataset), models_of(evidence, experiment, dataset)
            if name and len(models) <= MOST_MODELS:
                which = {OWN: "", OWN_TUNED: f", {TUNED_ALIKE}"}.get(name, f" in {name}")
                yield from _each_with_each(evidence, models, name, which)


def own_name(evidence: Evidence, experiment: str, dataset: str) -> str | None:
    """What comparisons of each model with each other are called; None where an experiment has none for the user."""
    if is_users(experiment):
        return experiment
    if in_paper(dataset):
        return None
    return OWN_TUNED if experiment in evidence.plan.tuned_experiments else OWN if experiment == "table_4" else None


def models_of(evidence: Evidence, experiment: str, dataset: str) -> list[Observed]:
    """The cells that stand for whole models: of tuned ones those of the chosen settings, once they are known."""
    return [one for one in evidence.cells(experiment, dataset) if one.at.get("stage") in (None, FINAL)]


def _each_with_each(evidence: Evidence, models: list[Observed], name: str, which: str) -> Iterator[Comparison]:
    for first, second in combinations(models, 2):
        terms = [(1.0, sample(first, "auc")), (-1.0, sample(second, "auc"))]
        dataset = first.cell.dataset
        yield Comparison(
            comparison_id(name, dataset, first.label, second.label),
            None,
            f"every model over every other on {dataset}{which}",
            dataset,
            first.label,
            second.label,
            "auc",
            False,
            (first, second),
            gain_of(terms, evidence.prior(terms[0][1].data, "auc")),
        )
    for model in models if len(models) > 1 else ():
        others = [one for one in models if one is not model]
        family, over = f"a model over the best of the others{which}", "the best other model"
        declared = Declaration(f"{name}-best:{model.label}", None, family, model.label, over)
        yield over_best_of(evidence, declared, model, others, len(others))

"""Table II: six models with four losses, and the gain of each loss over the log loss."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from workflow.analysis.compare.numbers import number
from workflow.analysis.compare.points import in_points, signed, truncate
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Field, Section, table_of
from workflow.analysis.paper.facts import Fact
from workflow.analysis.paper.prints import Paper
from workflow.analysis.tables.auc import build_auc

LOG = "log"
LOSSES = {LOG: "log loss", "focal": "focal", "rce": "R-CE", "twin_focus": "TF"}


def build(evidence: Evidence, experiment: str) -> Document:
    """Compare the losses with the paper's rows, dataset by dataset, and averages by two rules."""
    return build_auc(
        evidence,
        experiment,
        "2",
        "RQ1",
        {"Model": lambda one: one.at["model"], "Loss": lambda one: LOSSES[one.at["loss"]]},
        "† Settings of DualMLP's TF row come from the authors' log that gives the printed value; they differ from its "
        "log row in more than the loss, so its gain is over a log row with all of them. No setting of the other "
        "models' TF loss was published: they use α, c and γ of the dataset's final TF4CTR run. γ = 2 and β = 0.01 are "
        "constants of the authors' git history.",
        ranked=lambda one: one.at["model"],
        sections=[_averages(evidence, experiment)],
    )


# -- averages -------------------------------------------------------------------------


Means = Mapping[tuple[str, str, str], Fraction]  # by dataset, model and loss


def _averages(evidence: Evidence, experiment: str) -> Section:
    paper = evidence.paper
    means = {
        (one.cell.dataset, one.at["model"], one.at["loss"]): mean
        for one in evidence.cells(experiment)
        if one.ground.obstacle is None and (mean := number(evidence, one, "auc").exact_mean) is not None
    }
    lines = (
        "AVG.AUC is the mean over the paper's four datasets, truncated. The paper's AVG.RI is the difference of two "
        "such truncated means (“by its rule”, recomputed from its prints), not the mean of the four gains.",
        "Ours is shown once all four datasets have run.",
        *(
            f"{fact.at['model']}, {LOSSES[fact.at['loss']]}: {fact.note}"
            for fact in paper.frame.select("mean_gain", table="2")
            if fact.note
        ),
    )
    rows = [_average(means, mean, paper) for mean in paper.frame.select("mean_auc", table="2")]
    return Section("Averages", lines, (table_of("Over datasets", rows, group=4),))


def _average(means: Means, mean: Fact, paper: Paper) -> Mapping[str, Field]:
    model, loss = mean.at["model"], mean.at["loss"]
    auc, log_auc = printed_auc(paper, model, loss), printed_auc(paper, model, LOG)
    printed = paper.frame.at(mean.at, "mean_gain")
    ours, base = _mean_of(means, list(auc), model, loss), _mean_of(means, list(auc), model, LOG)
    both = None if ours is None or base is None else (ours, base)
    gains = {
        "AVG.RI paper": "–" if printed is None else signed(printed.points),
        "by its rule": signed(truncated_mean(auc) - truncated_mean(log_auc)),
        "mean of gains": f"{float(mean_gain(auc, log_auc)):+.4f}".replace("-", "−"),
        "ours by that rule": "–" if both is None else signed(truncate(both[0]) - truncate(both[1])),
        "ours, mean": "–" if both is None else in_points(float(both[0] - both[1])),
    }
    return {
        "Model": model if loss == LOG else "",
        "Loss": LOSSES[loss],
        "AVG.AUC paper": str(mean.points),
        "ours": "–" if ours is None else str(truncate(ours)),
        **(dict.fromkeys(gains, "") if loss == LOG else gains),
    }


def printed_auc(paper: Paper, model: str, loss: str) -> dict[str, Decimal]:
    """The printed AUCs of a row by dataset, in points."""
    found = paper.frame.select("auc", table="2", model=model, loss=loss)
    return {fact.at["dataset"]: fact.points for fact in found}


def _mean_of(means: Means, datasets: list[str], model: str, loss: str) -> Fraction | None:
    """Our mean over all of `datasets`; None where one of them lacks a run."""
    known = [means[dataset, model, loss] for dataset in datasets if (dataset, model, loss) in means]
    return sum(known, Fraction(0)) / len(known) if len(known) == len(datasets) else None


def truncated_mean(auc_points: Mapping[str, Decimal]) -> Decimal:
    """AVG.AUC as the paper computes it: the mean of its prints, truncated to two decimals."""
    return truncate(sum(map(Fraction, auc_points.values()), Fraction(0)) / len(auc_points) / 100)


def mean_gain(auc_points: Mapping[str, Decimal], log_points: Mapping[str, Decimal]) -> Fraction:
    """AVG.RI as its name says: the mean of the gains over log loss, in points."""
    gains = [Fraction(auc_points[name]) - Fraction(log_points[name]) for name in auc_points]
    return sum(gains, Fraction(0)) / len(gains)

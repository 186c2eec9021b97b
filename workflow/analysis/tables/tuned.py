"""Table VII, beyond the paper: every model tuned with the same budget, beside the untuned comparison."""

from collections.abc import Mapping, Sequence

from workflow.analysis.compare.budgets import Budget, budgets_of, mean, untuned
from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.judge import OWN, OWN_TUNED, comparisons_of
from workflow.analysis.compare.points import in_points, shown_mean, truncate
from workflow.analysis.evidence.cells import Observed
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table, table_of
from workflow.analysis.pages.notes import GAIN_NOTE, data_line, failures
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.tables.differences import difference_data
from workflow.analysis.tables.page import campaign_lines, long_data, runs_section
from workflow.plan.config import load_experiment

# Comparisons of tuned models, and those of Table IV that stand beside them.
PAIRS = {"tuned": "tf4ctr", "tuned-over": "tf4ctr-over", "tuned-over-left-out": "tf4ctr-over-left-out"}
TUNED = (*PAIRS, "tuned-over-size", "tuning")
OWN_BEST = f"{OWN_TUNED}-best"  # on a user's own data: every model over the best of the others
UNTUNED = {**PAIRS, OWN_BEST: f"{OWN}-best"}


def build(evidence: Evidence, experiment: str) -> Document:
    """Show what was chosen, what it reaches on seeds not used for choosing, and TF4CTR's gains there."""
    found = [(on, budgets_of(evidence, experiment, on.dataset)) for on in by_dataset(evidence, experiment)]
    return Document(
        name=experiment,
        number="Table VII",
        title=load_experiment(experiment).title,
        lines=(
            "The paper has no such table. It says that its baselines were tuned but gives none of their settings.",
            *campaign_lines(evidence, [experiment]),
        ),
        sections=(
            *(_section(evidence, on, budgets) for on, budgets in found),
            *(runs_section(on.title, [one.final for one in budgets if one.final]) for on, budgets in found),
        ),
        notes=(
            "Every model gets the same number of random trials, of one seed each, and the same draws of the shared "
            "settings. The best trials by validation AUC (finalists) are run with more seeds. The one with the best "
            "mean validation AUC over all its seeds is chosen and run again with fresh seeds, which give its test AUC. "
            f"config/experiments/{experiment}.yaml and the campaign's `tuning` have the numbers of trials, finalists "
            f"and seeds, and the ranges.{_among(evidence, found)}",
            f"Means are truncated to two decimals. {GAIN_NOTE} A model beats the best of several if it beats every one "
            "of them (the largest p counts).",
            "Optimism is the highest validation AUC of any trial minus the mean validation AUC of the chosen setting "
            "on the fresh seeds. The last column is the highest test AUC of any trial, a single run: the number that "
            "choosing on the test set would report.",
        ),
        data=long_data(
            evidence,
            experiment,
            [
                *(_data(evidence, each) for _, budgets in found for each in budgets),
                *(line for on, _ in found for line in difference_data(_gains_on(evidence, on.dataset))),
            ],
        ),
    )


def _among(evidence: Evidence, found: Sequence[tuple[OnDataset, Sequence[Budget]]]) -> str:
    """Which untuned settings are among the random trials."""
    known = {
        f"{each.model} on {on.title}": one.cell.runs[0].id in {trial.cell.runs[0].id for trial in each.trials}
        for on, budgets in found
        for each in budgets
        if (one := untuned(evidence, each))
    }
    hit = ", ".join(name for name, among in known.items() if among)
    if hit:
        return f" Untuned settings that are also a trial: {hit}."
    return " The untuned settings are not among the trials." if known else ""


def _section(evidence: Evidence, on: OnDataset, budgets: Sequence[Budget]) -> Section:
    started = [each for each in budgets if each.ended]
    idle = [each.model for each in budgets if each not in started]
    lines = [data_line("Data", on.used)]
    lines += [f"Not run, {len(idle)} of {len(budgets)} models: {', '.join(idle)}."] if idle else []
    tables = (_results(evidence, started), _gains(evidence, _gains_on(evidence, on.dataset)), _optimism(started))
    return Section(on.title, tuple(lines), tables)


def _results(evidence: Evidence, budgets: Sequence[Budget]) -> Table:
    rows = [
        {
            "Model": each.model,
            "Trials": f"{len(each.validation)} of {len(each.trials)}{failures(each.ended - len(each.validation))}",
            "Chosen settings": settings(each),
            "Validation AUC when chosen": _points(_mean_validation(each)),
            "Test AUC, fresh seeds": _test(each.final),
            "Untuned (Table IV)": _test(untuned(evidence, each)),
        }
        for each in budgets
    ]
    return table_of("Chosen settings and their AUC", rows)


def _test(one: Observed | None) -> Field:
    return "–" if one is None else Entry(shown_mean(one.values("auc"), len(one.records)), runs=one.keys)


def settings(each: Budget) -> str:
    """The chosen setting in words, or why there is none yet."""
    if each.final is None:
        return "every trial failed" if each.is_whole and not each.validation else "not chosen yet"
    return ", ".join(f"{key.rpartition('.')[2]} {value}" for key, value in each.drawn.items())


def _mean_validation(each: Budget) -> float | None:
    """Mean validation AUC of the chosen setting over the seeds that it was chosen with."""
    final = each.final and each.final.cell.runs[0].id
    return mean(next((one for one in each.finalists if one.cell.runs[0].id == final), None), "valid")


def _gains_on(evidence: Evidence, dataset: str) -> list[Comparison]:
    names = TUNED if in_paper(dataset) else (OWN_BEST,)
    return [one for name in names for one in comparisons_of(evidence).named(name, dataset)]


def _gains(evidence: Evidence, gains: Sequence[Comparison]) -> Table:
    rows: list[Mapping[str, Field]] = []
    for one in gains:
        first, colon, inner = one.name.partition(":")
        beside = comparisons_of(evidence).get(f"{UNTUNED.get(first)}{colon}{inner}@{one.dataset}")
        count = f" ({len(one.members)} of {one.planned} tuned)" if one.planned else ""
        rows.append(
            {
                "Model": one.item,
                "Over": f"{one.over}{count}",
                "Tuned: gain [95 %]": _gain(one),
                "p, Holm": one.gain.p_text,
                "Family size": str(one.gain.family),
                "Finding": one.verdict,
                "Untuned: gain [95 %]": _gain(beside),
                "Untuned: finding": beside.verdict if beside else "",
                "Untuned: over": beside.over if beside and beside.planned else "",
            }
        )
    return table_of("Gains in points of AUC, tuned and untuned", rows)


def _gain(one: Comparison | None) -> Field:
    return "–" if one is None or one.gain.mean is None else Entry(one.gain.ours, runs=one.run_keys)


def _optimism(budgets: Sequence[Budget]) -> Table:
    rows = [
        {
            "Model": each.model,
            "Best trial, validation": _points(each.best_validation),
            "Chosen, validation on fresh seeds": _points(each.final_validation),
            "Optimism": "–" if each.optimism is None else in_points(each.optimism),
            "Chosen, test on fresh seeds": _points(each.final_test),
            "Best trial, test": _points(each.best_test),
        }
        for each in budgets
        if each.best_validation is not None and each.final_validation is not None
    ]
    return table_of("Optimism of choosing the best trial", rows)


def _points(value: float | None) -> str:
    return "–" if value is None else str(truncate(value))


def _data(evidence: Evidence, each: Budget) -> dict[str, object]:
    """One mapping per model and dataset; AUC in full."""
    return {
        "kind": "model",
        "dataset": each.dataset,
        "model": each.model,
        "trials": len(each.trials),
        "finished": len(each.validation),
        "chosen": settings(each),
        "best_validation": each.best_validation,
        "chosen_validation": _mean_validation(each),
        "final_validation": each.final_validation,
        "optimism": each.optimism,
        "test": each.final_test,
        "best_trial_on_test": each.best_test,
        "untuned_test": mean(untuned(evidence, each), "test"),
        "standing": each.trials[0].ground.standing,
        "run_keys": each.final.keys if each.final else (),
    }

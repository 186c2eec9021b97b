"""Table VII, beyond the paper: every model tuned with the same budget, beside the untuned comparison."""

from collections.abc import Sequence

from workflow.analysis.compare.budgets import Budget, budgets_of
from workflow.analysis.compare.comparison import Comparison
from workflow.analysis.compare.judge import OWN, OWN_TUNED, comparisons_of
from workflow.analysis.compare.points import in_points, rounded
from workflow.analysis.evidence.dataset import OnDataset, by_dataset
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages.document import Document, Entry, Field, Section, Table
from workflow.analysis.pages.notes import data_line
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.tables.page import campaign_lines, runs_section
from workflow.analysis.tables.rows import told
from workflow.plan.config import load_experiment

# Comparisons of tuned models, and those of Table IV that stand beside them.
PAIRS = {"tuned": "tf4ctr", "tuned-over": "tf4ctr-over", "tuned-over-left-out": "tf4ctr-over-left-out"}
TUNED = (*PAIRS, "tuned-over-size")
OWN_BEST = f"{OWN_TUNED}-best"  # on a user's own data: every model over the best of the others
UNTUNED = {**PAIRS, OWN_BEST: f"{OWN}-best"}


def build(evidence: Evidence, experiment: str) -> Document:
    """Show what was chosen, what it reaches on seeds that no choice has seen, and TF4CTR's gains there."""
    found = [(on, budgets_of(evidence, experiment, on.dataset)) for on in by_dataset(evidence, experiment)]
    return Document(
        name=experiment.replace("_", "-"),
        title=f"Table VII: {load_experiment(experiment).title}",
        lines=(
            "The paper has no such table. It says that baselines were tuned and gives no setting of any of them.",
            *campaign_lines(evidence, [experiment]),
        ),
        sections=(
            *(_section(evidence, on, budgets) for on, budgets in found),
            *(runs_section(on.title, [one.final for one in budgets if one.final]) for on, budgets in found),
        ),
        notes=(
            "Every model gets the same number of random trials and the same draws of the shared settings. The best "
            "trials by validation AUC are run with further seeds; the best mean validation AUC is chosen. Test AUC is "
            "that of the chosen setting on seeds that no choice has seen.",
            "Optimism is the best validation AUC of the trials less the mean validation AUC of the chosen setting on "
            "fresh seeds. The last column is the highest test AUC of the trials: what choosing on test would report.",
            "A model beats the best of several where it beats every one of them (the largest p counts).",
        ),
        data=tuple(_data(evidence, experiment, each) for _, budgets in found for each in budgets),
    )


def _section(evidence: Evidence, on: OnDataset, budgets: Sequence[Budget]) -> Section:
    started = [each for each in budgets if each.validation]
    idle = [each.model for each in budgets if each not in started]
    lines = [data_line("Data", on.used)]
    lines += [f"Not run, {len(idle)} of {len(budgets)} models: {', '.join(idle)}."] if idle else []
    names = TUNED if in_paper(on.dataset) else (OWN_BEST,)
    gains = [one for name in names for one in comparisons_of(evidence).named(name, on.dataset)]
    tables = (_results(evidence, started), _gains(evidence, gains), _optimism(started))
    return Section(on.title, tuple(lines), tuple(table for table in tables if table.rows))


def _results(evidence: Evidence, budgets: Sequence[Budget]) -> Table:
    rows = tuple(
        (
            each.model,
            f"{len(each.validation)} of {len(each.trials)}",
            settings(each),
            _points(_mean_validation(each)),
            Entry(_points(each.final_test), runs=each.final.keys if each.final else ()),
            _points(_untuned(evidence, each)),
        )
        for each in budgets
    )
    header = ("Model", "Trials", "Chosen settings", "Validation AUC", "Test AUC, fresh seeds", "Untuned (Table IV)")
    return Table("Chosen settings and what they reach", header, "lrlrrr", rows)


def settings(each: Budget) -> str:
    """The chosen setting in words; what it waits for, before it is chosen."""
    if each.final is None:
        return "every trial failed" if each.is_whole and not each.validation else "not chosen yet"
    return ", ".join(f"{key.rpartition('.')[2]} {value}" for key, value in each.drawn.items())


def _mean_validation(each: Budget) -> float | None:
    """Of the chosen setting, over the seeds that it was chosen with."""
    if each.final is None:
        return None
    chosen = next(one for one in each.finalists if one.cell.runs[0].id == each.final.cell.runs[0].id)
    values = chosen.values("auc", "valid")
    return sum(values) / len(values)


def _untuned(evidence: Evidence, each: Budget) -> float | None:
    """The mean of the same model in Table IV, with the dataset's own settings."""
    place = {key: value for key, value in each.trials[0].at.items() if key not in ("table", "stage", "trial")}
    if "table_4" not in evidence.plan.campaign.experiments:
        return None
    same = (one for one in evidence.cells("table_4") if one.at == {**place, "table": "4"})
    values = next((one.values("auc") for one in same if one.ground.obstacle is None), ())
    return sum(values) / len(values) if values else None


def _gains(evidence: Evidence, gains: Sequence[Comparison]) -> Table:
    untuned = comparisons_of(evidence)
    rows: list[tuple[Field, ...]] = []
    for one in gains:
        name, _, rest = one.id.partition("@")
        first, _, inner = name.partition(":")
        beside = untuned.get(f"{UNTUNED.get(first, '')}{f':{inner}' if inner else ''}@{rest}")
        count = f" ({len(one.members)} of {one.planned})" if one.planned else ""
        rows.append((one.item, f"{one.over}{count}", *_shown(one), one.gain.p_text, *_shown(beside)))
    header = ("Model", "Over", "Tuned: gain [95 %]", "", "p", "Untuned: gain [95 %]", "")
    return Table("Gains in points of AUC, tuned and untuned", header, "llrlrrl", tuple(rows))


def _shown(one: Comparison | None) -> tuple[Field, Field]:
    if one is None or one.gain.mean is None:
        return "–", "" if one is None else told(one.verdict)
    return Entry(one.gain.ours, runs=one.run_keys), told(one.verdict)


def _optimism(budgets: Sequence[Budget]) -> Table:
    whole = [each for each in budgets if each.best_validation is not None and each.final_validation is not None]
    rows = tuple(
        (
            each.model,
            _points(each.best_validation),
            _points(each.final_validation),
            _signed(each.optimism),
            _points(each.final_test),
            _points(each.best_test),
        )
        for each in whole
    )
    header = ("Model", "Best trial, validation", "Chosen, validation", "Optimism", "Chosen, test", "Best trial on test")
    return Table("What choosing adds", header, "lrrrrr", rows)


def _points(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else in_points(value)


def _data(evidence: Evidence, experiment: str, each: Budget) -> dict[str, str]:
    """One mapping per model and dataset; AUC in full."""
    return {
        "campaign": evidence.plan.campaign.campaign,
        "experiment": experiment,
        "dataset": each.dataset,
        "model": each.model,
        "trials": str(len(each.trials)),
        "finished": str(len(each.validation)),
        "chosen": settings(each),
        "best_validation": rounded(each.best_validation),
        "chosen_validation": rounded(_mean_validation(each)),
        "final_validation": rounded(each.final_validation),
        "optimism": rounded(each.optimism),
        "test": rounded(each.final_test),
        "best_trial_on_test": rounded(each.best_test),
        "untuned_test": rounded(_untuned(evidence, each)),
        "standing": each.trials[0].ground.standing or "",
        "run_keys": " ".join(each.final.keys if each.final else ()),
    }

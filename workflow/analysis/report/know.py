"""What a reader should know before believing the answer: at most five items, made from the evidence."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from statistics import variance

from workflow.analysis.claims.results import AuditResult
from workflow.analysis.compare.budgets import Budget, budgets_of, mean, untuned
from workflow.analysis.compare.comparison import Comparison, Comparisons
from workflow.analysis.compare.together import together
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.dataset import by_dataset
from workflow.analysis.evidence.load import Evidence, campaign_runs
from workflow.analysis.evidence.standing import Standing
from workflow.analysis.pages.notes import failures
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.report.text import listed, plural
from workflow.plan.cells import dataset_spec
from workflow.plan.config import load_dataset

PUBLISHED_FRAPPE = (
    "The published Frappe_x1.zip was not available here; docs/usage.md says how to get it. Once you have it, "
    "./tf4ctr run evidence table_4 trains the same runs on it and shows whether the answer changes."
)
WORDS = (  # of the answer's table
    "Gains are differences of mean AUC in points (AUC × 100), with 95 % intervals over seeds and test sets. A gain is "
    "shown if its p-value, corrected for the number of comparisons (Holm), is below 0.05. Intervals are not corrected, "
    "so a gain can be “open” although its interval excludes 0. “holds”: a gain is shown, and the paper's value does "
    "not lie above our interval. “holds, smaller”: a gain is shown, and the paper's value lies above our "
    "interval. “does not hold”: no gain is shown, and the paper's value lies above our interval. “reversed”: a "
    "lower AUC is shown in the same way. “gain”: a gain is shown, and the paper prints none. “no difference”: none of "
    "these, and the whole interval lies within ±0.10. “open”: the runs do not decide. “seen”: our best value is among "
    "those that the paper calls best, and beats all others. “not seen”: another value beats the paper's best. “tied”: "
    "neither, and no other value can be better than the paper's best by 0.10 or more. “incomplete”: some runs are "
    "missing. “not run”: there is no run."
)
TERMS = (
    "TF4CTR has two encoders, a simple one and a complex one. Unless stated otherwise it is SER with WSF and the TF "
    "loss. SSEM (sample selection embedding module) embeds the input: with SER each encoder has its own embedding "
    "table, with Share both use the same one. DFM (dynamic fusion module) fuses the two logits: Sum adds them, WSF "
    "adds them with two learned weights. The TF loss is the log loss of the fused logit plus a log loss of each "
    "encoder's logit (the auxiliary losses). Focusing weights shift the auxiliary losses towards hard or easy samples; "
    "γ = 0 turns these weights off. The framework puts the two branches of another model in place of the encoders."
)
TWO_RUNS = 1.96 * sqrt(2)  # in 95 of 100 cases two runs of a configuration differ by fewer standard deviations


def to_know(evidence: Evidence, result: AuditResult | None, found: Comparisons) -> Iterator[str]:
    """Yield the limits of the answer: its data, what ran, the simplest rival, noise, and what nobody can verify."""
    names = evidence.plan.campaign.experiments
    done, planned = campaign_runs(evidence, names)
    yield from _data(evidence)
    rivals = [
        f"{len(one.members)} of {one.planned} baselines on {one.title}"
        for one in found.named("tf4ctr")
        if in_paper(one.dataset) and one.planned
    ]
    beside = f" TF4CTR is compared with {listed(rivals)}." if rivals else ""
    if rivals:
        beside = " ".join((beside, _settings(evidence), *_levels(evidence)))
    seeds = Counter(Counter(run.id for run, _ in evidence.plan.runs.values()).values())
    (usual, _), every = seeds.most_common(1)[0], "each" if len(seeds) == 1 else "most"
    ending = "s are" if len(seeds) > 1 else " is"
    each = f"; {every} configuration{ending} planned with {usual} seeds" if usual > 1 else ""
    finished = sum(record.status == "ok" for _, _, record in done)
    told = f"{finished:,} of {planned:,} planned runs have finished{failures(len(done) - finished)}"
    yield f"{told}{each}.{beside}"
    yield from _other_rivals(found)
    noise = list(_noise(evidence))
    if noise:
        yield (
            "Seeds matter: in 95 of 100 cases, two runs of one configuration that differ only in their seed differ by "
            f"up to {listed(noise)}."
        )
    logs = [row for row in result.computed if row.layer == "logs"] if result else []
    bare = sum(row.verdict.finding is Finding.UNSUPPORTED for row in logs)
    if bare:
        yield f"{bare} claim{plural(bare)} about what the authors did cannot be verified from anything published."


def _settings(evidence: Evidence) -> str:
    """Whether the baselines were tuned, what tuning gained, and whose settings they have otherwise."""
    otherwise = "run here with TF4CTR's embedding L2 and dropout, which may favour TF4CTR"
    tuned = [
        _tuned(evidence, [one for one in budgets_of(evidence, experiment, dataset) if one.final_test is not None])
        for experiment in evidence.plan.tuned_experiments
        for dataset in evidence.datasets_of(experiment)
    ]
    if not any(tuned):
        return f"The paper's baselines {otherwise}; none has been tuned with an equal budget yet."
    return f"Tuned with equal budgets: {'; '.join(filter(None, tuned))}. Untuned, the paper's baselines {otherwise}."


def _tuned(evidence: Evidence, budgets: Sequence[Budget]) -> str:
    """Which models were tuned on a dataset, and how many of them are better than untuned."""
    if not budgets:
        return ""
    trials = ", ".join(dict.fromkeys(str(len(one.trials)) for one in budgets))
    pairs = [(one.final_test, mean(untuned(evidence, one), "test")) for one in budgets]
    gains = [test - before for test, before in pairs if test is not None and before is not None]
    better = sum(gain > 0 for gain in gains)
    models = (
        f"{listed(one.model for one in budgets)} on {load_dataset(budgets[0].dataset).title} ({trials} trials each)"
    )
    reach = "reaches" if better < 2 else "reach"
    return f"{models}; {better or 'none'} of them {reach} a higher test AUC than untuned" if gains else models


SIDES: Mapping[object, str] = {
    Finding.LOWER: "lower than ours",
    Finding.HIGHER: "higher than ours",
    Finding.CONSISTENT: "consistent with ours",
}


def _levels(evidence: Evidence) -> Iterator[str]:
    """Where Table IV prints its baselines above or below ours: that alone makes a printed gain smaller or larger."""
    found = {(one.dataset, one.kind): one for one in together(evidence) if one.table == "table_4"}
    for (dataset, kind), one in found.items():
        own = found.get((dataset, "the paper's own rows"))
        if kind == "baselines" and own and one.verdict.finding in (Finding.LOWER, Finding.HIGHER):
            yield (
                f"On {load_dataset(dataset).title} the paper's baselines have AUCs {SIDES[one.verdict.finding]} "
                f"({one.ours} points on average), and its TF4CTR has one "
                f"{SIDES.get(own.verdict.finding, own.verdict.word)} ({own.ours})."
            )


def _other_rivals(found: Comparisons) -> Iterator[str]:
    """Models that the paper does not compare with and that come closer to TF4CTR than its best baseline."""
    best = {one.dataset: one.gain.mean for one in found.named("tf4ctr") if one.ran}
    closer = [
        one
        for one in found.named("tf4ctr-over-left-out")
        if one.ran and (one.gain.mean or 0.0) < (best.get(one.dataset) or 0.0)
    ]
    gains = listed(f"{one.gain.ours} over {one.over} on {one.title}" for one in closer)
    parts = [
        "Some models that Table IV leaves out come closer to TF4CTR than the best baseline that it prints: TF4CTR "
        f"gains only {gains}."
    ]
    parts = parts if closer else []
    mlps = [one for one in found.values() if one.name in ("two-mlps-over-tf4ctr", "two-mlps-over-one") and one.ran]
    if mlps:
        gains = listed(f"{one.gain.ours} over {one.over} on {one.title}{_unless_gain(one)}" for one in mlps)
        parts.append(f"Two plain MLPs (DNN), trained separately and with their logits averaged, gain {gains}.")
    if parts:
        yield f"The paper omits strong rivals. {' '.join(parts)}"


def _unless_gain(one: Comparison) -> str:
    return "" if one.verdict.finding is Finding.GAIN else f" ({one.verdict.word})"


def _data(evidence: Evidence) -> Iterator[str]:
    """The standing of each dataset, where it is not the published one."""
    found = {on.dataset: on.used for on in by_dataset(evidence, *evidence.plan.campaign.experiments)}
    parts = []
    for dataset in filter(in_paper, evidence.plan.campaign.datasets):
        used = found.get(dataset, [])
        reasons = dict.fromkeys(reason for word, reason, _ in used if word != Standing.PUBLISHED)
        if reasons:
            parts.append(f"{load_dataset(dataset).title}: {'; '.join(reasons)}.")
        if dataset == "frappe" and any(word == Standing.REDRAWN for word, _, _ in used):
            parts.append(PUBLISHED_FRAPPE)
    if parts:
        yield f"The data are not byte for byte those of the paper. {' '.join(parts)}"


def _noise(evidence: Evidence) -> Iterator[str]:
    """By dataset, from the pooled variance of a run's test AUC around its configuration's mean."""
    for config in map(load_dataset, evidence.plan.campaign.datasets):
        cells = evidence.repeated(dataset_spec(config, evidence.plan.campaign).id, "auc")
        if cells:
            pooled = sum((len(each) - 1) * variance(each) for each in cells) / sum(len(each) - 1 for each in cells)
            yield f"{100 * TWO_RUNS * sqrt(pooled):.2f} points on {config.title}"

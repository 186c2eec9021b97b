"""What a reader should know before believing the answer: at most five sentences, made from the evidence."""

from collections.abc import Iterator
from math import sqrt
from statistics import variance

from workflow.analysis.claims.results import AuditResult
from workflow.analysis.compare.comparison import Comparisons
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.dataset import by_dataset
from workflow.analysis.evidence.load import Evidence, campaign_runs
from workflow.analysis.evidence.standing import Standing
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.report.text import listed, plural
from workflow.plan.cells import dataset_spec
from workflow.plan.config import load_dataset

PUBLISHED_FRAPPE = (
    "With the published Frappe_x1.zip (docs/usage.md says how to get it) the command ./tf4ctr run evidence "
    "table_4 trains the same runs on it and shows whether the answer changes."
)
TWO_RUNS = 1.96 * sqrt(2)  # standard deviations that two runs of one configuration differ by in 95 of 100 cases


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
    alike = any(one.ran for one in found.values() if one.name.startswith("tuned"))
    if rivals and not alike:
        beside += " All baselines use TF4CTR's embedding L2 and dropout; equal tuning budgets have not run yet."
    yield f"{len(done):,} of {planned:,} planned runs have finished.{beside}"
    yield from _two_mlps(found)
    noise = list(_noise(evidence))
    if noise:
        yield f"Seeds matter: two single runs of one configuration differ by up to {listed(noise)} in 95 of 100 cases."
    logs = [row for row in result.computed if row.layer == "logs"] if result else []
    bare = sum(row.verdict.finding is Finding.UNSUPPORTED for row in logs)
    if bare:
        yield f"{bare} claim{plural(bare)} about what the authors did cannot be verified from anything published."


def _two_mlps(found: Comparisons) -> Iterator[str]:
    """The simplest rival of two encoders, which the paper does not have."""
    ran = [one for one in found.values() if one.name in ("two-mlps-over-tf4ctr", "two-mlps-over-one") and one.ran]
    parts = [f"{one.gain.ours} over {one.over} on {one.title} ({one.verdict.word})" for one in ran]
    if parts:
        yield (
            "The paper has no simple ensemble. Two plain MLPs (DNN) trained separately, with their logits averaged, "
            f"gain {listed(parts)}."
        )


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
        yield f"The data are real but not byte for byte the paper's. {' '.join(parts)}"


def _noise(evidence: Evidence) -> Iterator[str]:
    """By dataset, from the pooled variance of a run's test AUC around its configuration's mean."""
    for config in map(load_dataset, evidence.plan.campaign.datasets):
        cells = evidence.repeated(dataset_spec(config, evidence.plan.campaign).id, "auc")
        if cells:
            pooled = sum((len(each) - 1) * variance(each) for each in cells) / sum(len(each) - 1 for each in cells)
            yield f"±{100 * TWO_RUNS * sqrt(pooled):.2f} points on {config.title}"

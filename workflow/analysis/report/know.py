"""What a reader should know before believing the answer: at most five sentences, made from the evidence."""

from collections import Counter
from collections.abc import Iterator
from math import sqrt
from statistics import variance

from workflow.analysis.claims.results import AuditResult
from workflow.analysis.compare.comparison import Comparison, Comparisons
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.dataset import by_dataset
from workflow.analysis.evidence.load import Evidence, campaign_runs
from workflow.analysis.evidence.standing import Standing
from workflow.analysis.paper.prints import in_paper
from workflow.analysis.report.text import listed, plural
from workflow.plan.cells import dataset_spec
from workflow.plan.config import load_dataset

PUBLISHED_FRAPPE = (
    "The published Frappe_x1.zip could not be had here; docs/usage.md says how to get it. With it, ./tf4ctr run "
    "evidence table_4 trains the same runs and shows whether the answer changes."
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
        beside += (
            " All baselines use TF4CTR's embedding L2 and dropout, which may favour TF4CTR; no baseline has been tuned "
            "with an equal budget yet."
        )
    seeds = sorted({*Counter(run.id for run, _ in evidence.plan.runs.values()).values()})
    each = f", {seeds[0]} seeds for each configuration" if len(seeds) == 1 and seeds[0] > 1 else ""
    yield f"{len(done):,} of {planned:,} planned runs have finished{each}.{beside}"
    yield from _other_rivals(found)
    noise = list(_noise(evidence))
    if noise:
        yield f"Seeds matter: two single runs of one configuration differ by up to {listed(noise)} in 95 of 100 cases."
    logs = [row for row in result.computed if row.layer == "logs"] if result else []
    bare = sum(row.verdict.finding is Finding.UNSUPPORTED for row in logs)
    if bare:
        yield f"{bare} claim{plural(bare)} about what the authors did cannot be verified from anything published."


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
        f"Of models that Table IV leaves out, some come closer to TF4CTR than its best baseline: it gains {gains}."
    ]
    parts = parts if closer else []
    mlps = [one for one in found.values() if one.name in ("two-mlps-over-tf4ctr", "two-mlps-over-one") and one.ran]
    if mlps:
        gains = listed(f"{one.gain.ours} over {one.over} on {one.title}{_unless_gain(one)}" for one in mlps)
        parts.append(f"Two plain MLPs (DNN) trained separately, with their logits averaged, gain {gains}.")
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
        yield f"The data are not byte for byte the paper's. {' '.join(parts)}"


def _noise(evidence: Evidence) -> Iterator[str]:
    """By dataset, from the pooled variance of a run's test AUC around its configuration's mean."""
    for config in map(load_dataset, evidence.plan.campaign.datasets):
        cells = evidence.repeated(dataset_spec(config, evidence.plan.campaign).id, "auc")
        if cells:
            pooled = sum((len(each) - 1) * variance(each) for each in cells) / sum(len(each) - 1 for each in cells)
            yield f"±{100 * TWO_RUNS * sqrt(pooled):.2f} points on {config.title}"

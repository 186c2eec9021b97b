"""The runs behind cells and claims: one section per configuration, with its seeds."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from shlex import quote
from statistics import fmean, stdev

from workflow.analysis.compare.words import Verdict
from workflow.analysis.evidence.load import Evidence, record_data, status_of
from workflow.analysis.evidence.standing import Obstacle
from workflow.analysis.report.plot import Curve, curve
from workflow.plan.campaign import Plan
from workflow.plan.cells import Cell
from workflow.plan.config import ROOT
from workflow.plan.places import is_figure
from workflow.spec import DatasetSpec, RunSpec
from workflow.train.record import Record

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RunView:
    """One seed: what was planned and, where there is a record, what happened."""

    run: RunSpec
    record: Record | None
    command: str

    @property
    def anchor(self) -> str:
        """Where the page has it."""
        return anchor_of(self.run.key)

    @property
    def status(self) -> str:
        """In one word: ok, failed or not run."""
        return status_of(self.record)

    @property
    def verdict(self) -> Verdict | None:
        """Said where the run gave nothing."""
        return None if self.status == "ok" else Verdict(Obstacle(self.status))

    @cached_property
    def scores(self) -> tuple[tuple[str, str, str, str], ...]:
        """Split, AUC, gAUC and log loss."""
        if self.record is None:
            return ()
        found = (("validation", self.record.valid), ("test", self.record.test))
        return tuple(
            (name, f"{one.auc:.6f}", "–" if one.gauc is None else f"{one.gauc:.6f}", f"{one.logloss:.6f}")
            for name, one in found
            if one is not None
        )

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        """Training loss and validation scores over epochs."""
        if self.record is None:
            return ()
        epochs = self.record.epochs
        series = (
            ("Training loss", [one.train_loss for one in epochs]),
            ("Validation AUC", [one.valid.auc for one in epochs]),
            ("Validation gAUC", [one.valid.gauc for one in epochs]),
        )
        numbers = [one.epoch for one in epochs]
        drawn = (curve(title, numbers, values, self.record.best_epoch) for title, values in series)
        return tuple(one for one in drawn if one is not None)

    @cached_property
    def epochs(self) -> tuple[tuple[str, ...], ...]:
        """The epochs as rows of a table."""
        return tuple(
            (
                str(one.epoch),
                f"{one.train_loss:.6f}",
                f"{one.valid.auc:.6f}",
                "–" if one.valid.gauc is None else f"{one.valid.gauc:.6f}",
                f"{one.valid.logloss:.6f}",
                f"{one.learning_rate:.1e}",
                f"{one.train_s:.2f} + {one.eval_s:.2f}",
            )
            for one in (self.record.epochs if self.record else ())
        )

    @cached_property
    def provenance(self) -> Pairs:
        """What the result may depend on."""
        if self.record is None:
            return ()
        source = self.record.provenance
        standing, reason = record_data(self.record)
        return (
            ("data", f"{standing} evidence: {reason}{f' ({source.data_note})' if source.data_note else ''}"),
            ("data fingerprint", source.data_fingerprint),
            *((f"SHA-256 of {name}", digest) for name, digest in sorted(source.raw_sha256.items())),
            ("code fingerprint", source.code),
            ("versions", ", ".join(f"{name} {version}" for name, version in sorted(source.versions.items()))),
            ("machine", f"{source.hardware}; {source.device}, {self.record.spec.training.threads} threads"),
            ("started", source.started),
            ("time", f"{source.wall_s:.1f} s, at most {source.peak_memory_bytes / 2**20:,.0f} MiB"),
            ("parameters", f"{self.record.parameters.embedding:,} embedding, {self.record.parameters.rest:,} other"),
            ("seal", self.record.seal),
        )


@dataclass(frozen=True)
class ConfigView:
    """All seeds of one configuration."""

    id: str
    title: str
    labels: tuple[str, ...]  # of the cells that it stands for
    dataset: DatasetSpec
    runs: tuple[RunView, ...]
    needed_by: tuple[str, ...]  # experiments
    claims: tuple[str, ...] = field(default=())

    @property
    def anchor(self) -> str:
        """Where the page has it."""
        return f"run-{self.id}"

    @property
    def done(self) -> int:
        """Seeds that gave a result."""
        return sum(view.status == "ok" for view in self.runs)

    @property
    def failed(self) -> int:
        """Seeds that failed."""
        return sum(view.status == "failed" for view in self.runs)

    @property
    def auc(self) -> float | None:
        """Mean AUC on the test set of the seeds that gave one."""
        return fmean(self._aucs) if self._aucs else None

    @property
    def sd(self) -> float | None:
        """Its standard deviation over seeds, from two on."""
        return stdev(self._aucs) if len(self._aucs) > 1 else None

    @property
    def _aucs(self) -> list[float]:
        return [view.record.test.auc for view in self.runs if view.record and view.record.test]

    @property
    def verdict(self) -> Verdict | None:
        """Said where seeds are missing."""
        if self.done == len(self.runs):
            return None
        return Verdict(Obstacle.FAILED if self.failed else Obstacle.INCOMPLETE if self.done else Obstacle.NOT_RUN)

    @cached_property
    def spec(self) -> str:
        """The resolved specification, less the dataset's, which many share."""
        values = self.runs[0].run.canonical()
        values["dataset"] = {"name": self.dataset.name, "id": self.dataset.id}
        del values["seed"]
        return json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True)
class DatasetView:
    """The configurations on one dataset."""

    spec: DatasetSpec
    configs: tuple[ConfigView, ...]

    @property
    def anchor(self) -> str:
        """Where the page has it."""
        return f"data-{self.spec.id}"

    @property
    def text(self) -> str:
        """The resolved specification."""
        return json.dumps(self.spec.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False)


def anchor_of(key: str) -> str:
    """Where the page has a run.

    Examples
    --------
    >>> anchor_of("0123456789ab/seed7")
    'run-0123456789ab-seed7'
    """
    return f"run-{key.replace('/', '-')}"


def href_of(keys: Iterable[str], known: frozenset[str]) -> str | None:
    """A link to the runs behind something: to the run where it is one, else to their configuration.

    Runs that the page does not have are no target.
    """
    present = [key for key in keys if key in known]
    if not present:
        return None
    return f"#{anchor_of(present[0])}" if len(present) == 1 else f"#run-{present[0].partition('/')[0]}"


def dataset_views(evidence: Evidence, cited: Mapping[str, Iterable[str]]) -> tuple[DatasetView, ...]:
    """Every run of the campaign, by dataset and configuration.

    Parameters
    ----------
    evidence : Evidence
        What there is of the campaign.
    cited : mapping of str to iterable of str
        By run key, the claims that name it.

    Returns
    -------
    tuple of DatasetView
        In the plan's order.
    """
    plan = evidence.plan
    labels: dict[str, dict[str, None]] = {}
    for cell in plan.cells:
        labels.setdefault(cell.runs[0].id, {})[_label(cell)] = None
    groups: dict[str, list[tuple[RunSpec, frozenset[str]]]] = {}
    for run, needed_by in plan.runs.values():
        groups.setdefault(run.id, []).append((run, needed_by))
    configs = [_config(evidence, group, tuple(labels[id_]), cited) for id_, group in groups.items()]
    specs = {config.dataset.id: config.dataset for config in configs}
    return tuple(
        DatasetView(spec, tuple(config for config in configs if config.dataset.id == dataset))
        for dataset, spec in specs.items()
    )


def _label(cell: Cell) -> str:
    """A cell's label; those of figures are bare values and need their figure beside them."""
    figure = is_figure(cell.experiment)
    return f"{cell.experiment.replace('_', ' ')}: {cell.label}" if figure else cell.label


def _config(
    evidence: Evidence,
    group: list[tuple[RunSpec, frozenset[str]]],
    labels: tuple[str, ...],
    cited: Mapping[str, Iterable[str]],
) -> ConfigView:
    first = group[0][0]
    used = frozenset[str]().union(*(names for _, names in group))
    claims = dict.fromkeys(claim for run, _ in group for claim in cited.get(run.key, ()))
    base = getattr(first.model, "base", None)
    return ConfigView(
        id=first.id,
        title=f"{first.model.name}{f' of {base.name}' if base else ''}, {first.loss.name} loss",
        labels=labels,
        dataset=first.dataset,
        runs=tuple(_run(evidence, run) for run, _ in group),
        needed_by=tuple(name for name in evidence.plan.campaign.experiments if name in used),
        claims=tuple(claims),
    )


def _run(evidence: Evidence, run: RunSpec) -> RunView:
    record = evidence.records.get(run.key)
    return RunView(run, record, command_of(evidence.plan, run, record is not None))


def command_of(plan: Plan, run: RunSpec, done: bool) -> str:
    """The shell line that trains just this run; a finished one is put out of the way first."""
    make = f"python -m workflow train --configfile {quote(configfile(plan))} {quote(run.key)}"
    return f"rm -f {quote(run.record_path.as_posix())} && {make}" if done else make


def configfile(plan: Plan) -> str:
    """The campaign's own file, or the resolved one where it has none."""
    name = f"config/{plan.campaign.campaign}.yaml"
    return name if (ROOT / name).is_file() else Path("results", plan.campaign.campaign, "campaign.json").as_posix()

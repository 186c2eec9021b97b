"""Python helpers of the Snakefile, besides the plan."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError

from workflow.analysis.figures import FIGURES
from workflow.analysis.figures import module_for as drawn_by
from workflow.analysis.tables import module_for as built_by
from workflow.analysis.tables import shown_by
from workflow.cli.common import refuse_unready
from workflow.cli.preflight import hold, options_of, refuse_without_slurm, stop
from workflow.cli.targets import documents_behind, experiments_behind, no_target
from workflow.cost.requests import settled
from workflow.data.local import look, note_path, write_note
from workflow.data.replaced import EARLIER
from workflow.data.sources import raw_archive
from workflow.errors import UserError
from workflow.files import write_text
from workflow.plan.campaign import Plan
from workflow.plan.changes import laid_over, typed
from workflow.plan.config import ROOT, check_campaign
from workflow.plan.places import is_figure
from workflow.plan.tuning import undecided
from workflow.train.choice import drop_stale_choices, on_disk, settle

EXPERIMENTS = "TF4CTR_EXPERIMENTS"


def plan_of(config: dict[str, Any], changes: Mapping[str, Any], *, main: bool = True) -> Plan:
    """Expand the configuration with the changes of `--config`; a mistake stops Snakemake with one message.

    A job's own Snakemake on a cluster's node (`main` False) does not check files that it cannot see.
    """
    try:
        plan = settled(
            Plan(check_campaign(laid_over(config, typed(changes)), "configuration"), undecided if main else on_disk)
        )
        if main:
            refuse_unready(plan)
            if plan.tuned_experiments:  # before Snakemake checks outputs: choices must follow from records
                plan = settle(plan)
                drop_stale_choices(plan)
    except UserError as error:
        stop(error)
    return plan


def note_changes(plan: Plan) -> None:
    """Before Snakemake checks outputs: note the content of the user's files, and return those that changed."""
    for config, spec in plan.sources:
        if config.name in plan.campaign.local and spec.preparation.twin is None:
            copy = raw_archive(config, spec)
            try:
                noted, now = look(config, plan.campaign, copy)
                if noted and noted.content != now.content and copy.is_file():
                    given = plan.campaign.local[config.name]
                    told = f"it is fetched and prepared again; finished runs on it as it was are kept in {EARLIER}"
                    print(f"{given}: is another than {copy}; {told}", file=sys.stderr)
                if now.files:
                    write_note(copy, now)
            except UserError as error:
                stop(error)


def note_of(dataset: str, archive: str) -> list[str]:
    """The note that a raw archive is made from; there is none where no file of the user's was taken."""
    path = note_path(Path("data/raw", dataset, archive))
    return [str(path)] if path.is_file() else []


def use_this_python() -> None:
    """Let jobs run this Python on this code, wherever the working directory is."""
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    os.environ["PYTHONPATH"] = str(ROOT)


@dataclass(frozen=True)
class Rendering:
    """What one job renders: the table or figure that its wildcard names, or all of the kind that the call asks for.

    The latter with packs by dataset: nearly every document waits for every pack, and to start Python for each takes
    longer than to build it.
    """

    plan: Plan
    kind: str
    names: Sequence[str]
    arguments: Sequence[str] | None

    @cached_property
    def together(self) -> list[str]:
        """The documents of the one job; empty where each has its own."""
        if self.plan.campaign.packs != "datasets" or self.arguments is None:
            return []
        targets = options_of(self.arguments).targets or ["all"]
        found = [name for name in documents_behind(self.plan.campaign, targets) if name in self.names]
        return found if len(found) > 1 else []

    @property
    def patterns(self) -> list[str]:
        """Names, with the wildcard, for the rule's outputs."""
        return self.together or [f"{{{self.kind}}}"]

    @property
    def log(self) -> str:
        """The name of the log, with the wildcard."""
        return f"{self.kind}s" if self.together else f"{{{self.kind}}}"

    @property
    def words(self) -> str:
        """Names for the rule's shell command."""
        return " ".join(self.together) or f"{{wildcards.{self.kind}:q}}"

    def of(self, wildcards: object) -> list[str]:
        """The names that one job renders."""
        return self.together or [getattr(wildcards, self.kind)]


def asked(plan: Plan, arguments: Sequence[str] | None) -> tuple[str, ...]:
    """The experiments whose runs a call needs, by the targets of its command line.

    On a cluster each job starts Snakemake again, without those targets (`arguments` None): it
    finds the experiments in the environment, and takes all where they did not get there.
    """
    if arguments is not None:
        targets = options_of(arguments).targets or ["all"]
        os.environ[EXPERIMENTS] = " ".join(experiments_behind(plan.campaign, targets))
    every = plan.campaign.experiments
    given = os.environ.get(EXPERIMENTS)
    return every if given is None else tuple(name for name in every if name in given.split())


def experiments_of(plan: Plan, *documents: str) -> list[str]:
    """The campaign's experiments whose runs tables or figures show."""
    every = plan.campaign.experiments
    return list(dict.fromkeys(name for document in documents for name in shown_by(document, every)))


def runs_behind(plan: Plan, within: Iterable[str], *documents: str) -> frozenset[str]:
    """Keys of the runs that decide the content of documents: those of `within` on the datasets of the documents' runs.

    A spread is moderated by all cells of its dataset, and a table also shows comparisons with other tables' runs.
    """
    own, wanted = frozenset(experiments_of(plan, *documents)), frozenset(within)
    datasets = {run.dataset.id for run, names in plan.runs.values() if own & names}
    return frozenset(key for key, (run, names) in plan.runs.items() if wanted & names and run.dataset.id in datasets)


def age_unfinished(plan: Plan, asked: Sequence[str]) -> None:
    """Make outputs of unfinished runs older than all else, so that Snakemake makes them again.

    Snakemake takes an existing document, such as a shipped one, as made, even if its runs are missing.
    """
    name = plan.campaign.campaign
    for document in (*plan.campaign.experiments, "cost"):
        folder = Path("figures" if is_figure(document) else "paper_tables", name)
        _age(folder.glob(f"{document}.*"), plan.manifests_behind(runs_behind(plan, asked, document)))
    if set(asked) == set(plan.campaign.experiments):
        whole = [Path("results", name, "report.html"), Path("figures", name, "gains.svg")]
        audits = Path("paper_tables", name).glob("audit.*")
        _age([*whole, *audits], [pack.manifest for pack in plan.packs])


def _age(paths: Iterable[Path], manifests: Iterable[str]) -> None:
    if not all(map(os.path.isfile, manifests)):
        for path in filter(Path.is_file, paths):
            os.utime(path, (1, 1))


def code_of_table(*tables: str) -> list[str]:
    """Modules that decide how tables look; those of other tables are not among them."""
    own = dict.fromkeys(f"workflow.analysis.tables.{built_by(table)}" for table in tables)
    return ["workflow.analysis.pages.files", *own]


def code_of_figure(*figures: str) -> list[str]:
    """Modules that decide how figures look."""
    own = dict.fromkeys(f"workflow.analysis.figures.{drawn_by(figure)}" for figure in figures if figure in FIGURES)
    return ["workflow.analysis.figures.style", *own]


def code_of_page(tables: Iterable[str]) -> list[str]:
    """Modules that decide how the report looks, with all its tables."""
    return sorted({"workflow.analysis.report.page", *code_of_table(*tables)})


def check_targets(plan: Plan, rules: Iterable[Any], arguments: Sequence[str]) -> None:
    """Stop if a target on the command line belongs to another campaign, or no rule makes it."""
    known = list(rules)
    try:
        for target in options_of(arguments).targets:
            if not any(target == rule.name or rule.is_producer(target) for rule in known):
                raise no_target(plan.campaign, target, [rule.name for rule in known if not rule.has_wildcards()])
    except UserError as error:
        stop(error)


def figure_caption(figure: str) -> Path:
    """The template of a figure's caption in Snakemake's report; where no wildcard names the figure, one that does."""
    template, own = ROOT / "workflow/captions/figure.rst", Path(".snakemake/captions", f"{figure}.rst").absolute()
    if figure == "{figure}" or not own.parents[1].is_dir():
        return template
    write_text(own, template.read_text(encoding="utf-8").replace("snakemake.wildcards.figure", repr(figure)))
    return own


def figure_labels(figure: str, kind: str) -> Any:
    """Labels of a figure's file in Snakemake's report; of one that a wildcard names, what gives them."""
    if figure == "{figure}":
        return lambda wildcards: figure_labels(wildcards.figure, kind)
    return {"figure": figure.replace("figure_", "Figure "), "kind": kind}


def take_over(plan: Plan, executor: str) -> None:
    """Before the first job, also of a Snakemake without our shim: lock the folder and write the campaign down."""
    try:
        if executor == "slurm":
            refuse_without_slurm("--profile of Slurm")
        hold()
    except UserError as error:
        raise WorkflowError(str(error)) from None
    write_text(plan.resolved, plan.campaign.model_dump_json(indent=1) + "\n")

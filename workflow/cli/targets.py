"""Targets of Snakemake: tables and figures, their files, and the nearest to a wrong name."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from workflow.analysis.figures import FIGURES
from workflow.analysis.tables import TABLES, shown_by
from workflow.errors import UserError, nearest, shortened
from workflow.plan.places import campaigns, config_root, is_figure

if TYPE_CHECKING:
    from workflow.plan.campaign import Plan
    from workflow.plan.config import CampaignConfig

# Folders that are no campaign's.
SHARED = ("runs", "packs", "choices", "kept", "fetch", "twin", "prepare", "campaigns", "timings", "restored")
TAKEN = ("all", "audit", "cost", "gains", "report", "runs")  # names of other outputs


def no_target(campaign: "CampaignConfig", target: str, rules: Iterable[str]) -> UserError:
    """A message for an unknown target: its campaign, or the nearest known one."""
    here = campaign.campaign
    shown = shortened(target, 200)
    found = re.match(r"(?:paper_tables|figures|results|logs)/([a-z0-9_-]{1,64})/[^/]+\.[a-z]+$", target)
    if found and found[1] not in (here, *SHARED):
        name = found[1]
        named = f"name that campaign: `tf4ctr run {name}`, or `snakemake --configfile config/{name}.yaml`"
        remedy = named if name in campaigns() else "correct it"
        return UserError(f"{shown}: belongs to campaign {name!r}, and this is {here!r}; {remedy}")
    files = files_of(campaign)
    stem = Path(target).stem
    if stem in files:
        return UserError(f"{shown}: no such target; ask for {files[stem]}")
    hint = nearest(stem, [*rules, *files])
    for name, file in files.items():
        hint = hint.replace(f"did you mean {name!r}", f"did you mean {file}")
    return UserError(f"{shown}: no such target in campaign {here!r}; {hint}")


def experiments_behind(campaign: "CampaignConfig", targets: Iterable[str]) -> tuple[str, ...]:
    """The campaign's experiments whose runs these targets need; all of them if a target is unknown."""
    every = campaign.experiments
    needed = {one for document in documents_behind(campaign, targets) for one in (document, *shown_by(document, every))}
    return tuple(each for each in every if each in needed)


def documents_behind(campaign: "CampaignConfig", targets: Iterable[str]) -> tuple[str, ...]:
    """The campaign's tables and figures among these targets; all of them if a target is unknown."""
    every = (*campaign.experiments, "cost")
    drawn = {each for each in every if is_figure(each)}
    folders = {f"figures/{campaign.campaign}": drawn, f"paper_tables/{campaign.campaign}": {*every} - drawn}
    asked: set[str] = set()
    for target in targets:
        folder, _, file = target.rpartition("/")
        stem = file.partition(".")[0]
        if target in ("all_data", "timing") or target.startswith("data/"):
            continue
        if target in ("all_tables", "all_figures"):
            asked |= drawn if target == "all_figures" else {*every} - drawn
        elif stem in folders.get(folder, ()):
            asked.add(stem)
        else:
            return every
    return tuple(each for each in every if each in asked)


def refuse_unshown(plan: "Plan") -> None:
    """Refuse an experiment that no table and no figure would show."""
    from workflow.plan.config import load_experiment  # noqa: PLC0415

    for name in plan.campaign.experiments:
        path = config_root() / "experiments" / f"{name}.yaml"
        if name in TAKEN:
            raise UserError(f"{path}: name: {name!r} is the name of another output; choose another")
        if is_figure(name) and name not in FIGURES:
            raise UserError(f"{path}: name: only the paper's figures are drawn; a name without `figure_` gives a table")
        if not is_figure(name) and name not in TABLES:
            if load_experiment(name).timed:
                raise UserError(f"{path}: timed: only table_6 shows times; remove it")
            if any(count == 1 for count in Counter(cell.dataset for cell in plan.cells_of(name)).values()):
                raise UserError(f"{path}: arms: a table compares at least two models; add an arm, such as a baseline")


def is_document(campaign: "CampaignConfig", target: str) -> bool | None:
    """Whether a file below `paper_tables` or `figures` is one of the campaign's; None for a file of another folder."""
    folder, _, file = target.rpartition("/")
    if folder.partition("/")[0] not in ("paper_tables", "figures"):
        return None
    stem, _, suffix = file.partition(".")
    drawn = is_figure(stem) or stem == "gains"
    if folder != f"{'figures' if drawn else 'paper_tables'}/{campaign.campaign}":
        return False
    if stem in files_of(campaign):
        return suffix in (("pdf", "png", "svg", "csv") if drawn else ("md", "csv", "tex"))
    return file in ("gains.svg", "audit.md", "audit.csv", "audit.json")


def files_of(campaign: "CampaignConfig") -> dict[str, str]:
    """By the name of a table or figure of the campaign, the file to ask for."""
    name, names = campaign.campaign, [*campaign.experiments, "cost"]
    return {
        each: f"figures/{name}/{each}.png" if is_figure(each) else f"paper_tables/{name}/{each}.md" for each in names
    }

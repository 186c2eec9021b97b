"""What the Snakefile asks of Python besides the plan itself."""

import fcntl
import os
import sys
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError

from workflow.config import CAMPAIGN_VARIABLE, ROOT, check_campaign
from workflow.errors import UserError
from workflow.files import write_text
from workflow.plan import Pack, Plan
from workflow.train.keep import training_code


def plan_of(config: dict[str, Any]) -> Plan:
    """Expand the configuration; a mistake in it stops Snakemake with one message."""
    try:
        plan = Plan(check_campaign(config, "configuration"))
        _ = plan.packs
    except UserError as error:
        raise WorkflowError(str(error)) from None
    return plan


def use_this_python(plan: Plan) -> None:
    """Let jobs run this Python on this code and this campaign, wherever the working directory is.

    The campaign goes by the environment: as an input or a parameter it would make jobs run
    again whose own settings are unchanged, and raw files that campaigns share be fetched again.
    """
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ[CAMPAIGN_VARIABLE] = str(campaign_file(plan).resolve())


def codes_of(pack: Pack) -> list[str]:
    """Fingerprints of the code that trains a pack: another one makes its job run again."""
    return sorted({training_code(run.model) for run in pack.runs})


def titled(figure: str) -> str:
    """A figure's name for readers.

    Examples
    --------
    >>> titled("figure_10")
    'Figure 10'
    """
    return figure.replace("figure_", "Figure ")


def campaign_file(plan: Plan) -> Path:
    """The configuration as Snakemake merged it, for the jobs and for the reader."""
    return Path("results", plan.campaign.campaign, "campaign.json")


def take_over(plan: Plan) -> None:
    """Before the first job: lock the working directory and write the campaign down."""
    hold_folder()
    write_text(campaign_file(plan), plan.campaign.model_dump_json(indent=1) + "\n")


def hold_folder() -> None:
    """Keep a second Snakemake out of the working directory until this one ends, however it ends.

    Snakemake's own lock survives a kill and then wants `--unlock`; the profile turns it off.
    """
    path = Path(".snakemake/held")
    handle = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise WorkflowError(f"another Snakemake works in {path.resolve().parents[1]}; wait for it or stop it") from None

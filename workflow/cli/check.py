"""The command `check`: try a user's model on synthetic twins of all datasets before it is trained."""
# ruff: noqa: PLC0415

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow.cli.common import Add, add_campaign, campaign_in, campaign_path, place, working
from workflow.errors import UserError
from workflow.plan.places import ROOT

if TYPE_CHECKING:
    from workflow.plan.config import CampaignConfig
    from workflow.spec import RunSpec

DEMO = ROOT / "config/demo.yaml"
RECIPE = """\
# config/experiments/mine.yaml
name: mine
title: "{name} and others"
at: {{table: mine}}
datasets: [frappe, ml-1m]
seeds: [2020, 2021, 2022, 2023, 2024]
arms:
  - label: "{name}"
    model: {model}
    loss: {{name: {loss}}}
  - label: "{{name}}"
    grid: {{model.name: [DeepFM, DCNv2, FinalMLP]}}
    model: {{}}
  - label: "TF4CTR"
    model: {{name: TF4CTR}}
    loss: {{name: twin_focus}}

# config/mine.yaml
campaign: mine
datasets: [frappe, ml-1m]
experiments: [mine]
"""


def add_to(add: Add) -> None:
    """Add the command."""
    check = add("check", run_check)
    check.add_argument("model", metavar="FILE.py:Class", help="the model, as for model.module of an arm")
    check.add_argument("--arguments", default="{}", help="keyword arguments of the class, such as '{embedding_dim: 8}'")
    check.add_argument("--loss", default="log", help="log (default), or another that an arm can name")
    add_campaign(check)
    check.set_defaults(configfile=DEMO.relative_to(Path.cwd()) if DEMO.is_relative_to(Path.cwd()) else DEMO)


def run_check(options: argparse.Namespace) -> int:
    """Train two steps of your own model on synthetic data of every dataset, and report common mistakes."""
    from workflow.spec import Twin
    from workflow.train.own_file import check_file

    file, _, name = options.model.rpartition(":")
    if not file or not name.isidentifier():
        raise UserError(f"{options.model}: must be a file and a class, such as my_models/toy.py:Toy")
    module = f"{place(file)}:{name}"
    check_file(module)
    arm = {"name": "Custom", "module": module, "arguments": mapping(options.arguments)}
    campaign = campaign_in(campaign_path(options.configfile), options.config)
    campaign = campaign if campaign.twin else campaign.model_copy(update={"twin": Twin()})
    outcomes = {dataset: outcome(campaign, dataset, arm, options.loss) for dataset in campaign.datasets}
    for dataset, (_, line) in outcomes.items():
        print(f"{dataset:8} {line}", flush=True)
    if not all(well for well, _ in outcomes.values()):
        print(f"{module} cannot be trained as it is; correct it and check again")
        return 1
    print(f"{module} trains. To compare it with other models, write two files:\n")
    print(RECIPE.format(name=name, model=flow(arm), loss=options.loss))
    print("Then `tf4ctr plan mine` estimates the time, and `tf4ctr run mine` trains and makes the table.")
    return 0


def mapping(text: str) -> dict[str, Any]:
    """Read `--arguments`."""
    from workflow.plan.reading import yaml_value

    try:
        value = yaml_value(text)
    except UserError:
        value = None
    if not isinstance(value, dict):
        raise UserError(f"--arguments {text}: must be a mapping, such as '{{embedding_dim: 8}}'")
    return value


def flow(arm: Mapping[str, Any]) -> str:
    """A mapping as YAML on one line."""
    module, arguments = json.dumps(arm["module"]), arm["arguments"]
    return f"{{name: Custom, module: {module}{f', arguments: {json.dumps(arguments)}' if arguments else ''}}}"


def outcome(campaign: "CampaignConfig", dataset: str, model: Mapping[str, Any], loss: str) -> tuple[bool, str]:
    """Whether the model trains on a dataset's twin, with remarks."""
    from workflow.data.provide import provide
    from workflow.plan.config import load_dataset
    from workflow.train.trial import try_out

    run = run_of(campaign, dataset, model, loss)
    with working(f"{dataset}: preparing a twin"):
        provide(load_dataset(dataset), run.dataset, campaign, lambda _: None)
    with working(f"{dataset}: two steps"):
        try:
            trial = try_out(run)
        except UserError as error:
            return False, f"error: {' '.join(str(error).split())}"
    counts = f"{trial.embedding:,} parameters in embeddings, {trial.rest:,} others"
    counts += f", {trial.frozen:,} frozen" if trial.frozen else ""
    steps = " → ".join(f"{value:.4f}" for value in trial.losses)
    return True, "; ".join([f"trains: {counts}, loss {steps}", *trial.remarks])


def run_of(campaign: "CampaignConfig", dataset: str, model: Mapping[str, Any], loss: str) -> "RunSpec":
    """The run of an arm with this model, on a dataset as the campaign prepares it."""
    from workflow.plan.cells import expand
    from workflow.plan.config import Arm, ExperimentConfig

    arm = Arm(label="own", model=dict(model), loss={"name": loss})
    experiment = ExperimentConfig(name="check", title="check", datasets=(dataset,), arms=(arm,))
    return expand(campaign, experiment, dataset)[0].runs[0]

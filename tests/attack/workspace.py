"""A small campaign on Frappe's shape in a folder of its own, and the commands that make its files."""

import atexit
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import yaml

from tests.attack.hang import no_hang
from workflow.data.twins.twin import write_twin
from workflow.plan.cells import dataset_spec
from workflow.plan.config import ROOT, load_dataset
from workflow.spec import Twin
from workflow.train.record import read_record
from workflow.train.timing_record import read_timing

MODEL = {"name": "TF4CTR", "simple_units": [4], "complex_units": [8], "embedding_dim": 4}
ARM = {"label": "{ssem}+{dfm}", "grid": {"model.ssem": ["SER"], "model.dfm": ["WSF", "VF"]}, "model": MODEL}
CAMPAIGN = {
    "campaign": "attacked",
    "datasets": ["frappe"],
    "experiments": ["table_1", "table_3"],
    "seeds": [1, 2],
    "limits": {"training": {"batch_size": 100, "max_epochs": 3}},
    "device": "cpu",
    "threads": 1,
    "local": {"frappe": "published.zip"},
}
TIMED = {
    "campaign": "timed",
    "datasets": ["frappe"],
    "experiments": ["table_6"],
    "twin": {"rows": 600},
    "timing": {"repeats": 2},
    "limits": {"training": {"batch_size": 100}},
    "device": "cpu",
    "threads": 1,
}
OUTPUTS = ("data", "results", "paper_tables", "figures", "logs", "archive", "joined")
# What a run takes differs from one to the next; everything else in a record does not.
TIMES = ("started", "wall_s", "train_s", "eval_s", "infer_s", "peak_memory_bytes", "others_share", "seal")


@dataclass(frozen=True)
class Command:
    """A command, the folder that it writes, and the campaign; `again` names one whose outputs it makes again."""

    name: str
    arguments: tuple[str, ...]
    folder: str
    campaign: str = "attacked"
    again: str | None = None


# In the order in which they can run. A new command that writes files belongs here.
COMMANDS = (
    Command("fetch", ("fetch", "frappe"), "data/raw"),
    Command("prepare", ("prepare", "frappe"), "data/prepared"),
    Command("train", ("train",), "results"),
    Command("collect", ("collect",), "results/attacked"),
    Command("render", ("render", "table_1", "table_3", "cost"), "paper_tables"),
    Command("audit", ("audit", "--write"), "paper_tables"),
    Command("report", ("report",), "results/attacked"),
    Command("export", ("export", "--out", "archive"), "archive"),
    Command("merge", ("merge", "archive", "archive", "--out", "joined"), "joined"),
    Command("restore", ("restore", "archive"), "results/runs", again="train"),
    Command("twin", ("twin", "frappe"), "data/raw", "timed"),
    Command("prepare twin", ("prepare", "frappe"), "data/prepared", "timed"),
    Command("time", ("time",), "results/timings", "timed"),
)


def build(folder: Path) -> Path:
    """Write the configuration and the archive that `fetch` finds."""
    for kind in ("datasets", "experiments"):
        (folder / "config" / kind).mkdir(parents=True)
    shutil.copy(ROOT / "config/datasets/frappe.yaml", folder / "config/datasets")
    arms = [{**ARM, "loss": {"name": "twin_focus"}}]
    for name, own in (
        ("table_1", {"arms": []}),
        ("table_3", {"arms": arms}),
        ("table_6", {"arms": arms, "timed": True}),
    ):
        content = {"name": name, "title": name, "datasets": ["frappe"], **own}
        (folder / f"config/experiments/{name}.yaml").write_text(yaml.safe_dump(content))
    for campaign in (CAMPAIGN, TIMED):
        (folder / f"{campaign['campaign']}.yaml").write_text(yaml.safe_dump(campaign))
    config = load_dataset("frappe")
    write_twin(config, dataset_spec(config, campaign_with_twin()), folder / "published.zip")
    return folder


def campaign_with_twin() -> Any:
    """A campaign that says how many rows the archive has."""
    from workflow.plan.config import CampaignConfig  # noqa: PLC0415

    values = {key: value for key, value in CAMPAIGN.items() if key != "local"}
    return CampaignConfig.model_validate(values | {"twin": Twin(rows=600)})


def line(command: Command, *runner: str) -> list[str]:
    """The command line; `runner` is what Python runs in place of the package itself."""
    return [
        sys.executable,
        *(runner or ("-m", "workflow")),
        *command.arguments,
        "--configfile",
        f"{command.campaign}.yaml",
    ]


def environment(folder: Path) -> dict[str, str]:
    """This code, that configuration, one thread."""
    added = {"TF4CTR_CONFIG": str(folder / "config"), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return {key: value for key, value in os.environ.items() if key != "TF4CTR_MIRROR"} | added


def call(arguments: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> "CompletedProcess[str]":
    """Run a program of its own there."""
    given = environment(folder) if env is None else env
    return subprocess.run(arguments, cwd=folder, env=given, capture_output=True, text=True, check=False, timeout=300)


@cache
def forking() -> "subprocess.Popen[str]":
    """What runs commands without Python's start each time: see `tests.attack.forking`."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "tests/attack/forking.py")],
        env=environment(Path("nowhere")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def end() -> None:
        with process:
            assert process.stdin is not None
            process.stdin.close()

    atexit.register(end)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def run(
    command: Command, folder: Path, *, change: int | None = None, after_s: float | None = None
) -> "CompletedProcess[str]":
    """Run it to its end, or until it is killed at a change of the disk, or after some seconds."""
    server, arguments = forking(), line(command)[3:]
    request = {"arguments": arguments, "folder": str(folder), "change": change, "after_s": after_s}
    assert server.stdin is not None
    assert server.stdout is not None
    print(json.dumps({**request, "environment": environment(folder)}), file=server.stdin, flush=True)
    with no_hang(300):
        answer = json.loads(server.stdout.readline())
    return CompletedProcess(arguments, answer["status"], answer["out"], answer["err"])


def files(folder: Path) -> dict[str, bytes]:
    """All outputs by path, times left out; locks and hidden files are none."""
    found = {}
    for name in OUTPUTS:
        for path in sorted((folder / name).rglob("*")):
            place = path.relative_to(folder)
            hidden = any(part.startswith(".") for part in place.parts)
            if path.is_file() and not hidden and "locks" not in place.parts and path.suffix != ".state":
                found[str(place)] = without_times(path)
    return found


def hidden(folder: Path) -> list[str]:
    """Temporary files and folders that are still there."""
    return [str(path.relative_to(folder)) for name in OUTPUTS for path in (folder / name).rglob(".*")]


def without_times(path: Path) -> bytes:
    """Bytes of a file; for a record, which must be valid, without times."""
    if "timings" in path.parts:
        timing = read_timing(path)
        assert timing is not None
        values: Any = timing.content()
    elif path.suffix == ".json" and "runs" in path.parts:
        values = read_record(path).content()
    elif path.suffix == ".json" and "packs" in path.parts:  # holds digests of records, times included
        values = sorted(json.loads(path.read_bytes())["records"])
    else:
        return path.read_bytes()
    return json.dumps(_stripped(values), sort_keys=True).encode()


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stripped(part) for key, part in value.items() if key not in TIMES}
    return [_stripped(part) for part in value] if isinstance(value, list) else value

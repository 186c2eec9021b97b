"""Seconds per epoch: our engine, FuxiCTR's, and the matrix products that neither can avoid.

`python -m benchmarks.engine` runs every contestant in a process of its own, one after the
other and round by round, so that a slow spell of the machine falls on all of them.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import engine_data, fuxictr_env
from benchmarks.engine_job import PREFIX, UNITS, Job
from benchmarks.machine import describe, watch_other_work
from workflow.errors import UserError
from workflow.files import write_text

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path("benchmarks/results/engine.json")
PARTS = ("train_s", "eval_s")
AIM_OVER_FUXICTR = {"fp32": 2.0, "bf16": 4.0}
AIM_OVER_FLOOR = 2.0
QUIET_SHARE = 0.05


@dataclass(frozen=True)
class Contestant:
    """Who runs: a name, the module that is started, and the precision that it is told."""

    name: str
    module: str
    precision: str


CONTESTANTS = (
    Contestant("ours fp32", "benchmarks.engine_ours", "fp32"),
    Contestant("ours bf16", "benchmarks.engine_ours", "bf16"),
    Contestant("FuxiCTR", "benchmarks.engine_fuxictr", "fp32"),
    Contestant("floor fp32", "benchmarks.engine_floor", "fp32"),
    Contestant("floor bf16", "benchmarks.engine_floor", "bf16"),
)
PRECISIONS = {contestant.name: contestant.precision for contestant in CONTESTANTS}
Samples = dict[str, dict[str, list[dict[str, float]]]]  # model, contestant → epochs


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    models: tuple[str, ...]
    contestants: tuple[Contestant, ...]
    epochs: int
    rounds: int
    tries: int
    rows: int
    threads: int


def parse(arguments: list[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    names = [contestant.name.replace(" ", "-") for contestant in CONTESTANTS]
    parser.add_argument("--models", nargs="+", choices=list(UNITS), default=list(UNITS))
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="contestants (default: all)")
    parser.add_argument("--epochs", type=_positive, default=3, help="timed epochs of a run, after one warm-up")
    parser.add_argument("--rounds", type=_positive, default=2, help="runs of each contestant, interleaved")
    parser.add_argument("--tries", type=_positive, default=3, help="repeats of a run that other work disturbs")
    parser.add_argument("--rows", type=_positive, default=202_027, help="rows of the train split")
    parser.add_argument("--threads", type=_positive, default=2)
    given = parser.parse_args(arguments)
    chosen = tuple(c for c, name in zip(CONTESTANTS, names, strict=True) if name in given.only)
    return Options(tuple(given.models), chosen, given.epochs, given.rounds, given.tries, given.rows, given.threads)


def _positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return int(text)


# -- measuring ------------------------------------------------------------------------


def measure(options: Options) -> Samples:
    """Run every contestant on every model, round by round."""
    interpreters = {c.module: _interpreter(c) for c in options.contestants}
    samples: Samples = {model: {c.name: [] for c in options.contestants} for model in options.models}
    with tempfile.TemporaryDirectory(prefix="engine-benchmark-") as folder:
        data = Path(folder, "data")
        engine_data.write(data, options.rows)
        for number in range(1, options.rounds + 1):
            for model in options.models:
                for contestant in options.contestants:
                    print(f"round {number}/{options.rounds}  {model:8}  {contestant.name:11}", end=" ", flush=True)
                    job = Job(model, contestant.precision, str(data), options.epochs + 1, options.threads, seed=number)
                    tries = _tries(contestant, interpreters[contestant.module], job, Path(folder, "job.json"), options)
                    samples[model][contestant.name] += min(tries, key=lambda epochs: epochs[0]["other_work"])
                    print(flush=True)
    return samples


def _interpreter(contestant: Contestant) -> str:
    return str(fuxictr_env.python()) if contestant.name == "FuxiCTR" else sys.executable


def _tries(
    contestant: Contestant, interpreter: str, job: Job, job_path: Path, options: Options
) -> Iterator[list[dict[str, float]]]:
    """Timed epochs of one run, repeated while other work disturbs it."""
    for _ in range(options.tries):
        with watch_other_work() as other:
            epochs = _run(contestant, interpreter, job, job_path)
        print(f"  other work {other.share:.0%}", end=" ", flush=True)
        yield [{**epoch, "other_work": other.share} for epoch in epochs[1:]]
        if other.share <= QUIET_SHARE:
            return


def _run(contestant: Contestant, interpreter: str, job: Job, job_path: Path) -> list[dict[str, float]]:
    job.write(job_path)
    threads = str(job.threads)
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "PYTHONPATH": str(ROOT)}
    epochs: list[dict[str, float]] = []
    noise: list[str] = []
    with subprocess.Popen(
        [interpreter, "-m", contestant.module, str(job_path)],
        cwd=job_path.parent,  # whatever a contestant writes goes away with the folder
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(PREFIX):
                epochs.append(json.loads(line.removeprefix(PREFIX)))
                print(f" {epochs[-1]['train_s']:.2f}+{epochs[-1]['eval_s']:.2f} s", end="", flush=True)
            else:
                noise.append(line)
    if process.returncode or len(epochs) != job.epochs:
        tail = "".join(noise)[-2000:]
        raise UserError(
            f"{contestant.name} on {job.model}: ended with status {process.returncode} "
            f"after {len(epochs)} of {job.epochs} epochs\n{tail}"
        )
    return epochs


# -- summing up -----------------------------------------------------------------------


def summary(samples: Samples) -> dict[str, dict[str, dict[str, Any]]]:
    """Medians, ranges and ratios of each model and contestant.

    Parameters
    ----------
    samples : dict
        Model → contestant → timed epochs, each with `train_s` and `eval_s`.

    Returns
    -------
    dict
        Model → contestant → for `train_s`, `eval_s` and their sum `epoch_s`: the median
        (ratios are ratios of medians), the lowest and highest, and where the other side ran
        `times_fuxictr` (FuxiCTR's time over this one's) and `times_floor` (this one's over
        that of the floor of the same precision).
    """
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for model, by_name in samples.items():
        spreads = {name: _spreads(epochs) for name, epochs in by_name.items()}
        result[model] = {name: _with_ratios(name, spreads) for name in spreads}
    return result


def _spreads(epochs: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    columns = {part: [epoch[part] for epoch in epochs] for part in (*PARTS, "gauc_s") if part in epochs[0]}
    columns["epoch_s"] = [sum(epoch[part] for part in PARTS) for epoch in epochs]
    columns["other_work"] = [epoch["other_work"] for epoch in epochs]
    return {
        part: {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}
        for part, values in columns.items()
    }


def _with_ratios(name: str, spreads: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    own = spreads[name]
    floor = spreads.get(f"floor {PRECISIONS[name]}") if name.startswith("ours") else None
    result: dict[str, Any] = {part: dict(values) for part, values in own.items()}
    for part in (*PARTS, "epoch_s"):
        if "FuxiCTR" in spreads:
            result[part]["times_fuxictr"] = spreads["FuxiCTR"][part]["median"] / own[part]["median"]
        if floor:
            result[part]["times_floor"] = own[part]["median"] / floor[part]["median"]
    return result


def table(results: dict[str, dict[str, dict[str, Any]]]) -> Table:
    """Table for the terminal: a row per model and contestant."""
    grid = Table(title="Seconds per epoch: median (lowest – highest)")
    for header in ("model", "contestant", "training", "evaluation"):
        grid.add_column(header)
    for header in ("faster than FuxiCTR\ntrain · eval · epoch", "over the floor\ntrain · eval · epoch", "aims"):
        grid.add_column(header, justify="right")
    for model, by_name in results.items():
        for name, parts in by_name.items():
            grid.add_row(
                model,
                name,
                _spread_text(parts["train_s"]),
                _spread_text(parts["eval_s"]),
                _ratio_text(parts, "times_fuxictr"),
                _ratio_text(parts, "times_floor"),
                _aims_text(name, by_name),
            )
        grid.add_section()
    return grid


def _spread_text(values: dict[str, float]) -> str:
    return f"{values['median']:.2f} ({values['lowest']:.2f} – {values['highest']:.2f})"


def _ratio_text(parts: dict[str, Any], ratio: str) -> str:
    keys = (*PARTS, "epoch_s")
    return " · ".join(f"{parts[key][ratio]:.1f}×" for key in keys) if ratio in parts["epoch_s"] else ""


def _verdict(met: bool, by_name: dict[str, dict[str, Any]], *names: str) -> str:
    """`met` or `missed`, and neither where other work disturbed a side of the comparison."""
    if max(by_name[name]["other_work"]["highest"] for name in names) > QUIET_SHARE:
        return "disturbed"
    return "met" if met else "missed"


def _aims_text(name: str, by_name: dict[str, dict[str, Any]]) -> str:
    """Say of the training part whether each aim is met; evaluation has no matrix-product aim of its own."""
    if not name.startswith("ours"):
        return ""
    parts, aim = by_name[name], AIM_OVER_FUXICTR[PRECISIONS[name]]
    lines = []
    if "times_fuxictr" in parts["train_s"]:
        met = parts["train_s"]["times_fuxictr"] >= aim
        lines.append(f"{_verdict(met, by_name, name, 'FuxiCTR')}: {aim:.0f}× FuxiCTR")
    if "times_floor" in parts["train_s"]:
        met = parts["train_s"]["times_floor"] <= AIM_OVER_FLOOR
        lines.append(f"{_verdict(met, by_name, name, f'floor {PRECISIONS[name]}')}: ≤ {AIM_OVER_FLOOR:.0f}× floor")
    return "\n".join(lines)


def _other_work_text(samples: Samples) -> str:
    """Say how far the figures can be trusted."""
    shares = [epoch["other_work"] for by_name in samples.values() for epochs in by_name.values() for epoch in epochs]
    trust = "figures are sound" if max(shares) <= QUIET_SHARE else "not quiet: ratios are unreliable, run it again"
    return f"Other processes took {statistics.median(shares):.0%} of the cores (worst run {max(shares):.0%}): {trust}."


def main(arguments: list[str]) -> None:
    """Measure, write the results and print the table."""
    options = parse(arguments)
    about = {**describe("torch", "numpy"), "threads": options.threads, "fuxictr": list(fuxictr_env.REQUIREMENTS)}
    print(", ".join(f"{key} {value}" for key, value in about.items() if key != "fuxictr"), flush=True)
    samples = measure(options)
    results = summary(samples)
    set_up = {"rows": options.rows, "epochs": options.epochs, "rounds": options.rounds}
    content = {"machine": about, "set_up": set_up, "summary": results, "samples": samples}
    write_text(RESULT, json.dumps(content, indent=1) + "\n")
    Console(width=None if sys.stdout.isatty() else 140).print(table(results))
    print(_other_work_text(samples))
    print(f"{RESULT}: written")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as failure:
        sys.exit(str(failure))

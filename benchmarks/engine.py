"""Seconds per epoch: our engine, FuxiCTR's, and the matrix products that neither can avoid.

`python -m benchmarks.engine` runs every contestant in a process of its own, one after the
other and round by round, so that a slow spell of the machine falls on all of them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks import engine_data, fuxictr_env, fuxictr_zoo
from benchmarks.engine_job import PREFIX, TOWERS, Job
from benchmarks.engine_models import networks
from benchmarks.engine_table import QUIET_SHARE, Samples, other_work_text, summary, table
from benchmarks.machine import describe
from tests.frozen import FORMS
from workflow.errors import UserError
from workflow.files import write_text
from workflow.train.other_work import OtherWork

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path("benchmarks/results/engine.json")


@dataclass(frozen=True)
class Contestant:
    """Who runs: a name, the module that is started, and its precision."""

    name: str
    module: str
    precision: str


CONTESTANTS = (
    Contestant("ours fp32", "benchmarks.engine_ours", "fp32"),
    Contestant("ours bf16", "benchmarks.engine_ours", "bf16"),
    Contestant("before fp32", "benchmarks.engine_before", "fp32"),
    Contestant("FuxiCTR", "benchmarks.engine_fuxictr", "fp32"),
    Contestant("floor fp32", "benchmarks.engine_floor", "fp32"),
    Contestant("floor bf16", "benchmarks.engine_floor", "bf16"),
)
NOT_IN_FUXICTR = ("CL4CTR", "CL4CTR-MLP")
# Most CPUs compute bf16 in steps of fp32, which takes ten times as long: not in a first table.
QUICK = {"epochs": 1, "rounds": 2, "tries": 1, "rows": 10_000}
QUICK_ONLY = ["ours-fp32", "before-fp32", "FuxiCTR", "floor-fp32"]


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
    models = list(networks())
    parser.add_argument("--models", nargs="+", choices=models, default=models, help="networks (default: all)")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="contestants (default: all)")
    parser.add_argument("--epochs", type=_positive, default=3, help="timed epochs of a run, after one warm-up")
    parser.add_argument("--rounds", type=_positive, default=2, help="runs of each contestant, interleaved")
    parser.add_argument("--tries", type=_positive, default=3, help="repeats of a run that other work disturbs")
    parser.add_argument("--rows", type=_positive, default=202_027, help="rows of the train split")
    parser.add_argument("--threads", type=_positive, default=2)
    shortened = ", ".join(f"--{key} {value}" for key, value in QUICK.items())
    parser.add_argument(
        "--quick", action="store_true", help=f"a first table in a quarter of an hour: {shortened}, fp32"
    )
    if "--quick" in arguments:
        parser.set_defaults(**QUICK, only=QUICK_ONLY)
    given = parser.parse_args(arguments)
    chosen = tuple(c for c, name in zip(CONTESTANTS, names, strict=True) if name in given.only)
    return Options(tuple(given.models), chosen, given.epochs, given.rounds, given.tries, given.rows, given.threads)


def _positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return int(text)


# -- measuring ------------------------------------------------------------------------


def measure(options: Options, save: Callable[[Samples], None]) -> Samples:
    """Run every contestant on every model, round by round; `save` gets all epochs so far after each run."""
    interpreters = {c.module: _interpreter(c) for c in options.contestants}
    settings = {name: model.model_dump(mode="json") for name, model in networks().items()}
    source = _zoo(options)
    fields = {model: _field(model, options, zoo=bool(source)) for model in options.models}
    samples: Samples = {model: {c.name: [] for c in field} for model, field in fields.items() if field}
    if not samples:
        raise UserError("nothing left to time: --only names no contestant that has one of the --models")
    with tempfile.TemporaryDirectory(prefix="engine-benchmark-") as folder:
        data = Path(folder, "data")
        engine_data.write(data, options.rows)
        for number in range(1, options.rounds + 1):
            for model, field in fields.items():
                for contestant in field:
                    print(f"round {number}/{options.rounds}  {model:10}  {contestant.name:11}", end=" ", flush=True)
                    job = Job(
                        model=settings[model],
                        precision=contestant.precision,
                        data=str(data),
                        epochs=options.epochs + 1,
                        threads=options.threads,
                        seed=number,
                        source=source,
                    )
                    tries = _tries(contestant, interpreters[contestant.module], job, Path(folder, "job.json"), options)
                    samples[model][contestant.name] += min(tries, key=lambda epochs: epochs[0]["other_work"])
                    save(samples)
                    print(flush=True)
    return samples


def _zoo(options: Options) -> str:
    """Checkout of FuxiCTR where a model needs it; empty, and said so, where it cannot be had."""
    needing = [model for model in options.models if model in fuxictr_zoo.FILES and model not in TOWERS]
    if not needing or all(contestant.name != "FuxiCTR" for contestant in options.contestants):
        return ""
    try:
        return str(fuxictr_env.source())
    except fuxictr_env.UnreachableError as error:
        print(f"without FuxiCTR, whose source cannot be had: {', '.join(needing)} ({str(error).splitlines()[0]})")
        return ""


def _field(model: str, options: Options, *, zoo: bool) -> list[Contestant]:
    """Return the contestants that have this model."""
    absent = {"FuxiCTR"} if model in NOT_IN_FUXICTR or (model not in TOWERS and not zoo) else set()
    absent |= {"floor fp32", "floor bf16"} if model not in TOWERS else set()
    absent |= {"before fp32"} if model not in FORMS else set()
    return [contestant for contestant in options.contestants if contestant.name not in absent]


def _interpreter(contestant: Contestant) -> str:
    return str(fuxictr_env.python()) if contestant.name == "FuxiCTR" else sys.executable


def _tries(
    contestant: Contestant, interpreter: str, job: Job, job_path: Path, options: Options
) -> Iterator[list[dict[str, float]]]:
    """Timed epochs of one run, repeated while other work disturbs it."""
    for _ in range(options.tries):
        others = OtherWork()
        epochs = _run(contestant, interpreter, job, job_path)
        share = others.share()
        print(f"  other work {share:.0%}", end=" ", flush=True)
        yield [{**epoch, "other_work": share} for epoch in epochs[1:]]
        if share <= QUIET_SHARE:
            return


def _run(contestant: Contestant, interpreter: str, job: Job, job_path: Path) -> list[dict[str, float]]:
    job.write(job_path)
    threads = str(job.threads)
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "",
        "OMP_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "PYTHONPATH": str(ROOT),
    }
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
            f"{contestant.name} on {job.name}: ended with status {process.returncode} "
            f"after {len(epochs)} of {job.epochs} epochs\n{tail}"
        )
    return epochs


def main(arguments: list[str]) -> None:
    """Measure, write the results and print the table."""
    options = parse(arguments)
    about = {**describe("torch", "numpy"), "threads": options.threads, "fuxictr": list(fuxictr_env.REQUIREMENTS)}
    print(", ".join(f"{key} {value}" for key, value in about.items() if key != "fuxictr"), flush=True)
    set_up = {"rows": options.rows, "epochs": options.epochs, "rounds": options.rounds}

    def save(samples: Samples) -> None:
        content = {"machine": about, "set_up": set_up, "summary": summary(samples), "samples": samples}
        write_text(RESULT, json.dumps(content, indent=1) + "\n")

    samples = measure(options, save)
    Console(width=None if sys.stdout.isatty() else 140).print(table(summary(samples)))
    print(other_work_text(samples))
    print(f"{RESULT}: written")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as failure:
        sys.exit(str(failure))

"""Compare two processes of one thread with one process of two threads: which trains more runs an hour.

`python -m benchmarks.processes` trains the same epochs both ways, in turn. `threads` and
`pack_workers` of a campaign follow from the answer.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import engine_data
from benchmarks.engine_job import PREFIX, Job
from benchmarks.engine_models import networks
from benchmarks.machine import describe
from workflow.files import write_text
from workflow.train.other_work import OtherWork

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path("benchmarks/results/processes.json")
WAYS = {"two processes of one thread": (2, 1), "one process of two threads": (1, 2)}
MODELS = ["DNN", "DualMLP", "FinalMLP", "DCNv2"]


def start(job: Job, folder: Path) -> subprocess.Popen[str]:
    """Start our contestant of `benchmarks.engine` in a folder of its own."""
    folder.mkdir()
    job.write(folder / "job.json")
    threads = str(job.threads)
    environment = {**os.environ, "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "benchmarks.engine_ours", str(folder / "job.json")]
    return subprocess.Popen(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE)


def epochs_an_hour(processes: Sequence[subprocess.Popen[str]]) -> float:
    """Timed epochs of all processes together, by the hour; the first epoch of each is a warm-up."""
    rate = 0.0
    for process in processes:
        out, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"a process ended with status {process.returncode}\n{out[-2000:]}")
        lines = [json.loads(line.removeprefix(PREFIX)) for line in out.splitlines() if line.startswith(PREFIX)]
        rate += 3600 / statistics.median(line["train_s"] + line["eval_s"] for line in lines[1:])
    return rate


def main(arguments: list[str]) -> None:
    """Measure, print a line for each model, and write the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.processes", description=__doc__)
    parser.add_argument("--models", nargs="+", choices=list(networks()), default=MODELS)
    parser.add_argument("--epochs", type=int, default=3, help="timed epochs of a process, after one warm-up")
    parser.add_argument("--rounds", type=int, default=2, help="runs of each way, in turn")
    parser.add_argument("--rows", type=int, default=60_000, help="rows of the train split")
    given = parser.parse_args(arguments)
    about, started = describe("torch", "numpy"), time.monotonic()
    others, found = OtherWork(), {}
    with tempfile.TemporaryDirectory(prefix="processes-benchmark-") as folder:
        engine_data.write(Path(folder, "data"), given.rows)
        for model in given.models:
            settings = networks()[model].model_dump(mode="json")
            rates: dict[str, list[float]] = {way: [] for way in WAYS}
            for number in range(given.rounds):
                for way, (processes, threads) in WAYS.items():
                    jobs = [
                        Job(settings, "fp32", f"{folder}/data", given.epochs + 1, threads, seed)
                        for seed in range(processes)
                    ]
                    places = [Path(folder, f"{model}-{number}-{processes}-{seed}") for seed in range(processes)]
                    rates[way].append(epochs_an_hour([start(job, at) for job, at in zip(jobs, places, strict=True)]))
            two, one = (statistics.median(rates[way]) for way in WAYS)
            print(f"{model:10} {two:7.0f} against {one:7.0f} epochs an hour: {two / one:.2f} times", flush=True)
            found[model] = {**rates, "ratio": two / one}
    about |= {"other_work": others.share(), "took_s": round(time.monotonic() - started)}
    write_text(RESULT, json.dumps({"machine": about, "rows": given.rows, "models": found}, indent=1) + "\n")
    print(f"{' and '.join(WAYS)}; other work {about['other_work']:.0%}; {RESULT}: written")


if __name__ == "__main__":
    main(sys.argv[1:])

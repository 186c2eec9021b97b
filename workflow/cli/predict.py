"""The command `predict`: score new rows with a run whose weights were kept."""
# ruff: noqa: PLC0415

import argparse
import re
from pathlib import Path

from workflow.cli.common import Add, place
from workflow.errors import UserError
from workflow.files import atomic_path


def add_to(add: Add) -> None:
    """Add the command."""
    sub = add("predict", predict)
    sub.add_argument("run", help="a run's record, or its key, such as 0123456789ab/seed1")
    sub.add_argument("table", type=place, help="rows in any format that datasets may have, without label or with")
    sub.add_argument(
        "--out", type=place, default=place("predictions.csv"), help="CSV or .parquet (default: %(default)s)"
    )
    sub.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="(default: %(default)s)")


def predict(options: argparse.Namespace) -> None:
    """Write the predicted probability of each row of a table, by a run whose campaign has `keep_weights: true`."""
    import polars as pl

    from workflow.train.record import read_record
    from workflow.train.weights import predict as probabilities

    path = record_of(options.run)
    probability_N = probabilities(read_record(path), path.with_suffix(".weights"), options.table, options.device)
    frame = pl.DataFrame({"row": range(1, len(probability_N) + 1), "probability": probability_N})
    with atomic_path(options.out) as part:
        frame.write_parquet(part) if options.out.suffix == ".parquet" else frame.write_csv(part)
    print(f"{options.out}: {len(frame):,} rows, mean probability {float(probability_N.mean()):.4f}")


def record_of(run: str) -> Path:
    """The record that a path or a run's key names."""
    if re.fullmatch(r"[0-9a-f]{12}/seed\d+", run):
        found = sorted(Path("results/runs").glob(f"*/*/{run}.json"))
        if not found:
            raise UserError(f"no finished run {run} in results/runs; `tf4ctr status` lists runs")
        return found[0]
    path = place(run)
    if not path.is_file():
        raise UserError(f"{run}: no such record; give results/runs/…/seed1.json, or a key such as 0123456789ab/seed1")
    return path

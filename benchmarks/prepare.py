"""Time and peak memory of preparing Criteo, ours and FuxiCTR's, and what that means for all its rows.

`python -m benchmarks.prepare` makes synthetic Criteo rows, has both sides prepare the same
ones in processes of their own, and fits a line through our measurements.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import fuxictr_env
from benchmarks.machine import describe
from workflow.errors import UserError
from workflow.files import write_text
from workflow.plan.config import load_dataset
from workflow.train.other_work import OtherWork

ROOT = Path(__file__).resolve().parents[1]
RESULT = Path("benchmarks/results/prepare.json")
# FuxiCTR 2.3.10's preprocessing needs polars 1, its training an older one: laid over its environment.
POLARS = "polars==1.44.2"
MILLION = 1_000_000
GIB = 1 << 30
AIM_THROUGHPUT = 10.0
AIM_PEAK_BYTES = 12 * GIB
POLL_S = 1.0
Measured = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, extrapolate, print and write the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prepare", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1 * MILLION, 2 * MILLION, 4 * MILLION])
    parser.add_argument("--fuxictr-up-to", type=int, default=2 * MILLION, help="most rows for FuxiCTR; 0: not at all")
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument("--quick", action="store_true", help="a first table in minutes: 100,000 and 200,000 rows")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rows = [MILLION // 10, MILLION // 5]
    criteo_rows = sum(load_dataset("criteo").published.rows.values())
    result: Measured = {"machine": describe("polars", "numpy"), "sizes": []}
    try:
        for rows in options.rows:
            others = OtherWork()
            size = measure(rows, with_fuxictr=rows <= options.fuxictr_up_to)
            result["sizes"].append({**size, "other_work_share": round(others.share(), 3)})
            # After each size: what was measured is kept if a later one fails.
            result["criteo"] = extrapolate(result["sizes"], criteo_rows)
            write_text(options.out, json.dumps(result, indent=1) + "\n")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    show(result)
    return 0


def measure(rows: int, with_fuxictr: bool) -> Measured:
    """Prepare `rows` rows on both sides."""
    with tempfile.TemporaryDirectory(prefix="prepare-") as name:
        folder = Path(name)
        print(f"{rows:,} rows: making them", flush=True)
        run([sys.executable, "-m", "benchmarks.prepare_data", str(folder), str(rows)], {})
        print(f"{rows:,} rows: ours", flush=True)
        ours = run(
            [
                sys.executable,
                "-m",
                "benchmarks.prepare_ours",
                str(folder / "twin.zip"),
                str(folder / "ours"),
                str(rows),
            ],
            {},
        )
        found: Measured = {"rows": rows, "csv_bytes": csv_bytes(folder), "ours": ours}
        if with_fuxictr:
            print(f"{rows:,} rows: FuxiCTR", flush=True)
            interpreter, polars = fuxictr_env.python(), polars_folder()
            script = str(ROOT / "benchmarks" / "prepare_fuxictr.py")
            theirs = run([str(interpreter), script, str(folder), str(folder / "theirs")], {"PYTHONPATH": str(polars)})
            found["fuxictr"] = theirs
            found["same_vocabulary"] = theirs["vocabulary"] == ours["vocabulary"]
            found["throughput_ratio"] = theirs["wall_s"] / ours["wall_s"]
            del theirs["vocabulary"]
        ours["features"] = sum(ours.pop("vocabulary").values())
    return found


def csv_bytes(folder: Path) -> int:
    """Bytes of the CSV files."""
    return sum(path.stat().st_size for path in folder.glob("*.csv"))


def polars_folder() -> Path:
    """The folder with FuxiCTR's other polars, which is installed first where it is missing."""
    folder = fuxictr_env.ENVIRONMENT / POLARS
    if not folder.is_dir():
        part = folder.with_suffix(".part")
        command = [str(fuxictr_env.python()), "-m", "pip", "install", "-q", "--target", str(part), POLARS]
        if subprocess.run(command, check=False).returncode:
            raise UserError(f"{POLARS} for FuxiCTR cannot be installed; check the network or use --fuxictr-up-to 0")
        part.rename(folder)
    return folder


def run(command: list[str], environment: dict[str, str]) -> Measured:
    """Run a job and read the JSON of its last line; add the peak memory of its process tree."""
    with tempfile.TemporaryFile("w+") as log:
        job = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=log, text=True
        )
        peak_bytes = 0
        while job.poll() is None:
            peak_bytes = max(peak_bytes, tree_bytes(job.pid))
            time.sleep(POLL_S)
        output = job.communicate()[0]
        log.seek(0)
        if job.returncode:
            raise UserError(f"{' '.join(command)} failed:\n" + "\n".join(log.read().splitlines()[-15:]))
    last = (output.strip().splitlines() or ["{}"])[-1]
    return {"peak_bytes": peak_bytes, **json.loads(last if last.startswith("{") else "{}")}


def tree_bytes(pid: int) -> int:
    """Memory of a process and all its descendants, shared pages counted once."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue  # it ended meanwhile
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(_pss_bytes(member) for member in family)


def _pss_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def extrapolate(sizes: list[Measured], rows: int) -> Measured:
    """Time and peak memory at `rows`, on a line through the measurements."""
    if len(sizes) < 2:
        return {}
    found: Measured = {"rows": rows}
    for side in ("ours", "fuxictr"):
        measured = [size for size in sizes if side in size]
        if len(measured) > 1:
            found[side] = {key: _line(measured, side, key, rows) for key in ("wall_s", "peak_bytes")}
    found["aim_peak_bytes"] = AIM_PEAK_BYTES
    found["fits"] = found["ours"]["peak_bytes"] < AIM_PEAK_BYTES
    return found


def _line(sizes: list[Measured], side: str, key: str, rows: int) -> float:
    slope, start = np.polyfit([size["rows"] for size in sizes], [size[side][key] for size in sizes], 1)
    return float(start + slope * rows)


def show(result: Measured) -> None:
    """Print the measurements as a table."""
    table = Table(title="Preparing Criteo (synthetic rows)", title_justify="left")
    columns = ("rows", "ours, s", "FuxiCTR, s", "ratio", "rows/s", "ours, GiB", "FuxiCTR, GiB", "same vocabulary")
    for column in columns:
        table.add_column(column, justify="right")
    for size in result["sizes"]:
        ours, theirs = size["ours"], size.get("fuxictr")
        table.add_row(
            f"{size['rows']:,}",
            f"{ours['wall_s']:.1f}",
            f"{theirs['wall_s']:.1f}" if theirs else "",
            f"{size['throughput_ratio']:.1f}" if theirs else "",
            f"{size['rows'] / ours['wall_s']:,.0f}",
            f"{ours['peak_bytes'] / GIB:.2f}",
            f"{theirs['peak_bytes'] / GIB:.2f}" if theirs else "",
            str(size.get("same_vocabulary", "")),
        )
    Console(width=120).print(table)
    if criteo := result["criteo"]:
        ours = criteo["ours"]
        print(
            f"All {criteo['rows']:,} rows of Criteo, on a line: {ours['wall_s'] / 60:.1f} minutes and "
            f"{ours['peak_bytes'] / GIB:.2f} GiB (aim: below {AIM_PEAK_BYTES / GIB:.0f} GiB, "
            f"and {AIM_THROUGHPUT:.0f} times FuxiCTR's throughput)"
        )
    shares = ", ".join(f"{size['other_work_share']:.0%}" for size in result["sizes"])
    print(f"Other work on the machine meanwhile, by size: {shares} of the processor.")


if __name__ == "__main__":
    raise SystemExit(main())

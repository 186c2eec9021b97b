"""A virtual environment for FuxiCTR and its model zoo, made when a benchmark first asks for them.

FuxiCTR is what we compare with, never a dependency: it wants an older polars than ours.
`python -m benchmarks.fuxictr_env` makes both and prints where they are.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from workflow.errors import UserError
from workflow.files import write_text

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv-fuxictr"
# torch is named first and pinned, so that pip cannot choose another build for FuxiCTR;
# it is ours, so that both sides of a benchmark run the same kernels.
# Version 2.3.10 has no tag; this commit carries it. The hash is the checksum of what is fetched.
REPOSITORY, COMMIT = "https://github.com/reczoo/FuxiCTR", "0245987fdc1d43c36164ea496a02324885a8557a"
REQUIREMENTS = ("torch==2.13.0", "fuxictr==2.3.10", "polars<1", "keras_preprocessing")
IMPORTS = "import fuxictr.preprocess, fuxictr.pytorch.models, fuxictr.pytorch.dataloaders"


class UnreachableError(UserError):
    """The source is not here and cannot be fetched; who needs the package alone can go on."""


def python() -> Path:
    """Interpreter of the environment, which is made first where it is missing or stale."""
    interpreter = ENVIRONMENT / "bin" / "python"
    if not (_is_current() and interpreter.exists()):
        _make(interpreter)
    return interpreter


def source() -> Path:
    """Checkout of FuxiCTR with its model zoo, which the package lacks: FUXICTR_SOURCE, or fetched where it is not."""
    if named := os.environ.get("FUXICTR_SOURCE"):
        if not (Path(named) / "model_zoo").is_dir():
            raise UserError(f"FUXICTR_SOURCE: {named} has no model_zoo; name a checkout of {REPOSITORY}")
        return Path(named).resolve()
    python()  # which empties the folder where it makes the environment anew
    folder = ENVIRONMENT / "source"
    if not (folder / "model_zoo").is_dir():
        shutil.rmtree(folder, ignore_errors=True)
        git = ["git", "-C", str(folder)]
        try:
            _run(["git", "init", "--quiet", str(folder)], "folder of the source")
            _run([*git, "fetch", "--quiet", "--depth", "1", REPOSITORY, COMMIT], "source")
            _run([*git, "checkout", "--quiet", "FETCH_HEAD"], "files of the source")
        except UserError as error:
            raise UnreachableError(str(error)) from error
    return folder


def _stamp() -> str:
    return json.dumps({"python": sys.version.split()[0], "requirements": REQUIREMENTS}) + "\n"


def _is_current() -> bool:
    # The stamp is written last: without it an installation was interrupted or is an old one.
    path = ENVIRONMENT / "made.json"
    return path.exists() and path.read_text(encoding="utf-8") == _stamp()


def _make(interpreter: Path) -> None:
    print(f"FuxiCTR: making {ENVIRONMENT.name} (about a minute and 1 GB; later runs reuse it)", flush=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(ENVIRONMENT)], "environment")
    _run([str(interpreter), "-m", "pip", "install", "--progress-bar", "off", *REQUIREMENTS], "packages")
    _run([str(interpreter), "-c", IMPORTS], "trial import")
    write_text(ENVIRONMENT / "made.json", _stamp())


def _run(command: list[str], what: str) -> None:
    print(f"FuxiCTR: {what} …", flush=True)
    lines: list[str] = []
    try:
        process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        raise UserError(f"FuxiCTR: {what} failed ({error}); {_remedy()}") from error
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith(("Collecting", "Installing", "Successfully")):
                print(f"  {line.rstrip()[:100]}", flush=True)
    if process.returncode:
        tail = "\n  ".join(line for line in lines if line)[-1200:]
        raise UserError(f"FuxiCTR: {what} failed with status {process.returncode}; {_remedy()}\n  {tail}")


def _remedy() -> str:
    return (
        f"the comparison needs {', '.join(REQUIREMENTS)} from a package index and {REPOSITORY} "
        f"at {COMMIT[:7]} (a checkout may be named in FUXICTR_SOURCE). "
        "Check the network or pip's index settings and run `python -m benchmarks.fuxictr_env`; "
        "nothing else in the project needs FuxiCTR"
    )


if __name__ == "__main__":
    argparse.ArgumentParser(description="Make the environment of FuxiCTR, and print where it is.").parse_args()
    try:
        print(python(), source(), sep="\n")
    except UserError as failure:
        sys.exit(str(failure))

"""Write the lock files from pyproject.toml, for Python 3.11 and newer on every platform (`make lock`).

Versions in the present locks are kept where they still fit; `make lock UPGRADE=--upgrade` takes the newest.

requirements.lock        what a user needs, without torch
requirements-cpu.lock    torch for the CPU, which PyTorch's own index has
requirements-gpu.lock    torch as PyPI has it: for Linux with CUDA and its libraries
requirements-dev.lock    what tests and lint add
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BASE, CPU, GPU, DEV = (ROOT / f"requirements{part}.lock" for part in ("", "-cpu", "-gpu", "-dev"))
OF_TORCH = re.compile(r"(torch|nvidia|cuda|triton)\b")
OPTIONS = ["--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]


def compiled(*options: str, keep: str) -> list[str]:
    """The entries of a resolution, each a pin with its hashes; `keep` holds the versions to prefer."""
    out = ROOT / ".requirements.tmp"
    out.write_text(keep)
    try:
        command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *OPTIONS, *options]
        subprocess.run([*command, f"--output-file={out.name}"], cwd=ROOT, check=True)
        return re.findall(r"^\S.*\n(?:[ ].*\n?)*", out.read_text(), flags=re.MULTILINE)
    finally:
        out.unlink()


def cpu_entry(torch: str) -> str:
    """The CPU builds of the same version. Their index is not asked: hashes stay, and another version needs others."""
    version = re.split(r"[ ;]", torch)[0]
    present = CPU.read_text() if CPU.exists() else ""
    if present.startswith(f"{version}+cpu "):
        return present
    print(f"{CPU.name}: write {version}+cpu with the hashes in https://download.pytorch.org/whl/cpu", file=sys.stderr)
    return f"{version}+cpu\n"


def main() -> None:
    """Resolve once for all, then once without what developers need; write the four files."""
    upgrade = sys.argv[1:]
    present = "".join(path.read_text() for path in (BASE, GPU, DEV) if path.exists())
    everything = compiled("--extra=slurm", "--extra=dev", *upgrade, keep=present)
    needed = compiled("--extra=slurm", keep="".join(everything))
    of_torch = [entry for entry in needed if OF_TORCH.match(entry)]
    (torch,) = [entry for entry in of_torch if entry.startswith("torch==")]
    BASE.write_text("".join(entry for entry in needed if entry not in of_torch))
    CPU.write_text(cpu_entry(torch))
    GPU.write_text("".join(of_torch))
    DEV.write_text("".join(entry for entry in everything if entry not in needed))


if __name__ == "__main__":
    main()

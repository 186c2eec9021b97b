"""Write docs/licences.md: the licence of every package that the lock files install, as its metadata states it."""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 60


def locked() -> list[str]:
    """Names of all packages in the lock files."""
    text = "\n".join(path.read_text() for path in sorted(ROOT.glob("requirements*.lock")))
    return sorted(set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE)))


def licence(name: str) -> tuple[str, str]:
    """Version and licence of an installed package; a dash where it is not installed here."""
    try:
        found = metadata(name)
    except PackageNotFoundError:
        return "–", "not installed on this platform"
    classifiers = [one.rpartition(" :: ")[2] for one in found.get_all("Classifier") or () if one.startswith("License")]
    first = (found.get("License") or "").strip().partition("\n")[0]
    stated = found.get("License-Expression") or ("; ".join(classifiers) if classifiers else first)
    return found["Version"], (stated or "not stated")[:LONGEST]


def main() -> None:
    """Write the table."""
    rows = [f"| {name} | {' | '.join(licence(name))} |" for name in locked()]
    head = "# Licences of installed packages\n\nFrom each package's metadata; `make licences` writes this page.\n\n"
    table = "\n".join(["| Package | Version | Licence |", "|---|---|---|", *rows])
    (ROOT / "docs/licences.md").write_text(f"{head}{table}\n")


if __name__ == "__main__":
    main()

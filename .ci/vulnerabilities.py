"""List known vulnerabilities of what is locked, as pip-audit finds them in PyPI's database.

A finding stops nothing: it comes from outside, on any day, and concerns a checkout that passed yesterday.
"""

import json
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
AUDIT = [
    "-m",
    "uv",
    "tool",
    "run",
    "--quiet",
    "pip-audit==2.10.1",
    "--disable-pip",
    "--progress-spinner=off",
    "-f=json",
]


def main() -> None:
    """Print what is known, or why nothing could be looked up."""
    try:
        urlopen("https://pypi.org/pypi/pip/25.0/json", timeout=20).close()
    except OSError as error:
        print(f"pip-audit: skipped, as PyPI's database of vulnerabilities cannot be reached: {error}")
        return
    command = [sys.executable, *AUDIT, *(option for lock in LOCKS for option in ("-r", str(ROOT / lock)))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout.startswith("{"):
        print("pip-audit: no answer:", *done.stderr.strip().splitlines()[-1:])
        return
    packages = json.loads(done.stdout)["dependencies"]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    for package in packages:
        for fault in package.get("vulns", ()):
            fixed = ", ".join(fault["fix_versions"]) or "no version"
            print(f"{package['name']} {package['version']}: {fault['id']}, fixed in {fixed}")
    print(f"pip-audit: {len(packages) - len(unknown)} packages looked up, {len(unknown)} not known", *unknown)


if __name__ == "__main__":
    main()

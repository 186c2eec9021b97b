"""A wheel holds the project as a checkout does, in one folder that a .pth file puts on Python's path.

So configuration, prints, rules and modules keep their places relative to each other, and the fingerprint of the code
is that of the checkout.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HOME = "tf4ctr_audit"
FOLDERS = ("models", "workflow", "config", "paper", "profiles", "results/evidence")
FILES = ("Snakefile", "CITATION.cff", "environment.yml", "pyproject.toml")


class Build(build_py):
    """Copies the project's files; an editable install uses the checkout itself."""

    def run(self) -> None:
        """Fill the folder that becomes the wheel."""
        if self.editable_mode:
            super().run()
            return
        home = Path(self.build_lib, HOME)
        shutil.rmtree(self.build_lib, ignore_errors=True)
        for name in FOLDERS:
            shutil.copytree(name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy2(name, home / name)
        Path(self.build_lib, f"{HOME}.pth").write_text(f"{HOME}\n")


setup(cmdclass={"build_py": Build})

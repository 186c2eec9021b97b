"""The list of licences names every package that the lock files install."""

import re

from workflow.plan.config import ROOT


def test_every_locked_package_has_its_licence_listed() -> None:
    text = "\n".join(path.read_text() for path in ROOT.glob("requirements*.lock"))
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE))
    listed = set(re.findall(r"^\| ([a-z0-9][a-z0-9._-]*) \|", (ROOT / "docs/licences.md").read_text(), re.MULTILINE))
    assert locked
    assert locked == listed - {"package"}, "run `make licences`"

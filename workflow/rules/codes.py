"""Fingerprints of code as parameters of rules, kept between calls: reading all modules takes a second.

What was kept counts as long as no file of the project has another size or time. Records carry fingerprints
that are computed anew by the process that trains.
"""

import atexit
import json
from contextlib import suppress
from pathlib import Path

from workflow.errors import UserError
from workflow.files import sha256_json, write_text
from workflow.plan.campaign import Pack
from workflow.plan.places import ROOT
from workflow.provenance.code import PACKAGES, code_fingerprint
from workflow.provenance.equivalents import FILE
from workflow.reading import SMALL_BYTES, in_one_line, regular_bytes
from workflow.settings import Custom
from workflow.train.keep import counted_code, family_name

KEPT = Path(".snakemake/code.json")


class Codes:
    """Fingerprints by module names."""

    def __init__(self) -> None:
        files = [FILE, *sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))]
        self.state = sha256_json([[str(path), path.stat().st_mtime_ns, path.stat().st_size] for path in files])
        self.known = self._kept()
        self.before = len(self.known)
        atexit.register(self._keep)

    def of(self, *modules: str) -> str:
        """The fingerprint of modules and of all that they import from the project."""
        key = " ".join(modules)
        if key not in self.known:
            self.known[key] = code_fingerprint(*modules)
        return self.known[key]

    def of_pack(self, pack: Pack) -> list[str]:
        """Fingerprints of the code that trains a pack: one that is not equivalent makes its job run again."""
        models = {family_name(run.model): run.model for run in pack.runs if not isinstance(run.model, Custom)}
        own = {counted_code(run.model) for run in pack.runs if isinstance(run.model, Custom)}
        for name, model in models.items():
            if (key := f"training {name}") not in self.known:
                self.known[key] = counted_code(model)
            own.add(self.known[key])
        return sorted(own)

    def _kept(self) -> dict[str, str]:
        with suppress(FileNotFoundError, UserError), in_one_line(KEPT, "fingerprints", "delete it"):
            kept = json.loads(regular_bytes(KEPT, SMALL_BYTES))
            return dict(kept["codes"]) if kept["state"] == self.state else {}
        return {}

    def _keep(self) -> None:
        if len(self.known) > self.before and KEPT.parent.is_dir():
            with suppress(UserError, OSError):  # the next call computes them again
                write_text(KEPT, json.dumps({"state": self.state, "codes": self.known}))

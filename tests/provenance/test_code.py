"""The code fingerprint sees what computes and nothing else."""

import shutil
from pathlib import Path

import pytest

from workflow.plan.config import ROOT
from workflow.provenance import code as provenance
from workflow.settings import DualMLP
from workflow.train.keep import training_code

FILES = {
    "models/a.py": "from models import b\nx = 1\n",
    "models/b.py": "y = 2\n",
    "models/c.py": "z = 3\n",
    "models/__init__.py": "",
}


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "models").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(provenance, "ROOT", tmp_path)
    return tmp_path


def digest() -> str:
    provenance.code_fingerprint.cache_clear()
    return provenance.code_fingerprint("models.a")


def test_comments_docstrings_and_layout_do_not_count(project: Path) -> None:
    before = digest()
    (project / "models/a.py").write_text('"""Says what."""\n\nfrom models import b  # why\n\n\nx = (1)\n')
    assert digest() == before


def test_code_of_the_module_and_of_its_imports_counts(project: Path) -> None:
    before = digest()
    (project / "models/b.py").write_text("y = 3\n")
    between = digest()
    assert between != before
    (project / "models/a.py").write_text("from models import b\nx = 4\n")
    assert digest() != between


def test_other_modules_do_not_count(project: Path) -> None:
    before = digest()
    (project / "models/c.py").write_text("z = 4\n")
    assert digest() == before


def test_an_unknown_module_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"models\.nothing"):
        provenance.code_fingerprint("models.nothing")


def test_the_registry_does_not_count_but_the_class_that_it_names_does(project: Path) -> None:
    (project / "models/a.py").write_text("import models\n")
    before = digest()
    (project / "models/__init__.py").write_text('MODELS = {"A": "models.a:A", "C": "models.c:C"}\n')
    assert digest() == before
    classes = [provenance.code_fingerprint(f"models.a:{name}") for name in ("A", "B")]
    assert len({before, *classes}) == 3


# -- the line, drawn on the project itself --------------------------------------------

COMPUTE = {"__init__", "loop", "device", "metrics", "objective", "placements", "predict", "probes", "resident", "step"}
DO_NOT = {
    *("checkpoint", "choice", "failures", "gpus", "keep", "manifest", "memory", "not_finite", "other_work", "own"),
    *("own_file", "pack", "pairs", "questions", "record", "resuming", "run", "timing", "timing_record", "trial"),
    *("weights", "workers"),
}


def test_what_computes_a_run_counts_and_what_orders_keeps_and_resumes_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("models", "workflow"):
        shutil.copytree(ROOT / package, tmp_path / package, dirs_exist_ok=True)
    monkeypatch.setattr(provenance, "ROOT", tmp_path)

    def training() -> str:
        provenance.code_fingerprint.cache_clear()
        return training_code(DualMLP())

    def counts(path: Path) -> bool:
        text, before = path.read_text(), training()
        path.write_text(text + "\nCHANGED = 1\n")
        after = training()
        path.write_text(text)
        return after != before

    files = sorted((tmp_path / "workflow/train").glob("*.py"))
    assert {path.stem for path in files} == COMPUTE | DO_NOT  # a new file must take a side
    assert {path.stem for path in files if counts(path)} == COMPUTE
    own = {path.stem for path in (tmp_path / "models").glob("*.py") if counts(path)}
    assert {"dual_mlp", "mlp", "embedding", "dropout"} <= own
    assert not own & {"__init__", "tf4ctr", "dcn"}  # the registry, and other models
    settings = list((tmp_path / "workflow/settings").glob("*.py"))
    assert settings
    assert not any(counts(path) for path in settings)
    assert not any(counts(tmp_path / "workflow" / name) for name in ("plan/campaign.py", "plan/config.py", "spec.py"))

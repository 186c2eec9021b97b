"""The code fingerprint covers what computes and nothing else; the relation of a record's code to a checkout's."""

import ast
import shutil
from pathlib import Path

import pytest

from workflow.plan.config import ROOT
from workflow.provenance import code as provenance
from workflow.provenance import equivalents
from workflow.provenance.equivalents import Equivalent, Family, moves_digits, relation, representative
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


@pytest.mark.parametrize(
    ("name", "text", "changed"),
    [
        ("a", '"""Says what."""\n\nfrom models import b  # why\n\n\nx = (1)\n', False),
        ("a", "from models import b\nx = 4\n", True),
        ("b", "y = 3\n", True),  # which a imports
        ("c", "z = 4\n", False),
    ],
)
def test_code_counts_and_no_comment_docstring_or_layout(project: Path, name: str, text: str, changed: bool) -> None:
    before = digest()
    (project / f"models/{name}.py").write_text(text)
    assert (digest() != before) is changed


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

COMPUTE = {
    *("__init__", "adam", "device", "loop", "metrics", "objective", "placements", "predict", "probes", "resident"),
    "step",
}
DO_NOT = {
    *("checkpoint", "choice", "failures", "gpus", "keep", "manifest", "memory", "not_finite", "other_work", "own"),
    *("own_file", "pack", "pairs", "questions", "record", "resuming", "run", "timing", "timing_record", "trial"),
    *("weights", "workers"),
}


def test_what_computes_a_run_counts_and_what_orders_keeps_and_resumes_it_does_not(project: Path) -> None:
    for package in ("models", "workflow"):
        shutil.copytree(ROOT / package, project / package, dirs_exist_ok=True)

    def training() -> str:
        provenance.code_fingerprint.cache_clear()
        return training_code(DualMLP())

    before = training()

    def counts(*paths: Path) -> bool:
        """Whether a change in one of the files, if there are several, is a change of the code."""
        texts = {path: path.read_text() for path in paths}
        for path, text in texts.items():
            path.write_text(text + "\nCHANGED = 1\n")
        after = training()
        for path, text in texts.items():
            path.write_text(text)
        return after != before

    files = {path.stem: path for path in (project / "workflow/train").glob("*.py")}
    assert files.keys() == COMPUTE | DO_NOT  # a new file must take a side
    assert [name for name in COMPUTE if not counts(files[name])] == []
    models = {path.stem: path for path in (project / "models").glob("*.py")}
    assert all(counts(models[name]) for name in ("dual_mlp", "mlp", "embedding", "dropout"))
    settings = list((project / "workflow/settings").glob("*.py"))
    assert settings
    others = [project / "workflow" / name for name in ("plan/campaign.py", "plan/config.py", "spec.py")]
    others += [models[name] for name in ("__init__", "tf4ctr", "dcn")]  # the registry, and other models
    assert not counts(*settings, *others, *(files[name] for name in DO_NOT))


# -- syntax trees: their text against what Python 3.11 writes -------------------------

CODE = """
class A(B, c=1):
    def f(self, x: int = 2, *rest) -> None:
        return f"{x!r:>3} of {len(rest)}"

async def g():
    return []
"""
PYTHON_3_11 = (
    "Module([ClassDef('A', [Name('B', Load())], [keyword('c', Constant(1))], [FunctionDef('f', "
    "arguments([], [arg('self'), arg('x', Name('int', Load()))], arg('rest'), [], [], "
    "defaults=[Constant(2)]), [Return(JoinedStr([FormattedValue(Name('x', Load()), 114, "
    "JoinedStr([Constant('>3')])), Constant(' of '), FormattedValue(Call(Name('len', Load()), "
    "[Name('rest', Load())], []), -1)]))], [], Constant(None))], []), AsyncFunctionDef('g', arguments([],"
    " [], kwonlyargs=[], kw_defaults=[], defaults=[]), [Return(List([], Load()))], [])], [])"
)


def test_the_text_is_that_of_python_3_11() -> None:
    assert provenance.syntax_text(ast.parse(CODE)) == PYTHON_3_11


# -- equivalents -----------------------------------------------------------------------


FROZEN, SAME, MOVED, MOVED_AGAIN, AS_MOVED, UNLISTED = (digit * 64 for digit in "012345")


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = "tests/models/test_a.py::test_a"
    family = Family(
        frozen=FROZEN,
        equivalents=(
            Equivalent(code=SAME, differs="nothing", proof=proof),
            Equivalent(code=MOVED, differs="last digits", proof=proof),
            Equivalent(code=MOVED_AGAIN, differs="last digits", proof=proof),
            Equivalent(code=AS_MOVED, differs="nothing", than=MOVED, proof=proof),
        ),
    )
    monkeypatch.setattr(equivalents, "families", lambda: {"A": family})


@pytest.mark.parametrize(
    ("code", "current", "expected"),
    [
        (FROZEN, FROZEN, "this code"),
        (UNLISTED, UNLISTED, "this code"),
        (FROZEN, SAME, "same bits"),
        (SAME, FROZEN, "same bits"),
        (FROZEN, MOVED, "last digits"),
        (MOVED, SAME, "last digits"),
        (MOVED, MOVED_AGAIN, "last digits"),
        (MOVED, AS_MOVED, "same bits"),
        (FROZEN, AS_MOVED, "last digits"),
        (AS_MOVED, MOVED_AGAIN, "last digits"),
        (UNLISTED, SAME, "other"),
        (FROZEN, UNLISTED, "other"),
    ],
)
def test_relation(code: str, current: str, expected: str) -> None:
    assert relation(code, current, "A") == expected
    assert relation(code, current, "B") == ("this code" if code == current else "other")


def test_codes_that_move_digits() -> None:
    moved = {code for code in (FROZEN, SAME, MOVED, MOVED_AGAIN, AS_MOVED, UNLISTED) if moves_digits(code, "A")}
    assert moved == {MOVED, MOVED_AGAIN, AS_MOVED}
    assert not moves_digits(MOVED, "B")


def test_equivalents_share_one_parameter_and_an_unproved_change_has_its_own() -> None:
    assert {representative(code, "A") for code in (FROZEN, SAME, MOVED, AS_MOVED)} == {FROZEN}
    assert representative(UNLISTED, "A") == UNLISTED
    assert representative(SAME, "B") == SAME

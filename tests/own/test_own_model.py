"""A user's model, as in the README, through the command line: its code, mistakes and failures."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.own.conftest import prepared, records, workflow, write_arms
from workflow.plan.campaign import Plan
from workflow.plan.config import load_campaign
from workflow.provenance.code import code_fingerprint


def test_a_change_in_the_file_trains_its_runs_again_and_no_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared()
    toy = folder / "my_models/toy.py"
    assert workflow("train") == 0
    capsys.readouterr()
    toy.write_text(toy.read_text().replace("# a logit per row", "# one number per row"))
    code_fingerprint.cache_clear()
    assert workflow("train") == 0
    assert "to train" in (said := capsys.readouterr().out)
    assert "2 of 2 runs are finished" in said
    toy.write_text(toy.read_text().replace("embedding_dim: int = 16", "embedding_dim: int = 4"))
    code_fingerprint.cache_clear()
    assert workflow("train") == 0
    assert "1 of 2 runs are finished" in capsys.readouterr().out


MISTAKES: list[tuple[dict[str, str], dict[str, Any], str]] = [
    ({}, {"module": "my_models/toi.py:Toy"}, "my_models/toi.py: no such file"),
    ({}, {"module": "my_models/toy.py:Toi"}, "the file has no class 'Toi'"),
    ({}, {"module": "my_models/toy.py:Tensor"}, "toy.py:Tensor: is not a class derived from torch.nn.Module"),
    ({}, {"module": "my_models/toy.py:INIT"}, "toy.py:INIT: is not a class derived from torch.nn.Module"),
    ({}, {"module": "my_models/toy.txt"}, "module: must match"),
    ({}, {"arguments": {"embeding_dim": 8}}, "no 'embeding_dim'; did you mean 'embedding_dim'?"),
    ({}, {"arguments": {"embedding_dim": "8"}}, "TypeError"),
    ({" = 16": ""}, {"arguments": {}}, "arguments: embedding_dim must be given"),
    ({".flatten(1))": ".flatten(1)).tolist()"}, {}, "forward returned list"),
    ({".flatten(1))": ".flatten(1))[:, None]"}, {}, r"z_B has shape (8, 1)"),
    ({"class Toy": "class Toy("}, {}, "my_models/toy.py: line 9: not valid Python: invalid syntax"),
    ({"import Head": "import Hed"}, {}, "cannot be imported: line 6: ImportError"),
    ({"INIT = 3": "INIT = nn.Lineer"}, {}, "cannot be imported: line 18: AttributeError"),
    ({"INIT = 3": "INIT = open('no such table')"}, {}, "cannot be imported: line 18: FileNotFoundError"),
    ({"INIT = 3": "raise SystemExit(3)"}, {}, "cannot be imported: line 18: SystemExit"),
    ({"self.head(self.embedding(x_BC).flatten(1))": "x_BC.sum(1).float()", "self.": "layer_"}, {}, "has no parameters"),
]


def test_mistakes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The change in the file, the change in the arm, and the message."""
    prepared()
    toy = folder / "my_models/toy.py"
    good = toy.read_text() + "\nINIT = 3\n"
    for change, arm, message in MISTAKES:
        text = good
        for old, new in change.items():
            assert old in text
            text = text.replace(old, new)
        toy.write_text(text)
        model = {"name": "Custom", "module": "my_models/toy.py:Toy", "arguments": {"embedding_dim": 8}, **arm}
        write_arms(folder, [{"label": "Toy", "model": model}])
        code_fingerprint.cache_clear()
        shutil.rmtree("results/runs", ignore_errors=True)
        capsys.readouterr()
        status = workflow("train")
        told = capsys.readouterr()
        assert message in told.out + told.err
        assert "Traceback" not in told.out + told.err, message
        failures = [record.failure for record in records().values()]
        if status == 0:  # a failed record, which tables show beside others' runs
            assert len(failures) == 1
            assert message in str(failures[0])
            assert workflow("render", "mine-models") == 0
            assert "failed" in (folder / "paper_tables/mine/mine-models.md").read_text(), message
        else:  # without a file that can be read there is no fingerprint, and so no record
            assert failures == [], message


def test_a_model_that_fails_hides_no_other(folder: Path) -> None:
    toy = folder / "my_models/toy.py"
    prepared()
    assert workflow("train") == 0
    assert {name: record.status for name, record in records().items()} == {"DeepFM": "ok", "Custom": "ok"}
    toy.write_text(toy.read_text().replace(".flatten(1))", ".flatten(1)[:, :3])"))
    code_fingerprint.cache_clear()
    other = next(path for path in folder.rglob("seed1.json") if "DeepFM" in str(path)).read_bytes()
    assert workflow("train") == 0
    assert {name: record.status for name, record in records().items()} == {"DeepFM": "ok", "Custom": "failed"}
    assert next(path for path in folder.rglob("seed1.json") if "DeepFM" in str(path)).read_bytes() == other
    assert all(Path(pack.manifest).is_file() for pack in Plan(load_campaign(Path("mine.yaml"))).packs)
    (line,) = [number for number, text in enumerate(toy.read_text().splitlines(), start=1) if "[:, :3]" in text]
    assert f"toy.py:Toy: line {line}: RuntimeError: mat1 and mat2" in str(records()["Custom"].failure)
    toy.unlink()
    code_fingerprint.cache_clear()
    assert workflow("train") == 1  # and still the others' runs stand
    assert workflow("render", "mine-models") == 0
    auc = records()["DeepFM"].test
    assert auc is not None
    assert f"{auc.auc:.6f}" in (folder / "paper_tables/mine/mine-models.md").read_text()


def test_twin_focus_needs_two_branches(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = {"name": "Custom", "module": "my_models/toy.py:Toy"}
    write_arms(folder, [{"label": "Toy", "model": model, "loss": {"name": "twin_focus"}}])
    prepared()
    assert workflow("train") == 0
    assert "loss twin_focus needs Logits with z_s_B and z_c_B" in capsys.readouterr().out
    assert records()["Custom"].status == "failed"

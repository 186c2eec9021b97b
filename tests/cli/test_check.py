"""`check`: a user's model, tried on synthetic twins."""

from pathlib import Path

import pytest
import yaml

from tests.conftest import forget
from tests.models.toys import OWN
from workflow.cli.main import main
from workflow.plan.cells import expand
from workflow.plan.config import ROOT, ExperimentConfig, load_campaign, validate

FLAT = "self.embedding(x_BC).flatten(1)"


@pytest.fixture(autouse=True)
def folder(here: Path) -> Path:
    demo = yaml.safe_load((ROOT / "config/demo.yaml").read_text())
    changed = {**demo, "datasets": ["frappe"], "twin": {"rows": 400, "seed": 1}}
    (here / "one.yaml").write_text(yaml.safe_dump(changed))
    forget()
    return here


def check(content: str, *options: str) -> int:
    Path("toy.py").write_text(content)
    return main(["check", "toy.py:Toy", "--campaign", "one.yaml", *options])


def test_a_good_model_trains_and_the_files_that_compare_it_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(OWN, "--arguments", "{embedding_dim: 8}") == 0
    told = capsys.readouterr().out
    assert "frappe   trains: " in told
    assert ", 81 others, loss 0.69" in told  # 10 fields of 8 columns, and a bias
    _, written, campaign = told.partition("\nThen ")[0].split("# config/")
    experiment = validate(ExperimentConfig, yaml.safe_load(written.partition("\n")[2]), "mine")
    assert experiment.arms[0].model == {"name": "Custom", "module": "toy.py:Toy", "arguments": {"embedding_dim": 8}}
    cells = expand(load_campaign(Path("one.yaml")), experiment, "frappe")
    assert [cell.label for cell in cells] == ["Toy", "DeepFM", "DCNv2", "FinalMLP", "TF4CTR"]
    keys = yaml.safe_load(campaign.partition("\n")[2])
    assert keys == {"campaign": "mine", "datasets": ["frappe", "ml-1m"], "experiments": ["mine"]}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (FLAT, FLAT + "[:, :3]", "toy.py:Toy: line 13: RuntimeError: mat1 and mat2 shapes cannot be multiplied"),
        ("return self.head(", "return 0 * self.head(", "trains: "),
        (FLAT, FLAT + " * float('nan')", "became NaN or infinite in step 1"),
        (FLAT, "0 * x_BC[:, :1].float().repeat(1, 40)", "the answer does not use the embedding model.embedding"),
        (FLAT, FLAT + ".detach()", "the answer does not use the embedding model.embedding"),
        ("    def __init__(self, features,", "    def __init__(self, features, depth,", "depth must be given"),
        ("return self.head(", "return [self.head(", "not valid Python"),
        ("return self.head(", "return None and self.head(", "forward returned NoneType"),
    ],
)
def test_what_is_wrong_is_said(old: str, new: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert old in OWN
    assert check(OWN.replace(old, new)) == (words != "trains: ")
    told = capsys.readouterr()
    assert words in told.out + told.err
    assert "Traceback" not in told.out + told.err


def test_remarks_of_what_trains_but_not_as_meant(capsys: pytest.CaptureFixture[str]) -> None:
    plain = "nn.Embedding(1000, embedding_dim)"
    free = OWN.replace("Embedding(features, embedding_dim)", plain, 1).replace(
        "self.embedding(x_BC)", "nn.functional.dropout(self.embedding(x_BC % 1000))"
    )
    unused = free.replace("        self.head", "        self.spare = nn.Linear(3, 3)\n        self.head")
    assert check(unused) == 0
    told = capsys.readouterr().out
    assert "model.spare.weight, model.spare.bias: no gradient, so never trained" in told
    assert "no models.embedding.Embedding in it" in told
    assert "two predictions of the same rows differ" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["toy.py"], "must be a file and a class, such as my_models/toy.py:Toy"),
        (["none.py:Toy"], "none.py: no such file"),
        (["toy.py:Toi"], "the file has no class 'Toi'; did you mean 'Toy'?"),
        (["toy.py:Toy", "--arguments", "3"], "--arguments 3: must be a mapping"),
        (["toy.py:Toy", "--loss", "twinfocus"], "no 'twinfocus'; did you mean 'twin_focus'?"),
    ],
)
def test_mistakes_are_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("toy.py").write_text(OWN)
    assert main(["check", *arguments, "--campaign", "one.yaml"]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert len(told.splitlines()) == 1

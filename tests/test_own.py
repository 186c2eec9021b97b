"""One's own model and one's own dataset, as the README says, through the command line."""

import csv
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from workflow.cli.main import main
from workflow.config import ROOT, available, load_campaign, load_dataset, load_experiment
from workflow.plan import Plan
from workflow.provenance import code_fingerprint
from workflow.settings import Custom
from workflow.spec import RunSpec
from workflow.train.keep import Say, training_code
from workflow.train.record import Record, read_record
from workflow.train.run import train_runs

CSV = "my clicks, 2024.csv"  # any name will do
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str, start: str) -> str:
    """The README's code block that has `start` in it."""
    found = [text for text in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL) if start in text]
    assert len(found) == 1
    return found[0]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The README's files, the project's Tables I and IV, and 300 rows of clicks."""
    for name in ("datasets", "experiments"):
        (tmp_path / "config" / name).mkdir(parents=True)
    shutil.copy(ROOT / "config/experiments/table_1.yaml", tmp_path / "config/experiments")
    arm = yaml.safe_load(block("yaml", "Custom"))
    write_arms(tmp_path, [{"label": "DeepFM", "model": {"name": "DeepFM", "hidden_units": [8]}}, *arm])
    (tmp_path / "config/datasets/mine.yaml").write_text(block("yaml", "files: {all: mine.csv}"))
    campaign = yaml.safe_load(block("yaml", "campaign: mine"))
    limits = {"training": {"max_epochs": 1, "batch_size": 100}}
    values = {
        **campaign,
        "local": {"mine": str(tmp_path / CSV)},
        "limits": limits,
        "device": "cpu",
        "threads": 1,
    }
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(values | {"seeds": [1]}))
    (tmp_path / "my_models").mkdir()
    (tmp_path / "my_models/toy.py").write_text(block("python", "class Toy"))
    write_clicks(tmp_path / CSV)
    monkeypatch.setenv("TF4CTR_CONFIG", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    caches = (available, load_dataset, load_experiment, code_fingerprint)
    for cached in caches:
        cached.cache_clear()
    yield tmp_path
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train without a worker, which loads torch each time."""

    def train(runs: list[RunSpec], device: str, checkpoint_s: float, workers: int, say: Say) -> list[str]:
        return train_runs(runs, device, checkpoint_s, say)

    monkeypatch.setattr("workflow.train.pack.train_in_workers", train)


def write_arms(folder: Path, arms: list[dict[str, Any]]) -> None:
    content = {"name": "table_4", "title": "Models", "datasets": [], "arms": arms}
    (folder / "config/experiments/table_4.yaml").write_text(yaml.safe_dump(content))
    load_experiment.cache_clear()


def write_clicks(path: Path) -> None:
    draw = random.Random(3)
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["clicked", "user", "item", "hour", "unused"])
        for _ in range(300):
            user, item = draw.randrange(8), draw.randrange(12)
            writer.writerow(
                [int(draw.random() < 0.2 + 0.6 * (item % 2)), f"u{user}", f"i{item}", draw.randrange(24), "x"]
            )


def workflow(*arguments: str) -> int:
    return main([arguments[0], "--configfile", "mine.yaml", *arguments[1:]])


def prepared() -> None:
    for command in ("fetch", "prepare"):
        assert workflow(command, "mine") == 0


def records() -> dict[str, Record]:
    paths = Path("results/runs/mine").rglob("seed1.json")
    return {record.spec.model.name: record for record in map(read_record, paths)}


def test_own_model_on_own_data_in_table_4(folder: Path) -> None:
    prepared()
    assert workflow("train") == 0
    assert workflow("render", "table_1", "table_4", "cost") == 0
    found = records()
    assert {name: record.status for name, record in found.items()} == {"DeepFM": "ok", "Custom": "ok"}
    parameters = found["Custom"].parameters
    assert parameters.rest == 3 * 8 + 1
    assert parameters.embedding % 8 == 0
    lines = (folder / "paper_tables/mine/table_4.md").read_text().splitlines()
    ours = {model: [line for line in lines if line.startswith(f"| {model} ")] for model in ("DeepFM", "Toy")}
    for model, record in (("Toy", found["Custom"]), ("DeepFM", found["DeepFM"])):
        assert record.test is not None
        assert any(f"{record.test.auc:.6f}" in line for line in ours[model])  # the runs behind the cells
        assert sum(f"{int(record.test.auc * 10_000) / 100:.2f}" in line for line in lines) == 1
    says_nothing_of_the_paper(folder)


def says_nothing_of_the_paper(folder: Path) -> None:
    """The paper does not have these data: no columns, verdicts or questions of its own beside them."""
    assert workflow("report") == 0
    counts, models = ((folder / f"paper_tables/mine/table_{n}.md").read_text() for n in (1, 4))
    for text in (counts, models, (folder / "paper_tables/mine/cost.md").read_text()):
        assert not re.search("None|stand-in|other data|beyond the paper|no paper value", text)
    assert "| Mine      |         300 |        3 |" in counts
    assert "Where" not in counts.partition("## Notes")[0]
    headers = [line for line in models.splitlines() if line.startswith("| Model")]
    assert headers[0].replace(" ", "") == "|Model|Ours|"
    assert not any("Paper" in line or "Δ" in line for line in headers)
    page = (folder / "results/mine/report.html").read_text()
    assert "<h1>TF4CTR on Mine" in page
    assert "Does TF4CTR hold?" not in page
    said = re.sub(r'<details id="words">.*?</details>|title="[^"]*"', "", page, flags=re.DOTALL)  # what words mean
    assert "stand-in" not in said.partition('<section id="claims"')[0]
    assert "Of 0 printed" not in page


def test_plan_says_that_the_size_of_own_data_is_supposed_until_it_is_prepared(
    folder: Path, capsys: pytest.CaptureFixture[str], counted: list[str]
) -> None:
    assert workflow("plan") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "mine is not prepared and its size not known: 1,000,000 rows to train on are supposed." in said
    prepared()
    capsys.readouterr()
    assert workflow("plan") == 0
    assert "supposed" not in capsys.readouterr().out


def test_a_change_in_the_file_trains_its_runs_again_and_no_others(
    folder: Path, capsys: pytest.CaptureFixture[str], in_this_process: None
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


def test_runs_on_rows_that_were_edited_are_set_aside_and_come_back_with_the_rows(
    folder: Path, capsys: pytest.CaptureFixture[str], in_this_process: None
) -> None:
    prepared()
    assert workflow("train") == 0
    first = {path: path.read_bytes() for path in Path("results/runs").rglob("seed1.*")}
    rows = (folder / CSV).read_text()
    (folder / CSV).write_text(rows.replace("1,u", "0,u", 40))
    capsys.readouterr()
    assert workflow("prepare", "mine") == 1
    assert f"{CSV} was changed after it was copied here; fetch mine again" in capsys.readouterr().err
    assert workflow("train") == 1
    assert f"{CSV} was changed after it was copied here; fetch mine again" in capsys.readouterr().err
    assert records()
    prepared()
    earlier = records_in("results/earlier")
    assert f"mine: 2 finished runs are of other data than now; they are kept in {earlier}" in capsys.readouterr().out
    assert records() == {}
    assert workflow("train") == 0
    assert len(records()) == 2
    assert sorted(path.read_bytes() for path in earlier.rglob("seed1.*")) == sorted(first.values())
    (folder / CSV).write_text(rows)
    prepared()
    assert f"mine: 2 finished runs of these data are put back from {earlier}" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in Path("results/runs").rglob("seed1.*")} == first


def records_in(root: str) -> Path:
    """The only folder there, of the data of one fingerprint."""
    (folder,) = Path(root).iterdir()
    return folder


@pytest.mark.parametrize("by_hand", [False, True])
def test_snakemake_sees_an_edit_whatever_the_times_say(folder: Path, by_hand: bool) -> None:
    """Also where the command line made the copy and the arrays, so that Snakemake knows nothing of them."""
    if by_hand:
        prepared()
    else:
        assert "mine.zip" in snakemake(folder)
    (meta,) = folder.glob("data/prepared/mine/*/meta.json")
    before = meta.read_text()
    assert "Nothing to be done" in snakemake(folder, "-n")
    times = (folder / CSV).stat()
    (folder / CSV).write_text((folder / CSV).read_text().replace("1,u", "0,u", 40))
    os.utime(folder / CSV, ns=(times.st_atime_ns, times.st_mtime_ns - 10**9))
    assert f"{CSV}: is another than data/raw/mine/mine.zip; it is fetched and prepared again" in snakemake(folder)
    assert meta.read_text() != before
    assert "Nothing to be done" in snakemake(folder, "-n")
    (folder / CSV).unlink()
    assert "Nothing to be done" in snakemake(folder, "-n")


def snakemake(folder: Path, *arguments: str) -> str:
    options = ["--snakefile", str(ROOT / "Snakefile"), "--profile", str(ROOT / "profiles/default"), "--cores", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *options, *arguments, "--configfile", "mine.yaml", "--", "all_data"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_what_the_file_imports_is_code_of_the_run(folder: Path) -> None:
    def digest() -> str:
        code_fingerprint.cache_clear()
        return training_code(Custom(module="my_models/toy.py:Toy"))

    toy, part = folder / "my_models/toy.py", folder / "my_models/part.py"
    before = digest()
    part.write_text("WIDTH = 3\n")
    assert digest() == before  # nobody imports it
    toy.write_text("from my_models.part import WIDTH\n" + toy.read_text())
    between = digest()
    part.write_text("WIDTH = 4\n")
    assert len({before, between, digest()}) == 3


@pytest.mark.parametrize(
    ("change", "arm", "message"),
    [
        ({}, {"module": "my_models/toi.py:Toy"}, "my_models/toi.py: no such file"),
        ({}, {"module": "my_models/toy.py:Toi"}, "the file has no class 'Toi'"),
        ({}, {"module": "my_models/toy.py:Tensor"}, "Tensor is no class derived from torch.nn.Module"),
        ({}, {"module": "my_models/toy.py:INIT"}, "INIT is no class derived from torch.nn.Module"),
        ({}, {"module": "my_models/toy.txt"}, "module: must match"),
        ({}, {"arguments": {"embeding_dim": 8}}, "no 'embeding_dim'; did you mean 'embedding_dim'?"),
        ({}, {"arguments": {"embedding_dim": "8"}}, "TypeError"),
        ({" = 16": ""}, {"arguments": {}}, "arguments: embedding_dim must be given"),
        ({".flatten(1))": ".flatten(1)).tolist()"}, {}, "forward returned list"),
        ({".flatten(1))": ".flatten(1))[:, None]"}, {}, r"z_B has shape (8, 1)"),
        ({"class Toy": "class Toy("}, {}, "my_models/toy.py: line 9: not valid Python: invalid syntax"),
        ({"import Head": "import Hed"}, {}, "cannot be imported: ImportError"),
    ],
)
def test_mistakes(
    folder: Path,
    change: dict[str, str],
    arm: dict[str, Any],
    message: str,
    capsys: pytest.CaptureFixture[str],
    in_this_process: None,
) -> None:
    toy = folder / "my_models/toy.py"
    text = toy.read_text() + "\nINIT = 3\n"
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    toy.write_text(text)
    model = {"name": "Custom", "module": "my_models/toy.py:Toy", "arguments": {"embedding_dim": 8}, **arm}
    write_arms(folder, [{"label": "Toy", "model": model}])
    prepared()
    status = workflow("train")
    told = capsys.readouterr()
    assert message in told.out + told.err
    assert "Traceback" not in told.out + told.err
    failures = [record.failure for record in records().values()]
    if status == 0:  # a failed record, which tables show beside others' runs
        assert len(failures) == 1
        assert message in str(failures[0])
        assert workflow("render", "table_4") == 0
        assert "failed" in (folder / "paper_tables/mine/table_4.md").read_text()
    else:  # without a file that can be read there is no fingerprint, and so no record
        assert failures == []


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
    assert workflow("render", "table_4") == 0
    auc = records()["DeepFM"].test
    assert auc is not None
    assert f"{auc.auc:.6f}" in (folder / "paper_tables/mine/table_4.md").read_text()


def test_twin_focus_needs_two_branches(folder: Path, capsys: pytest.CaptureFixture[str], in_this_process: None) -> None:
    model = {"name": "Custom", "module": "my_models/toy.py:Toy"}
    write_arms(folder, [{"label": "Toy", "model": model, "loss": {"name": "twin_focus"}}])
    prepared()
    assert workflow("train") == 0
    assert "loss twin_focus needs Logits with z_s_B and z_c_B" in capsys.readouterr().out
    assert records()["Custom"].status == "failed"

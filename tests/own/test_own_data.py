"""A user's dataset, as in the README, through the command line: planned, edited, with a user's model."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.own.conftest import CSV, prepared, records, workflow
from workflow.plan.config import ROOT


def test_own_model_on_own_data(folder: Path, in_a_worker: None, capsys: pytest.CaptureFixture[str]) -> None:
    prepared()
    assert workflow("train") == 0
    assert workflow("render", "table_1", "mine-models", "cost") == 0
    found = records()
    assert {name: record.status for name, record in found.items()} == {"DeepFM": "ok", "Custom": "ok"}
    parameters = found["Custom"].parameters
    assert parameters.rest == 3 * 8 + 1
    assert parameters.embedding % 8 == 0
    lines = (folder / "paper_tables/mine/mine-models.md").read_text().splitlines()
    ours = {model: [line for line in lines if line.startswith(f"| {model} ")] for model in ("DeepFM", "Toy")}
    for model, record in (("Toy", found["Custom"]), ("DeepFM", found["DeepFM"])):
        assert record.test is not None
        assert any(f"{record.test.auc:.6f}" in line for line in ours[model])  # the runs behind the cells
        assert sum(f"{int(record.test.auc * 10_000) / 100:.2f}" in line for line in lines) == 1
    says_nothing_of_the_paper(folder)
    capsys.readouterr()
    assert workflow("audit") == 0
    answer = " ".join(capsys.readouterr().out.split())
    aucs = {name: one.test.auc for name, one in found.items() if one.test is not None and one.test.auc is not None}
    best = max(aucs, key=lambda name: aucs[name]).replace("Custom", "Toy")
    assert answer.startswith(f"{best} has the highest AUC on Mine")
    assert "claims audited" not in answer
    assert workflow("audit", "--write") == 1  # it would be the paper's claims
    assert not list(folder.glob("paper_tables/mine/audit.*"))


def says_nothing_of_the_paper(folder: Path) -> None:
    """The paper does not have these data: its columns, verdicts and questions are absent."""
    assert workflow("report") == 0
    counts, models = ((folder / f"paper_tables/mine/{name}.md").read_text() for name in ("table_1", "mine-models"))
    cost = (folder / "paper_tables/mine/cost.md").read_text()
    assert "| Toy " in cost
    for text in (counts, models, cost):
        assert "TF4CTR" not in text
        assert "Paper" not in text
        assert not re.search("None|stand-in|other data|beyond the paper|no paper value", text)
    assert "| Mine      |         300 |        3 |" in counts
    assert "Where" not in counts.partition("## Notes")[0]
    headers = [line for line in models.splitlines() if line.startswith("| Model")]
    assert headers[0].replace(" ", "") == "|Model|AUC|gAUC|logloss|"
    page = (folder / "results/mine/report.html").read_text()
    assert "<h1>Which model is best on Mine?" in page
    assert 'id="claims"' not in page
    shown = re.sub(r"<style>.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search("the paper|stand-in|printed", shown.partition('<section id="tables"')[0], re.IGNORECASE)


def test_plan_counts_rows_in_the_file_until_it_is_prepared(
    folder: Path, capsys: pytest.CaptureFixture[str], counted: list[str]
) -> None:
    assert workflow("plan") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "training rows, counted in your file" in said
    assert "assuming" not in said
    prepared()
    capsys.readouterr()
    assert workflow("plan") == 0
    assert "counted in your file" not in capsys.readouterr().out


def test_runs_on_edited_rows_are_set_aside_and_come_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
    assert f"mine: finished runs of other data than now are kept in {earlier}: 2" in capsys.readouterr().out
    assert records() == {}
    assert workflow("train") == 0
    assert len(records()) == 2
    assert sorted(path.read_bytes() for path in earlier.rglob("seed1.*")) == sorted(first.values())
    (folder / CSV).write_text(rows)
    prepared()
    assert f"mine: finished runs of these data put back from {earlier}: 2" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in Path("results/runs").rglob("seed1.*")} == first


def records_in(root: str) -> Path:
    """The only folder there, of the data of one fingerprint."""
    (folder,) = Path(root).iterdir()
    return folder


@pytest.mark.parametrize("by_hand", [pytest.param(False, marks=pytest.mark.attack), True])
def test_snakemake_sees_an_edit_whatever_the_times_say(folder: Path, by_hand: bool) -> None:
    """Even if the command line made the copy and the arrays, so that Snakemake does not know them."""
    if by_hand:
        prepared()
    else:
        assert "mine.zip" in snakemake(folder)
    (meta,) = folder.glob("data/prepared/mine/*/meta.json")
    before = meta.read_text()
    times = (folder / CSV).stat()
    (folder / CSV).write_text((folder / CSV).read_text().replace("1,u", "0,u", 40))
    os.utime(folder / CSV, ns=(times.st_atime_ns, times.st_mtime_ns - 10**9))
    assert f"{CSV}: is another than data/raw/mine/mine.zip; it is fetched and prepared again" in snakemake(folder)
    assert meta.read_text() != before
    assert "Nothing to be done" in snakemake(folder, "-n")


def snakemake(folder: Path, *arguments: str) -> str:
    options = ["--snakefile", str(ROOT / "Snakefile"), "--profile", str(ROOT / "profiles/default"), "--cores", "1"]
    done = subprocess.run(
        [str(ROOT / "workflow/cli/snakemake"), *options, *arguments, "--configfile", "mine.yaml", "--", "all_data"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr

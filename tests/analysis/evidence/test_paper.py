"""The transcription: complete, consistent with itself, strictly typed."""

from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from workflow.analysis.evidence.number import truncate
from workflow.analysis.evidence.prints import flattened, load_paper
from workflow.errors import UserError
from workflow.plan.config import ROOT

SOURCE = ROOT / "paper" / "tables.yaml"


def test_every_printed_cell_is_there() -> None:
    paper = load_paper()
    assert len(paper.table_1.datasets) == 5
    assert sum(len(row.auc) for group in paper.table_2.models.values() for row in group.losses.values()) == 96
    assert [len(cells) for cells in paper.table_3.datasets.values()] == [20] * 4
    assert sum(len(row.auc) for row in paper.table_4.datasets.values()) == 55
    assert sum(len(row.plain) + len(row.framework) for row in paper.table_5.models.values()) == 18
    assert len(paper.table_6.models) == 7


def test_every_print_carries_its_version(tmp_path: Path) -> None:
    paper = load_paper()
    assert (paper.paper.cited, paper.paper.authors) == ("arXiv 2405.03167v1", 5)
    assert {each.version for each in flattened(paper)} == {"v1"}
    text = SOURCE.read_text(encoding="utf-8")
    later, wrong = tmp_path / "later.yaml", tmp_path / "wrong.yaml"
    later.write_text(text.replace('version: "v1"', 'version: "v4"'), encoding="utf-8")
    assert {each.version for each in flattened(load_paper(later))} == {"v4"}
    wrong.write_text(text.replace('version: "v1"', 'version: "1"'), encoding="utf-8")
    with pytest.raises(UserError, match=r"paper\.version: "):
        load_paper(wrong)


def test_table_2_gains_are_the_differences_of_its_scores() -> None:
    for group in load_paper().table_2.models.values():
        base = group.losses["log"].auc
        for row in group.losses.values():
            assert row.gain == {name: row.auc[name] - base[name] for name in row.gain}


def test_table_2_means_are_truncated() -> None:
    for group in load_paper().table_2.models.values():
        for row in group.losses.values():
            assert row.mean_auc == truncate(float(sum(row.auc.values()) / 400))


def test_table_4_repeats_tables_2_and_3() -> None:
    paper = load_paper()
    for name, row in paper.table_4.datasets.items():
        for model, group in paper.table_2.models.items():
            if model in row.auc and name in group.losses["log"].auc:
                assert row.auc[model] == group.losses["log"].auc[name], (name, model)
        cells = paper.table_3.datasets.get(name)
        if cells:
            assert row.auc["TF4CTR"] == max(cell.auc for cell in cells.values())


def test_table_5_gains_are_the_differences_of_its_scores() -> None:
    for row in load_paper().table_5.models.values():
        assert row.gain == {name: row.framework[name] - row.plain[name] for name in row.plain}


def test_table_6_ratios_are_truncated() -> None:
    models = load_paper().table_6.models
    base = models["DNN (Base)"]
    for row in models.values():
        if row.train_ratio:
            ratio = int(100 * row.train_s / base.train_s) / Decimal(100)
            assert Decimal(row.train_ratio.removesuffix("x")) == ratio


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'instances: "288,609"',
            "instances: 288609",
            r"frappe\.instances: write the print in quotes",
        ),
        ('instances: "288,609"', 'instances: "288,6o9"', r"frappe\.instances: not a number"),
        ('instances: "288,609"', 'instances: "288,609"\n      rows: "1"', r"rows: unknown key"),
        ("table_6:", "table_7:", r"table_7: unknown key; did you mean 'table_6'|table_6: Field required"),
    ],
)
def test_bad_transcription_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "tables.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        load_paper(path)
    assert str(path) in str(caught.value)


def test_scores_are_quoted_with_two_decimals() -> None:
    for cells in yaml.safe_load(SOURCE.read_text(encoding="utf-8"))["table_3"]["datasets"].values():
        for cell in cells.values():
            assert all(isinstance(cell[key], str) and len(cell[key]) == 5 for key in ("auc", "gauc"))

"""Equal budgets on users' data, trained: a model that is better only when tuned is better only there."""

import random
from pathlib import Path

import yaml

from tests.conftest import edit_yaml
from tests.own.conftest import CSV, prepared, workflow, write_arms, write_rows
from workflow.analysis.compare.judge import comparisons_of
from workflow.analysis.compare.words import Finding
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.report.answer import answer
from workflow.analysis.report.scores import of_own
from workflow.analysis.tables.builders import build
from workflow.plan.campaign import Plan
from workflow.plan.config import load_campaign
from workflow.train.choice import on_disk

DNN = {"name": "DNN", "hidden_units": [32], "embedding_dim": 8}
TOY = {"name": "Custom", "module": "my_models/toy.py:Toy"}


def write_pairs(path: Path) -> None:
    """Clicks on pairs of even and even, or odd and odd, and on half of the items, all that a linear model sees."""
    draw, rows = random.Random(5), [["clicked", "user", "item", "hour"]]
    for _ in range(3000):
        user, item = draw.randrange(16), draw.randrange(16)
        click = draw.random() < 0.1 + 0.5 * (user % 2 == item % 2) + 0.3 * (item < 8)
        rows.append([str(int(click)), f"u{user}", f"i{item}", str(draw.randrange(4))])
    write_rows(path, rows)


def tuned() -> dict[str, object]:
    """The project's experiment, with a small budget."""
    models = [
        {"label": "DNN", "model": DNN, "own": {"model.dropout": {"choice": [0.0, 0.95]}}},
        {"label": "Toy", "model": TOY, "own": {"model.arguments": {"choice": [{"embedding_dim": 8}]}}},
    ]
    shared = {"optimizer.embedding_l2": {"log_uniform": [1e-4, 1e-3]}}
    budget = {"draw_seed": 1, "trial_seed": 9001, "finalist_seeds": [9002], "trials": 3, "finalists": 2}
    return {
        "name": "tuned",
        "title": "Equal budgets",
        "at": {"table": "7"},
        "datasets": [],
        "seeds": [1, 2, 3],
        "tuning": {**budget, "shared": shared, "models": models},
    }


def test_the_tuned_comparison_finds_what_the_untuned_one_cannot(folder: Path) -> None:
    write_pairs(folder / CSV)
    (folder / "config/experiments/tuned.yaml").write_text(yaml.safe_dump(tuned()))
    untuned = {"label": "DNN", "at": {"table": "4", "model": "DNN"}, "model": {**DNN, "dropout": 0.95}}
    write_arms(folder, [untuned, {"label": "Toy", "at": {"table": "4", "model": "Toy"}, "model": TOY}], "table_4")
    edit_yaml(folder / "config/datasets/mine.yaml", lambda c: c["protocol"]["optimizer"].update(learning_rate=0.01))
    limits = {"training": {"max_epochs": 4, "batch_size": 100}}
    changes = {"experiments": ["table_4", "tuned"], "seeds": [1, 2, 3], "limits": limits, "pack_size": 50}
    edit_yaml(folder / "mine.yaml", lambda c: c.update(changes))
    prepared()
    assert workflow("train") == 0

    evidence = Evidence.load(Plan(load_campaign(Path("mine.yaml")), on_disk))
    found = comparisons_of(evidence)
    assert found["own-best:DNN@mine"].verdict.finding is Finding.LOSS
    assert found["own-tuned-best:DNN@mine"].verdict.finding is Finding.GAIN
    untuned, tuned_alike = of_own(evidence)
    assert [one.label for one in untuned.models] == ["Toy", "DNN"]
    assert [one.label for one in tuned_alike.models] == ["DNN", "Toy"]
    lead = (
        f"DNN is the best model on Mine (all tuned alike): it leads Toy, by {found['own-tuned:DNN+Toy@mine'].gain.ours}"
    )
    assert lead in answer(evidence, None).headline
    data = {row["model"]: row for row in build(evidence, "tuned").data}
    assert "dropout 0" in data["DNN"]["chosen"].split(", ")
    assert "embedding_dim 8" in data["Toy"]["chosen"].split(", ")
    assert float(data["DNN"]["test"]) > float(data["Toy"]["test"]) > float(data["DNN"]["untuned_test"])
    text = str(build(evidence, "tuned"))
    assert found["own-tuned-best:DNN@mine"].gain.ours in text
    assert found["own-best:DNN@mine"].gain.ours in text

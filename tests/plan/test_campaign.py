"""The plan: identity, sharing, packs, and how settings are laid over each other."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import forget
from workflow.errors import UserError
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, CampaignConfig, check_campaign, load_campaign
from workflow.settings import TF4CTR, TwinFocusLoss
from workflow.spec import RunSpec


def plan(**changes: Any) -> Plan:
    values = {"campaign": "mine", "datasets": ("frappe", "ml-1m"), "experiments": ("table_3",), **changes}
    return Plan(CampaignConfig.model_validate(values))


def write(folder: Path, name: str, **values: Any) -> None:
    content = {"name": name, "title": name, "datasets": ["frappe"], **values}
    (folder / "experiments" / f"{name}.yaml").write_text(yaml.safe_dump(content))


@pytest.fixture
def own(config_folder: Path) -> Path:
    for path in (ROOT / "config/datasets").glob("*.yaml"):
        (config_folder / "datasets" / path.name).write_text(path.read_text())
    forget()
    return config_folder


def test_identity_does_not_depend_on_the_order_of_keys() -> None:
    run = plan().cells[0].runs[0]
    backwards = dict(reversed(list(run.canonical().items())))
    assert RunSpec.model_validate(backwards).id == run.id
    assert len(run.id) == 12


@given(st.sampled_from(["dropout", "alpha", "learning_rate", "batch_size", "precision", "min_count"]))
def test_identity_changes_with_every_setting_and_not_with_the_seed(key: str) -> None:
    run = plan().cells[0].runs[0]
    values = run.canonical()
    section = {
        "dropout": values["model"],
        "alpha": values["loss"],
        "learning_rate": values["optimizer"],
        "min_count": values["dataset"]["preparation"],
    }.get(key, values["training"])
    section[key] = {"precision": "bf16", "batch_size": 17, "min_count": 7}.get(key, 0.0123)
    assert RunSpec.model_validate(values).id != run.id
    other = run.model_copy(update={"seed": run.seed + 1})
    assert other.id == run.id
    assert other.key != run.key
    assert other.record_path.parent == run.record_path.parent


def test_nothing_is_left_implicit() -> None:
    values = plan().cells[0].runs[0].canonical()
    assert {"temperature", "noise_at_eval", "embedding_dim", "batch_norm"} <= set(values["model"])
    assert values["optimizer"]["max_gradient_norm"] == 10.0


def test_the_final_settings_of_the_paper_are_met() -> None:
    cells = {(cell.dataset, cell.label): cell for cell in plan(datasets=("kkbox", "ml-1m", "ml-tag", "frappe")).cells}
    run = cells["frappe", "SER+WSF"].runs[0]
    assert isinstance(run.model, TF4CTR)
    assert isinstance(run.loss, TwinFocusLoss)
    assert (run.model.ssem, run.model.dfm, run.model.simple_units, run.model.dropout) == ("SER", "WSF", (400, 400), 0.2)
    assert (run.loss.alpha, run.loss.c, run.loss.gamma) == (0.25, 0.7, 1.0)
    assert (run.optimizer.embedding_l2, run.training.batch_size) == (0.1, 10_000)
    run = cells["ml-1m", "SER+WSF"].runs[0]
    assert isinstance(run.loss, TwinFocusLoss)
    assert (run.loss.c, run.loss.gamma, run.optimizer.embedding_l2) == (0.8, 2.0, 0.01)
    assert "661e3269" in (cells["ml-1m", "SER+WSF"].source or "")


def test_seeds_twin_limits_and_precision_come_from_the_campaign() -> None:
    twin = {"rows": 500, "seed": 4}
    made = plan(
        seeds=(7, 8),
        twin=twin,
        precision="bf16",
        limits={"network": {"embedding_dim": 4}, "training": {"max_epochs": 2}},
    )
    runs = made.cells[0].runs
    assert [run.seed for run in runs] == [7, 8]
    assert runs[0].dataset.name == "frappe-twin"
    assert runs[0].dataset.preparation.twin is not None
    assert isinstance(runs[0].model, TF4CTR)
    assert (runs[0].model.embedding_dim, runs[0].training.max_epochs, runs[0].training.precision) == (4, 2, "bf16")


def test_what_claims_rest_on_has_five_seeds_and_can_be_had_with_one() -> None:
    paper = load_campaign(ROOT / "config/paper.yaml")
    plans = {seeds: Plan(paper.model_copy(update={"seeds": seeds})) for seeds in (None, (2023,))}
    for name in paper.experiments:
        seeds = {cell.label: [run.seed for run in cell.runs] for cell in plans[None].cells_of(name)}
        expected = [2023] if name == "selection" else [2020, 2021, 2022, 2023, 2024]
        assert all(found == expected for found in seeds.values())
    five, one = plans[None], plans[2023,]
    assert set(one.runs) <= set(five.runs)
    assert {run.id for run, _ in one.runs.values()} == {run.id for run, _ in five.runs.values()}


def test_campaigns_share_runs() -> None:
    paper, small = (load_campaign(ROOT / "config" / f"{name}.yaml") for name in ("paper", "small"))
    assert set(Plan(small).runs) <= set(Plan(paper).runs)


def test_packs_hold_every_run_once_and_never_mix_datasets_or_users(own: Path) -> None:
    arm = {"label": "d{dropout}", "model": {"name": "DNN"}}
    write(own, "table_8", arms=[{**arm, "grid": {"model.dropout": [0.1, 0.2, 0.3]}}])
    write(own, "table_9", arms=[{**arm, "grid": {"model.dropout": [0.2, 0.3, 0.4]}}], seeds=[1, 2023])
    made = plan(experiments=("table_8", "table_9"), pack_size=2)
    keys = [run.key for pack in made.packs for run in pack.runs]
    assert sorted(keys) == sorted(made.runs)
    assert len(keys) == 7  # 3 + 6 runs, of which 2 are shared
    for pack in made.packs:
        assert len(pack.runs) <= 2
        assert len({made.runs[run.key][1] for run in pack.runs}) == 1
    assert made.pack(made.packs[0].name) is made.packs[0]
    for name in ("table_8", "table_9"):
        needed = {run.key for cell in made.cells_of(name) for run in cell.runs}
        held = [pack for pack in made.packs if pack.manifest in made.manifests_of(name)]
        assert {run.key for pack in held for run in pack.runs} == needed
    whole = plan(experiments=("table_8", "table_9"), pack_size=5, packs="datasets")
    assert [len(pack.runs) for pack in whole.packs] == [5, 2]
    assert sorted(run.key for pack in whole.packs for run in pack.runs) == sorted(keys)
    with pytest.raises(UserError, match="no pack"):
        made.pack("nothing")


@pytest.mark.parametrize(
    ("arm", "words"),
    [
        ({"model": {"name": "DualMPL"}}, "did you mean 'DualMLP'?"),
        ({"model": {"name": "TF4CTR", "ssem": "SERR"}}, "did you mean 'SER'?"),
        ({"model": {"name": "TF4CTR", "dfm": "wsf"}}, "did you mean 'WSF'?"),
        ({"model": {"name": "DNN"}, "loss": {"name": "focl"}}, "did you mean 'focal'?"),
        ({"model": {"name": "DNN", "dropuot": 0.1}}, "did you mean 'dropout'?"),
        ({"model": {"name": "DNN", "dropout": 1.5}}, "less than 1"),
        ({"model": {"name": "DNN"}, "loss": {"name": "twin_focus"}}, "two branches"),
        ({"model": {"name": "DNN"}, "grid": {"modle.dropout": [0.1]}}, "did you mean 'model'?"),
    ],
)
def test_mistakes_in_experiments_name_the_cell(own: Path, arm: dict[str, Any], words: str) -> None:
    write(own, "table_9", arms=[{"label": "x", **arm}])
    with pytest.raises(UserError, match="experiment table_9, cell x, dataset frappe") as caught:
        _ = plan(experiments=("table_9",), datasets=("frappe",)).cells
    assert words in str(caught.value)


GRID = {"grid": {"model.dropout": [0.1]}, "model": {"name": "DNN"}}
OVERRIDE = {"dataset": "frappe", "at": {"ssem": "SER", "dfm": "VSF"}, "source": "x", "set": {}}
NOT_OF_THE_GRID = ("dopout", "dropout.__class__.__mro__", "dropout!r", "dropout:>999999999", "0", "")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        *(  # labels are filled in and never evaluated
            (
                {"arms": [{"label": f"p={{{name}}}", **GRID}]},
                r"is not a key of the arm's grid; (\(known: |did you mean ')dropout",
            )
            for name in NOT_OF_THE_GRID
        ),
        (
            {
                "arms": [{"label": "x", "at": {"ssem": "SER", "dfm": "WSF"}, "model": {"name": "TF4CTR"}}],
                "overrides": [OVERRIDE],
            },
            r"no cell at 'VSF\+SER'; did you mean 'WSF\+SER'",
        ),
        (
            {"arms": [{"label": label, "at": {"model": "DNN"}, "model": {"name": "DNN"}} for label in ("one", "two")]},
            "arms 'one' and 'two' have the same coordinates",
        ),
    ],
)
def test_mistakes_of_a_whole_experiment(own: Path, values: dict[str, Any], words: str) -> None:
    write(own, "table_9", **values)
    with pytest.raises(UserError, match=words):
        _ = plan(experiments=("table_9",)).cells


def test_cells_declare_their_coordinates(own: Path) -> None:
    grid = {"model.dropout": [0.1, 1e-3], "model.hidden_units": [[8, 4]]}
    arm = {"label": "{dropout} {hidden_units}", "at": {"dropout": "{dropout}", "units": "{hidden_units}"}, "grid": grid}
    plain = {"label": "mine", "model": {"name": "DNN"}}
    write(own, "table_9", at={"table": "9"}, arms=[{**arm, "model": {"name": "DNN"}}, plain])
    cells = plan(experiments=("table_9",)).cells_of("table_9")
    assert [dict(cell.at) for cell in cells if cell.dataset == "frappe"] == [
        {"table": "9", "dataset": "frappe", "dropout": "0.1", "units": "[8, 4]"},
        {"table": "9", "dataset": "frappe", "dropout": "0.001", "units": "[8, 4]"},
        {"table": "9", "dataset": "frappe", "model": "mine"},  # an arm that declares none is a model of its label
    ]


def test_a_print_may_stand_elsewhere_than_its_cell(own: Path) -> None:
    arm = {"label": "noisy", "at": {"dfm": "VF", "variant": "noise"}, "print_at": {"variant": ""}}
    write(own, "table_9", arms=[{**arm, "model": {"name": "DNN"}}])
    cell = plan(experiments=("table_9",)).cells[0]
    assert (dict(cell.at), dict(cell.print_at)) == (
        {"dataset": cell.dataset, "dfm": "VF", "variant": "noise"},
        {"dataset": cell.dataset, "dfm": "VF"},
    )


def test_a_framed_model_starts_from_the_settings_of_its_base_and_limits_reach_it() -> None:
    def base(**changes: Any) -> dict[str, Any]:
        values = {"campaign": "c", "datasets": ["ml-1m"], "experiments": ["table_5"], **changes}
        cells = Plan(check_campaign(values, "test")).cells
        return next(c for c in cells if c.label == "xDeepFM in TF4CTR").runs[0].canonical()["model"]["base"]

    usual = base()
    assert (usual["name"], usual["cin_units"], usual["dropout"]) == ("xDeepFM", [64, 64], 0.1)
    assert (usual["embedding_dim"], usual["hidden_units"]) == (16, [400, 400, 400])
    small = base(limits={"network": {"embedding_dim": 8, "hidden_units": [32], "simple_units": [4]}})
    assert small == {**usual, "embedding_dim": 8, "hidden_units": [32]}


def test_limits_of_one_experiment_change_only_its_runs() -> None:
    general = {"training": {"max_epochs": 2, "batch_size": 100}}
    experiments = ("figure_2", "figure_10")
    before = plan(experiments=experiments, limits=general)
    after = plan(experiments=experiments, limits={**general, "experiments": {"figure_2": {"max_epochs": 9}}})
    for old, new in zip(before.cells_of("figure_2"), after.cells_of("figure_2"), strict=True):
        assert (new.runs[0].training.max_epochs, new.runs[0].training.batch_size) == (9, 100)
        assert old.runs[0].id != new.runs[0].id
    keys = [{run.key for cell in made.cells_of("figure_10") for run in cell.runs} for made in (before, after)]
    assert keys[0] == keys[1]


def test_what_a_campaign_wants_first_is_trained_first() -> None:
    plain = plan(experiments=("table_3", "table_4"))
    first = [{"table": "4", "model": ["DCN", "DNN", "DCNv2"]}, {"table": "3", "ssem": "GM"}]
    made = plan(experiments=("table_3", "table_4"), first=first)
    order = [run.model.name for pack in made.packs for run in pack.runs]
    asked = sum(name in ("DCN", "DCNv2") for name in order)
    assert set(order[:asked]) == {"DCN", "DCNv2"}
    assert all(getattr(run.model, "ssem", "") == "GM" for pack in made.packs for run in pack.runs[asked : asked + 1])
    assert {run.key for pack in made.packs for run in pack.runs} == set(plain.runs)
    with pytest.raises(UserError, match=r"first\.0: no cell has "):
        _ = plan(experiments=("table_3",), first=[{"table": "9"}]).packs

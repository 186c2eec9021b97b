"""Keys and names that do not exist: every key misspelt, and every place that names something."""

from collections.abc import Iterator

from tests.attack.configurations.good import TABLE, Case, changed
from workflow.plan.config import NETWORKS, CampaignConfig
from workflow.settings import LOSS_CLASSES, MODEL_CLASSES
from workflow.spec import Optimizer, Training


def misspelt(name: str) -> str:
    """The name with two letters in the wrong order, or one too many."""
    place = len(name) // 2
    swapped = name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]
    return swapped if swapped != name else name + name[-1]


def unknown_keys() -> Iterator[Case]:
    """Every key of every mapping, misspelt."""
    network = sorted({key for cls in NETWORKS for key in cls.model_fields} - {"name", "base"})
    training = sorted(Training.model_fields)
    places = {
        ("mine.yaml", ""): sorted(CampaignConfig.model_fields),
        ("mine.yaml", "limits."): ["network", "training", "experiments"],
        ("mine.yaml", "limits.network."): network,
        ("mine.yaml", "limits.training."): training,
        ("mine.yaml", "limits.experiments.table_3."): training,
        ("mine.yaml", "twin."): ["rows", "seed"],
        ("mine.yaml", "timing."): ["twin_rows", "repeats"],
        ("datasets/frappe.yaml", ""): ["source", "published", "preparation", "presets", "protocol"],
        ("datasets/frappe.yaml", "source."): ["sha256", "md5", "file_md5", "homepage", "terms"],
        ("datasets/frappe.yaml", "preparation."): ["format", "files", "label", "label_at_least", "group", "min_count"],
        ("datasets/frappe.yaml", "preparation.fields.0."): ["transform", "list"],
        ("datasets/frappe.yaml", "protocol."): ["network", "models", "losses", "optimizer", "training"],
        ("datasets/frappe.yaml", "protocol.network."): network,
        ("datasets/frappe.yaml", "protocol.training."): training,
        ("datasets/frappe.yaml", "protocol.optimizer."): sorted(set(Optimizer.model_fields) - {"name"}),
        ("datasets/frappe.yaml", "protocol.models."): sorted(MODEL_CLASSES),
        ("datasets/frappe.yaml", "protocol.losses."): ["focal", "rce", "twin_focus"],
        ("datasets/frappe.yaml", "protocol.losses.twin_focus."): ["gamma"],
        ("datasets/kkbox.yaml", "presets.bars.genre_ids."): ["max_len", "separator", "vocabulary", "pooling"],
        ("experiments/table_3.yaml", ""): ["seeds", "arms", "overrides", "every_dataset", "timed"],
        ("experiments/table_3.yaml", "arms.0."): ["label", "grid", "optimizer", "training", "probes", "datasets"],
        ("experiments/table_3.yaml", "overrides.0."): ["source", "set"],
    }
    for (file, prefix), keys in places.items():
        for key in keys:
            wrong = prefix + misspelt(key)
            words = (wrong, "unknown key; did you mean")
            yield f"unknown {file} {prefix}{key}", file, changed(file, wrong, 1), words
    assert "focal" in LOSS_CLASSES


def unknown_names() -> Iterator[Case]:
    """Names of things that do not exist, in every place that names one."""
    for file, key, value, words in (
        ("mine.yaml", "datasets", ["frape"], ("datasets: no dataset 'frape'; did you mean 'frappe'",)),
        ("mine.yaml", "experiments", ["table3"], ("no experiment 'table3'; did you mean 'table_3'",)),
        ("mine.yaml", "limits.experiments", {"figur_2": {}}, ("limits.experiments: no experiment 'figur_2'",)),
        ("mine.yaml", "local", {"frapp": "x.zip"}, ("local: no dataset 'frapp'; did you mean 'frappe'",)),
        ("mine.yaml", "preset", "nope", ("preset: no 'nope'; (known: bars, paper)",)),
        ("mine.yaml", "preset", "bar", ("preset: no 'bar'; did you mean 'bars'",)),
        ("mine.yaml", "precision", "fp23", ("precision: no 'fp23'; did you mean 'fp32'",)),
        ("mine.yaml", "device", "gpu", ("device: no 'gpu'",)),
        ("mine.yaml", "limits.network.ssem", "SERR", ("limits.network.ssem: no 'SERR'; did you mean 'SER'",)),
        (
            "datasets/kkbox.yaml",
            "presets.bars.genre_id",
            {},
            ("presets.bars: no 'genre_id'; did you mean 'genre_ids'",),
        ),
        (
            "datasets/frappe.yaml",
            "source.file_md5.trian",
            "0" * 32,
            ("source.file_md5: no 'trian'; did you mean 'train'",),
        ),
        (
            "datasets/frappe.yaml",
            "published.rows.trian",
            3,
            ("published.rows.trian: no 'trian'; did you mean 'train'",),
        ),
        (
            "datasets/frappe.yaml",
            "published.vocabulary.usr",
            3,
            ("published.vocabulary: no 'usr'; did you mean 'user'",),
        ),
        ("datasets/frappe.yaml", "preparation.format", "cvs", ("preparation.format: no 'cvs'; did you mean",)),
        ("datasets/frappe.yaml", "preparation.fields.0.transform", "contry", ("no 'contry'; did you mean 'country'",)),
        ("datasets/frappe.yaml", "protocol.models.TF4CTR.dfm", "WFS", ("dfm: no 'WFS'; did you mean",)),
        ("datasets/frappe.yaml", "protocol.training.monitor", ["auk"], ("no 'auk'; did you mean 'auc'",)),
        ("datasets/frappe.yaml", "name", "frapp", ("name: must equal the file's name, 'frappe'",)),
        ("datasets/frappe.yaml", "preparation.label", "user", ("has the label, 'user'",)),
        ("datasets/frappe.yaml", "preparation.files", {"train": "a.csv"}, ("must name train, valid, test",)),
        ("experiments/table_3.yaml", "datasets", ["frape"], ("datasets: no dataset 'frape'; did you mean 'frappe'",)),
        ("experiments/table_3.yaml", "arms.0.datasets", ["frape"], ("arms.0.datasets: no dataset 'frape'",)),
        ("experiments/table_3.yaml", "overrides.0.dataset", "frapp", ("overrides.0.dataset: no dataset 'frapp'",)),
        (
            "experiments/table_3.yaml",
            "overrides.0.at",
            {"model": "SRE"},
            ("overrides: no cell at 'SRE'; did you mean 'SER'",),
        ),
        ("experiments/table_3.yaml", "overrides.0.set", {"modle.dropout": 1}, ("did you mean 'model'",)),
        (
            "experiments/table_3.yaml",
            "overrides.0.set",
            {"model.dropuot": 0.1},
            ("unknown key; did you mean 'dropout'",),
        ),
        ("experiments/table_3.yaml", "arms.0.model.name", "TF4CTRR", ("no 'TF4CTRR'; did you mean 'TF4CTR'",)),
        ("experiments/table_3.yaml", "arms.0.loss.name", "twinfocus", ("no 'twinfocus'; did you mean 'twin_focus'",)),
        ("experiments/table_3.yaml", "arms.0.grid", {"model.sem": ["SER"]}, ("'ssem' is not a key of the arm's grid",)),
        (
            "experiments/table_3.yaml",
            "arms.0.label",
            "{sem}",
            ("'sem' is not a key of the arm's grid; did you mean 'ssem'",),
        ),
        ("experiments/table_3.yaml", "arms.0.label", "{ssem.__class__}", ("is not a key of the arm's grid",)),
        ("experiments/table_3.yaml", "arms.0.label", "{ssem:>999999999}", ("is not a key of the arm's grid",)),
        ("experiments/table_3.yaml", "arms.0.label", "always", ("2 cells are called 'always'",)),
        ("experiments/table_3.yaml", "arms.0.grid", {"model.ssem": ["SER", "SER"]}, ("2 cells are called 'SER'",)),
        ("experiments/table_3.yaml", "overrides", TABLE["overrides"] * 2, ("'SER' of frappe is set twice",)),
        ("experiments/table_3.yaml", "seeds", [], ("seeds",)),
    ):
        yield f"name {file} {key} {str(value)[:40]}", file, changed(file, key, value), words

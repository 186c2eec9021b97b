"""Bad configurations, each with the words that its message must have.

A case is a file below the configuration folder, its content, and words. Contents start from
good files; one thing in each is wrong.
"""

import copy
from collections.abc import Iterator
from typing import Any

import yaml

from workflow.config import NETWORKS, ROOT, CampaignConfig
from workflow.settings import LOSS_CLASSES, MODEL_CLASSES
from workflow.spec import Optimizer, Training

Case = tuple[str, str, bytes, tuple[str, ...]]  # name, file, content, words

CAMPAIGN: dict[str, Any] = {
    "campaign": "mine",
    "datasets": ["frappe", "kkbox"],
    "experiments": ["table_1", "table_3"],
    "seeds": [1, 2],
    "twin": {"rows": 400, "seed": 1},
    "limits": {"network": {"embedding_dim": 8}, "training": {"max_epochs": 2}, "experiments": {"table_3": {}}},
    "timing": {"twin_rows": None, "repeats": 2},
    "threads": 1,
}
FRAPPE = yaml.safe_load((ROOT / "config/datasets/frappe.yaml").read_text(encoding="utf-8"))
KKBOX = yaml.safe_load((ROOT / "config/datasets/kkbox.yaml").read_text(encoding="utf-8"))
TABLE = {
    "name": "table_3",
    "title": "T",
    "datasets": ["frappe"],
    "arms": [
        {
            "label": "{ssem}",
            "grid": {"model.ssem": ["SER", "GM"]},
            "model": {"name": "TF4CTR"},
            "loss": {"name": "twin_focus"},
        }
    ],
    "overrides": [{"dataset": "frappe", "at": {"model": "SER"}, "source": "a log", "set": {"model.dropout": 0.3}}],
}
GOOD = {
    "mine.yaml": CAMPAIGN,
    "datasets/frappe.yaml": FRAPPE,
    "datasets/kkbox.yaml": KKBOX,
    "experiments/table_1.yaml": {"name": "table_1", "title": "T", "datasets": ["frappe"]},
    "experiments/table_3.yaml": TABLE,
}


def changed(file: str, key: str, value: Any) -> bytes:
    """Content of a good file with the value at a dotted key replaced."""
    content = copy.deepcopy(GOOD[file])
    *way, last = key.split(".")
    node: Any = content
    for part in way:
        node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
    if isinstance(node, list):
        node[int(last)] = value
    else:
        node[last] = value
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode()


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
        ("experiments/table_3.yaml", "arms.0.grid", {"model.sem": ["SER"]}, ("'ssem' is no key of the arm's grid",)),
        (
            "experiments/table_3.yaml",
            "arms.0.label",
            "{sem}",
            ("'sem' is no key of the arm's grid; did you mean 'ssem'",),
        ),
        ("experiments/table_3.yaml", "arms.0.label", "{ssem.__class__}", ("is no key of the arm's grid",)),
        ("experiments/table_3.yaml", "arms.0.label", "{ssem:>999999999}", ("is no key of the arm's grid",)),
        ("experiments/table_3.yaml", "arms.0.label", "always", ("2 cells are called 'always'",)),
        ("experiments/table_3.yaml", "arms.0.grid", {"model.ssem": ["SER", "SER"]}, ("2 cells are called 'SER'",)),
        (
            "experiments/table_3.yaml",
            "overrides",
            TABLE["overrides"] * 2,
            ("'SER' of frappe is set twice",),
        ),
        ("experiments/table_3.yaml", "seeds", [], ("seeds",)),
    ):
        yield f"name {file} {key} {str(value)[:40]}", file, changed(file, key, value), words


WRONG: dict[str, tuple[Any, ...]] = {
    "text": (3, 2.5, True, None, [], {}, ["a"], {"a": 1}),
    "number": ("many", True, None, [], {}, [1], -1, float("nan"), float("inf")),
    "list": (3, "frappe", True, None, {}, {"a": 1}, [3], [None], [[]], [{}]),
    "mapping": (3, "text", True, [], ["a"], [[]]),
}
TYPES = {
    "mine.yaml": {
        "campaign": "text",
        "datasets": "list",
        "experiments": "list",
        "limits": "mapping",
        "limits.network": "mapping",
        "limits.training": "mapping",
        "limits.training.batch_size": "number",
        "limits.network.dropout": "number",
        "twin.rows": "number",
        "timing.repeats": "number",
        "threads": "number",
        "pack_size": "number",
        "local": "mapping",
    },
    "datasets/frappe.yaml": {
        "title": "text",
        "source": "mapping",
        "preparation": "mapping",
        "preparation.fields": "list",
        "preparation.min_count": "number",
        "protocol.models": "mapping",
        "protocol.models.TF4CTR": "mapping",
    },
    "experiments/table_3.yaml": {
        "datasets": "list",
        "arms": "list",
        "arms.0.label": "text",
        "arms.0.grid": "mapping",
        "arms.0.model": "mapping",
        "overrides.0.set": "mapping",
    },
}
ALLOWED = {("datasets", "[]"), ("arms", "[]"), ("overrides", "[]")}  # an experiment may have none


def wrong_types() -> Iterator[Case]:
    """Values of another type, and numbers that are none."""
    for file, keys in TYPES.items():
        for key, kind in keys.items():
            for value in WRONG[kind]:
                if file.startswith("experiments") and (key, str(value)) in ALLOWED:
                    continue
                yield f"type {file} {key} {value!r}", file, changed(file, key, value), (key,)


def numbers() -> Iterator[Case]:
    """Numbers out of range, and limits that fit into no machine."""
    for file, key, value, words in (
        ("mine.yaml", "threads", 0, ("threads",)),
        ("mine.yaml", "threads", 1_000_000, ("threads", "1000000")),
        ("mine.yaml", "twin.rows", 99, ("twin.rows",)),
        ("mine.yaml", "twin.rows", 10**12, ("1,000,000,000,000 rows", "TiB of memory", "take fewer rows")),
        ("mine.yaml", "timing.repeats", 10**9, ("timing.repeats",)),
        ("mine.yaml", "limits.network.embedding_dim", 10**9, ("embedding", "GiB of memory")),
        ("mine.yaml", "limits.network.complex_units", [10**9, 10**9], ("layers", "EiB of memory", "smaller layers")),
        ("mine.yaml", "limits.network.dropout", 1.0, ("limits.network.dropout",)),
        ("mine.yaml", "limits.training.batch_size", 10**15, ("batch_size", "take fewer")),
        ("mine.yaml", "seeds", [-1], ("seeds",)),
        ("mine.yaml", "seeds", [], ("seeds",)),
        ("datasets/frappe.yaml", "preparation.fields.0.list", {"max_len": 10**12}, ("columns", "of memory")),
        ("datasets/frappe.yaml", "protocol.network.embedding_dim", 0, ("protocol.network.embedding_dim",)),
        (
            "experiments/table_3.yaml",
            "arms.0.grid",
            {"model.ssem": ["SER"] * 200, "model.dfm": ["VF"] * 200},
            ("40,000 cells",),
        ),
    ):
        yield f"number {file} {key} {str(value)[:30]}", file, changed(file, key, value), words


DUPLICATE = b"campaign: mine\ndatasets: [frappe]\nexperiments: [table_3]\n"
LAUGHS = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 9)) for c in range(ord("b"), ord("j"))
)


def texts() -> Iterator[Case]:
    """Files that are no YAML, or no configuration."""
    at = "not valid YAML: line"
    for name, content, words in (
        ("empty", b"", ("must be a mapping",)),
        ("only a comment", b"# nothing\n", ("must be a mapping",)),
        ("a list", b"- campaign\n", ("must be a mapping",)),
        ("a word", b"campaign\n", ("must be a mapping",)),
        ("a number", b"3\n", ("must be a mapping",)),
        ("an open list", DUPLICATE + b"seeds: [1, 2\n", (at,)),
        ("an open mapping", DUPLICATE + b"twin: {rows: 400\n", (at,)),
        ("an open quote", DUPLICATE + b"mirror: 'x\n", (at,)),
        ("a tab", DUPLICATE + b"limits:\n\ttraining: {}\n", (at + " 5, column 1",)),
        ("bad indentation", DUPLICATE + b"limits:\n  network: {}\n training: {}\n", (at,)),
        ("a stray brace", DUPLICATE + b"threads: }\n", (at + " 4, column 10",)),
        ("two documents", DUPLICATE + b"---\nthreads: 2\n", (at,)),
        (
            "a key twice",
            DUPLICATE + b"datasets: [kkbox]\n",
            (at + " 4, column 1: key 'datasets' again, it stands in line 2",),
        ),
        ("a nested key twice", DUPLICATE + b"twin: {rows: 400, rows: 500}\n", (at + " 4", "key 'rows' again")),
        ("an alias of nothing", DUPLICATE + b"threads: *n\n", (at,)),
        ("an alias of itself", DUPLICATE + b"seeds: &s [*s]\n", (at, "alias of itself")),
        ("many laughs", DUPLICATE + LAUGHS, (at, "too large with its aliases written out")),
        ("a tag of Python", DUPLICATE + b"threads: !!python/object/apply:os.system ['touch pwned']\n", (at,)),
        ("code of yte", b"__use_yte__: true\n" + DUPLICATE, ("__use_yte__: unknown key",)),
        ("deep brackets", DUPLICATE + b"seeds: " + b"[" * 5000 + b"]" * 5000, ("nested too deeply",)),
        ("deep mappings", DUPLICATE + b"twin: " + b"{a: " * 5000 + b"}" * 5000, ("nested too deeply",)),
        ("UTF-16", "campaign: mine\n".encode("utf-16"), ("line 1: not UTF-8", "save the file as UTF-8")),
        ("Latin-1", DUPLICATE + "mirror: /häuser\n".encode("latin-1"), ("line 4: not UTF-8",)),
        ("a zero byte", DUPLICATE + b"mirror: a\0b\n", ("line 4: a control character",)),
        ("an escape", DUPLICATE + b"mirror: \x1b[31m\n", ("line 4: a control character",)),
        ("a zip", b"PK\x03\x04" + bytes(range(256)), ("mine.yaml: ",)),
        (
            "a date as the name",
            DUPLICATE.replace(b"mine", b"2024-01-01"),
            ("campaign: must be text; put it in quotes", "2024-01-01"),
        ),
        ("a number as the name", DUPLICATE.replace(b"mine", b"2024"), ("campaign: must be text; put it in quotes",)),
        ("no as the name", DUPLICATE.replace(b"mine", b"no"), ("campaign: must be text",)),
        ("a date as a dataset", DUPLICATE.replace(b"frappe", b"2024-01-01"), ("datasets.0: must be text",)),
        ("a date that is none", DUPLICATE + b"mirror: 2024-13-45\n", ("a value cannot be read",)),
        ("a number of 5,000 digits", DUPLICATE + b"pack_size: " + b"9" * 5000, (at + " 4", "more than 18 digits")),
        ("a number of 30 digits", DUPLICATE + b"pack_size: " + b"9" * 30, (at + " 4", "more than 18 digits")),
        ("a key that is a list", DUPLICATE + b"? [a, b]\n: 3\n", (at + " 4", "a key that is no text")),
        ("a key that is a number", DUPLICATE + b"3: 4\n", ("3: ",)),
        ("a key that is nothing", DUPLICATE + b"null: 4\n", ("keys must be text",)),
        ("a long key", DUPLICATE + b"x" * 900 + b": 4\n", ("unknown key",)),
        ("two megabytes", DUPLICATE + b"# " + b"x" * (2 << 20), ("larger than 1 MiB",)),
        (
            "a dataset twice",
            DUPLICATE.replace(b"[frappe]", b"[frappe, frappe]"),
            ("datasets: 'frappe' is named twice",),
        ),
        (
            "an experiment twice",
            DUPLICATE.replace(b"[table_3]", b"[table_3, table_3]"),
            ("experiments: 'table_3' is named twice",),
        ),
        ("no datasets", DUPLICATE.replace(b"[frappe]", b"[]"), ("datasets: ",)),
        ("no experiments", DUPLICATE.replace(b"[table_3]", b"[]"), ("experiments: ",)),
        ("JSON cut short", b'{"campaign": "mine", ', (at,)),
        ("three keys missing", b"threads: 1\n", ("campaign: is missing; set it",)),
    ):
        yield f"text {name}", "mine.yaml", content, words


def all_cases() -> list[Case]:
    """Every bad configuration."""
    return [*unknown_keys(), *unknown_names(), *wrong_types(), *numbers(), *texts()]

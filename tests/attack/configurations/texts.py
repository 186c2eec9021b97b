"""Files that are not YAML, or not a configuration."""

from collections.abc import Iterator

from tests.attack.configurations.good import Case

DUPLICATE = b"campaign: mine\ndatasets: [frappe]\nexperiments: [table_3]\n"
LAUGHS = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (c, c, b", ".join([b"*%c" % (c - 1)] * 9)) for c in range(ord("b"), ord("j"))
)


def texts() -> Iterator[Case]:
    """Files that are not YAML, or not a configuration."""
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
            (at + " 4, column 1: key 'datasets' again, it is in line 2",),
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
        ("a date that is none", DUPLICATE + b"mirror: 2024-13-45\n", ("damaged YAML (", "; correct the file")),
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

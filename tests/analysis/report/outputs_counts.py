"""The counts in every output of a campaign: claims, runs, printed numbers, baselines."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.analysis.report.outputs import PRINT, QUESTION, Outputs, Said, drawing, texts_of

LAYERS = {
    "The paper against itself": "paper",
    "The paper against the authors' own logs": "logs",
    "The paper against our runs": "runs",
    "The paper against others' published results": "published",
}


def counts(of: Outputs) -> Iterator[Said]:
    yield from _claims(of)
    rows = [row for row in of.audit["rows"] if row["computed"]]
    readme = of.readme
    before = {row["claim"] for row in rows if row["layer"] != "runs"}
    checked = _one(r"\*\*(\d+) of the \d+ claims of the paper", readme)
    yield Said(("claims checked before any run",), "count", str(len(before)), "audit.json")
    yield Said(("claims checked before any run",), "count", checked, "README.md")
    audited = _one(r"(\d+) claims audited", str(of.audit["summary"]))
    yield Said(("claims",), "count", str(len({row["claim"] for row in of.audit["rows"]})), "audit.json")
    yield Said(("claims",), "count", _one(r"(\d+) claims are checked", of.report), "report.html")
    yield Said(("claims",), "count", audited, "audit.json, summary")
    bare = sum(row["layer"] == "logs" and row["verdict"] == "unsupported" for row in rows)
    for where, text in (("README.md", readme), ("report.html", of.report)):
        runs = _one(r"([\d,]+ of [\d,]+) planned runs have finished", text)
        yield Said(("runs",), "count", runs, where)
        yield Said(("nothing published",), "count", _one(r"(\d+) claims? about what the authors did", text), where)
        found = re.search(r"(\d+ of \d+) checks against .+?(\d+ of \d+) checks against .+? fail", text)
        for place, layer in enumerate(("paper", "logs"), 1):
            yield Said(("failed checks", layer), "count", found[place] if found else "", where)
        for share, title in re.findall(r"(\d+ of \d+) baselines on ([\w-]+\w)", text):
            yield Said(("baselines", of.titles[title]), "count", share, where)
    yield Said(("nothing published",), "count", str(bare), "audit.json")
    yield Said(("runs",), "count", _one(r"(\d+ of \d+) runs have finished", of.report), "report.html, runs")
    yield Said(("runs",), "count", _one(r"Campaign “\w+”: (\d+ of \d+) runs finished", of.report), "report.html, notes")
    for layer, bad in (("paper", "inconsistent"), ("logs", "contradicted")):
        words = [row["verdict"] for row in rows if row["layer"] == layer]
        yield Said(("failed checks", layer), "count", f"{words.count(bad)} of {len(words)}", "audit.json")
    for row in of.questions():
        for title, cell in row.items():
            if "the best baseline" in row[QUESTION] and (share := re.search(r"(\d+ of \d+) baselines so", cell)):
                yield Said(("baselines", of.titles[title]), "count", share[1], "README.md, questions")
    yield from _numbers(of)


def _claims(of: Outputs) -> Iterator[Said]:
    rows = Counter((row["layer"], row["verdict"]) for row in of.audit["rows"] if row["computed"])
    for (layer, word), count in rows.items():
        yield Said(("claims", str(layer), str(word)), "count", str(count), "audit.json, rows")
    for layer, words in of.audit["counts"].items():
        for word, count in words.items():
            yield Said(("claims", layer, word), "count", str(count), "audit.json, counts")
    for term, text in of.page.facts:
        if term in LAYERS and text:
            count, word = text.split(" ", 1)
            yield Said(("claims", LAYERS[term], word.strip()), "count", count, "report.html")
    for line in of.readme.splitlines():
        title, _, counts = line.removeprefix("- ").partition(": ")
        if layer := LAYERS.get(title[:1].upper() + title[1:]):
            for count, word in re.findall(r"(\d+) ([a-z ]+)", counts):
                yield Said(("claims", layer, word), "count", count, "README.md")


def _numbers(of: Outputs) -> Iterator[Said]:
    """Printed numbers by table and word: the pages' summaries, the report's tallies and all together."""
    ran: Counter[str] = Counter()
    for term, text in of.page.facts:
        count, _, word = text.partition(" ")
        if count.isdigit() and (found := re.search(r" of Table ([IV]+)$", term)):
            yield Said(("numbers", found[1], word.strip()), "count", count, "report.html")
    for name, roman in (("table_1", "I"), ("tuned", "VII")):
        for word, count in Counter(row["finding"] for row in of.tables[name] if row["finding"]).items():
            yield Said(("numbers", roman, word), "count", str(count), f"{name}.csv")
    for path in sorted((of.root / "paper_tables" / of.campaign).glob("table_*.md")):
        lines = of.text(path).splitlines()
        if "**Verdicts**" not in lines:
            continue
        roman, start = lines[0].split(":")[0].split(" ")[-1], lines.index("**Verdicts**") + 2
        header = [part.strip() for part in lines[start].strip("|").split("|")]
        sums: Counter[str] = Counter()
        for line in lines[start + 2 :]:
            parts = [part.strip() for part in line.strip("|").split("|")]
            if len(parts) == len(header) and parts[1].startswith("printed"):
                sums.update({word: int(part) for word, part in zip(header, parts, strict=True) if part.isdigit()})
        for word, count in sums.items():
            yield Said(("numbers", roman, word), "count", str(count), path.name)
            ran["all"] += count
            ran["ran"] += count * (word not in ("not run", "incomplete", "failed"))
    yield Said(("numbers",), "count", f"{ran['ran']} of {ran['all']}", "pages")
    yield Said(("numbers",), "count", _one(r"(\d+ of \d+) printed AUCs", of.report), "report.html")
    drawn = sum(bool(PRINT.fullmatch(text)) for text in texts_of(drawing(of.report, "prints")))
    yield Said(("numbers drawn",), "count", str(drawn), "report.html, drawing")
    yield Said(("numbers drawn",), "count", str(ran["ran"]), "pages")


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, pattern
    return found[1]

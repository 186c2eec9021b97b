"""The statements of every output of a campaign, read from its files as a reader would: digits or a verdict for each.

A comparison is named by its id, which the tables' long data have; a number by its configuration and table. Nothing here
computes a gain or a verdict: the tests search for outputs that contradict each other.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.analysis.report.outputs_page import Grid, Page, parsed
from tests.analysis.report.report_help import packed
from workflow.plan.config import available, load_dataset

TABLES = {f"Table {roman}": f"table_{place}" for place, roman in enumerate(("I", "II", "III", "IV", "V"), 1)}
SIGNED = re.compile(r"[+−]\d\.\d\d|0\.00")
QUESTION = "Research question of the paper"
FOREST = re.compile(r"(.+): (?:paper (?P<paper>[+−]?\d\.\d\d), )?ours (?P<ours>[+−]?\d\.\d\d)")
PRINT = re.compile(r"([\d.]+) → ([\d.]+), Δ ([+−]?[\d.]+); (.+)")
GROUP = re.compile(r"(Table \w+) · (.+?)(?: \(.+\))? · (g?AUC): \d+ of \d+ within .+")


@dataclass(frozen=True)
class Said:
    """A statement of an output: about the gain of a comparison, a number, or a count."""

    thing: tuple[str, ...]
    what: str
    text: str
    output: str


def points(auc: str) -> str:
    """A difference of AUC in points, as every output writes it."""
    text = f"{100 * float(auc):+.2f}".replace("-", "−")
    return text if text.strip("+−0.") else "0.00"


def ours(row: dict[str, str]) -> str:
    """A mean as tables show it, from long data."""
    spread = f" ± {100 * float(row['sd']):.2f}" if row["sd"] else ""
    count = "" if row["n"] == row["planned"] == "1" else f"n={row['n']}"
    count += f" of {row['planned']}" if row["n"] != row["planned"] else ""
    return f"{row['ours']}{spread}{f' ({count})' if count else ''}"


@dataclass(frozen=True)
class Outputs:
    """The files of a campaign below a folder."""

    root: Path
    campaign: str = "evidence"
    changed: Mapping[str, str] = field(default_factory=dict)  # by path, what to read instead of a file

    def text(self, path: Path) -> str:
        """A file's text."""
        name = path.relative_to(self.root).as_posix()
        return self.changed[name] if name in self.changed else path.read_text("utf-8")

    def rows(self, path: Path) -> list[dict[str, str]]:
        """The rows of long data."""
        return list(csv.DictReader(io.StringIO(self.text(path), newline="")))

    @cached_property
    def tables(self) -> dict[str, list[dict[str, str]]]:
        """All long data of tables by name."""
        folder = self.root / "paper_tables" / self.campaign
        return {path.stem: self.rows(path) for path in sorted(folder.glob("*.csv")) if path.stem != "audit"}

    @cached_property
    def titles(self) -> dict[str, str]:
        """Datasets' names by title."""
        return {load_dataset(name).title: name for name in available("datasets")}

    @cached_property
    def ids(self) -> dict[tuple[str, str, str, str], str]:
        """Ids of comparisons by item, over, dataset and metric."""
        return {
            (row["item"], row["over"], row["dataset"], row["metric"]): row["id"]
            for rows in self.tables.values()
            for row in rows
            if row.get("kind") == "comparison"
        }

    def id_of(self, item: str, over: str, dataset: str, metric: str = "auc") -> str:
        """The id of the comparison that an output names; the best of many may be unnamed."""
        of = {key: one for key, one in self.ids.items() if (key[0], key[2], key[3]) == (item, dataset, metric)}
        found = {one for key, one in of.items() if key[1] == over or key[1].startswith(f"{over}, ")}
        assert len(found) == 1, f"no table has {item} over {over} on {dataset} ({metric})"
        return found.pop()

    @cached_property
    def readme(self) -> str:
        """The README."""
        return self.text(self.root / "README.md")

    @cached_property
    def report(self) -> str:
        """The report's page, as it is opened first."""
        return self.text(self.root / "results" / self.campaign / "report.html")

    @cached_property
    def page(self) -> Page:
        """Its tables, counts and links."""
        return parsed(self.report)

    @cached_property
    def audit(self) -> dict[str, Any]:
        """The audit for programs."""
        return json.loads(self.text(self.root / "paper_tables" / self.campaign / "audit.json"))

    def said(self) -> list[Said]:
        """All statements of the outputs."""
        of = (self._long, self._figures, self._readme, self._page, self._folded, self._drawn, self._audit)
        return [one for part in of for one in part()]

    # -- one output each ----------------------------------------------------------------

    def _long(self) -> Iterator[Said]:
        for name, rows in self.tables.items():
            for row in rows:
                where = f"{name}.csv"
                if row.get("kind") == "comparison":
                    digits = points(row["gain"]) if row["gain"] else ""
                    bounds = [points(row[key]) for key in ("gain_low", "gain_high") if row[key]]
                    yield from _gain(row["id"], where, digits, bounds, row["gain_paper"], row["finding"])
                elif row.get("mean"):
                    of_two = ("two",) * row.get("cell", "").startswith("mean of two")  # of the same runs
                    thing = (row["run_keys"], row["metric"], *of_two)
                    yield Said(thing, "mean", f"{float(row['mean']):.10g}", where)
                    if row.get("paper"):
                        thing = (name, row["run_keys"].partition("/")[0], row["metric"], row["paper"])
                        delta = f"{float(row['delta']):+.2f}".replace("-", "−") if float(row["delta"]) else "0.00"
                        yield Said(thing, "ours", ours(row), where)
                        yield Said(thing, "points", row["ours"], where)
                        yield Said(thing, "Δ", delta, where)
                        yield Said(thing, "word", row["finding"], where)
                elif row.get("test_auc"):
                    yield Said((row["run_keys"], "auc"), "mean", f"{float(row['test_auc']):.10g}", where)

    def _figures(self) -> Iterator[Said]:
        for path in sorted((self.root / "figures" / self.campaign).glob("figure_*.csv")):
            for row in self.rows(path):
                if row.get("mean"):
                    thing = (row["run_keys"], row["metric"])
                    yield Said(thing, "mean", f"{float(row['mean']):.10g}", path.name)
                if row.get("finding"):
                    yield Said((path.stem, row["dataset"]), "word", row["finding"], path.name)

    def _readme(self) -> Iterator[Said]:
        for row in self.questions():
            compared = row.pop(QUESTION).partition(": ")[2]
            for title, cell in row.items():
                word, _, rest = cell.partition("<br>")
                if "**" in word:
                    yield from self._answered(compared, title, word.strip("* "), rest, "README.md")

    def questions(self) -> list[dict[str, str]]:
        """The README's table, by the names of its columns."""
        lines = [line for line in self.readme.splitlines() if line.startswith((f"| {QUESTION}", "| RQ"))]
        header, *rows = ([part.strip() for part in line.strip("|").split(" | ")] for line in lines)
        return [dict(zip(header, row, strict=True)) for row in rows]

    def _page(self) -> Iterator[Said]:
        grid = next(one for one in self.page.grids if one.caption.startswith("The paper's research questions"))
        for line in grid.lines():
            for title in self.titles:
                if title in line and line[title].word:
                    cell, compared = line[title], line["Question"].text.rpartition("\n")[2]
                    yield from self._answered(compared, title, cell.word, cell.text.strip(), "report.html")
        for grid in self.page.grids:
            title, _, rest = grid.caption.partition(": ")
            if rest == "models of Table IV and others":
                for line in grid.lines():
                    if ("TF4CTR", line["Model"].text, self.titles[title], "auc") in self.ids:
                        gain = line["Gain of TF4CTR over it"].text
                        compared = f"TF4CTR over {line['Model'].text}"
                        yield from self._answered(compared, title, line["Verdict"].word, gain, "report.html, scores")

    def _answered(self, compared: str, title: str, word: str, rest: str, where: str) -> Iterator[Said]:
        dataset = self.titles[title]
        if figure := re.search(r"Figure (\d+)", compared):
            yield Said((f"figure_{figure[1]}", dataset), "word", word, where)
        elif " over " in compared:
            found = re.match(r"(\S+) \[(\S+), (\S+)\](?: over [^,]+)?(?:, paper ([^ ]+))?", rest)
            item, _, over = compared.partition(" over ")
            key = self.id_of(item, over, dataset)
            digits, *bounds, paper = found.groups("") if found else ("", "")
            yield from _gain(key, where, digits, bounds, paper, word)

    def _folded(self) -> Iterator[Said]:
        for part, texts in packed(self.report).items():
            if part.startswith("runs-"):
                continue
            for grid in parsed(texts.get("", "")).grids:
                where, name = f"report.html, {part}", part
                if grid.caption.startswith("Gains of") and "Ours [95 %]" in {cell.text for cell in grid.rows[0]}:
                    yield from self._gains(grid, where)
                elif {"Paper", "Ours", "Δ", "Finding"} <= {cell.text for cell in grid.rows[0]} and name in self.tables:
                    metric = grid.caption.partition(",")[0].lower()
                    for line in grid.lines():
                        if line["Ours"].run:
                            thing = (name, line["Ours"].run, metric, line["Paper"].text)
                            yield Said(thing, "ours", line["Ours"].text.removesuffix(" †"), where)
                            yield Said(thing, "Δ", line["Δ"].text, where)
                            yield Said(thing, "word", line["Finding"].word, where)

    def _gains(self, grid: Grid, where: str) -> Iterator[Said]:
        dataset = self.titles[grid.heading.partition(" (")[0]]
        for line in grid.lines():
            over = re.sub(r" \(\d+ of \d+\)$", "", line["Over"].text)
            key = self.id_of(line[""].text, over, dataset, grid.caption.removeprefix("Gains of ").lower())
            digits, *bounds = re.findall(r"[+−]?\d+\.\d\d", line["Ours [95 %]"].text)
            paper = line["Gain: paper"].text.partition(" ")[0] if "Gain: paper" in line else ""
            yield from _gain(key, where, digits, bounds, paper.strip("–"), line["Finding"].word)

    def _drawn(self) -> Iterator[Said]:
        svgs = {
            "report.html, gains": drawing(self.report, "gains"),
            "gains.svg": self.text(self.root / "figures" / self.campaign / "gains.svg"),
        }
        for where, svg in svgs.items():
            for label, told in pairwise(texts_of(svg)):
                title, dot, compared = label.partition(" · ")
                if dot and (found := FOREST.fullmatch(told)):
                    item, _, over = re.sub(r", mean of \d+$", "", compared).partition(" over ")
                    key = self.id_of(item, over, self.titles[title])
                    yield from _gain(key, where, found["ours"], [], found["paper"] or "", found[1])
        group, where = None, "report.html, printed numbers"
        for label, told in pairwise(texts_of(drawing(self.report, "prints"))):
            group = GROUP.fullmatch(label) or group
            if group and (found := PRINT.fullmatch(told)):
                name, metric, dataset = TABLES[group[1]], group[3].lower(), self.titles[group[2]]
                at = {"dataset": dataset, "metric": metric, "item": label}
                (run,) = {row["run_keys"].partition("/")[0] for row in self.tables[name] if at.items() <= row.items()}
                for what, text in zip(("points", "Δ", "word"), found.groups()[1:], strict=True):
                    yield Said((name, run, metric, found[1]), what, text, where)

    def _audit(self) -> Iterator[Said]:
        for row in self.audit["rows"]:
            if row["layer"] != "runs":
                continue
            yield from self._claim(row)

    def _claim(self, row: dict[str, Any]) -> Iterator[Said]:
        where = f"audit.json, {row['claim']}"
        for item in row["items"]:
            label, measured, word, expected = (item[key] for key in ("label", "measured", "verdict", "expected"))
            if figure := re.fullmatch(r"optimum of figure (\d), (.+)", label):
                if figure[2] in self.titles.values():
                    yield Said((f"figure_{figure[1]}", figure[2]), "word", word, where)
            elif found := re.fullmatch(r"(.+?) over (.+), ([^,]+) \((g?auc)\)", label):
                digits = re.match(r"(\S+) \[(\S+), (\S+)\]", measured)
                if found[3] in self.titles and not label.startswith("Table "):
                    key = self.id_of(found[1], found[2], self.titles[found[3]], found[4])
                    told = ("", []) if digits is None else (digits[1], [digits[2], digits[3]])
                    paper = expected if SIGNED.fullmatch(expected) else ""
                    asked = bool(paper or expected in ("above 0", "below 0"))
                    yield from _gain(key, where, *told, paper, word if asked else "")
            elif found := re.fullmatch(r"(\S+) against the print \(p [^,]+(?:, (.+))?\)", measured):
                run, metric = item["evidence"][0].partition("/")[0], label.rpartition(" ")[2]
                thing = (TABLES[" ".join(label.split(" ")[:2])], run, metric, expected)
                yield Said(thing, "Δ", found[1], where)
                if found[2]:
                    yield Said(thing, "word", found[2], where)


def drawing(html: str, anchor: str) -> str:
    """The picture of the page that lies in an element, as its wide one."""
    return unquote(html.partition(f'id="{anchor}"')[2].partition('src="data:image/svg+xml,')[2].partition('"')[0])


def texts_of(svg: str) -> list[str]:
    """The text of a drawing, line by line."""
    texts = [one for one in ET.fromstring(svg).iter() if one.tag.endswith("text") and one.get("y")]
    texts.sort(key=lambda one: (float(one.get("y", "")), float(one.get("x", ""))))
    return ["".join(one.itertext()) for one in texts]


def different(said: list[Said]) -> dict[tuple[tuple[str, ...], str], dict[str, list[str]]]:
    """Contradictions: by thing and aspect, each text with the outputs that have it."""
    found: dict[tuple[tuple[str, ...], str], dict[str, list[str]]] = {}
    for one in said:
        found.setdefault((one.thing, one.what), {}).setdefault(one.text, []).append(one.output)
    return {key: texts for key, texts in found.items() if len(texts) > 1}


def _gain(key: str, where: str, digits: str, bounds: list[str], paper: str, word: str) -> Iterator[Said]:
    """Statements about a gain; an output may leave out its interval, the paper's gain or the verdict."""
    texts = {"gain": digits, "interval": ", ".join(bounds), "paper": paper, "word": word}
    for what, text in texts.items():
        if text:
            yield Said((key,), what, points_text(text) if what == "paper" else text, where)


def points_text(text: str) -> str:
    """A printed gain with its sign, as in every output."""
    number = float(text.replace("−", "-"))
    return f"{number:+.2f}".replace("-", "−") if number else "0.00"

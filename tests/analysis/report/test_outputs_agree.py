"""All outputs of the shipped campaign agree on each number, verdict and count."""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.analysis.report.outputs import Outputs, Said, different
from tests.analysis.report.outputs_counts import counts
from tests.analysis.report.report_help import packed
from workflow.analysis.report.page import Store
from workflow.plan.config import ROOT

WORDS = {"holds": "open", "seen": "tied", "consistent": "paper lower"}


@pytest.fixture(scope="module")
def said() -> list[Said]:
    return all_of(Outputs(ROOT))


def all_of(outputs: Outputs) -> list[Said]:
    return [*outputs.said(), *counts(outputs)]


def test_all_outputs_agree(said: list[Said]) -> None:
    assert different(said) == {}, "run `make evidence` and `make summary`"


def test_every_output_is_read(said: list[Said]) -> None:
    outputs = defaultdict(set)
    for one in said:
        outputs[one.thing, one.what].add(one.output.partition(",")[0])
    by_tables = {one.thing for one in said if one.what == "gain" and one.output.endswith(".csv")}
    compared = {thing for thing, _ in outputs if len(thing) == 1 and "@" in thing[0]}
    assert {thing for thing in compared if (thing, "gain") in outputs} == by_tables  # what is shown has a table
    answer = outputs[("tf4ctr@frappe",), "gain"]
    assert answer == {"table_4.csv", "README.md", "report.html", "gains.svg", "audit.json"}
    sweeps = [named for (thing, _), named in outputs.items() if thing[0] == "figure_8" and "figure_8.csv" in named]
    assert sweeps
    assert all({"figure_8.csv", "README.md", "report.html", "audit.json"} <= named for named in sweeps)
    alone = {thing: named for (thing, what), named in outputs.items() if what == "count" and len(named) < 2}
    assert alone == {}


def test_the_page_offers_the_files_that_lie_beside_it() -> None:
    outputs = Outputs(ROOT)
    for name, text in packed(outputs.report)["files"].items():
        path = ROOT / "paper_tables" / "evidence" / name.replace("claims", "audit")
        if path.suffix == ".csv" and path.exists():
            assert text == path.read_text("utf-8"), name


def test_the_page_shows_the_figures_that_lie_beside_it() -> None:
    """A page that is made at the same time would show earlier figures."""
    html = Outputs(ROOT).report
    _, _, gallery = html.partition('class="gallery"')
    shown = [unquote(uri) for uri in re.findall(r"data:image/svg\+xml,([^\"]+)", gallery.partition("</section>")[0])]
    drawn = {path.read_text("utf-8"): path.stem for path in (ROOT / "figures/evidence").glob("figure_*.svg")}
    names = [drawn.get(each) for each in shown]
    assert None not in names
    assert "figure_8" in names


def _next_digit(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}{(int(found[0][-1]) + 1) % 10}"


def _other_word(found: re.Match[str]) -> str:
    return f"{found[1]}{WORDS[found[2]]}"


def _folded(html: str, change: Callable[[str], str]) -> str:
    """The page with its folded parts changed."""
    store = Store()
    for part, texts in packed(html).items():
        for key, text in texts.items():
            store.keep(part, key, change(text) if part == "table_4" else text)
    return html.replace(json.dumps(json.loads(_stored(html))), str(store.text()))


def _stored(html: str) -> str:
    return html.partition('<script type="application/json" id="store">')[2].partition("</script>")[0]


@pytest.mark.parametrize(
    ("path", "pattern", "change"),
    [
        ("README.md", r"<br>[+−]\d\.\d\d", _next_digit),
        ("README.md", r"<br>\S+ \[\S+, [+−]\d\.\d\d", _next_digit),
        ("README.md", r"(\*\*)(holds)", _other_word),
        ("README.md", r"\d+(?= of \d+ planned runs)", _next_digit),
        ("README.md", r"\d+(?= consistent)", _next_digit),
        ("README.md", r"paper [+−]\d\.\d\d", _next_digit),
        ("results/evidence/report.html", r"ours \+\d\.\d\d", _next_digit),
        ("results/evidence/report.html", r"(</span> )(holds)", _other_word),
        ("results/evidence/report.html", r"\d+(?= claims are checked)", _next_digit),
        ("results/evidence/report.html", r"\d\d\.\d\d %E2%86%92 \d\d\.\d\d", _next_digit),
        ("folded", r"#run-\w+\">[+−]\d\.\d\d", _next_digit),
        ("folded", r"#run-\w+\">\d\d\.\d\d", _next_digit),
        ("folded", r"(± \d\.\d\d</td><td class=\"left\"> <span [^>]+><span [^>]+>.</span> )(consistent)", _other_word),
        ("figures/evidence/gains.svg", r"ours [+−]\d\.\d\d", _next_digit),
        ("figures/evidence/figure_8.csv", r"(,)(seen)(?=,)", _other_word),
        ("figures/evidence/figure_6.csv", r"0\.25,auc,0\.\d\d\d\d", _next_digit),
        ("paper_tables/evidence/table_4.csv", r"(,)(consistent)", _other_word),
        ("paper_tables/evidence/components.csv", r"TF loss\",auc,0\.\d\d\d\d", _next_digit),
        ("paper_tables/evidence/audit.json", r"\"measured\": \"[+−]\d\.\d\d(?= \[)", _next_digit),
        (
            "paper_tables/evidence/audit.json",
            r"(?s)(\"claim\": \"P33.auc\".*?\"verdict\": \")(holds)(?=\")",
            _other_word,
        ),
    ],
)
def test_a_changed_digit_or_word_is_found(path: str, pattern: str, change: Callable[[re.Match[str]], str]) -> None:
    name = "results/evidence/report.html" if path == "folded" else path
    before = (ROOT / name).read_text("utf-8")
    edit = lambda text: re.sub(pattern, change, text, count=1)  # noqa: E731
    after = _folded(before, edit) if path == "folded" else edit(before)
    assert after != before
    found = different(all_of(Outputs(ROOT, changed={name: after})))
    named = {output for texts in found.values() for outputs in texts.values() for output in outputs}
    assert any(Path(name).name in output for output in named)

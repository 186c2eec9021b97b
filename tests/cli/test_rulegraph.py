"""The picture of the architecture is that of the rules."""

import re
from xml.etree import ElementTree

from workflow.cli.rulegraph import drawn, parsed, rows, rule_graph
from workflow.plan.config import ROOT

DOT = """
0[label = "all"]; 1[label = "table"]; 2[label = "train"]; 3[label = "audit"];
1 -> 0
2 -> 1
3 -> 0
2 -> 3
"""


def test_what_a_rule_needs_lies_above_it() -> None:
    needs = parsed(DOT)
    assert needs == {"all": ["audit", "table"], "table": ["train"], "train": [], "audit": ["train"]}
    assert rows(needs) == [["train"], ["audit", "table"], ["all"]]
    picture = drawn(needs)
    assert drawn(parsed(DOT)) == picture
    tree = ElementTree.fromstring(picture)
    height = {text.text: float(text.attrib["y"]) for text in tree.iter() if text.tag.endswith("text")}
    assert all(height[need] < height[name] for name, others in needs.items() for need in others)
    assert picture.count("<path") == 4


def test_the_picture_in_the_documentation_is_the_demos_rule_graph() -> None:
    made = drawn(parsed(rule_graph(ROOT / "config/demo.yaml")))
    assert (ROOT / "images/rulegraph.svg").read_text(encoding="utf-8") == made, "run `make graph`"


def test_the_documentation_names_every_room() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rooms = {path.name for path in (ROOT / "workflow/analysis").iterdir() if path.is_dir() and path.name[0] != "_"}
    assert rooms == {"stats", "pages", "paper", "evidence", "compare", "tables", "figures", "claims", "report"}
    assert rooms <= set(re.findall(r"`(\w+)`", text))

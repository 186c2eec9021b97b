"""No text of the project has a word that english.yaml lists: comments, docstrings, messages, pages, documents."""

import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.test_links import tracked
from workflow.analysis.compare.words import WORDS
from workflow.plan.config import ROOT

LIST = ROOT / "tests" / "english.yaml"
PROSE = {".md", ".html", ".yaml", ".yml", ".smk", ".toml", ".cff", ".css", ".js", ".cfg", ""}
QUOTES = ("paper/", "LICENSE", "tests/english.yaml", "tests/test_english.py")  # the words of others, and the list
# From Python 3.12 on, a formatted string is several tokens.
TEXT = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
FIELD = re.compile(r"\{[^{}]*\}")  # a name within a formatted string is no text


@cache
def pattern() -> re.Pattern[str]:
    words = yaml.safe_load(LIST.read_text("utf-8"))
    return re.compile(r"\b(" + "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words) + r")\b", re.I)


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Lines of prose with their numbers: of Python comments and strings only. Nothing of a file without such a word."""
    text = path.read_text("utf-8")
    if not (pattern().search(text) or pattern().search(FIELD.sub("", text))):
        return
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in TEXT:
            yield token.start[0], FIELD.sub("", token.string)


def found_in(path: Path) -> list[str]:
    hits = ((line, hit[0]) for line, text in texts(path) for hit in pattern().finditer(text))
    return [f"{path.relative_to(ROOT)}:{line}: {hit}" for line, hit in hits]


def test_no_text_has_a_word_that_the_list_forbids() -> None:
    paths = [path for name in sorted(tracked()) if (path := ROOT / name).suffix in {*PROSE, ".py"} and path.is_file()]
    paths = [path for path in paths if not path.relative_to(ROOT).as_posix().startswith(QUOTES)]
    assert len(paths) > 300
    assert [line for path in paths for line in found_in(path)] == []


def test_the_method_explains_every_word_of_a_verdict() -> None:
    text = (ROOT / "docs/method.md").read_text("utf-8")
    assert [str(word) for word in WORDS if str(word) and f"`{word}" not in text] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"""Say what was told."""', True),
        ("# it bears a\n", False),
        ('x = f"{told} was told"', True),
        ('told = 1\nx = f"{told}"', False),  # a name is no text
    ],
)
def test_a_word_in_a_string_is_found(text: str, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.py"
    path.write_text(text + "\n", "utf-8")
    monkeypatch.setattr("tests.test_english.ROOT", tmp_path)
    assert bool(found_in(path)) is found

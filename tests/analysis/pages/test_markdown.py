"""Markdown against an independent parser: no text of a label or record becomes markup."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from workflow.analysis.pages import markdown
from workflow.analysis.pages.document import Document, Entry, Mark, Section, Table, table_of
from workflow.plan.config import ROOT

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = st.text(st.sampled_from("ab1 \\`*_[]()<>|$~#&;!-+=.:/\"'\t\n\x1b\u202e")) | st.text()


def seen(text: str) -> str:
    """The text that a reader should see: one line, with a mark for each invisible character."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in " ".join(text.split()))


def inline(tokens: list[Token]) -> list[Token]:
    return [token for token in tokens if token.type == "inline"]


def plain(token: Token) -> str:
    """The text of a line that holds nothing but text."""
    assert {child.type for child in token.children or []} <= {"text", "text_special"}, token.children
    return "".join(child.content for child in token.children or [])


def document(text: str) -> Document:
    row = (Entry(text), Entry(text, Mark.BEST), Entry(text, flag=text), Entry("run", record=f"runs/{text}/a.json"))
    return Document(
        "t", text, (text,), (Section(text, (text,), (Table(text, (text, "b", "c", "d"), (row,)),)),), (text,)
    )


@given(HOSTILE)
@example("![x](javascript:alert(1)) [a]: http://b <img src=x onerror=y> &lt; a|b")
@example("1. list")
@example("12345) list")
@example("- rule")
@example("# heading #")
@example("\\|\\")
@example("***")
def test_no_text_is_markup(text: str) -> None:
    """Every place of a document shows the text and nothing else."""
    tokens = PARSER.parse(markdown.to_markdown(document(text), Path("runs")))
    kinds = {token.type.removesuffix("_open") for token in tokens if token.type.endswith("_open")}
    assert kinds <= {"heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item"}
    lines = inline(tokens)
    wanted = seen(text)
    assert plain(lines[0]) == wanted
    cells = [plain(line) for line in inline(tokens[[t.type for t in tokens].index("table_open") :])[:5]]
    assert cells == [wanted, "b", "c", "d", wanted]
    note = lines[-1] if wanted else None
    assert note is None or plain(note) == wanted


@given(st.text(min_size=1))
def test_a_link_leads_to_the_record(name: str) -> None:
    """Whatever its name: spaces, brackets, pipes."""
    name = name.replace("/", "").replace("\0", "").strip(".") or "x"
    table = table_of("t", [{"a": Entry("run", record=f"runs/{name}")}])
    text = markdown.to_markdown(Document("t", "t", (), (Section("s", (), (table,)),)), Path("out"))
    (link,) = [
        child for token in inline(PARSER.parse(text)) for child in token.children or [] if child.type == "link_open"
    ]
    assert unquote(str(link.attrs["href"]), errors="surrogatepass") == f"../runs/{name}"


def test_words_keep_their_underscores() -> None:
    assert markdown.escape("twin_focus table_3 R&D 100 & 1") == "twin_focus table_3 R\\&D 100 & 1"


def test_a_table_with_a_long_line_is_not_padded_and_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "why " * 100
    rows = (("x", "1", ""), ("yy", "22", long), ("z|z", "3", "*"))
    table = table_of("t", [dict(zip(("a", "bbb", "c"), row, strict=True)) for row in rows])
    text = markdown.pipe_table(table)
    assert len(text) < len(long) + 100
    monkeypatch.setattr(markdown, "LINE", 10_000)
    padded = markdown.pipe_table(table)
    assert len(padded) > 4 * len(long)
    assert PARSER.render(text) == PARSER.render(padded)


def test_a_table_with_short_lines_is_aligned() -> None:
    table = table_of("t", [{"a": "x", "b": "1"}, {"a": "yyyyy", "b": "22222"}])
    assert table.align == "lr"
    lines = markdown.pipe_table(table).splitlines()
    assert len({len(line) for line in lines}) == 1


def test_no_shipped_page_is_padding() -> None:
    for page in (ROOT / "paper_tables/evidence").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert len(text) < 1.7 * len(re.sub(" {2,}", " ", text)), page.name

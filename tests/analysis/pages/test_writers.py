"""Markdown, LaTeX and CSV of a document with awkward text."""

import csv
import io
import re
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workflow.analysis.evidence.load import Evidence
from workflow.analysis.pages import latex, markdown
from workflow.analysis.pages.document import Document, Entry, Mark, Section, Table, rank_marks, table_of
from workflow.analysis.pages.files import safe_cell, to_csv
from workflow.analysis.tables.builders import render
from workflow.plan.campaign import Plan

AWKWARD = 'a_b & 50% of $x$ #1 {y} ~z^2 \\end <i> | "q" `c` *s* ±≤αΔ✓ 漢'
DOCUMENT = Document(
    name="table-0",
    title="Awkward",
    lines=(AWKWARD,),
    sections=(
        Section(
            "One & only",
            (AWKWARD,),
            (
                Table(
                    "50%",
                    ("[a]", "b"),
                    (
                        (Entry("1", Mark.BEST, flag="†"), Entry("2", Mark.SECOND)),
                        (Entry("[x]"), Entry(AWKWARD)),
                        (Entry("*"), Entry("z", record="a b/c.json")),
                    ),
                    group=1,
                ),
            ),
        ),
        Section("Evidence", (), (table_of("runs", [{"r": "line\nbreak \\end{document}"}]),), appendix=True),
    ),
    notes=(AWKWARD,),
    data=({"a": 'x,"y"', "b": "line\nbreak"}, {"a": "", "b": "é"}),
)


def compiled(fragment: str, folder: Path) -> None:
    engine = shutil.which("pdflatex") or shutil.which("tectonic")
    if engine is None:
        pytest.skip("neither pdflatex nor tectonic is installed")
    packages = r"\usepackage{booktabs,amssymb,adjustbox}"
    (folder / "fragment.tex").write_text(fragment, encoding="utf-8")
    (folder / "main.tex").write_text(
        rf"\documentclass{{article}}{packages}\begin{{document}}\input{{fragment}}\end{{document}}", encoding="utf-8"
    )
    options = ["-interaction=nonstopmode", "-halt-on-error"] if engine.endswith("pdflatex") else []
    done = subprocess.run([engine, *options, "main.tex"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
    assert (folder / "main.pdf").stat().st_size > 1000
    log = (folder / "main.log").read_text(encoding="utf-8", errors="replace") if engine.endswith("pdflatex") else ""
    wide_pt = [float(width) for width in re.findall(r"Overfull \\hbox \((.+?)pt too wide\)", log)]
    assert max(wide_pt, default=0) < 60  # a digest in the text, but no table
    assert "Float too large" not in log


def test_latex_compiles(tmp_path: Path) -> None:
    compiled(latex.to_latex(DOCUMENT), tmp_path)


def test_table_3_compiles(make_plan: Callable[..., Plan], put: Callable[..., Path], tmp_path: Path) -> None:
    plan = make_plan()
    for number, cell in enumerate(plan.cells_of("table_3")[:9]):
        put(
            cell.runs[0], auc=0.98 + number / 1000, origin=("published", "other", "twin")[number % 3], note="50% & more"
        )
    out = tmp_path / "out"
    for name in ("table_1", "table_3"):
        render(Evidence.load(plan), name, out)
        compiled((out / f"{name}.tex").read_text(encoding="utf-8"), tmp_path)


@pytest.mark.parametrize("name", ["table_2", "table_4", "selection"])
def test_tables_with_gains_compile(
    name: str, real_plan: Callable[..., Plan], put: Callable[..., Path], tmp_path: Path
) -> None:
    plan = real_plan(name, datasets=["frappe", "ml-tag"])
    for number, cell in enumerate(plan.cells[:40]):
        for seed, run in enumerate(cell.runs if cell.dataset == "frappe" else ()):
            put(run, auc=0.98 + number / 1e5 + seed * seed / 1e5)
    render(Evidence.load(plan), name, tmp_path / "out")
    fragment = (tmp_path / "out" / f"{name}.tex").read_text(encoding="utf-8")
    assert "?" not in fragment.replace("'s", "")  # a sign without a LaTeX command
    compiled(fragment, tmp_path)


@given(st.text())
def test_latex_escapes_every_special_character(text: str) -> None:
    """Oracle: what remains after removing known commands holds no active character."""
    escaped = latex.escape(text)
    commands = sorted({*latex.SPECIAL.values(), *latex.SIGNS.values()}, key=len, reverse=True)
    rest = re.sub("|".join(map(re.escape, commands)), "", escaped)
    assert not set(rest) & set("\\{}&%$#_~^")
    assert "\n" not in escaped


def test_a_large_table_is_split_between_groups_and_fits_the_page(tmp_path: Path) -> None:
    """Wider and longer than a page: the compiler's log shows that every part fits."""
    names = [f"column {place}" for place in range(12)]
    rows = [{"name": f"row {row}", **dict.fromkeys(names, "98.72 ± 0.04 (n=5)")} for row in range(99)]
    table = table_of("Large", rows, group=3)
    fragment = latex.to_latex(Document("large", "Large", (), (Section("S", (), (table,)),)))
    parts = fragment.split(r"\begin{table}")[1:]
    assert [part.count("row ") for part in parts] == [39, 39, 21]
    assert "Large (part 2 of 3)" in parts[1]
    compiled(fragment, tmp_path)


def test_latex_structure() -> None:
    text = latex.to_latex(DOCUMENT)
    assert r"\textbf{1}$\dagger$ & \underline{2} \\" in text
    assert "\n{}[x] & " in text
    assert text.count(r"\midrule") == 3
    assert r"\label{tab:table-0-one-only-50}" in text
    assert "% line break \\end{document}" in text
    assert all(text.count(f"\\begin{{{name}}}") == text.count(f"\\end{{{name}}}") for name in ("table", "tabular"))


def test_markdown_structure() -> None:
    text = markdown.to_markdown(DOCUMENT, Path("out"))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) in (2, 3) for row in rows)
    assert "**1**†" in text
    assert "*2*" in text
    assert "[z](../a%20b/c.json)" in text
    assert "\\<i>" in text
    assert "| line break" in text


def test_csv_round_trip() -> None:
    assert tuple(csv.DictReader(io.StringIO(to_csv(DOCUMENT.data, DOCUMENT.columns), newline=""))) == DOCUMENT.data


def test_marks() -> None:
    best, second, plain = Mark.BEST, Mark.SECOND, Mark.PLAIN
    assert rank_marks([Decimal("98.72"), Decimal("98.70"), Decimal("98.72"), None]) == [best, second, best, plain]
    assert rank_marks([Decimal("98.7"), None]) == [plain, plain]
    assert rank_marks([Decimal("98.7"), Decimal("98.7")]) == [plain, plain]


# -- comma-separated values: what a spreadsheet would compute, and what comes back ------


def is_number(text: str) -> bool:
    """Oracle: Python reads it as a finite number, thousands marked or not."""
    try:
        return abs(float(text.replace(",", ""))) < float("inf") and "_" not in text and text == text.strip()
    except ValueError:
        return False


@given(st.text() | st.from_regex(r"[=+\-@\t\r\n ]+.*"))
@example("=1+1")
@example("+cmd|' /C calc'!A0")
@example("  @SUM(1)")
@example("\t=1")
@example("-0.02…")
@example("−0.02")
def test_no_cell_is_a_formula(text: str) -> None:
    """Only numbers begin with a sign; text that begins with another letter is unchanged."""
    header, row = csv.reader(io.StringIO(to_csv([{"a": "b", text: text}], ("a", text)), newline=""))
    read = text.replace("\r\n", "\n").replace("\r", "\n")
    for written in (header[-1], row[-1]):
        if written[:1] in ("\t", "\r", "\n") or written.strip()[:1] in ("=", "+", "-", "@"):
            assert is_number(written)
        assert written.removeprefix("'") == read.removeprefix("'")


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_numbers_stay_numbers(value: float) -> None:
    ((_,), (number,), (words,), (signed,)) = csv.reader(
        io.StringIO(to_csv([{"n": value}, {"n": str(value)}, {"n": f"{value:+}"}], ["n"]))
    )
    assert float(number) == float(words) == float(signed) == float(value)


def test_what_is_no_text_stays() -> None:
    assert [safe_cell(value) for value in (None, "", "1,006,209")] == [None, "", "1,006,209"]

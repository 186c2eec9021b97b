r"""A document as LaTeX for \input: booktabs tables, everything escaped.

The preamble needs the packages booktabs, amssymb and adjustbox. A table that is wider than the page is scaled to
it, and a long one is split. Evidence goes along as comments.
"""

from dataclasses import replace

from workflow.analysis.pages.document import Document, Field, Mark, Section, Table, entry_of, text_of, told_in

ROWS = 40  # of a table that fits a page
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "`": r"\char96{}",
}
SIGNS = {
    "✓": r"$\checkmark$",
    "≠": r"$\neq$",
    "·": r"$\cdot$",
    "□": r"$\square$",
    "◇": r"$\lozenge$",
    "◆": r"$\blacklozenge$",
    "△": r"$\triangle$",
    "✗": r"$\times$",
    "○": r"$\circ$",
    "●": r"$\bullet$",
    "◐": r"$\odot$",
    "°": r"\textdegree{}",
    "†": r"$\dagger$",
    "Δ": r"$\Delta$",
    "−": r"$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "→": r"$\rightarrow$",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "γ": r"$\gamma$",
    "λ": r"$\lambda$",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
    "’": "'",
    "“": "``",
    "”": "''",
}
MARKS = {Mark.PLAIN: "{}", Mark.BEST: r"\textbf{{{}}}", Mark.SECOND: r"\underline{{{}}}"}


def to_latex(document: Document) -> str:
    """Write the document as a fragment; sections that are evidence become comments."""
    blocks = [rf"% {_comment(document.title)}", r"% Needs \usepackage{booktabs,amssymb,adjustbox}."]
    blocks += [_paragraph(line) for line in document.lines]
    for section in document.sections:
        blocks += _evidence(section) if section.appendix else _section(document.name, section)
    if document.notes:
        items = "\n".join(rf"\item {escape(note)}" for note in document.notes)
        blocks.append(f"{{\\footnotesize\n\\begin{{itemize}}\n{items}\n\\end{{itemize}}}}")
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    r"""Make any text safe in LaTeX; signs without a known command become a question mark.

    Examples
    --------
    >>> escape("50% of a_b & ±1")
    '50\\% of a\\_b \\& $\\pm$1'
    """
    return "".join(_sign(sign) for sign in " ".join(text.split()))


def _sign(sign: str) -> str:
    # pdflatex knows the Latin letters of UTF-8 but stops at other signs.
    known = SPECIAL.get(sign) or SIGNS.get(sign)
    return known or (sign if sign.isprintable() and (ord(sign) < 0x80 or 0xC0 <= ord(sign) < 0x180) else "?")


def _section(name: str, section: Section) -> list[str]:
    head = rf"\paragraph{{{escape(section.title)}}} " + " ".join(escape(line) for line in section.lines)
    return [
        head.rstrip() + r"\par",
        *(part for table in section.tables for part in _tables(name, section.title, table)),
    ]


def _tables(name: str, section: str, table: Table) -> list[str]:
    """The table, in parts that fit a page; parts break between groups."""
    step = max(ROWS - ROWS % table.group, table.group) if table.group else ROWS
    parts = [table.rows[start : start + step] for start in range(0, len(table.rows), step)] or [()]
    if len(parts) == 1:
        return [_table(name, section, table)]
    captions = (f"{table.caption} (part {part} of {len(parts)})" for part in range(1, len(parts) + 1))
    found = zip(captions, parts, strict=True)
    return [_table(name, section, replace(table, caption=caption, rows=rows)) for caption, rows in found]


def _table(name: str, section: str, table: Table) -> str:
    label = "-".join([name, *_slug(section), *_slug(table.caption)])
    lines = [
        r"\begin{table}[htbp]",
        r"\centering\small",
        rf"\caption{{{escape(f'{section}: {table.caption}')}}}",
        rf"\label{{tab:{label}}}",
        r"\begin{adjustbox}{max width=\textwidth}",
        rf"\begin{{tabular}}{{{table.align}}}",
        r"\toprule",
        _row(table.header),
        r"\midrule",
    ]
    for number, row in enumerate(table.rows, start=1):
        lines.append(_row(row))
        if table.group and number % table.group == 0 and number < len(table.rows):
            lines.append(r"\midrule")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{adjustbox}", r"\end{table}"])


def _row(fields: tuple[Field, ...]) -> str:
    # A row that starts with "[" would be read as an option of the \\ before it.
    line = " & ".join(_field(field) for field in fields)
    return ("{}" if line.startswith(("[", "*")) else "") + line + r" \\"


def _field(field: Field) -> str:
    entry = entry_of(field)
    return MARKS[entry.mark].format(escape(entry.text)) + escape(entry.flag) + _told(told_in(entry))


def _told(text: str) -> str:
    return f" {escape(text)}" if text.startswith(" ") else escape(text)


def _evidence(section: Section) -> list[str]:
    lines = [section.title, *section.lines]
    for table in section.tables:
        lines += [table.caption, " | ".join(table.header)]
        lines += [" | ".join(text_of(field) for field in row) for row in table.rows]
    return ["\n".join(f"% {_comment(line)}" for line in lines)]


def _paragraph(line: str) -> str:
    return rf"\noindent {escape(line)}\par"


def _comment(text: str) -> str:
    return " ".join(text.split())


def _slug(text: str) -> list[str]:
    return "".join(sign.lower() if sign.isascii() and sign.isalnum() else " " for sign in text).split()

r"""A document as LaTeX for \input: booktabs tables, everything escaped.

The preamble needs the packages booktabs, amssymb and adjustbox. A table that is wider than the page is scaled to
it, and a long one is split. Evidence goes along as comments.
"""

from workflow.analysis.pages.document import Document, Entry, Mark, Section, Table

ROWS = 40  # rows of a table that fits a page
SPECIAL = {
    **{sign: f"\\{sign}" for sign in "{}&%$#_"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "`": r"\char96{}",
}
_MATH = (
    "✓ checkmark, ≠ neq, · cdot, □ square, ◇ lozenge, ◆ blacklozenge, △ triangle, ✗ times, ○ circ, ● bullet, ◐ odot, "
    "† dagger, Δ Delta, ± pm, × times, ≤ leq, ≥ geq, → rightarrow, α alpha, β beta, γ gamma, λ lambda"
)
SIGNS = {
    **{pair[0]: f"$\\{pair[2:]}$" for pair in _MATH.split(", ")},
    "−": "$-$",
    "°": r"\textdegree{}",
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
    blocks = [f"% {_line(document.heading)}", r"% Needs \usepackage{booktabs,amssymb,adjustbox}."]
    blocks += [rf"\noindent {escape(line)}\par" for line in document.lines]
    for section in document.sections:
        blocks += _evidence(section) if section.appendix else _section(document.name, section)
    if document.notes:
        items = "\n".join(rf"\item {escape(note)}" for note in document.notes)
        blocks.append(f"{{\\footnotesize\n\\begin{{itemize}}\n{items}\n\\end{{itemize}}}}")
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    r"""Make any text safe in LaTeX; signs without a known command become a question mark."""
    return "".join(map(_sign, _line(text)))


def _sign(sign: str) -> str:
    # pdflatex knows the Latin letters of UTF-8 but stops at other signs.
    known = SPECIAL.get(sign) or SIGNS.get(sign)
    return known or (sign if sign.isprintable() and (ord(sign) < 0x80 or 0xC0 <= ord(sign) < 0x180) else "?")


def _section(name: str, section: Section) -> list[str]:
    head = rf"\paragraph{{{escape(section.title)}}} " + " ".join(map(escape, section.lines))
    tables = [part for table in section.tables for part in _parts(f"{name} {section.title}", section.title, table)]
    return [head.rstrip() + r"\par", *tables]


def _parts(label: str, section: str, table: Table) -> list[str]:
    """The table, in parts that fit a page; parts break between groups."""
    step = max(ROWS - ROWS % table.group, table.group) if table.group else ROWS
    parts = [table.rows[start : start + step] for start in range(0, len(table.rows), step)]
    captions = [f"{table.caption} (part {part} of {len(parts)})" for part in range(1, len(parts) + 1)]
    captions = [table.caption] if len(parts) == 1 else captions
    return [_table(label, section, caption, table, rows) for caption, rows in zip(captions, parts, strict=True)]


def _table(label: str, section: str, caption: str, table: Table, rows: tuple[tuple[Entry, ...], ...]) -> str:
    lines = [
        r"\begin{table}[htbp]",
        r"\centering\small",
        rf"\caption{{{escape(f'{section}: {caption}')}}}",
        rf"\label{{tab:{_slug(f'{label} {caption}')}}}",
        r"\begin{adjustbox}{max width=\textwidth}",
        rf"\begin{{tabular}}{{{table.align}}}",
        r"\toprule",
        _row([escape(name) for name in table.header]),
    ]
    for number, row in enumerate(rows):
        if number == 0 or (table.group and number % table.group == 0):
            lines.append(r"\midrule")
        lines.append(_row([_field(entry) for entry in row]))
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", r"\end{adjustbox}", r"\end{table}"])


def _row(fields: list[str]) -> str:
    # A row that starts with "[" would be read as an option of the \\ before it.
    return ("{}" if fields[0].startswith(("[", "*")) else "") + " & ".join(fields) + r" \\"


def _field(entry: Entry) -> str:
    told = entry.told  # escaping would remove the blank before a sign
    return MARKS[entry.mark].format(escape(entry.text)) + escape(entry.flag) + " " * told.startswith(" ") + escape(told)


def _evidence(section: Section) -> list[str]:
    lines = [section.title, *section.lines]
    for table in section.tables:
        lines += [table.caption, " | ".join(table.header), *(" | ".join(map(str, row)) for row in table.rows)]
    return ["\n".join(f"% {_line(line)}" for line in lines)]


def _line(text: str) -> str:
    return " ".join(text.split())


def _slug(text: str) -> str:
    return "-".join("".join(sign.lower() if sign.isascii() and sign.isalnum() else " " for sign in text).split())

"""The picture in docs/architecture.md: the workflow's rules as SVG, from Snakemake's own rule graph.

`snakemake --rulegraph` writes a graph in the language of Graphviz. Only what it says is read,
so that no Graphviz is needed: rules are laid out in rows, each below all that it needs.
"""

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from workflow.errors import UserError
from workflow.plan.config import ROOT

WIDTH, BOX_W, BOX_H, GAP_H = 760, 110, 34, 42
STYLE = (
    "text{font:13px sans-serif;text-anchor:middle;dominant-baseline:central;fill:#222}"
    "rect{fill:#eef3f8;stroke:#0072B2}path{fill:none;stroke:#767676}"
    "@media(prefers-color-scheme:dark){text{fill:#eee}rect{fill:#1d2b38}}"
)


def rule_graph(configfile: Path) -> str:
    """Ask Snakemake for the graph of rules of a campaign's `all`, where nothing has run.

    Behind a checkpoint that has run there are other edges, hence a folder without results.
    """
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "1", "--rulegraph"]
    with TemporaryDirectory() as empty:
        command += ["--directory", empty, "--configfile", str(configfile.resolve()), "--", "all"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise UserError(f"{configfile}: Snakemake cannot plan it: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def parsed(dot: str) -> dict[str, list[str]]:
    """By rule, the rules that it needs.

    Examples
    --------
    >>> parsed('0[label = "all"];1[label = "table"];1 -> 0')
    {'all': ['table'], 'table': []}
    """
    names = dict(re.findall(r'(\d+)\[\s*label\s*=\s*"([^"]+)"', dot))
    needs: dict[str, list[str]] = {name: [] for name in names.values()}
    for before, after in re.findall(r"(\d+)\s*->\s*(\d+)", dot):
        if names[before] != names[after]:  # a checkpoint's second stage needs its first
            needs[names[after]].append(names[before])
    return {name: sorted(set(found)) for name, found in needs.items()}


def rows(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Rules by depth: a rule lies one row below the deepest that it needs.

    Examples
    --------
    >>> rows({"all": ["table", "data"], "table": ["data"], "data": []})
    [['data'], ['table'], ['all']]
    """
    depth: dict[str, int] = {}

    def of(name: str) -> int:
        if name not in depth:
            depth[name] = max((of(other) + 1 for other in needs[name]), default=0)
        return depth[name]

    for name in needs:
        of(name)
    return [sorted(name for name in needs if depth[name] == row) for row in range(max(depth.values(), default=-1) + 1)]


def drawn(needs: Mapping[str, Sequence[str]]) -> str:
    """The graph as SVG; the same rules give the same bytes."""
    placed = {}
    found = rows(needs)
    for row, names in enumerate(found):
        for column, name in enumerate(names):
            placed[name] = (WIDTH * (column + 0.5) / len(names), BOX_H / 2 + 4 + row * (BOX_H + GAP_H))
    height = len(found) * (BOX_H + GAP_H) - GAP_H + 8
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>Rules of the workflow, from data to report</title><style>{STYLE}</style>",
    ]
    for name, others in sorted(needs.items()):
        x, y = placed[name]
        for other in others:
            u, v = placed[other]
            start, end, half = v + BOX_H / 2, y - BOX_H / 2, (v + y) / 2
            lines.append(f'<path d="M{u:.0f} {start:.0f}C{u:.0f} {half:.0f} {x:.0f} {half:.0f} {x:.0f} {end:.0f}"/>')
    for name, (x, y) in sorted(placed.items()):
        box = f'x="{x - BOX_W / 2:.0f}" y="{y - BOX_H / 2:.0f}" width="{BOX_W}" height="{BOX_H}" rx="5"'
        lines.append(f'<rect {box}/><text x="{x:.0f}" y="{y:.0f}">{escape(name.replace("_", " "))}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"

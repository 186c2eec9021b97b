"""The report as one HTML page. The same evidence gives the same bytes; the page loads nothing."""

import json
import os
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple
from urllib.parse import quote

import yaml
from jinja2 import Environment
from markupsafe import Markup, escape

from workflow.analysis.claims.audit import audit
from workflow.analysis.claims.recheck import recheck_text
from workflow.analysis.claims.registry import RANKS, Claim
from workflow.analysis.claims.results import AuditResult, AuditRow
from workflow.analysis.claims.write import audit_csv
from workflow.analysis.compare.questions import questions_of
from workflow.analysis.compare.words import Verdict, tally
from workflow.analysis.evidence.load import Evidence, campaign_runs, record_data
from workflow.analysis.evidence.standing import Obstacle, Tone
from workflow.analysis.figures import SWEEPS
from workflow.analysis.pages.files import to_csv
from workflow.analysis.pages.notes import SWEEPS_NOTE
from workflow.analysis.paper.prints import only_own
from workflow.analysis.report.answer import answer
from workflow.analysis.report.counts import (
    GROUPS,
    QUOTES,
    beside_runs,
    group_of,
    of_claims,
    of_tables,
    prints_of,
)
from workflow.analysis.report.forest import Groups, forest, of_prints, of_questions, of_rankings
from workflow.analysis.report.runs import anchor_of, as_json, command_of, configfile_of, configs_of, href_of, series_of
from workflow.analysis.report.scores import METRICS, of_own
from workflow.analysis.report.text import in_paper_order, listed, templates
from workflow.analysis.tables.builders import build
from workflow.analysis.tables.page import campaign_lines
from workflow.files import atomic_path, write_text
from workflow.plan.config import ROOT, load_dataset, load_experiment
from workflow.plan.places import is_figure

HERE = Path(__file__).parent
SHORT = {
    "paper": "itself",
    "logs": "logs",
    "runs": "our runs",
    "published": "others' results",
    QUOTES: "its own quotes",
}
ALIGN = {"l": "left", "r": "right"}
TONES: tuple[Tone, ...] = ("bad", "unsure", "data", "none", "good")  # in the order in which reviewers need them
Drawings = dict[str, bytes]  # SVG by layout
SAFE = " <>/='():;,{}@!?+-"  # need no escape in an attribute; a quarter smaller than base64


class ClaimView(NamedTuple):
    """A claim with its rows: its rank (0 is central), how bad its worst verdict is (0 fails), its place."""

    claim: Claim
    rows: list[AuditRow]
    rank: int
    worst: int
    place: int


class Store:
    """Folded HTML and files by part and key, compressed; the page makes them only when a reader opens them.

    The template passes the content of a folded element and gets the attributes of that element back; the page's
    script reads them. What is opened together belongs in one part.
    """

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, str]] = {}

    def keep(self, part: str, key: str, text: str) -> Markup:
        """Keep a text, and return the attributes that name it."""
        self._parts.setdefault(part, {})[key] = str(text)
        return Markup('data-part="{}" data-key="{}"').format(escape(part), escape(key))

    def text(self) -> Markup:
        """All parts as JSON: base64 of zlib's format, which DecompressionStream("deflate") reads."""
        packed = {
            part: b64encode(zlib.compress(json.dumps(texts, ensure_ascii=False).encode(), 9)).decode()
            for part, texts in self._parts.items()
        }
        return Markup(json.dumps(packed))


class Pictures(NamedTuple):
    """The report's own drawings."""

    gains: Drawings
    prints: Drawings  # our numbers against those that the paper prints


def write_report(
    evidence: Evidence, out: Path, result: AuditResult | None = None, pictures: Pictures | None = None
) -> None:
    """Write a campaign's report, such as results/<campaign>/report.html, and its gains as a figure; each atomically.

    What has no record yet is shown as `not run`. Audit and pictures are made if not given.
    """
    root = Path(os.path.relpath(Path.cwd(), out.resolve().parent)).as_posix()
    pictures = pictures or pictures_of(evidence)
    write_text(out, render_page(evidence, result, root, pictures))
    with atomic_path(Path("figures", evidence.plan.campaign.campaign, "gains.svg")) as part:
        part.write_bytes(pictures.gains["wide"] if pictures.gains else forest(()))


def render_page(
    evidence: Evidence, result: AuditResult | None = None, root: str = "../..", pictures: Pictures | None = None
) -> str:
    """The report as text; `root` is the way to the working directory. Audit and pictures are made if not given."""
    campaign, about = evidence.plan.campaign, evidence.paper.about
    own = only_own(campaign)
    audited = result if result or own else audit(evidence)
    names, prints = campaign.experiments, prints_of(evidence)
    pictures = pictures or pictures_of(evidence)
    of_runs, planned = campaign_runs(evidence, names)
    documents = tuple(build(evidence, name) for name in in_paper_order((*names, "cost")) if not is_figure(name))
    style, script = (HERE / "report.css").read_text("utf-8"), (HERE / "report.js").read_text("utf-8")
    beside = beside_runs(prints)
    return (
        environment(evidence)
        .get_template("page.html")
        .render(
            campaign=campaign,
            own=listed(load_dataset(name).title for name in campaign.datasets) if own else "",
            root=root,
            metrics=METRICS,
            paper=about,
            notes=campaign_lines(evidence, names),
            runs=([record for _, _, record in of_runs], planned),
            layers=of_claims(audited) if audited else (),
            documents=documents,
            tallies={} if own else of_tables(documents, prints),
            figures=figures_of(evidence),
            optimum_note=SWEEPS_NOTE if any(name in SWEEPS for name in names) else "",
            claims=claims_of(audited) if audited else (),
            recheck=recheck_text(),
            answer=answer(evidence, audited),
            gains=pictures.gains,
            prints=pictures.prints,
            numbers=prints,
            beside_runs=len(beside),
            standings=tally(Verdict(None, number.ground.standing) for number in beside),
            store=Store(),
            ranks=RANKS,
            audit_csv=audit_csv(audited) if audited else "",
            bibtex=bibtex(about.title, about.arxiv, about.version),
            datasets=configs_of(evidence, cited_runs(audited) if audited else {}),
            style=style,
            script=script,
            policy=policy(style, script),
        )
    )


def environment(evidence: Evidence | None = None) -> Environment:
    """Templates in which everything is escaped and a misspelt name is an error."""
    made = templates(autoescape=True)
    known = frozenset(evidence.plan.runs if evidence else ())
    href: Callable[[Iterable[str]], str | None] = partial(href_of, known=known)
    made.globals |= {
        "href": href,
        "titles": GROUPS,
        "short": SHORT,
        "group_of": group_of,
        "align": ALIGN,
        "to_csv": to_csv,
        "obstacle": lambda status: Verdict(Obstacle(status)),
        "anchor_of": anchor_of,
        "as_json": as_json,
        "command_of": partial(command_of, configfile_of(evidence)) if evidence else None,
        "record_data": record_data,
        "series_of": series_of,
        "fmean": fmean,
        "stdev": stdev,
    }
    made.filters |= {"slug": slug, "uri": as_uri}
    made.filters["digits"] = lambda value, count: "–" if value is None else f"{value:.{count}f}"
    return made


def pictures_of(evidence: Evidence) -> Pictures:
    """Draw the report's own pictures, which read no figure's file."""
    prints = of_prints(prints_of(evidence), evidence.paper)
    return Pictures(drawings(gains_of(evidence)), drawings(prints, band=True))


def drawings(groups: Groups, *, band: bool = False) -> Drawings:
    """A drawing, wide and narrow; the page shows the one that fits. Empty without groups."""
    layouts = {"wide": False, "narrow": True} if groups else {}
    return {name: forest(groups, narrow=narrow, band=band) for name, narrow in layouts.items()}


def as_uri(svg: bytes) -> Markup:
    """The address of a picture that lies in the page."""
    return Markup(f"data:image/svg+xml,{quote(svg, safe=SAFE)}")


def figures_of(evidence: Evidence) -> list[dict[str, Any]]:
    """The campaign's figures in the paper's order; without a URI if there is none in figures/<campaign>.

    A figure without any finished run has no URI either.
    """
    found = []
    for name in filter(is_figure, in_paper_order(evidence.plan.campaign.experiments)):
        path, cells = Path("figures", evidence.plan.campaign.campaign, f"{name}.svg"), evidence.cells(name)
        empty = bool(cells) and not any(one.finished for one in cells)
        uri = as_uri(path.read_bytes()) if path.is_file() and not empty else None
        title = f"{name.replace('_', ' ').capitalize()}: {load_experiment(name).title}"
        found.append({"name": name, "title": title, "data": path.with_suffix(".csv").as_posix(), "uri": uri})
    return found


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens only.

    Examples
    --------
    >>> slug("other protocol")
    'other-protocol'
    """
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in text.lower())
    return "-".join(part for part in plain.split("-") if part)


def policy(style: str, script: str) -> str:
    """Content security policy: this style and this script by their digests, embedded pictures, nothing else.

    Text that was not escaped could therefore neither run nor load anything.
    """
    digests = (f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style, script))
    allowed = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src {}; script-src {}"
    return allowed.format(*digests)


def bibtex(title: str, arxiv: str, version: str) -> str:
    """How to cite the paper and this harness."""
    own = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return (
        f"@misc{{tf4ctr, title = {{{title}}}, eprint = {{{arxiv}{version}}}, archivePrefix = {{arXiv}},\n"
        f"  url = {{https://arxiv.org/abs/{arxiv}{version}}}}}\n\n"
        f"@software{{tf4ctr-audit, title = {{{own['title']}}}, version = {{{own['version']}}},\n"
        f"  author = {{{{{own['authors'][0]['name']}}}}}}}\n"
    )


def cited_runs(result: AuditResult) -> dict[str, list[str]]:
    """By evidence, the claims that name it."""
    found: dict[str, dict[str, None]] = {}
    for row in result.rows:
        for item in (row.outcome, *row.outcome.items):
            for key in item.evidence:
                found.setdefault(key, {})[row.claim.id] = None
    return {key: list(claims) for key, claims in found.items()}


def claims_of(result: AuditResult) -> list[ClaimView]:
    """Every claim that the audit has a row for: by rank, failed checks first."""
    views = []
    for place, (_, group) in enumerate(groupby(result.rows, lambda row: row.claim.id)):
        rows = list(group)
        worst = min(TONES.index(row.verdict.tone) for row in rows)
        views.append(ClaimView(rows[0].claim, rows, RANKS.index(rows[0].claim.rank), worst, place))
    return sorted(views, key=lambda view: (view.rank, view.worst))


def gains_of(evidence: Evidence) -> Groups:
    """What is drawn of a campaign's gains."""
    return [*of_questions(questions_of(evidence)), *of_rankings(of_own(evidence))]

"""Putting the page together. The same evidence gives the same bytes; nothing is loaded from elsewhere."""

import os
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from workflow.analysis.claims.audit import audit
from workflow.analysis.claims.recheck import recheck_text
from workflow.analysis.claims.registry import RANKS, Claim
from workflow.analysis.claims.results import AuditResult, AuditRow
from workflow.analysis.claims.write import audit_csv
from workflow.analysis.compare.notes import SWEEPS_NOTE
from workflow.analysis.compare.questions import questions_of
from workflow.analysis.compare.words import Tone, Verdict
from workflow.analysis.evidence.load import Evidence, campaign_runs
from workflow.analysis.evidence.standing import Obstacle
from workflow.analysis.pages.document import entry_of
from workflow.analysis.pages.sheet import to_csv
from workflow.analysis.report.answer import answer
from workflow.analysis.report.axis import LAYOUTS
from workflow.analysis.report.bars import bar
from workflow.analysis.report.forest import (
    NO_GAINS,
    Groups,
    against_prints,
    forest,
    of_questions,
    of_rankings,
    standalone,
)
from workflow.analysis.report.order import in_paper_order
from workflow.analysis.report.pictures import figures_of
from workflow.analysis.report.printed import prints_of
from workflow.analysis.report.runs import dataset_views, href_of
from workflow.analysis.report.scores import METRICS, of_own, only_own
from workflow.analysis.report.store import Store
from workflow.analysis.report.tally import GROUPS, QUOTES, beside_runs, group_of, of_claims, of_standings, of_tables
from workflow.analysis.report.text import listed
from workflow.analysis.tables.builders import build
from workflow.analysis.tables.page import campaign_lines
from workflow.files import write_text
from workflow.plan.config import ROOT, load_dataset
from workflow.plan.places import is_figure

HERE = Path(__file__).parent
SHORT = {
    "paper": "itself",
    "logs": "logs",
    "runs": "our runs",
    "published": "others' results",
    QUOTES: "its own quotes",
}
ALIGN = {"l": "left", "r": "right", "c": "center"}
TONES: tuple[Tone, ...] = ("bad", "unsure", "data", "none", "good")  # what a reviewer looks at first comes first


@dataclass(frozen=True)
class ClaimView:
    """A claim with its rows, and its place in the registry."""

    claim: Claim
    rows: tuple[AuditRow, ...]
    place: int

    @property
    def rank(self) -> int:
        """0 is central."""
        return RANKS.index(self.claim.rank)

    @property
    def worst(self) -> int:
        """How bad its worst verdict is; 0 does not hold."""
        return min(TONES.index(row.verdict.tone) for row in self.rows)

    @property
    def fails(self) -> bool:
        """Whether something does not hold."""
        return self.worst == TONES.index("bad")


@dataclass(frozen=True)
class Progress:
    """Runs and hours."""

    planned: int
    done: int
    failed: int
    hours: str


def write_report(evidence: Evidence, out: Path) -> None:
    """Write the report of a campaign, and its gains as figures/<campaign>/gains.svg; each atomically.

    Parameters
    ----------
    evidence : Evidence
        What there is of the campaign. What has no record yet is shown as `not run`.
    out : Path
        The file, such as results/<campaign>/report.html.
    """
    write_text(out, render_page(evidence, root=Path(os.path.relpath(Path.cwd(), out.resolve().parent)).as_posix()))
    drawn = forest(_gains(evidence)) or NO_GAINS
    write_text(Path("figures", evidence.plan.campaign.campaign, "gains.svg"), standalone(drawn))


def render_page(evidence: Evidence, result: AuditResult | None = None, root: str = "../..") -> str:
    """The report as text.

    Parameters
    ----------
    evidence : Evidence
        What there is of the campaign.
    result : AuditResult, optional
        The audit of this campaign; by default it is made, unless the campaign is a user's own.
    root : str
        The working directory, as seen from the page's folder: links to tables and figures begin with it.
    """
    own = only_own(evidence)
    audited = result if result or own else audit(evidence)
    names, numbers, gains = evidence.plan.campaign.experiments, prints_of(evidence), _gains(evidence)
    documents = tuple(build(evidence, name) for name in in_paper_order((*names, "cost")) if not is_figure(name))
    style, script = (HERE / "report.css").read_text("utf-8"), (HERE / "report.js").read_text("utf-8")
    return (
        environment(frozenset(evidence.plan.runs))
        .get_template("page.html")
        .render(
            campaign=evidence.plan.campaign,
            own=_titles(evidence) if own else "",
            root=root,
            metrics=METRICS,
            paper=evidence.paper.about,
            notes=campaign_lines(evidence, names),
            progress=progress(evidence),
            layers=of_claims(audited) if audited else (),
            documents=documents,
            tables=() if own else of_tables(documents, numbers),
            figures=figures_of(evidence),
            optimum_note=SWEEPS_NOTE,
            claims=claims_of(audited) if audited else (),
            recheck=recheck_text(),
            answer=answer(evidence, audited),
            forest=_drawings(forest(gains, layout) for layout in LAYOUTS),
            prints=_drawings(against_prints(numbers, layout) for layout in LAYOUTS),
            numbers=numbers,
            beside_runs=len(beside_runs(numbers)),
            standings=of_standings(numbers),
            store=Store(),
            ranks=RANKS,
            audit_csv=audit_csv(audited) if audited else "",
            bibtex=bibtex(evidence.paper.about.title, evidence.paper.about.arxiv, evidence.paper.about.version),
            short=SHORT,
            not_run=Verdict(Obstacle.NOT_RUN),
            datasets=dataset_views(evidence, cited_runs(audited) if audited else {}),
            style=style,
            script=script,
            policy=policy(style, script),
        )
    )


def environment(known: frozenset[str] = frozenset()) -> Environment:
    """Templates in which everything is escaped and a misspelt name is an error; `known` are the page's runs."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    href: Callable[[Iterable[str]], str | None] = lambda keys: href_of(keys, known)  # noqa: E731 - typed
    made.globals |= {
        "entry_of": entry_of,
        "href": href,
        "titles": GROUPS,
        "group_of": group_of,
        "align": ALIGN,
        "bar": _bar,
        "to_csv": to_csv,
    }
    made.filters |= {"slug": slug}
    return made


def _drawings(drawn: Iterable[str]) -> Markup:
    """One drawing in each layout, of which the page shows the one that fits; an XML writer escaped them."""
    return Markup("").join(map(Markup, drawn))


def _bar(counted: Sequence[tuple[Verdict, int]]) -> Markup:
    return Markup(bar(counted))


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
    """Content security: this style and this script by their digests, pictures in the page, nothing else.

    So even text that got past the escaping could neither run nor load anything.
    """
    return (
        f"default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src {_digest(style)}; script-src {_digest(script)}"
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def bibtex(title: str, arxiv: str, version: str) -> str:
    """How to cite the paper and this harness."""
    own = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return (
        f"@misc{{tf4ctr, title = {{{title}}}, eprint = {{{arxiv}{version}}}, archivePrefix = {{arXiv}},\n"
        f"  url = {{https://arxiv.org/abs/{arxiv}{version}}}}}\n\n"
        f"@software{{tf4ctr-audit, title = {{{own['title']}}}, version = {{{own['version']}}},\n"
        f"  author = {{{{{own['authors'][0]['name']}}}}}}}\n"
    )


def progress(evidence: Evidence) -> Progress:
    """Runs planned, done and failed, and the hours that those with a record took."""
    done, planned = campaign_runs(evidence, evidence.plan.campaign.experiments)
    status = Counter(record.status for _, _, record in done)
    hours = sum(record.provenance.wall_s for _, _, record in done) / 3600
    return Progress(planned, status["ok"], status["failed"], f"{hours:.2f}")


def cited_runs(result: AuditResult) -> dict[str, list[str]]:
    """By evidence, the claims that name it."""
    found: dict[str, dict[str, None]] = {}
    for row in result.rows:
        for item in (row.outcome, *row.outcome.items):
            for key in item.evidence:
                found.setdefault(key, {})[row.claim.id] = None
    return {key: list(claims) for key, claims in found.items()}


def claims_of(result: AuditResult) -> list[ClaimView]:
    """Every claim that the audit has a row for: by rank, what does not hold first."""
    groups = [list(group) for _, group in groupby(result.rows, lambda row: row.claim.id)]
    views = [ClaimView(rows[0].claim, tuple(rows), place) for place, rows in enumerate(groups)]
    return sorted(views, key=lambda view: (view.rank, view.worst))


def _gains(evidence: Evidence) -> Groups:
    return [*of_questions(questions_of(evidence)), *of_rankings(of_own(evidence))]


def _titles(evidence: Evidence) -> str:
    return listed(load_dataset(name).title for name in evidence.plan.campaign.datasets)

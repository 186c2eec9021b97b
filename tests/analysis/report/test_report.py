"""The report: complete, self-contained, and safe against hostile data."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import fromstring

import pytest
import yaml
from markupsafe import escape

from tests.analysis.report.report_help import HOSTILE, Page, packed, put_most, whole
from workflow.analysis.claims.audit import audit, counts
from workflow.analysis.claims.recheck import recheck_text
from workflow.analysis.compare.words import Finding, Verdict
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.evidence.standing import Obstacle, Standing
from workflow.analysis.pages.document import Document, Entry, Section, table_of
from workflow.analysis.pages.latex import to_latex
from workflow.analysis.pages.markdown import to_markdown
from workflow.analysis.report import page as module
from workflow.analysis.report.counts import beside_runs, of_tables, prints_of
from workflow.analysis.report.page import render_page, write_report
from workflow.analysis.report.runs import anchor_of, command_of, configfile_of, href_of, series_of
from workflow.analysis.tables.builders import build
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT, load_experiment
from workflow.train.record import read_record

MakePlan = Callable[..., Plan]
Put = Callable[..., Path]


@pytest.fixture
def plan(make_plan: MakePlan) -> Plan:
    return make_plan(datasets=["frappe"], experiments=["table_1", "table_3"])


SOME = ("P01", "P14", "P33.auc", "P36", "E14.simple")


def few_claims(plan: Plan) -> str:
    """The page with some of its claims; the other parts do not depend on them."""
    evidence = Evidence.load(plan)
    return render_page(evidence, result=audit(evidence, only=SOME))


@pytest.fixture(scope="module")
def kept() -> list[str]:
    """The page of the plan, once a test has made it."""
    return []


@pytest.fixture
def html(plan: Plan, put: Put, kept: list[str]) -> str:
    """The page of the plan with all runs but the last, of which the first failed; its records are there, too."""
    put_most(plan, put)
    if not kept:
        kept.append(render_page(Evidence.load(plan)))
    return kept[0]


def test_every_run_has_its_section_and_every_link_its_target(plan: Plan, html: str) -> None:
    page = Page(whole(html))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {anchor_of(key) for key in plan.runs} <= set(ids)
    links = page.values("href")
    assert links
    inside = [link for link in links if link.startswith("#")]
    assert all(link[1:].partition("?")[0] in ids for link in inside)
    outside = {link for link in links if link not in inside}
    assert all(link.startswith(("../../", "https://arxiv.org/")) for link in outside)
    assert {"../../docs/method.md", "../../figures/small/gains.svg"} <= outside
    cited = {link[1:] for link in links if link.startswith("#run-")}
    table_3 = [run for cell in plan.cells_of("table_3") for run in cell.runs if run.record_path.is_file()]
    assert {anchor_of(run.key) for run in table_3} <= cited  # what has not run has no number to link


def test_the_shipped_page_is_no_long_download() -> None:
    assert (ROOT / "results/evidence/report.html").stat().st_size < 2_000_000


def test_nothing_is_loaded_from_elsewhere(html: str) -> None:
    html = whole(html)
    page = Page(html)
    assert not {"link", "iframe", "object", "embed", "base"} & {tag for tag, _ in page.elements}
    assert all(source.startswith("data:") for source in page.values("src"))
    assert not re.search(r"@import|url\((?!%23)|\bfetch\(|XMLHttpRequest|srcset", html)
    policies = [one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1
    assert str(policies[0]).startswith("default-src 'none'")
    assert "unsafe" not in str(policies[0])


def test_hostile_text_stays_text(plan: Plan, put: Put) -> None:
    put_most(plan, put, origin="other", note=HOSTILE, failure=HOSTILE)
    honest = audit(Evidence.load(plan), only=SOME)
    found = next(row.outcome for row in honest.rows if row.outcome.items)
    item = replace(found.items[0], label=HOSTILE, measured=HOSTILE)
    bad = replace(found, explanation=HOSTILE, evidence=(HOSTILE,), items=(item,))
    rows = [
        replace(row, claim=row.claim.model_copy(update={"quote": HOSTILE, "means": HOSTILE}), outcome=bad)
        for row in honest.rows
    ]
    page = Page(whole(render_page(Evidence.load(plan), result=replace(honest, rows=tuple(rows)))))
    plain = Page(whole(render_page(Evidence.load(plan), result=honest)))
    assert len(page.all("script")) == len(plain.all("script")) == 2  # the store, which is data, and the page's own
    assert not page.all("img")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text.count(HOSTILE) > len(rows)


def test_the_same_records_give_the_same_bytes(plan: Plan, put: Put, tmp_path: Path) -> None:
    put_most(plan, put)
    out = tmp_path / "results" / "report.html"
    write_report(Evidence.load(plan), out)
    first = out.read_bytes()
    write_report(Evidence.load(Plan(plan.campaign)), out)
    assert out.read_bytes() == first


def test_the_summary_counts_what_there_is(plan: Plan, html: str) -> None:
    text = " ".join(Page(html).text.split())
    assert f"{len(plan.runs) - 2} of {len(plan.runs)} runs have finished, 1 failed" in text
    for layer, tally in counts(audit(Evidence.load(plan))).items():
        for verdict, count in tally.items():
            link = f'href="#claims?layer={layer}&verdict={module.slug(str(verdict))}"><b>{count}</b>'
            assert link in html
            named = [one.split() for one in Page(html).values("data-findings")]
            assert sum(f"{layer}:{module.slug(str(verdict))}" in one for one in named) == count  # what the link shows


def test_a_table_counts_what_the_answer_counts(plan: Plan, put: Put) -> None:
    put_most(plan, put)
    evidence = Evidence.load(plan)
    prints = prints_of(evidence)
    assert len(prints) == 2 * 20  # AUC and gAUC; rows beyond the paper's are not counted
    what, counts = of_tables([build(evidence, name) for name in ("table_1", "table_3")], prints)["table_3"]
    words = Counter(number.verdict.word for _, number in prints)
    assert {verdict.word: count for verdict, count in counts} == words
    assert what == "printed AUCs and gAUCs"
    ready = len(prints) - sum(words[str(word)] for word in Obstacle)
    assert 0 < ready < len(prints)
    assert len(beside_runs(prints)) == ready


def test_twins_and_other_data_are_said_aloud(make_plan: MakePlan, put: Put) -> None:
    real = make_plan(datasets=["frappe"], experiments=["table_3"])
    assert "Synthetic data" not in few_claims(real)
    put_most(real, put, origin="other", note="a rebuilt file")
    assert "a rebuilt file" in whole(few_claims(real))
    twin = make_plan(datasets=["frappe"], experiments=["table_3"], twin={"rows": 1000})
    assert "Nothing measured here is evidence" in Page(few_claims(twin)).text


def test_the_claims_say_how_often_the_audit_itself_was_right(html: str) -> None:
    for line in recheck_text():
        assert escape(line) in html


def test_claims_are_ranked_and_what_does_not_hold_comes_first(plan: Plan) -> None:
    views = module.claims_of(audit(Evidence.load(plan)))
    ranks = [view.claim.rank for view in views]
    assert ranks == sorted(ranks, key=("central", "secondary", "typographical").index)
    for rank in set(ranks):
        bad = ["bad" in [row.verdict.tone for row in view.rows] for view in views if view.claim.rank == rank]
        assert bad == sorted(bad, reverse=True)
    assert {view.place for view in views} == set(range(len(views)))


def test_what_is_folded_is_kept_and_little_stands_open(html: str) -> None:
    page = Page(html)
    kept = packed(html)
    named = Page(whole(html))
    pairs = {(one["data-part"], one["data-key"]) for _, one in named.elements if one.get("data-part")}
    assert pairs == {(part, key) for part, texts in kept.items() for key in texts}
    assert len(page.elements) < 15_000
    assert kept["files"]["table_3.csv"].count("\n") > 40
    assert "@misc" in kept["files"]["tf4ctr.bib"]


def test_tables_stand_in_the_papers_order_and_not_in_that_of_the_runs(real_plan: MakePlan) -> None:
    plan = real_plan("table_4", "figure_4", "table_1", "figure_10", "table_2", "figure_2", datasets=["frappe"])
    page = Page(few_claims(plan))
    shown = [one for one in page.values("id") if one.startswith(("table_", "figure_", "cost"))]
    assert shown == ["table_1", "table_2", "table_4", "cost", "figure_2", "figure_4", "figure_10"]


def made(template: str, **values: object) -> str:
    """What a template makes that uses the macros of the page."""
    environment = module.environment()
    environment.globals["href"] = lambda keys: href_of(keys, frozenset({"ab/seed1"}))
    head = '{% import "parts.html" as parts with context %}{% import "runs_parts.html" as folded with context %}'
    return environment.from_string(head + template).render(**values)


def test_a_bar_has_shares_of_its_counts() -> None:
    counts = [(Verdict(Finding.HOLDS), 3), (Verdict(Finding.DOES_NOT_HOLD), 1)]
    drawn = fromstring(made("{{ parts.bar(counts) }}", counts=counts).strip())
    assert drawn.get("viewBox") == "0 0 4 1"
    assert [(one.get("class"), one.get("x"), one.get("width")) for one in drawn] == [
        ("good", "0", "3"),
        ("bad", "3", "1"),
    ]


def test_figures_are_in_the_page_or_said_to_be_missing(config: Path, plan: Plan, tmp_path: Path) -> None:
    for name in ("figure_2", "figure_4"):
        content = {"name": name, "title": "<b>bold</b>", "datasets": ["frappe"]}
        (config / f"experiments/{name}.yaml").write_text(yaml.safe_dump(content))
    load_experiment.cache_clear()
    drawn = Plan(plan.campaign.model_copy(update={"experiments": ("figure_2", "figure_4")}))
    path = tmp_path / "figures" / "small" / "figure_2.svg"
    path.parent.mkdir(parents=True)
    path.write_text("""<svg a="1" b='2'>#&amp; é %</svg>""")
    first, second = module.figures_of(replace(Evidence.load(plan), plan=drawn))
    assert unquote(first["uri"].removeprefix("data:image/svg+xml,")) == path.read_text()
    assert not set('"#&') & set(first["uri"])  # nothing ends the attribute, begins an entity or cuts the address
    assert second["uri"] is None
    html = made('{% include "figures.html" %}', figures=(first, second), optimum_note="", root="../..")
    assert len(Page(html).all("img")) == 1
    assert '<span id="figure_4" tabindex="-1">&lt;b&gt;bold' not in html  # its name stands before the title
    assert re.search(r'<span id="figure_4" tabindex="-1">Figure 4: &lt;b&gt;bold', html)


@pytest.mark.parametrize("standing", [*Standing])
def test_every_verdict_has_a_sign_and_a_word(standing: Standing) -> None:
    """The standing is stated once for each dataset and table, not in a cell."""
    verdicts = [Verdict(word, standing) for word in Finding]
    entries = [Entry("+0.07", runs=("ab/seed1",), verdict=verdict) for verdict in verdicts]
    field = "{% for entry in entries %}{{ parts.field(entry, href(entry.runs)) }};{% endfor %}"
    texts = [" ".join(text.split()) for text in Page(made(field, entries=entries)).text.split(";")]
    assert texts == [*(" ".join(f"+0.07 {one.sign} {one.word}".split()) for one in verdicts), ""]


def test_each_format_writes_a_verdict_its_own_way() -> None:
    close = Verdict(Finding.HOLDS, Standing.REDRAWN)
    row = {"a": Entry("+0.07", verdict=close), "b": close, "c": Verdict(None, Standing.SYNTHETIC)}
    document = Document("d", "D", (), (Section("s", tables=(table_of("t", [row]),)),))
    assert "| +0.07 ✓ | holds | synthetic |" in " ".join(to_markdown(document).split())
    assert r"+0.07 $\checkmark$ & holds & synthetic \\" in to_latex(document)


def test_links_lead_to_the_run_or_to_all_seeds() -> None:
    known = frozenset({"ab/seed1", "ab/seed2"})
    assert href_of(("ab/seed1",), known) == "#run-ab-seed1"
    assert href_of(("ab/seed1", "ab/seed2"), known) == "#run-ab"
    assert href_of(("cd/seed1",), known) is None


def test_the_command_names_just_that_run_and_a_file_that_is_there(plan: Plan) -> None:
    run = plan.cells_of("table_3")[0].runs[0]
    path = run.record_path.as_posix()
    evidence = Evidence.load(plan)
    configfile = configfile_of(evidence)
    fresh = f"python -m workflow train --configfile config/small.yaml {run.key}"
    assert command_of(configfile, run, done=False) == fresh
    assert command_of(configfile, run, done=True) == f"rm -f {path} && {fresh}"
    own = replace(evidence, plan=Plan(plan.campaign.model_copy(update={"campaign": "mine"})))
    assert configfile_of(own) == own.plan.resolved
    assert configfile_of(replace(own, archive="a/records.jsonl.gz")) == Path("a/campaign.json")


def test_curves_have_known_shapes() -> None:
    drawn = fromstring(made("{{ folded.curve('AUC', points, 3) }}", points=[(1, 0.5), (3, 0.7)]).strip()).find("svg")
    assert drawn is not None
    line, best = drawn
    assert line.get("points") == "6.0,58.0 234.0,6.0"
    assert (best.get("cx"), best.get("cy")) == ("234.0", "6.0")
    told = "AUC by epoch: 0.5000 in epoch 1, 0.7000 in epoch 3; best epoch 3: 0.7000."
    assert drawn.get("aria-label") == told
    assert 'points="6.0,58.0"' in made("{{ folded.curve('AUC', [(1, 0.5)], none) }}")


def test_what_is_not_finite_is_no_point_of_a_curve(plan: Plan, put: Put) -> None:
    record = read_record(put(next(iter(plan.runs.values()))[0]))
    epoch = record.epochs[0].model_copy(update={"train_loss": float("nan")})
    found = series_of(record.model_copy(update={"epochs": (epoch,)}))
    assert list(found) == ["Validation AUC", "Validation gAUC"]

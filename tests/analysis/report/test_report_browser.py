"""The report in a real browser: a cell leads to its run, claims filter, and accessibility rules hold."""

import os
import re
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from matplotlib.figure import Figure
from matplotlib.image import imread
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.analysis.report.report_help import HOSTILE, put_most
from workflow.analysis.claims.audit import audit, narrow
from workflow.analysis.evidence.load import Evidence
from workflow.analysis.figures.style import SMALL_pt, drawn
from workflow.analysis.report.page import render_page
from workflow.files import write_text
from workflow.plan.campaign import Plan
from workflow.plan.config import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ["--disable-gpu", "--no-first-run", "--disable-background-networking"]
WORST = {"serious", "critical"}
SHIPPED = (ROOT / "results/evidence/report.html").as_uri()
HEIGHT_px = 9_000  # of the folded page on a screen of 1280


def chromium() -> str | None:
    """The machine's Chromium; the environment variable CHROMIUM comes first."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def elsewhere(url: str) -> list[str]:
    """The address, if it is not in the file itself."""
    return [] if url.startswith(("file:", "data:")) else [url]


pytestmark = pytest.mark.skipif(chromium() is None, reason="no Chromium here: install one, or set CHROMIUM to its path")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the report is left for the tests that come after the first."""
    return tmp_path_factory.mktemp("kept") / "report.html"


@pytest.fixture
def report(make_plan: Callable[..., Plan], put: Callable[..., Path], kept: Path) -> str:
    """Address of a report with finished, failed and missing runs, and with hostile text."""
    if not kept.exists():
        plan = make_plan(datasets=["frappe"], experiments=["table_1", "table_3"])
        put_most(plan, put, origin="other", note=f"{HOSTILE} {'ab' * 32}", failure=HOSTILE)
        whole = audit(Evidence.load(plan))
        some = narrow(whole, [claim.id for claim in whole.claims[::8]])  # for speed: each kind of fault would show
        write_text(kept, render_page(Evidence.load(plan), result=some))
    return kept.as_uri()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address; at the end there must be no console message and nothing loaded from elsewhere."""
    complaints: list[str] = []
    contexts = []

    def go(address: str, width: int = 1280, **look: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **look)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda sent: complaints.extend(elsewhere(sent.url)))
        page.goto(address)
        return page

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def opened(visit: Callable[..., Page], report: str) -> Callable[..., Page]:
    """Open the report."""
    return partial(visit, report)


def unfold(page: Page) -> None:
    """Open everything that is folded, also inside."""
    left = page.locator("details:not([open]), details[data-part]:not([data-filled])")
    for _ in range(100):  # a slow machine has 30 s
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.wait_for_timeout(300)
        if not left.count():
            return
    raise AssertionError(f"{left.count()} parts stay folded or empty")


def test_a_cell_leads_to_its_run(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("details[data-part='table_3'] > summary").click()
    cell = page.locator("#tables td a[href^='#run-']").first
    target = page.locator(f"[id='{str(cell.get_attribute('href'))[1:]}']")
    expect(target).to_have_count(0)
    cell.focus()
    page.keyboard.press("Enter")
    expect(target).to_be_visible()
    expect(target).to_be_focused()
    expect(target).to_be_in_viewport()
    expect(target.locator("pre.command")).to_contain_text("python -m workflow train")
    assert page.evaluate("window.hacked") is None


def test_claims_filter_sort_and_keep_their_state_in_the_address(opened: Callable[..., Page]) -> None:
    page = opened()
    claims, shown = page.locator(".claim"), page.locator(".claim:visible")
    total = claims.count()
    form = page.locator("#filters")
    form.get_by_label("Checked against").select_option("paper")
    form.get_by_label("Verdict").select_option("inconsistent")
    wanted = page.locator(".claim[data-findings~='paper:inconsistent']").count()
    assert 0 < wanted < total
    expect(shown).to_have_count(wanted)
    expect(page.locator("#shown")).to_have_text(f"{wanted} of {total} claims")
    expect(page).to_have_url(re.compile(r"#claims\?layer=paper&verdict=inconsistent$"))
    page.reload()
    expect(shown).to_have_count(wanted)
    form.get_by_label("Text").fill("no such words anywhere")
    expect(shown).to_have_count(0)
    form.get_by_role("button", name="Show all").click()
    expect(shown).to_have_count(0)  # all are folded again
    expect(page).to_have_url(re.compile("#claims$"))
    form.get_by_label("Order").select_option("place")
    places = claims.evaluate_all("(all) => all.map((one) => Number(one.dataset.order.split(' ')[2]))")
    assert places == sorted(places)
    page.locator("#claims a[href='#claims?layer=logs&verdict=contradicted']").first.click()
    expect(shown).to_have_count(page.locator(".claim[data-findings~='logs:contradicted']").count())


def test_claims_are_folded_until_they_are_looked_for(opened: Callable[..., Page]) -> None:
    page = opened()
    rest = page.locator(".claim:not([data-rank='central'])")
    assert rest.count() > 3
    expect(page.locator(".claim:visible")).to_have_count(0)
    heading = page.locator("details.rank[data-rank='secondary'] > summary")
    expect(heading).to_contain_text(f"{page.locator('.claim[data-rank=secondary]').count()} claims")
    wanted = rest.last
    name = str(wanted.get_attribute("id")).removeprefix("claim-")
    page.locator("#filters").get_by_label("Text").fill(name)
    expect(wanted).to_be_visible()
    page.locator("#filters").get_by_role("button", name="Show all").click()
    expect(wanted).to_be_hidden()
    page.evaluate("(name) => { location.hash = `claim-${name}`; }", name)
    expect(wanted).to_be_in_viewport()
    expect(wanted).to_be_focused()


def test_a_link_opens_what_is_folded_also_when_followed_again(opened: Callable[..., Page]) -> None:
    page = opened()
    link = page.locator("#side a[href='#table_3']")
    cell = page.locator("#tables details[data-part='table_3'] table").first
    for _ in range(2):
        link.click()
        expect(cell).to_be_visible()
        page.locator("details[data-part='table_3'] > summary").click()
        expect(cell).to_be_hidden()


def test_what_is_folded_is_made_when_it_is_opened(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(page.locator(".finding")).to_have_count(0)
    page.locator("details.rank > summary").first.click()
    page.locator(".claim > details > summary").first.click()
    expect(page.locator(".claim .finding").first).to_be_visible()
    page.locator("details.dataset > summary").first.click()
    page.get_by_role("button", name="test AUC").click()
    aucs = page.locator("details.config").evaluate_all("(all) => all.map((one) => Number(one.dataset.auc))")
    assert len(aucs) > 3
    assert aucs == sorted(aucs, reverse=True)
    with page.expect_download() as saved:
        page.get_by_role("button", name="table_3.csv").click()
    assert saved.value.suggested_filename == "table_3.csv"
    assert saved.value.path().read_text(encoding="utf-8").startswith("campaign,experiment,")


def test_a_figure_is_light_by_day_and_dark_by_night(visit: Callable[..., Page], tmp_path: Path) -> None:
    """As in the page: a picture, whose colours only its own rules can change."""
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([1, 2])
    uri = f"data:image/svg+xml;base64,{b64encode(drawn(figure)['svg']).decode()}"
    write_text(tmp_path / "page.html", f"<!DOCTYPE html><title>one</title><img alt='' src='{uri}'>")
    shades = {}
    for scheme in ("light", "dark"):
        page = visit((tmp_path / "page.html").as_uri(), color_scheme=scheme)
        shades[scheme] = float(np.median(imread(BytesIO(page.locator("img").screenshot()))[..., :3]))
    assert shades["light"] > 0.99
    assert shades["dark"] < 0.15


def test_answer_and_claims_read_without_javascript(opened: Callable[..., Page]) -> None:
    page = opened(java_script_enabled=False)
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("#short")).to_be_visible()
    expect(page.locator("#errors li").first).to_be_visible()
    page.locator("details.rank > summary").first.click()
    expect(page.locator(".claim .statement").first).to_be_visible()
    assert "Without JavaScript this page shows" in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_fault(opened: Callable[..., Page], scheme: Any) -> None:
    page = opened(color_scheme=scheme)
    page.locator("details[data-part='table_3'] > summary").click()
    page.locator("details.dataset > summary").first.click()
    page.locator("details.config > summary").first.click()
    page.locator("details.rank > summary").first.click()
    for claim in page.locator(".claim > details > summary").all()[:8]:
        claim.click()
    expect(page.locator(".run").first).to_be_visible()
    only = {"runOnly": ["color-contrast"]} if scheme == "dark" else None  # nothing else changes by night
    found = Axe().run(page, options=only).response["violations"]
    faults = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in WORST]
    assert faults == []


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_at_the_side(opened: Callable[..., Page], width: int) -> None:
    page = opened(width=width)
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:  # a table's last column is its finding
        cut = "(all) => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.ariaLabel)"
        assert page.locator(".scroll").evaluate_all(cut) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_shipped_report_is_short_and_has_no_box_to_scroll(visit: Callable[..., Page], width: int) -> None:
    """As it is first opened, folded: the answer, the counts and one line for each table, figure and dataset."""
    page = visit(SHIPPED, width)
    if width == 1280:
        assert page.evaluate("document.documentElement.scrollHeight") <= HEIGHT_px
    inner = """() => Array.from(document.querySelectorAll('#page *')).filter((one) => one.checkVisibility()
      && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
      && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)).map((one) => one.outerHTML.slice(0, 80))"""
    assert page.evaluate(inner) == []
    assert page.locator(".gallery img").count() == page.locator(".gallery figcaption").count() > 0
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


@pytest.mark.parametrize(("width", "layout"), [(390, "narrow"), (1280, "wide")])
def test_drawings_are_legible_at_any_width(visit: Callable[..., Page], width: int, layout: str) -> None:
    page = visit(SHIPPED, width)
    page.locator("#tables > details").evaluate_all("(all) => all.forEach((one) => { one.open = true })")
    for name in ("gains", "prints"):
        picture = page.locator(f"#{name} img:visible")
        expect(picture).to_have_class(layout)
        scale = picture.evaluate("(one) => one.getBoundingClientRect().width / one.naturalWidth") * 96 / 72
        assert scale * SMALL_pt > 11  # pixels
        box = page.locator(f"#{name}")
        assert box.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    found = Axe().run(page, context="#summary").response["violations"]
    assert [one["id"] for one in found if one["impact"] in WORST] == []


def test_paper_is_white_also_from_a_dark_screen(opened: Callable[..., Page]) -> None:
    page = opened(color_scheme="dark")
    colour = "['body', '.verdict'].map((one) => getComputedStyle(document.querySelector(one)).backgroundColor)"
    on_screen = page.evaluate(colour)
    page.emulate_media(media="print")
    printed = page.evaluate(colour)
    light = opened(color_scheme="light").evaluate(colour)
    assert printed == light != on_screen

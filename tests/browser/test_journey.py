"""The main journeys in a real browser: what only a browser shows."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.serving import ROOT, server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        shutil.which("chromium") is None and "CI" not in os.environ, reason="needs Debian's chromium"
    ),
]
_WAIT_MS = 60_000
_SHOTS = os.environ.get("ROLLOUT_SCREENSHOTS")  # a folder that every page is pictured in
_PAGES = ("", "scenario", "what-if", "flow", "failures", "rollout", "economics", "runs")
_TABS = (
    "failures?failures=Cliff",
    "rollout?rollout=Gates",
    "rollout?rollout=Checklist",
    "rollout?rollout=Trade+off",
    "rollout?rollout=Canary",
    "rollout?rollout=Drift",
    "scenario?edit=Sources",
    "scenario?edit=Templates",
    "economics?economics=Bridge",
    "flow?flow=Incident+over+time",
    "runs?runs=Runs",
)
_TOLD = {  # pages that show what others said, and the words before it
    "rollout?rollout=Gates": "approval of",
    "rollout?rollout=Checklist": "and rests on",
    "failures": "page →",
}
_WIDTHS_PX = (800, 1280, 1920)
_PICTURED_PX = 1280
_TOO_WIDE = """() => {
  const found = [];
  for (const part of [document.documentElement, document.querySelector("[data-testid=stMain]")])
    if (part.scrollWidth > part.clientWidth) found.push(part.tagName);
  const pressed = "[data-testid=stMain] :is(button, input, textarea, [role=slider], [role=combobox])";
  for (const part of document.querySelectorAll(pressed)) {
    if (part.closest(".js-plotly-plot")) continue;  // a figure follows the window by and by, its tools with it
    const box = part.getBoundingClientRect();
    if (box.width > 0 && (box.right > window.innerWidth + 1 || box.left < 0)) found.push(part.outerHTML.slice(0, 200));
  }
  return found;
}"""
_HOSTILE = "<img src=x onerror=alert(1)> **bold** [link](javascript:alert(2)) :red[x]"
_SMALL = f"""
metadata: {{name: small}}
workloads:
  - {{name: '{_HOSTILE}', arrival_rate: 3 rps, steps: [{{call: desk}}]}}
services:
  desk: {{max_ongoing_requests: 6, cost: $0.01/call, service_time: {{distribution: exponential, mean: 1s}}}}
slos:
  - {{name: wait, indicator: queue_wait, objective: "p(95) < 2s"}}
  - {{name: latency, indicator: latency, objective: "p(95) < 5s"}}
alerts:
  page: {{notify: '{_HOSTILE}', rules: [{{burn_rate: 2, long_window: 1h, short_window: 5m}}]}}
incidents:
  - {{name: slow, kind: latency, target: desk, factor: 5, duration: 5m}}
readiness:
  attested:
    ownership: {{owner: '{_HOSTILE}', evidence: '{_HOSTILE}', missing: warn}}
stages:
  - {{name: all, duration: 5w, exposure: 100%, gates: {{approval: {{by: '{_HOSTILE}'}}}}}}
window: {{duration: 5m, warmup: 1m}}
economics: {{baseline: {{cost_per_action: $2, success_rate: 80%}}, investment: $5k}}
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server(tmp_path_factory.mktemp("runs")) as found:
        yield found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with one small scenario, whose author means no good."""
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "small.yaml").write_text(_SMALL, encoding="utf-8")
    with server(tmp_path_factory.mktemp("runs"), "--scenarios", str(folder)) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=_WAIT_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with _page(browser, "light") as opened:
        yield opened


@contextmanager
def _page(browser: Browser, scheme: str) -> Iterator[Page]:
    """A page of its own; what it writes to the console as an error fails the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    opened = context.new_page()
    opened.set_default_timeout(_WAIT_MS)
    errors: list[str] = []
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    try:
        yield opened
    finally:
        context.close()
    assert [error for error in errors if not _is_harmless(error)] == []


def _is_harmless(error: str) -> bool:
    """Streamlit looks for itself below the page's path first, and finds itself at the root."""
    return "404 (Not Found)" in error


def test_open_turn_a_lever_and_restore_the_link(address: str, page: Page) -> None:
    page.goto(address)
    expect(page.get_by_text("Shipped with the app")).to_be_visible()
    expect(page.get_by_text("tightest objective").first).to_be_visible()
    page.get_by_role("link", name="What would change it").click()
    expect(page.get_by_role("combobox", name="At the peak of")).to_have_value("global")
    expect(page.get_by_text("Move a slider to see its effect")).to_be_visible()
    page.get_by_role("slider", name="traffic").press("ArrowRight")
    expect(page.get_by_text("traffic × 1.25")).to_be_visible()
    expect(page.get_by_text("change against the base").first).to_be_visible()
    page.get_by_role("button", name="Pin to the basket").click()
    expect(page.get_by_role("heading", name="Basket")).to_be_visible()
    link = page.url
    assert "demand=" in link
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("traffic × 1.25")).to_be_visible()


def test_plan_and_cancel(address: str, page: Page) -> None:
    page.goto(address)
    page.get_by_role("button", name="Plan again").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("was cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Plan again")).to_be_enabled()


def test_a_bad_file_is_told_at_its_line(address: str, page: Page) -> None:
    text = (
        (ROOT / "scenarios" / "canary.yaml")
        .read_text(encoding="utf-8")
        .replace("arrival_rate", "arival_rate")
    )
    page.goto(f"{address}/scenario")
    page.get_by_role("tab", name="Upload").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "bad.yaml", "mimeType": "text/yaml", "buffer": text.encode()}
    )
    expect(page.get_by_text(re.compile(r"mistake.*Nothing was changed"))).to_be_visible()
    line = text[: text.index("arival_rate")].count("\n") + 1
    expect(page.get_by_text(f">   {line}")).to_be_visible()


def test_a_tab_and_its_choice_are_restored_from_the_link(address: str, page: Page) -> None:
    page.goto(f"{address}/flow?flow=Incident+over+time&incident=surge&at=pilot")
    expect(page.get_by_role("tab", name="Incident over time")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("combobox", name="Incident")).to_have_value("surge")
    expect(page.get_by_role("combobox", name="At the peak of")).to_have_value("pilot")


def test_an_answer_is_refined_and_can_be_cancelled(address: str, page: Page) -> None:
    page.goto(f"{address}/what-if?demand=%C3%97+2")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The quick answer stands")).to_be_visible()


def test_costs_are_worked_out_and_their_files_open(small: str, page: Page) -> None:
    page.goto(f"{small}/economics")
    page.get_by_role("button", name="Work out costs").click()
    workbook = _downloaded(page, "Workbook (XLSX)")
    book = load_workbook(BytesIO(workbook), data_only=True)
    assert {"Summary", "Assumptions", "Unit economics"} <= set(book.sheetnames)
    with (
        ZipFile(BytesIO(_downloaded(page, "FOCUS 1.3 (ZIP)"))) as archive,
        archive.open("focus-stated.csv") as file,
    ):
        rows = pd.read_csv(file)
    assert rows["x_IsForecast"].all()
    assert rows["BilledCost"].sum() > 0.0


def _downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("button", name=name).click()
    return Path(started.value.path()).read_bytes()


def test_what_a_scenario_says_is_shown_and_never_obeyed(small: str, page: Page) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    visited = ("flow", "scenario", "runs?runs=Runs", "what-if", "", *_TOLD)
    for name in visited:
        page.goto(f"{small}/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if name == "flow":
            expect(page.get_by_text(f"Path of {_HOSTILE}, per second")).to_be_visible()
        if name.startswith("runs"):
            page.get_by_role("button", name="Simulate and keep").click()
            expect(page.get_by_text("Look at")).to_be_visible()
        if not name:
            page.get_by_role("button", name="Plan").click()
            expect(page.get_by_text("Planned here")).to_be_visible()
        if name in _TOLD:
            expect(page.get_by_text(f"{_TOLD[name]} {_HOSTILE}").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert page.locator("img[src=x]").count() == 0
        assert page.locator("a[href^=javascript]").count() == 0
    assert dialogs == []


def test_a_sweep_is_run_and_explored(small: str, page: Page) -> None:
    page.goto(f"{small}/runs")
    vary = page.get_by_role("combobox", name="What to vary")
    vary.fill("services.desk.replicas")
    vary.press("Enter")
    page.keyboard.press("Escape")
    values = page.get_by_role("textbox", name="Values of")
    values.fill("1, 2")
    values.press("Enter")
    page.get_by_role("button", name="Run the sweep").click()
    expect(page.get_by_text("Parallel coordinates")).to_be_visible()
    page.get_by_role("tab", name="Compare").click()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("button", name="Compare again")).to_be_visible()


def test_an_incident_is_played_and_its_alerts_are_told(small: str, page: Page) -> None:
    page.goto(f"{small}/failures")
    page.get_by_text("Also try what would help").click()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_text("Good answers through each incident, and when alerts fire")).to_be_visible()
    report = _downloaded(page, "Report (HTML)").decode()
    assert "&lt;img src=x" in report
    assert "<img src=x" not in report


def _too_wide(page: Page) -> list[str]:
    """What is too wide once the page has followed the window, for which it has some seconds on a busy machine."""
    found: list[str] = []
    for _ in range(20):
        page.wait_for_timeout(200)
        found = page.evaluate(_TOO_WIDE)
        if not found:
            break
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_overflows_or_loads_from_elsewhere(address: str, browser: Browser, scheme: str) -> None:
    """Nothing is wider than the window, and what is to be pressed lies within it; pictures of all that in both schemes."""
    foreign: list[str] = []
    with _page(browser, scheme) as page:
        page.on(
            "request",
            lambda sent: (
                None if sent.url.startswith((address, "data:", "blob:")) else foreign.append(sent.url)
            ),
        )
        for name in (*_PAGES, *_TABS):
            page.goto(f"{address}/{name}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.wait_for_load_state("networkidle")
            assert page.locator("[data-testid=stException]").count() == 0
            shot = f"{re.sub(r'[?=+]', '-', name or 'overview')}-{scheme}"
            for width in _WIDTHS_PX if scheme == "light" else (_PICTURED_PX,):  # colours change no width
                page.set_viewport_size({"width": width, "height": 900})
                assert _too_wide(page) == [], (name, width)
                if _SHOTS and width == _PICTURED_PX:
                    page.screenshot(path=Path(_SHOTS) / f"{shot}.png")
    assert [url for url in foreign if not url.startswith("ws")] == []


def test_an_own_scenario_is_there_after_a_reload_a_restart_and_for_others(
    browser: Browser, tmp_path: Path
) -> None:
    own = tmp_path / "own-case.yaml"
    own.write_text(_SMALL, encoding="utf-8")
    with server(tmp_path / "runs") as address, _page(browser, "light") as page:
        page.goto(f"{address}/scenario?edit=Upload")
        page.set_input_files("input[type=file]", str(own))
        page.get_by_role("button", name="Use it").click()
        page.wait_for_url(re.compile("own="))
        link = page.url.removeprefix(address)
    with server(tmp_path / "runs") as address, _page(browser, "light") as page:
        page.goto(f"{address}{link.replace('/scenario', '/', 1)}")
        for _ in range(2):
            expect(page.get_by_text("Not planned yet")).to_be_visible()  # what is shipped is
            page.reload()
        page.goto(f"{address}/?scenario=own-case")
        expect(page.get_by_text("which is not at this server")).to_be_visible()

"""The main journeys in a real browser: what only a browser shows."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect, sync_playwright

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium"),
]
_ROOT = Path(__file__).parents[2]
_WAIT_MS = 60_000
_SHOTS = os.environ.get("ROLLOUT_SCREENSHOTS")  # a folder that every page is pictured in
_PAGES = ("", "scenario", "what-if", "failures", "rollout")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # The verb is the process: it becomes the server.
    command = [sys.executable, "-m", "simulator.cli", "app", "--port", str(port)]
    server = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _when_up(f"http://127.0.0.1:{port}", server)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _when_up(address: str, server: "subprocess.Popen[bytes]") -> str:
    for _ in range(300):
        assert server.poll() is None, "the server ended"
        try:
            with urlopen(f"{address}/_stcore/health"):
                return address
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=request.param)
        opened.set_default_timeout(_WAIT_MS)
        expect.set_options(timeout=_WAIT_MS)
        yield opened
        browser.close()


def test_open_turn_a_lever_and_restore_the_link(address: str, page: Page) -> None:
    page.goto(address)
    expect(page.get_by_text("Shipped with the app")).to_be_visible()
    expect(page.get_by_text("held up by").first).to_be_visible()
    page.get_by_role("link", name="What-if").click()
    expect(page.get_by_text("Nothing is turned yet")).to_be_visible()
    page.get_by_role("slider", name="traffic").press("ArrowRight")
    expect(page.get_by_text("traffic × 1.25")).to_be_visible()
    expect(page.get_by_text("change against the baseline")).to_be_visible()
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
        (_ROOT / "scenarios" / "canary.yaml")
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


@pytest.mark.parametrize("width", [800, 1280, 1920])
def test_no_page_overflows_or_loads_from_elsewhere(address: str, page: Page, width: int) -> None:
    foreign: list[str] = []
    page.on(
        "request",
        lambda sent: None if sent.url.startswith((address, "data:", "blob:")) else foreign.append(sent.url),
    )
    page.set_viewport_size({"width": width, "height": 900})
    for name in _PAGES:
        page.goto(f"{address}/{name}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        is_wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(is_wider), name
        assert page.locator("[data-testid=stException]").count() == 0
        if _SHOTS:
            scheme = (
                "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
            )
            page.screenshot(path=Path(_SHOTS) / f"{name or 'overview'}-{scheme}-{width}.png")
    assert [url for url in foreign if not url.startswith("ws")] == []

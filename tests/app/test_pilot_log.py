"""The tab Pilot log: a log is dropped, what it says is shown, and accepting it makes another scenario."""

import gzip
from pathlib import Path

import pytest

from tests.app.pages import finish_job, open_page, texts

LOG = Path(__file__).parents[2] / "scenarios" / "data" / "pilot.jsonl.gz"


def test_a_log_is_measured_and_accepted() -> None:
    at = open_page("scenario", edit="Pilot log", scenario="pilot")
    some = b"\n".join(gzip.decompress(LOG.read_bytes()).splitlines()[:400])
    at.file_uploader[0].upload("log.jsonl", some).run()
    assert not at.exception
    assert "400 requests" in texts(at)
    next(button for button in at.button if button.label == "Use what was measured").click().run()
    assert not at.exception
    [text] = at.session_state["own_texts"].values()
    assert "grade: measured" in text
    assert "# who shall get it" in text


def test_what_is_no_log_is_said() -> None:
    at = open_page("scenario", edit="Pilot log", scenario="pilot")
    at.file_uploader[0].upload("a.csv", b"a,b\n1,2\n").run()
    assert not at.exception
    assert "is no log that is known" in at.error[0].value.replace("\\", "")
    assert "/tmp/" not in at.error[0].value


@pytest.mark.slow
def test_a_log_is_compared_with_the_forecast() -> None:
    at = open_page("scenario", edit="Pilot log", scenario="pilot")
    at.file_uploader[0].upload("log.jsonl", gzip.decompress(LOG.read_bytes())).run()
    next(button for button in at.button if button.label == "Compare with the forecast").click().run()
    finish_job(at)
    assert not at.exception
    assert "Why the cost differs" in texts(at)

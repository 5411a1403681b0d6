"""The page Studies: a form for any registered study, and its report."""

from simulator.studies.registry import STUDIES
from tests.app.pages import finish_job, open_page, opened_with, texts
from tests.unit.studies.reviewed import REVIEWED


def test_a_study_is_run_with_its_options() -> None:
    at = opened_with("studies", REVIEWED, study="drift")
    at.text_input(key="drift false_alarm_weeks").input("13w")
    at.button[0].click().run()
    finish_job(at)
    report = at.session_state["job"].document
    assert report.false_alarm_every_s == 13 * 7 * 86_400.0
    assert len(at.dataframe[0].value) == len(report.workloads[0].sampling)


def test_a_bad_option_is_explained() -> None:
    at = opened_with("studies", REVIEWED, study="drift")
    at.text_input(key="drift per_week").input("much")
    at.button[0].click().run()
    assert "`much` is not a share" in at.error[0].value.replace("\\", "")
    at.text_input(key="drift per_week").input("")
    at.text_input(key="drift stage").input("pilot")
    at.button[0].click().run()
    assert "no stage 'pilot'" in at.error[0].value.replace("\\", "")
    assert "job" not in at.session_state


def test_a_study_without_a_scenario_asks_for_what_it_needs() -> None:
    at = opened_with("studies", REVIEWED, study="size")
    assert "Fill in: model, gpu." in texts(at)
    at.text_input(key="size model").input("nobody/knows")
    at.text_input(key="size gpu").input("h100_sxm")
    at.button[0].click().run()
    assert "no profile of `nobody/knows`" in at.error[0].value.replace("\\", "")
    at.text_input(key="size model").input("meta-llama/Meta-Llama-3.1-8B")
    at.text_input(key="size tpot").input("1ms")
    at.number_input(key="size replications").set_value(1)
    at.button[0].click().run()
    finish_job(at)
    assert at.session_state["job"].document.at_random.binds.startswith("p95 time per token")


def test_every_study_that_takes_no_folder_is_offered() -> None:
    at = open_page("studies")
    assert set(at.selectbox(key="study").options) <= set(STUDIES)
    assert "drift" in at.selectbox(key="study").options
    assert {"compare", "bridge"}.isdisjoint(at.selectbox(key="study").options)  # they take a second file
    assert "Ask any question" in texts(at)


def test_a_check_shows_its_verdicts() -> None:
    thresholds = """
thresholds: {availability: [">= 50%"], latency: ["p95 < 1ms"]}
window: {duration: 30m, warmup: 5m}
"""
    at = opened_with("studies", REVIEWED + thresholds, study="check")
    at.number_input(key="check budget").set_value(4)
    at.button[0].click().run()
    finish_job(at)
    report = at.session_state["job"].document
    assert [found.verdict for found in report.verdicts] == ["PASS", "FAIL"]
    assert list(at.dataframe[0].value["verdict"]) == ["PASS", "FAIL"]
    assert "checked in" in texts(at)

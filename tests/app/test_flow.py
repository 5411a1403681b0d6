"""The page Flow: the path of requests with its bottleneck, and an incident minute by minute."""

from tests.app.pages import DESK, finish_job, open_page, opened_with, texts

_FAILING = (
    DESK + "\nincidents:\n  - {name: slow, kind: latency, target: desk, factor: 6, duration: 5m}\n"
).replace('indicator: queue_wait, objective: "p(95) < 2s"', 'indicator: latency, objective: "p(95) < 4s"')


def test_the_path_and_its_fullest_station_are_shown() -> None:
    at = opened_with("flow", DESK.replace("max_ongoing_requests: 8", "max_ongoing_requests: 20"))
    assert "Highest load: desk in home" in texts(at).replace("\\", "")
    rows = at.dataframe[0].value
    assert list(rows["target"]) == ["desk, home (bottleneck)"]


def test_a_desk_that_is_too_small_is_the_bottleneck() -> None:
    at = opened_with("flow", DESK.replace("max_ongoing_requests: 8", "max_ongoing_requests: 3"))
    assert "The bottleneck is desk in home" in texts(at).replace("\\", "")


def test_every_stage_and_workload_of_the_bundled_scenario_has_a_path() -> None:
    at = open_page("flow", at="global")
    assert "Path of answer-ticket" in texts(at).replace("\\", "")
    at.segmented_control[0].set_value("summarise-call").run()
    assert not at.exception
    assert "Path of summarise-call" in texts(at).replace("\\", "")
    at.selectbox(key="at").select("pilot").run()
    assert not at.exception
    assert not at.segmented_control  # the pilot has one workload


def test_an_incident_is_replayed_minute_by_minute() -> None:
    at = opened_with("flow", _FAILING, flow="Incident over time")
    at.button(key="replay").click().run()
    finish_job(at)
    report = at.session_state["job"].document
    slider = at.select_slider(key="minute")
    assert len(slider.options) == len(report.moments)
    slider.set_value("0").run()
    assert not at.exception
    assert "from minute 0 on" in texts(at)
    during = [moment for moment in report.moments if 300.0 <= moment.begin_s < 600.0]
    before = [moment for moment in report.moments if moment.begin_s < 240.0]
    assert min(moment.latency_s for moment in during[1:]) > max(moment.latency_s for moment in before)


def test_a_scenario_without_incidents_says_what_to_add() -> None:
    assert "incidents" in texts(opened_with("flow", DESK, flow="Incident over time"))

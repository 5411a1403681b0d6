"""Every page as a user meets it, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from simulator.app.bundled import bundled_plan
from simulator.studies.drill.report import DrillReport
from tests.app.pages import DESK, TIMEOUT_S, finish_job, open_page, opened_with, texts


def test_the_overview_is_there_at_once_and_says_where_it_is_from() -> None:
    at = open_page()
    assert at.title[0].value == "Overview"
    assert "Shipped with the app" in texts(at)
    assert len(at.metric) == 4
    shown = {
        metric.label for metric in at.metric if metric.delta
    }  # intervals, but for one below the digits shown
    assert {metric.label for metric in at.metric} - shown <= {"Availability"}


def test_another_stage_has_other_figures() -> None:
    at = open_page()
    before = [metric.value for metric in at.metric]
    at.selectbox(key="stage").select("pilot").run()
    assert [metric.value for metric in at.metric] != before


def test_a_scenario_is_planned_and_the_plan_is_shown() -> None:
    at = open_page("scenario")
    at.text_area[0].set_value(DESK).run()
    at.button(key="use_yaml").click().run()
    assert not at.exception
    name = at.session_state["scenario"]
    assert name == "support-copilot (edited)"
    overview = opened_with("overview", DESK)
    assert "Not planned yet" in texts(overview)
    overview.button(key="plan").click().run()
    finish_job(overview)
    assert "Planned here" in texts(overview)
    assert len(overview.metric) == 4


def test_a_job_is_cancelled_by_its_button() -> None:
    at = open_page()
    at.button(key="plan").click().run()
    at.button(key="cancel_job").click().run()
    job = at.session_state["job"]
    assert job.ended.wait(TIMEOUT_S)
    at.run()
    assert job.state == "cancelled"
    assert "was cancelled" in texts(at).replace("\\", "")


def test_a_lever_shows_a_difference_and_can_be_pinned() -> None:
    at = open_page("what_if", at="pilot")
    assert {metric.delta for metric in at.metric} == {"no change"}
    at.select_slider(key="caches.answers.ttl").set_value("30 min").run()
    assert not at.exception
    assert {metric.delta for metric in at.metric} != {"no change"}
    next(button for button in at.button if button.label == "Pin to the basket").click().run()
    assert "answers: time to live 30 min" in str(at.dataframe[-1].value)


@pytest.mark.slow
def test_the_capacity_needed_and_more_pairs_are_worked_out_beside_the_page() -> None:
    at = open_page("what_if", at="pilot", demand="× 2")
    job = at.session_state["job"]
    assert job.is_quiet
    assert not next(button for button in at.button if button.label == "Pin to the basket").disabled
    assert not [metric for metric in at.metric if metric.label.startswith("Needed")]
    finish_job(at)
    capacity = job.document
    planned = bundled_plan().stages[0].capacity
    assert capacity.before.amounts == planned
    needed = {metric.label.replace("\\", ""): metric for metric in at.metric}
    staff = sum(capacity.after.amounts["teams.agents.staff"].values())
    assert needed["Needed: agents: staff"].value == f"{staff:,.0f}"
    assert staff > sum(planned["teams.agents.staff"].values())
    assert "Capacity needed" in texts(at)
    assert "Holding it costs" in texts(at)
    assert at.session_state["job"] is not job
    finish_job(at)
    assert "Refined since: 24 pairs" in texts(at).replace("\\", "")
    next(button for button in at.button if button.label == "Pin to the basket").click().run()
    assert "agents: staff" in at.dataframe[-1].value["capacity needed"].iloc[0]


def test_the_busiest_target_stands_with_its_difference() -> None:
    at = open_page("what_if", at="pilot", demand="× 3")
    busiest = next(metric for metric in at.metric if metric.label.startswith("Busiest"))
    loads = next(frame.value for frame in at.dataframe if "measure" in frame.value)
    loads = loads[loads["measure"] == "utilization"]
    assert busiest.label.removeprefix("Busiest, peak: ") in list(loads["of"])
    assert any(text.startswith(busiest.value) for text in loads["with the change"])


def test_turning_on_ends_what_is_being_refined() -> None:
    at = open_page("what_if", at="pilot", demand="× 3")
    before = at.session_state["job"]
    at.select_slider(key="demand").set_value("× 1").run()
    assert before.cancelled.is_set()
    assert at.session_state["job"] is None
    assert not at.warning


def test_a_link_restores_a_variant() -> None:
    at = open_page("what_if", at="pilot", demand="× 2")
    assert at.select_slider(key="demand").value == "× 2"
    assert "traffic × 2" in texts(at).replace("\\", "")


def _one(at: AppTest, key: str) -> str:
    found = at.query_params[key]
    return found if isinstance(found, str) else found[0]


def test_a_link_opens_an_own_scenario_in_another_browser() -> None:
    """With what forms changed in it; a reload is another session, too."""
    at = opened_with("scenario", DESK, overrides=("seed=5",))
    query = {key: _one(at, key) for key in ("scenario", "own", "set")}
    assert query["scenario"] == "desk"
    other = open_page("scenario", **query)
    assert other.session_state["scenario"] == "desk"
    assert "--set 'seed=5'" in texts(other)
    assert not other.warning


@pytest.mark.parametrize("own", [{}, {"own": "0" * 24}, {"own": "../x"}])
def test_a_link_to_what_is_not_here_says_so(own: dict[str, str]) -> None:
    at = open_page("scenario", scenario="claims-triage", set="seed=5", **own)
    [warning] = at.warning
    assert "claims" in warning.value
    assert "not at this server" in warning.value
    assert "What you see is **support" in warning.value
    assert "--set" not in texts(at)
    at.selectbox(key="scenario").set_value("cascade").run()
    assert not at.warning


def test_a_form_changes_the_scenario_and_the_link() -> None:
    at = open_page("scenario")
    field = next(one for one in at.text_input if one.key.endswith("stages.pilot.duration"))
    field.set_value("5w")
    next(button for button in at.button if button.label == "Check and apply").click().run()
    assert not at.exception
    assert at.query_params["set"] == 'stages.pilot.duration="5w"'
    assert "--set 'stages.pilot.duration=\"5w\"'" in texts(at)


def test_a_wrong_value_is_told_and_not_taken() -> None:
    at = open_page("scenario")
    field = next(one for one in at.text_input if one.key.endswith("stages.pilot.duration"))
    field.set_value("5 parsecs")
    next(button for button in at.button if button.label == "Check and apply").click().run()
    assert "1 mistake" in texts(at)
    assert "set" not in at.query_params


def test_mistakes_are_told_at_their_line() -> None:
    at = open_page("scenario")
    at.text_area[0].set_value(DESK.replace("arrival_rate", "arival_rate")).run()
    at.button(key="use_yaml").click().run()
    assert "1 mistake" in texts(at)
    assert ">    6" in texts(at)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: &x 1\nb: *x", b"!!python/object/apply:os.system [id]"])
def test_a_bad_upload_is_told(content: bytes) -> None:
    at = open_page("scenario", edit="Upload")
    at.file_uploader[0].upload("bad.yaml", content).run()
    assert not at.exception
    assert at.error


def test_names_are_no_markup() -> None:
    at = opened_with("overview", DESK, "<b>*x*")
    at.button(key="plan").click().run()
    finish_job(at)
    assert all(not element.allow_html for element in at.markdown)


@pytest.mark.parametrize(("page", "words"), [("failures", "incidents"), ("rollout", "canary")])
def test_empty_pages_say_what_to_do(page: str, words: str) -> None:
    at = opened_with(page, DESK, rollout="Canary")
    assert words in "\n".join(info.value for info in at.info)


def test_an_incident_is_played() -> None:
    at = open_page("failures", scenario="failures", incidents="search-slow")
    at.checkbox[0].uncheck().run()
    at.button(key="drill").click().run()
    finish_job(at)
    assert [metric.label for metric in at.metric] == [
        "Actions harmed",
        "Error rate",
        "Extra cost",
        "Time to recover",
    ]
    report = at.session_state["job"].document
    assert isinstance(report, DrillReport)
    alerts = at.dataframe[-1].value
    assert list(alerts.columns[1:]) == ["page → on-call", "ticket → owner"]
    [drill] = report.drills
    for cell, alert in zip(alerts.iloc[0, 1:], drill.alerts, strict=True):
        assert cell.startswith(("not in", "firing already")) == (alert.after_s is None)
    assert "firing while healthy" in list(alerts["alert after"])
    assert "from the SRE workbook" in texts(at)


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        ("{}", "nobody is paged"),
        ("{loud: {notify: me, rules: [{burn_rate: 2, long_window: 1h, short_window: 5m}]}}", "loud → me"),
    ],
)
def test_whose_alerts_they_are_is_said(alerts: str, said: str) -> None:
    failing = DESK.replace(
        'indicator: queue_wait, objective: "p(95) < 2s"', 'indicator: availability, objective: ">= 99%"'
    )
    failing += "\nincidents:\n  - {name: slow, kind: latency, target: desk, factor: 6, duration: 5m}\n"
    assert said in texts(opened_with("failures", f"{failing}alerts: {alerts}\n"))


def test_objectives_that_no_alert_can_watch_are_named() -> None:
    failing = DESK + "\nincidents:\n  - {name: slow, kind: latency, target: desk, factor: 6, duration: 5m}\n"
    assert "nothing to watch" in texts(opened_with("failures", failing))


def test_a_template_is_taken() -> None:
    at = open_page("scenario", edit="Templates")
    assert "A cascade of models" in texts(at)
    at.button(key="use cascade").click().run()
    assert at.session_state["scenario"] == "cascade"
    assert at.button(key="use cascade").disabled


def test_stages_regions_and_routes_are_added_and_removed() -> None:
    at = open_page("scenario")
    at.text_input(key="Stage name").set_value("later")
    _press(at, "Add stage")
    assert at.query_params["set"].startswith("stages=[")
    at.selectbox(key="remove stages").select("later").run()
    at.button(key="remove button stages").click().run()
    assert "later" not in at.query_params["set"]
    at.segmented_control(key="part").set_value("Region").run()
    at.text_input(key="Region name").set_value("sa-east")
    at.selectbox(key="region zone").select("America/Sao_Paulo")
    _press(at, "Add region")
    assert not at.exception
    assert 'regions.sa-east={"timezone": "America/Sao_Paulo"}' in texts(at)
    at.segmented_control(key="part").set_value("Route").run()
    at.text_input(key="Route name").set_value("spare")
    at.multiselect(key="route targets").set_value(["small"])
    at.selectbox(key="route step").select("summarise-call: generate bulk")
    _press(at, "Add route")
    assert 'routes.spare={"choose": ["small"]}' in texts(at)
    assert "routes.bulk=null" in texts(at)  # nothing else used it
    assert not at.error


def test_how_limits_count_is_chosen_and_what_requests_ask_for() -> None:
    at = open_page("scenario")
    at.selectbox(key="quota rule").select("azure-standard")
    at.text_input(key="quota max_tokens").set_value("800")
    _press(at, "Count so")
    assert not at.error
    assert at.query_params["set"] == [
        "model_list.small.limits_as=azure-standard",
        "workloads.answer-ticket.max_tokens=800",
        "workloads.summarise-call.max_tokens=800",
    ]


def test_a_region_that_is_spoken_of_is_not_removed() -> None:
    at = open_page("scenario")
    at.segmented_control(key="part").set_value("Region").run()
    at.selectbox(key="remove regions").select("us-east").run()
    at.button(key="remove button regions").click().run()
    assert "Nothing was changed" in texts(at)
    assert "set" not in at.query_params


@pytest.mark.parametrize("name", ["pilot", "", "a.b", "x=1"])
def test_a_name_that_cannot_be_one_is_told(name: str) -> None:
    at = open_page("scenario")
    at.text_input(key="Stage name").set_value(name)
    _press(at, "Add stage")
    assert not at.exception
    assert at.error
    assert "set" not in at.query_params


def _press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()


def test_inputs_bear_the_grade_of_their_source() -> None:
    at = open_page("scenario")
    labels = {
        field.key.rpartition(" ")[2]: field.label for field in at.text_input if field.key.startswith("form ")
    }
    assert labels["model_list.small.tpm"].endswith(":blue-badge[published]")
    assert labels["model_list.large.rpm"].endswith(":gray-badge[assumption]")
    assert "badge" not in labels["slos.latency.objective"]  # asked for, no input


def test_sources_are_listed_by_grade() -> None:
    at = open_page("scenario", edit="Sources")
    rows = at.dataframe[0].value
    assert {"assumption", "published"} <= set(rows["grade"])
    assert (rows["value"] != "").all()
    assert "inputs" in texts(at)


def test_five_answers_make_a_scenario() -> None:
    at = open_page("scenario", edit="Five questions")
    at.selectbox(key="question use_case").set_value("coding: completes code").run()
    at.button(key="begin").click().run()
    assert not at.exception
    assert at.session_state["scenario"] == "my-rollout"
    assert "coding: completes code." in at.session_state["own_texts"]["my-rollout"]


def test_the_overview_tells_how_well_its_inputs_are_known() -> None:
    at = open_page()
    badges = [element.value for element in at.markdown if "badge[" in element.value]
    assert any("assumption" in badge for badge in badges)
    assert any("measured" in badge for badge in badges)


@pytest.mark.parametrize(
    ("page", "query", "shown"),
    [
        ("flow", {"workload": "summarise-call"}, "Path of summarise-call"),
        ("rollout", {"rollout": "Drift", "fall": "5 of 100 answers"}, "5 of 100 answers"),
        ("failures", {"cures": "false", "incidents": "surge"}, "surge"),
        ("scenario", {"edit": "Sources", "grades": "measured"}, "measured"),
    ],
)
def test_a_link_restores_what_was_chosen(page: str, query: dict[str, str], shown: str) -> None:
    at = open_page(page, **query)
    chosen = [
        str(element.value)
        for kind in ("selectbox", "multiselect", "checkbox", "pills")
        for element in at.get(kind)
        if hasattr(element, "value")
    ]
    assert shown in texts(at).replace("\\", "") or any(shown in value for value in chosen)
    if page == "failures":
        assert not at.checkbox(key="cures").value


def test_the_overview_says_whether_the_rollout_is_a_go_and_what_to_know() -> None:
    at = open_page(stage="pilot")
    said = texts(at).replace("\\", "")
    assert "Every stage meets its objectives" in said
    assert "readiness check release and rollback is missing (warning only)" in said


def test_a_rollout_that_is_no_go_says_which_stage_and_what_would_help() -> None:
    busy = DESK.replace("5 rps", "9 rps") + (
        "capacity: {knobs: [{path: services.desk.replicas, min: 1, max: 1, lead_time: 1w}]}\n"
    )
    at = opened_with("overview", busy)
    at.button(key="plan").click().run()
    finish_job(at)
    said = texts(at).replace("\\", "")
    assert "all is NO-GO" in said
    assert "needs capacity above the allowed maximum" in said

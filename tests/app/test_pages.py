"""Every page as a user meets it, without a browser."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

_APP = str(Path(__file__).parents[2] / "app.py")
_TIMEOUT_S = 120
_DESK = """
apiVersion: rollout/v1
kind: Scenario
metadata: {name: "desk *bold* <b>"}
workloads:
  - {name: ticket, arrival_rate: 5 rps, steps: [{call: desk}]}
services:
  desk: {max_ongoing_requests: 8, service_time: {distribution: exponential, mean: 1s}}
slos:
  - {name: wait, indicator: queue_wait, objective: "p(95) < 2s"}
stages:
  - {name: all, duration: 1w, exposure: 100%}
window: {duration: 10m, warmup: 2m}
"""


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Give back `__main__`, which a page under test becomes: processes that are spawned later begin by running it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


def _open(page: str = "", **query: str) -> AppTest:
    at = AppTest.from_file(_APP, default_timeout=_TIMEOUT_S)
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    if page:
        module = f"simulator.ui.app_pages.{page}"
        at = AppTest.from_function(_one_page, default_timeout=_TIMEOUT_S, args=(module,))
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
    assert not at.exception
    return at


def _one_page(module: str) -> None:
    from importlib import import_module

    import streamlit as st

    from simulator.ui import session
    from simulator.ui.parts import job_strip

    chosen = st.session_state.pop("choose_next", None)
    if chosen is not None:
        st.session_state[session.SCENARIO] = chosen
    st.selectbox("Scenario", session.names(), key=session.SCENARIO, bind="query-params")
    session.write_link()
    job_strip()
    import_module(module).render()


def _texts(at: AppTest) -> str:
    kinds = (at.caption, at.markdown, at.text, at.info, at.error, at.warning, at.success, at.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def test_the_overview_is_there_at_once_and_says_where_it_is_from() -> None:
    at = _open()
    assert at.title[0].value == "Overview"
    assert "Shipped with the app" in _texts(at)
    assert len(at.metric) == 4
    assert all(metric.delta for metric in at.metric)  # intervals


def test_another_stage_has_other_figures() -> None:
    at = _open()
    before = [metric.value for metric in at.metric]
    at.selectbox(key="stage").select("pilot").run()
    assert [metric.value for metric in at.metric] != before


def test_a_scenario_is_planned_and_the_plan_is_shown() -> None:
    at = _open("scenario")
    at.text_area[0].set_value(_DESK).run()
    at.button(key="use_yaml").click().run()
    assert not at.exception
    name = at.session_state["scenario"]
    assert name == "support-copilot (edited)"
    overview = AppTest.from_function(
        _one_page, default_timeout=_TIMEOUT_S, args=("simulator.ui.app_pages.overview",)
    )
    overview.session_state["own_texts"] = {"desk": _DESK}
    overview.session_state["scenario"] = "desk"
    overview.run()
    assert "Not planned yet" in _texts(overview)
    overview.button(key="plan").click().run()
    job = overview.session_state["job"]
    assert job.ended.wait(_TIMEOUT_S)
    assert job.state == "done"
    overview.run()
    assert "Planned here" in _texts(overview)
    assert len(overview.metric) == 4


def test_a_job_is_cancelled_by_its_button() -> None:
    at = _open()
    at.button(key="plan").click().run()
    at.button(key="cancel_job").click().run()
    job = at.session_state["job"]
    assert job.ended.wait(_TIMEOUT_S)
    at.run()
    assert job.state == "cancelled"
    assert "was cancelled" in _texts(at).replace("\\", "")


def test_a_lever_shows_a_difference_and_can_be_pinned() -> None:
    at = _open("what_if", at="pilot")
    assert {metric.delta for metric in at.metric} == {"no change"}
    at.select_slider(key="caches.answers.ttl").set_value("30 min").run()
    assert not at.exception
    assert {metric.delta for metric in at.metric} != {"no change"}
    next(button for button in at.button if button.label == "Pin to the basket").click().run()
    assert "answers: time to live 30 min" in str(at.dataframe[-1].value)


def test_a_link_restores_a_variant() -> None:
    at = _open("what_if", at="pilot", demand="× 2")
    assert at.select_slider(key="demand").value == "× 2"
    assert "traffic × 2" in _texts(at).replace("\\", "")


def test_a_form_changes_the_scenario_and_the_link() -> None:
    at = _open("scenario")
    field = next(one for one in at.text_input if one.key.endswith("stages.pilot.duration"))
    field.set_value("5w")
    next(button for button in at.button if button.label == "Check and apply").click().run()
    assert not at.exception
    assert at.query_params["set"] == 'stages.pilot.duration="5w"'
    assert "--set 'stages.pilot.duration=\"5w\"'" in _texts(at)


def test_a_wrong_value_is_told_and_not_taken() -> None:
    at = _open("scenario")
    field = next(one for one in at.text_input if one.key.endswith("stages.pilot.duration"))
    field.set_value("5 parsecs")
    next(button for button in at.button if button.label == "Check and apply").click().run()
    assert "1 mistake" in _texts(at)
    assert "set" not in at.query_params


def test_mistakes_are_told_at_their_line() -> None:
    at = _open("scenario")
    at.text_area[0].set_value(_DESK.replace("arrival_rate", "arival_rate")).run()
    at.button(key="use_yaml").click().run()
    assert "1 mistake" in _texts(at)
    assert ">    6" in _texts(at)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: &x 1\nb: *x", b"!!python/object/apply:os.system [id]"])
def test_a_bad_upload_is_told(content: bytes) -> None:
    at = _open("scenario")
    at.file_uploader[0].upload("bad.yaml", content).run()
    assert not at.exception
    assert at.error


def test_names_are_no_markup() -> None:
    at = AppTest.from_function(
        _one_page, default_timeout=_TIMEOUT_S, args=("simulator.ui.app_pages.overview",)
    )
    at.session_state["own_texts"] = {"<b>*x*": _DESK}
    at.session_state["scenario"] = "<b>*x*"
    at.run()
    at.button(key="plan").click().run()
    assert at.session_state["job"].ended.wait(_TIMEOUT_S)
    at.run()
    assert not at.exception
    assert all(not element.allow_html for element in at.markdown)


@pytest.mark.parametrize(("page", "words"), [("failures", "incidents"), ("rollout", "canary")])
def test_empty_pages_say_what_to_do(page: str, words: str) -> None:
    at = AppTest.from_function(
        _one_page, default_timeout=_TIMEOUT_S, args=(f"simulator.ui.app_pages.{page}",)
    )
    at.session_state["own_texts"] = {"desk": _DESK}
    at.session_state["scenario"] = "desk"
    at.run()
    assert not at.exception
    assert words in "\n".join(info.value for info in at.info)


def test_orders_have_their_dates() -> None:
    at = _open("rollout")
    orders = at.dataframe[0].value
    assert set(orders["stage"]) == {"pilot", "production", "two-regions", "global"}
    assert orders["order by"].str.match(r"\d{4}-\d\d-\d\d").any()


def test_an_incident_is_played() -> None:
    at = _open("failures", scenario="failures", incidents="search-slow")
    at.checkbox[0].uncheck().run()
    at.button(key="drill").click().run()
    job = at.session_state["job"]
    assert job.ended.wait(_TIMEOUT_S)
    assert job.state == "done", job.message
    at.run()
    assert not at.exception
    assert [metric.label for metric in at.metric] == [
        "Actions hurt",
        "Error rate",
        "Cost added",
        "Time to recover",
    ]

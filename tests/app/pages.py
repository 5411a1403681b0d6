"""Pages as a user meets them, without a browser: what all tests of pages share."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).parents[2] / "app.py")
TIMEOUT_S = 120
DESK = """
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


def open_page(page: str = "", **query: str) -> AppTest:
    """A page by its link; without a name the whole app, which opens at the overview."""
    if page:
        module = f"simulator.app.app_pages.{page}"
        at = AppTest.from_function(_one_page, default_timeout=TIMEOUT_S, args=(module,))
    else:
        at = AppTest.from_file(APP, default_timeout=TIMEOUT_S)
    for key, value in query.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


def _one_page(module: str) -> None:
    from importlib import import_module

    import streamlit as st

    from simulator.app import address, session
    from simulator.app.components import job_strip

    chosen = st.session_state.pop("choose_next", None)
    if chosen is not None:
        st.session_state[session.SCENARIO] = chosen
    address.open_link()
    st.selectbox("Scenario", session.names(), key=session.SCENARIO, bind="query-params")
    address.write_link()
    address.tell_gone()
    job_strip()
    import_module(module).render()


def texts(at: AppTest) -> str:
    kinds = (at.caption, at.markdown, at.text, at.info, at.error, at.warning, at.success, at.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def opened_with(
    page: str, text: str, name: str = "desk", overrides: tuple[str, ...] = (), **query: str
) -> AppTest:
    """A page about a scenario of the user's own."""
    at = AppTest.from_function(
        _one_page, default_timeout=TIMEOUT_S, args=(f"simulator.app.app_pages.{page}",)
    )
    for key, value in query.items():
        at.query_params[key] = value
    at.session_state["own_texts"] = {name: text}
    at.session_state["overrides"] = {name: overrides}
    at.session_state["scenario"] = name
    at.run()
    assert not at.exception
    return at


def finish_job(at: AppTest) -> None:
    """Wait for the job, and run the page that shows what came of it."""
    job = at.session_state["job"]
    assert job.ended.wait(TIMEOUT_S)
    assert job.state == "done", job.message
    at.run()
    assert not at.exception

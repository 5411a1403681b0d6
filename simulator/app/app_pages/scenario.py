"""Which scenario is it: choose, upload, change by form or as YAML, and see every mistake at its line."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import head, show_tabs, table
from simulator.app.escaping import plain
from simulator.app.fields import changes, fields_of, merged
from simulator.app.tabs.budget_form import budget_form
from simulator.app.tabs.import_form import are_configurations, imported_scenario
from simulator.app.tabs.pilot_log import pilot_log
from simulator.app.tabs.provenance import badges, show_sources
from simulator.app.tabs.quota_form import quota_form, shared_quota_form
from simulator.app.tabs.starter_form import starter_form
from simulator.app.tabs.structure_form import structure_form
from simulator.app.tabs.templates import gallery
from simulator.scenario.read.errors import Problem, ScenarioError

_MOST_BYTES_MB = 2
_AROUND = 2  # lines shown around a mistake


def render() -> None:
    """Show the page."""
    head("Scenario", "What is planned: choose one on the left, change it here, or bring your own.")
    show_tabs(
        "edit",
        Form_and_YAML=_both,
        Sources=show_sources,
        Pilot_log=lambda: pilot_log(_take),
        Templates=gallery,
        Five_questions=starter_form,
        Upload=_upload,
    )


def _both() -> None:
    """Form and text: beside each other where there is room for both captions on a line each."""
    name = st.session_state.get(session.SCENARIO)
    if name is None:
        session.current()  # says what to do
        return
    with st.container(horizontal=True, gap="large"):
        with st.container():
            st.caption(
                "The values that are changed most. A change is put on top of the text and stands in the link."
            )
            _form()
        with st.container():
            st.caption(
                "The text as it is written, whole. It is checked before it is used; comments stay as they are."
            )
            _yaml(name, session.text_of(name))


def _form() -> None:
    current = session.current()
    if current is None:
        return
    fields, grades = fields_of(current.loaded.document), badges(current)
    with st.form("values", border=False):
        texts: dict[str, str] = {}
        for group in dict.fromkeys(field.group for field in fields):
            is_open = group in ("Demand", "Stages")
            # As many fields beside each other as there is room for.
            with st.expander(group, expanded=is_open), st.container(horizontal=True):
                for field in (one for one in fields if one.group == group):
                    texts[field.path] = st.text_input(
                        f"{plain(field.label)} {grades.get(field.path, '')}".rstrip(),
                        field.written,
                        max_chars=200,
                        key=f"form {current.key} {field.path}",
                        help=plain(f"--set {field.path}"),
                    )
        is_sent = st.form_submit_button("Check and apply", type="primary", icon=":material/check:")
    if is_sent:
        _apply(current, changes(fields, [texts[field.path] for field in fields]))
    structure_form(current, lambda new: _apply(current, new))
    quota_form(current, lambda new: _apply(current, new))
    shared_quota_form(current, lambda new: _apply(current, new))
    budget_form(current, lambda new: _apply(current, new))
    _shown_changes(current)


def _apply(current: session.Current, new: list[str]) -> None:
    if not new:
        st.info("Nothing was changed.")
        return
    overrides = merged(current.overrides, new)
    try:
        session.checked(current.text, f"{current.name}.yaml", tuple(overrides))
    except ScenarioError as error:
        _problems(error.problems, "")
        return
    session.set_overrides(current.name, overrides)
    st.rerun()


def _shown_changes(current: session.Current) -> None:
    if not current.overrides:
        st.caption("Nothing is changed against the scenario as written.")
        return
    st.markdown("**Changed against the scenario as written** (the link keeps it, the command line takes it):")
    st.code("\n".join(f"--set '{text}'" for text in current.overrides), language=None, wrap_lines=True)
    if st.button("Undo all changes", icon=":material/undo:"):
        session.set_overrides(current.name, ())
        st.rerun()


def _yaml(name: str, text: str) -> None:
    edited = st.text_area("Scenario as YAML", text, height=720, key=f"yaml {name} {hash(text)}")
    with st.container(horizontal=True):
        is_sent = st.button("Check and use", type="primary", icon=":material/check:", key="use_yaml")
        st.download_button(
            "Download", edited, f"{name}.yaml", "text/yaml", on_click="ignore", icon=":material/download:"
        )
    if is_sent:
        _take(name if name in session.own_texts() else f"{name} (edited)", edited)


def _upload() -> None:
    files = st.file_uploader(
        "A scenario file, or configurations that you have",
        type=["yaml", "yml", "json"],
        accept_multiple_files=True,
        max_upload_size=_MOST_BYTES_MB,
        help="At most 1 MiB of text. Files that a scenario names are looked for in the app's folder of scenarios. "
        "Configurations of LiteLLM, vLLM, Ray Serve, Kubernetes, Argo Rollouts and OpenSLO become one scenario.",
    )
    if not files:
        st.caption(
            "Files are read by the same checks as on the command line; nothing in them is ever executed."
        )
        return
    if are_configurations(files):
        found = imported_scenario(files)
        if found is not None:
            _take(
                f"{files[0].name.rpartition('.')[0][:50] or 'configuration'} (imported)", found, is_new=True
            )
        return
    [file, *_] = files
    try:
        text = file.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        st.error("This is not UTF-8 text. Save the file as UTF-8 and upload it again.")
        return
    name = file.name.rpartition(".")[0][:60] or "uploaded"
    _take(name if name not in session.names() else f"{name} (uploaded)", text, is_new=True)


def _take(name: str, text: str, *, is_new: bool = False) -> None:
    """Take a text as the scenario if it is right, else show every mistake at its line."""
    try:
        session.checked(text, f"{name}.yaml", ())
    except ScenarioError as error:
        _problems(error.problems, text)
        return
    if is_new:
        st.success("This scenario is valid.", icon=":material/check_circle:")
        if not st.button("Use it", type="primary", key="use_upload"):
            return
    session.use(name, text)
    st.rerun()


def _problems(problems: Sequence[Problem], text: str) -> None:
    count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    st.error(f"{count}. Nothing was changed.", icon=":material/error:")
    table(
        pd.DataFrame(
            [
                {
                    "line": None if problem.file.startswith("--") else problem.line,
                    "key": problem.path,
                    "what is wrong": problem.message,
                    "suggested fix": problem.hint,
                }
                for problem in problems
            ]
        )
    )
    lines = text.splitlines()
    for problem in problems[:3]:
        if lines and problem.line is not None:
            first = max(0, problem.line - 1 - _AROUND)
            excerpt = [
                f"{'>' if number == problem.line else ' '} {number:4d}  {line[:200]}"
                for number, line in enumerate(lines[first : problem.line + _AROUND], first + 1)
            ]
            st.code("\n".join(excerpt), language=None)

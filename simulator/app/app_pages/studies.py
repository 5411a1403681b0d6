"""Any study with all its options: a form made of them, and its report; what has no page of its own has its place here."""

from enum import Enum
from pathlib import Path
from typing import Any

import streamlit as st

from simulator.app import session
from simulator.app.components import head, report_downloads, show_sections
from simulator.app.escaping import plain
from simulator.errors import OptionError
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.base import SelfMade, Study
from simulator.studies.options import Asked, options_of
from simulator.studies.registry import STUDIES, study_class

VERB = "study"  # also the query parameter


def render() -> None:
    """Show the page."""
    head("Studies", "Ask any question of the command line, with all its options.")
    current = session.current()
    if current is None:
        return
    verbs = [verb for verb in STUDIES if not any(_needs_files(one) for one in options_of(study_class(verb)))]
    verb = st.selectbox("Study", verbs, key=VERB, bind="query-params")
    study = study_class(verb)
    st.caption(plain(study.__doc__ or ""))
    with st.form(f"options of {verb}"):
        given = {one.name: _field(verb, one) for one in options_of(study) if _is_shown(one)}
        is_asked = st.form_submit_button("Run", icon=":material/play_arrow:", disabled=session.is_busy())
    made = _study(study, given)
    loaded = None if made is None else _asked_about(made, current.loaded)
    if made is None or loaded is None:
        return
    key = f"{verb}:{made}" if isinstance(made, SelfMade) else f"{verb}:{current.key}:{made}"
    if is_asked:
        session.start_study(verb, key, made, loaded)
        st.rerun()
    report = session.any_report(key)
    if report is not None:
        show_sections(report.sections(), key)
        report_downloads(verb, report)


def _needs_files(asked: Asked) -> bool:
    """Whether a study must be given a path: the app takes no paths from its visitors."""
    return asked.is_required and (asked.plain is Path or asked.option.is_scenario)


def _is_shown(asked: Asked) -> bool:
    return asked.option.in_app and asked.plain is not Path and not asked.option.is_scenario


def _field(verb: str, asked: Asked) -> Any:
    """The widget of an option; None: as it is where it is not given."""
    label, key = asked.name.replace("_", " "), f"{verb} {asked.name}"
    option, kind = asked.option, asked.plain
    if kind is bool:
        return st.checkbox(label, bool(asked.default), key=key, help=option.help)
    if kind in (int, float) and option.parse is None and asked.item is None:
        low, high = (None if bound is None else kind(bound) for bound in (option.min, option.max))
        default = asked.default if asked.default is None else kind(asked.default)
        return st.number_input(label, low, high, default, key=key, help=option.help)
    if isinstance(kind, type) and issubclass(kind, Enum):
        words = list(kind)
        place = words.index(asked.default) if asked.default in words else None
        return st.selectbox(label, words, place, key=key, help=option.help, format_func=lambda one: one.value)
    text = st.text_input(label, key=key, placeholder=option.shown_default or "", help=option.help).strip()
    if not text:
        return None
    return [part.strip() for part in text.split(",")] if asked.item is not None else text


def _study(study: type[Study[Any]], given: dict[str, Any]) -> Study[Any] | None:
    """The study as it is asked for; what is wrong with an option, or missing, is shown, and None returned."""
    asked = {one.name: one for one in options_of(study)}
    values = {}
    for name, value in given.items():
        try:
            values[name] = asked[name].parsed(value)
        except ValueError as error:
            st.error(plain(f"{name.replace('_', ' ')}: {error}"))
            return None
    missing = [
        name.replace("_", " ") for name, value in values.items() if asked[name].is_required and value is None
    ]
    if missing:
        st.info(f"Fill in: {', '.join(missing)}.")
        return None
    return study(**values)


def _asked_about(study: Study[Any], current: LoadedScenario) -> LoadedScenario | None:
    """The scenario, or the one that the study makes; where its options do not fit, that is shown, and None returned."""
    try:
        loaded = study.made() if isinstance(study, SelfMade) else current
        study.check(loaded.scenario)
    except OptionError as error:
        st.error(plain(str(error)))
        return None
    return loaded

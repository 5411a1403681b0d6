"""What one user of the app has before them: the scenario, what was changed in it, the job, and what was found."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from simulator.app.bundled import bundled_cost, bundled_plan, scenario_folder, scenario_names, scenario_text
from simulator.app.escaping import plain
from simulator.app.jobs import Job, JobBoard, Results
from simulator.compiler.external_files import check_external_files
from simulator.engine import Runner, threads_or_all
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario, load_text
from simulator.studies.base import Study
from simulator.studies.cost.report import CostReport
from simulator.studies.plan.report import PlanReport
from simulator.studies.report import Report
from simulator.studies.what_if.report import WhatIfReport

Work = Callable[[Runner], Report]

ReportT = TypeVar("ReportT", bound=Report)

SCENARIO = "scenario"  # also the query parameter
CHANGES = "set"  # the query parameter
GONE = "link_gone"  # name of a scenario that a link asked for, and that is not here
CHOOSE_NEXT = "choose_next"  # name of the scenario that the next run of the page begins with
_PAGES = "pages"
_OVERRIDES = "overrides"  # of scenarios, by name
_JOB = "job"
_TAKEN = "taken"  # the last job whose result was kept


@dataclass(frozen=True)
class Current:
    """The scenario before the user.

    Attributes
    ----------
    name : as it is chosen by
    text : as it is written
    overrides : what was changed by forms, as given to `--set`
    loaded : checked
    key : its hash
    """

    name: str
    text: str
    overrides: tuple[str, ...]
    loaded: LoadedScenario
    key: str


@st.cache_resource
def board() -> JobBoard:
    """The jobs of this server."""
    return JobBoard()


@st.cache_resource
def results() -> Results[Report]:
    """What was found by anybody at this server."""
    return Results()


@st.cache_resource
def exports() -> Results[Mapping[str, bytes]]:
    """Files that were made with results, by name; larger than documents, so that fewer are kept."""
    return Results(n_kept=8)


@st.cache_resource
def quick_places() -> threading.BoundedSemaphore:
    """What-ifs that are simulated at the same time."""
    return threading.BoundedSemaphore(2)


@st.cache_resource(max_entries=64, show_spinner=False)
def checked(text: str, name: str, overrides: tuple[str, ...]) -> LoadedScenario:
    """Read a scenario; nothing but our own reader ever sees its text.

    Raises
    ------
    ScenarioError
        With every mistake found.
    """
    loaded = load_text(text, name, scenario_folder(), overrides)
    check_external_files(loaded)
    return loaded


def own_texts() -> dict[str, str]:
    """Scenarios that this user uploaded or edited, by name."""
    texts: dict[str, str] = st.session_state.setdefault("own_texts", {})
    return texts


def text_of(name: str) -> str:
    """A scenario as it is written."""
    return own_texts()[name] if name in own_texts() else scenario_text(name)


def names() -> list[str]:
    """All names to choose from: the user's own first after the bundled one."""
    return list(dict.fromkeys([*scenario_names(), *own_texts()]))


def overrides_of(name: str) -> tuple[str, ...]:
    """What forms changed in a scenario; the first time, what the link says."""
    known: dict[str, tuple[str, ...]] = st.session_state.setdefault(_OVERRIDES, {})
    if not known:
        known[name] = tuple(st.query_params.get_all(CHANGES))
    return known.get(name, ())


def set_overrides(name: str, overrides: Sequence[str]) -> None:
    """Keep what forms changed."""
    overrides_of(name)
    st.session_state[_OVERRIDES][name] = tuple(overrides)


def use(name: str, text: str) -> None:
    """Take a text of the user's own as the scenario from the next run of the page on."""
    own_texts()[name] = text
    set_overrides(name, ())
    st.session_state.pop(GONE, None)
    st.session_state[CHOOSE_NEXT] = name


def current() -> Current | None:
    """The scenario that is chosen; what is wrong with it is shown, and None returned."""
    name = st.session_state.get(SCENARIO)
    if name is None:
        st.info(
            "There is no scenario yet. Upload one on the page Scenario, or start the app with "
            "`rollout app --scenarios DIR`.",
            icon=":material/upload_file:",
        )
        return None
    text = text_of(name)
    overrides = overrides_of(name)
    try:
        loaded = checked(text, f"{name}.yaml", overrides)
    except ScenarioError as error:
        st.error("This scenario has errors. Fix them on the page Scenario.")
        st.code(str(error), language=None, wrap_lines=True)
        return None
    return Current(name, text, overrides, loaded, scenario_hash(loaded.scenario))


def know_pages(pages: Mapping[str, st.Page]) -> None:
    """Remember the pages of the app by title, so that they can be linked to."""
    st.session_state[_PAGES] = pages


def link(title: str, label: str, of: Current, **query: str) -> None:
    """A link to another page about the same scenario; nothing where a page stands alone."""
    page = st.session_state.get(_PAGES, {}).get(title)
    if page is not None:
        state = {SCENARIO: of.name, CHANGES: list(of.overrides), **query}
        st.page_link(page, label=plain(label), icon=page.icon, query_params=state)


def job() -> Job | None:
    """The user's job, if one was started."""
    found: Job | None = st.session_state.get(_JOB)
    return found


def is_busy() -> bool:
    """Whether a job that this user asked for is at work."""
    found = job()
    return found is not None and not found.is_quiet and not found.ended.is_set()


def start(label: str, key: str, work: Work, *, is_quiet: bool = False) -> None:
    """Start a job for this user; one that is still at work is ended."""
    before = job()
    if before is not None:
        before.cancel()
    st.session_state[_JOB] = board().start(label, key, work, _watcher(), is_quiet=is_quiet)


def start_study(label: str, key: str, study: Study[ReportT], loaded: LoadedScenario) -> None:
    """Start a job that answers a study's question."""

    def work(runner: Runner) -> Report:
        return study.run(loaded, replace(runner.at(loaded.base_dir), n_threads=threads_or_all(study.threads)))

    start(label, key, work)


def drop(job: Job) -> None:
    """End a job that nobody wants to hear of any more."""
    job.cancel()
    st.session_state[_JOB] = None


def find_report(key: str, kind: type[ReportT]) -> ReportT | None:
    """The report that was found under a key, by this user or, if whole, by anybody."""
    found = any_report(key)
    assert found is None or isinstance(found, kind)
    return found


def any_report(key: str) -> Report | None:
    """The report of any study that was found under a key."""
    return _found(key)


def _found(key: str) -> Report | None:
    part: Report | None = st.session_state.get("parts", {}).get(key)
    found = results().find(key)
    return part if found is None else found  # a report that does not pass is false


def take(finished: Job) -> None:
    """Keep what a job found, once: for everybody if it is whole, else for its user."""
    if st.session_state.get(_TAKEN) is finished:
        return
    st.session_state[_TAKEN] = finished
    if finished.document is None:
        return
    if finished.state == "done":
        results().keep(finished.key, finished.document)
    else:
        st.session_state.setdefault("parts", {})[finished.key] = finished.document


def plan_key(of: Current) -> str:
    """Key of the plan of a scenario."""
    return f"plan:{of.key}"


def plan_of(of: Current) -> tuple[PlanReport | None, bool]:
    """The plan of a scenario, and whether it is the one that was shipped."""
    return plan_by_hash(of.key)


def plan_by_hash(key: str) -> tuple[PlanReport | None, bool]:
    """The plan of the scenario with a hash, and whether it is the one that was shipped."""
    found = find_report(f"plan:{key}", PlanReport)
    if found is None and bundled_plan().scenario_hash == key:
        return bundled_plan(), True
    return found, False


def cost_of(of: Current) -> tuple[CostReport | None, bool]:
    """The costs of a scenario, and whether they are those that were shipped."""
    found = find_report(cost_key(of), CostReport)
    if found is None and bundled_cost().scenario_hash == of.key:
        return bundled_cost(), True
    return found, False


def cost_key(of: Current) -> str:
    """Key of the costs of a scenario."""
    return f"cost:{of.key}"


def basket(of: Current) -> dict[str, WhatIfReport]:
    """Variants of a scenario that were pinned on the page What-if, by what was turned."""
    baskets: dict[str, dict[str, WhatIfReport]] = st.session_state.setdefault("baskets", {})
    return baskets.setdefault(of.key, {})


def _watcher() -> Callable[[], bool]:
    """Whether the tab is open that this is called from; without a server, always."""
    context = get_script_run_ctx()
    session_id = "" if context is None else context.session_id

    def is_open() -> bool:
        try:
            return Runtime.instance().is_active_session(session_id)
        except RuntimeError:  # there is no server
            return True

    return is_open

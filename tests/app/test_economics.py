"""The page Economics: costs with their files, what to add where something is missing, and the bridge."""

from io import BytesIO
from zipfile import ZipFile

import pandas as pd
import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from simulator.app.exports import FOCUS_NAME, WORKBOOK_NAME
from simulator.app.session import exports
from simulator.studies.bridge.report import BridgeReport
from simulator.studies.cost.report import CostReport
from tests.app.pages import DESK, finish_job, opened_with, texts

_PRICED = (
    DESK.replace('name: "desk *bold* <b>"', "name: priced")
    .replace("mean: 1s}}", "mean: 1s}, cost: $0.01/call}")
    .replace("duration: 1w", "duration: 5w")
    + """
economics:
  platform: $1_000/month
  baseline: {cost_per_action: $2, success_rate: 80%}
  investment: $5k
  budget: {monthly: $200k}
  uncertain: {users: {distribution: uniform, low: -10%, high: 20%}}
"""
)


@pytest.fixture(scope="module")
def costs() -> AppTest:
    at = opened_with("economics", _PRICED)
    at.button(key="cost").click().run()
    finish_job(at)
    return at


def _numbers(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_costs_are_shown_with_their_business_case(costs: AppTest) -> None:
    assert {
        "Cost of the rollout",
        "Per successful action",
        "Net present value",
        "Payback",
        "Break-even volume per month",
    } <= set(_numbers(costs))
    report = costs.session_state["job"].document
    assert isinstance(report, CostReport)
    stage = report.stages[0].per_successful_action
    assert stage is not None
    assert report.per_successful_action is not None
    assert stage.value == pytest.approx(report.per_successful_action.value)  # one stage: the whole rollout
    low, _, high = stage.percentiles
    assert low is not None
    assert high is not None
    assert low < high
    assert "economics.uncertain" not in texts(costs)


def test_the_workbook_and_the_export_open(costs: AppTest) -> None:
    job = costs.session_state["job"]
    files = exports().find(job.key)
    assert files is not None
    book = load_workbook(BytesIO(files[WORKBOOK_NAME]), data_only=True)
    assert {"Summary", "Assumptions"} <= set(book.sheetnames)
    with ZipFile(BytesIO(files[FOCUS_NAME])) as archive:
        names = archive.namelist()
        with archive.open("focus-stated.csv") as file:
            rows = pd.read_csv(file)
    assert {"focus-p10.csv", "focus-p90.csv", "focus-stated.parquet"} <= set(names)
    assert rows["BilledCost"].sum() == pytest.approx(job.document.total.value, rel=1e-6)
    assert job.document.files == ()


def test_what_is_missing_is_told() -> None:
    at = opened_with("economics", DESK)
    at.button(key="cost").click().run()
    finish_job(at)
    told = texts(at)
    assert "economics.baseline" in told
    assert "economics.uncertain" in told


def test_a_scenario_without_stages_is_told() -> None:
    at = opened_with(
        "economics", DESK.replace("stages:\n  - {name: all, duration: 1w, exposure: 100%}\n", "")
    )
    assert "no `stages`" in texts(at)


def test_a_bridge_leads_from_one_forecast_to_another() -> None:
    at = opened_with("economics", _PRICED, economics="Bridge")
    assert "Choose two forecasts that differ" in texts(at)
    at = opened_with("economics", _PRICED, overrides=("services.desk.cost=0.02",), economics="Bridge")
    assert at.selectbox(key="bridge_from").value == "desk"
    assert at.selectbox(key="bridge_to").value == "desk, as changed here"
    at.button(key="bridge").click().run()
    finish_job(at)
    report = at.session_state["job"].document
    assert isinstance(report, BridgeReport)
    assert [side.name for side in report.sides] == ["desk", "desk, as changed here"]
    drivers = {part.driver: part.estimate.value for part in report.drivers}
    assert drivers["price"] == pytest.approx(sum(drivers.values()))
    assert report.difference.value == pytest.approx(sum(drivers.values()))
    assert drivers["price"] > 0.0

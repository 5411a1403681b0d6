"""The FOCUS export: what the specification asks for, the totals of the ledger, and text that is only text."""

from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

from simulator.economics.accounts import Basis
from simulator.economics.bridge import Driver, bridge
from simulator.economics.categories import Category
from simulator.economics.forecast import Forecast
from simulator.economics.waterfall import WaterfallPart, waterfall
from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.cost.cost_figures import figure, total_sample
from simulator.studies.cost.exports.escaping import escaped
from simulator.studies.cost.exports.focus import Period, focus_frames, write_focus
from simulator.studies.cost.exports.focus_columns import FOCUS, focus_problems
from simulator.studies.cost.study import CostOptions, CostStudy, cost_study

EVERYTHING = Path(__file__).parents[4] / "property" / "every_key_costs.yaml"
MANDATORY = {  # of FOCUS 1.3
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ServiceCategory",
    "ServiceName",
    "ProviderName",
    "PublisherName",
    "ServiceProviderName",
    "HostProviderName",
}


@pytest.fixture(scope="module")
def study() -> CostStudy:
    loaded = load_scenario(EVERYTHING)
    return cost_study(loaded.scenario, CostOptions(n_runs=2, n_draws=8), Runner(loaded.base_dir))


@pytest.fixture(scope="module")
def frames(study: CostStudy) -> dict[str, pd.DataFrame]:
    return dict(focus_frames(study, "day"))


def test_all_mandatory_columns_are_there() -> None:
    assert {column.name for column in FOCUS if column.is_mandatory} == MANDATORY
    assert len(MANDATORY) == 23


@pytest.mark.parametrize("period", ["hour", "day", "month"])
def test_the_export_keeps_the_specification_and_the_total(study: CostStudy, period: Period) -> None:
    for name, frame in focus_frames(study, period):
        assert focus_problems(frame) == []
        if name == "expected":
            assert frame["BilledCost"].sum() == pytest.approx(study.forecast.total_usd / 1.25, rel=1e-9)


def test_percentiles_add_up_to_what_the_reports_say(
    study: CostStudy, frames: dict[str, pd.DataFrame]
) -> None:
    total = figure(study, total_sample)
    assert total is not None
    for name, key in (("expected", "value"), ("P10", "p10"), ("P50", "p50"), ("P90", "p90")):
        assert frames[name]["EffectiveCost"].sum() == pytest.approx(total[key], rel=1e-9)
        assert set(frames[name]["x_Percentile"]) == {name}


def test_months_and_stages_have_the_totals_of_the_forecast(
    study: CostStudy, frames: dict[str, pd.DataFrame]
) -> None:
    frame = frames["expected"]
    by_month = frame.groupby("BillingPeriodStart")["BilledCost"].sum().tolist()
    expected = [study.forecast.in_month(month).total_usd / 1.25 for month in study.forecast.months]
    assert by_month == pytest.approx(expected, rel=1e-9)
    meter = frame[(frame["x_Category"] == "platform")]
    successes = float(study.forecast.numbers(Basis.SUCCESSFUL_ACTION).mean())
    assert meter["x_SuccessfulActions"].sum() == pytest.approx(successes, rel=1e-9)


def test_list_prices_are_above_contract_prices_by_the_discounts(frames: dict[str, pd.DataFrame]) -> None:
    frame = frames["expected"]
    large = frame[(frame["ServiceName"] == "large")]
    ratio = large["ContractedUnitPrice"] / large["ListUnitPrice"]
    assert ratio.to_numpy() == pytest.approx(0.95 * 0.9)  # contract and commitment
    assert set(large["ProviderName"]) == {"openai"}
    assert (frame["ListCost"] >= frame["ContractedCost"] * (1 - 1e-12)).all()


def test_files_are_read_back_as_they_were(
    study: CostStudy, frames: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    paths = write_focus(study, tmp_path, "day")
    assert sorted(path.name for path in paths) == sorted(
        f"focus-{name.lower()}.{kind}" for name in frames for kind in ("csv", "parquet")
    )
    table = parquet.read_table(tmp_path / "focus-expected.parquet")
    assert str(table.schema.field("ChargeClass").type) == "string"
    assert str(table.schema.field("ChargePeriodStart").type) == "timestamp[us, tz=UTC]"
    total = frames["expected"]["BilledCost"].sum()
    assert table.to_pandas()["BilledCost"].sum() == pytest.approx(total, rel=1e-12)
    assert pd.read_csv(tmp_path / "focus-expected.csv")["BilledCost"].sum() == pytest.approx(total, rel=1e-12)


def test_data_that_leaves_a_region_is_exported_and_shown() -> None:
    """A model in another region: egress has a part of the waterfall, rows of its own, and the same total."""
    stages = "stages=[{name: all, duration: 4d, exposure: 100%}]"
    egress = "network={egress: {price: $9/GB, bytes_per_token: 4, bytes_per_call: 20kB}}"
    loaded = load_scenario(EVERYTHING, [stages, egress, "model_list.large.regions=[east]"])
    found = cost_study(loaded.scenario, CostOptions(n_runs=2, n_draws=0), Runner(loaded.base_dir))
    parts = waterfall(found.forecast)
    assert sum(float(part.mean()) for part in parts.values()) == pytest.approx(
        found.forecast.total_usd, rel=1e-9
    )
    egress_usd = float(parts[WaterfallPart.EGRESS].mean())
    assert egress_usd > 0.0
    [(_, frame)] = focus_frames(found, "month")
    assert focus_problems(frame) == []
    rows = frame[frame["x_Category"] == "egress"]
    assert rows["BilledCost"].sum() == pytest.approx(egress_usd / 1.25, rel=1e-9)
    assert set(rows["ServiceCategory"]) == {"Networking"}
    cheaper = Forecast(tuple(span.repriced({Category.EGRESS: 0.5}) for span in found.forecast.spans))
    split = bridge(cheaper, found.forecast)
    assert float(split[Driver.PRICE].mean()) == pytest.approx(egress_usd / 2.0)


def test_what_breaks_the_specification_is_told(frames: dict[str, pd.DataFrame]) -> None:
    frame = frames["expected"]
    assert focus_problems(frame.drop(columns="ListCost")) == ["no column ListCost"]
    broken = {
        "is empty": frame.assign(ServiceName=None),
        "not allowed": frame.assign(ChargeCategory="Use"),
        "BilledCost": frame.assign(BilledCost=frame["BilledCost"] * 1.01),
        "ListCost": frame.assign(ListCost=0.0),
        "ends before": frame.assign(ChargePeriodEnd=frame["ChargePeriodStart"]),
        "outside its billing": frame.assign(BillingPeriodEnd=frame["ChargePeriodStart"]),
        "subcategory": frame.assign(ServiceSubcategory="Bots"),
        "consumed": frame.assign(ConsumedUnit=None),
    }
    for message, wrong in broken.items():
        assert any(message in problem for problem in focus_problems(wrong)), message
    text = frame.assign(ChargePeriodStart="2027-01-04")
    assert focus_problems(text) == ["ChargePeriodStart is not made of times in UTC"]


def test_cells_that_look_like_formulas_are_escaped() -> None:
    frame = pd.DataFrame({"name": ["=1+1", "+1", "-1", "@a", "plain", None], "cost": [-1.0] * 6})
    made = escaped(frame)
    assert made["name"].tolist()[:5] == ["'=1+1", "'+1", "'-1", "'@a", "plain"]
    assert made["cost"].tolist() == [-1.0] * 6

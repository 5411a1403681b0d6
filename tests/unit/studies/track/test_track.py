"""`rollout track`: what was as forecast passes, what was not is explained; forecasts are kept; budgets run out on a day."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator import TrackReport
from simulator.results.store.stored_run import StoreError
from simulator.studies.track.keeping import ForecastFolder
from tests.unit.formats.logs import foreign
from tests.unit.invoking import invoke

SCENARIO = """\
metadata: {name: assistant}
start: 2026-09-01
workloads:
  - name: ask
    arrival_rate: 36 per hour
    prompt_tokens: {distribution: constant, value: 1000}
    output_tokens: {distribution: constant, value: 100}
    steps: [{generate: large}]
model_list:
  - model_name: large
    provider: openai
    model: gpt-4.1
    tpm: 200k
    ttft: {distribution: constant, value: 1s}
    tpot: {distribution: constant, value: 10ms}
    prices: {input: $2/Mtok, output: $8/Mtok}
stages: [{name: pilot, duration: 30d, exposure: 100%}, {name: everyone, duration: 31d, exposure: 100%}]
economics: {budget: {monthly: $60/month}}
"""
_SEPTEMBER = datetime(2026, 9, 1, tzinfo=UTC).timestamp()
_HOURS = 30 * 24


def _path(folder: Path) -> Path:
    path = folder / "s.yaml"
    path.write_text(SCENARIO)
    return path


def _log(
    folder: Path, *, rate: float = 36.0, prompt: float = 1000.0, output: float = 100.0, days: int = 30
) -> Path:
    """Requests at even gaps, each the first and only one of its session."""
    time = _SEPTEMBER + np.arange(0.0, days * 86_400.0, 3600.0 / rate) + 1.0
    requests = foreign.table(time.size, failing=False).assign(
        time=time,
        input=prompt,
        cached=0.0,
        output=output,
        ttft=1.0,
        latency=1.0 + 0.01 * (output - 1),
        model="gpt-4.1",
    )
    requests["cost"] = requests["input"] * 2e-6 + requests["output"] * 8e-6
    return foreign.write(folder, "spend.jsonl", requests)


def _tracked(folder: Path, actuals: Sequence[Path], **options: object) -> TrackReport:
    return simulator.load(_path(folder)).track(actuals=tuple(actuals), replications=2, **options)  # type: ignore[arg-type]


def test_what_was_as_forecast_passes(tmp_path: Path) -> None:
    report = _tracked(tmp_path, [_log(tmp_path)])
    assert report.verdict == "PASS"
    [month] = report.months
    found = {one.metric: one for one in month.measures}
    for name in (
        "actions",
        "requests",
        "prompt tokens per request",
        "latency p95",
        "ttft p50",
        "cost of models",
    ):
        error = found[name].error
        assert error is not None, name
        assert abs(error) < 0.02, name
    assert month.forecast == pytest.approx(_HOURS * 36 * 0.0028, rel=1e-3)
    assert sum(part.amount for part in month.parts) == pytest.approx(month.difference, abs=1e-9)
    assert not report.corrections
    assert not month.made_before  # September was over when this forecast was made
    assert "no forecast was kept before 2026-09" in report.warnings[0]


def test_what_was_not_is_explained(tmp_path: Path) -> None:
    report = _tracked(tmp_path, [_log(tmp_path, rate=18.0, prompt=4000.0)])
    assert report.verdict == "FAIL"
    [month] = report.months
    parts = {one.cause: one.amount for one in month.parts}
    before, after = _HOURS * 36 * np.array([0.002, 0.0008]), _HOURS * 18 * np.array([0.008, 0.0008])
    mean = (after - before) / np.log(after / before)  # logarithmic, of each meter
    assert parts["demand"] == pytest.approx(mean.sum() * np.log(0.5), rel=0.01)
    assert parts["prompt lengths"] == pytest.approx(mean[0] * np.log(4.0), rel=0.01)
    assert [one.path for one in report.corrections][:2] == [
        "workloads.ask.prompt_tokens",
        "workloads.ask.arrival_rate",
    ]
    assert {one.metric: (one.too_high, one.too_low) for one in report.bias}["requests"] == (1, 0)
    assert "requests: forecast 100 % too high" in repr(report)


def test_a_part_of_a_month_is_compared_with_that_part(tmp_path: Path) -> None:
    report = _tracked(tmp_path, [_log(tmp_path, days=10)])
    assert report.verdict == "PASS"
    assert report.months[0].end == "2026-09-11T00:00Z"
    assert report.months[0].forecast == pytest.approx(240 * 36 * 0.0028, rel=1e-3)


def test_forecasts_and_months_are_kept(tmp_path: Path) -> None:
    store = tmp_path / "kept"
    first = _tracked(tmp_path, [], out=store)
    assert (first.verdict, first.forecasts, first.months) == (None, 1, ())
    [kept] = ForecastFolder(store).forecasts()
    early = kept.model_copy(update={"made": datetime(2026, 8, 20, tzinfo=UTC)})
    forged = next((store / "forecasts").iterdir())
    honest = forged.read_text()
    forged.write_text(honest.replace('"made"', '"made" ').replace("2026", "2025", 1))
    with pytest.raises(StoreError, match="is damaged"):
        _tracked(tmp_path, [], out=store)
    forged.unlink()
    ForecastFolder(store).keep(early)
    second = _tracked(tmp_path, [_log(tmp_path)], out=store)
    assert second.forecasts == 1  # of the same scenario
    assert (second.months[0].forecast_made, second.months[0].made_before) == ("2026-08-20", True)
    bill = tmp_path / "october.csv"
    bill.write_text(
        "start_time_iso,end_time_iso,amount_value,amount_currency\n2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,90,usd\n"
    )
    third = _tracked(tmp_path, [bill], out=store)
    assert [month.month for month in third.months] == ["2026-09", "2026-10"]
    assert [part.cause for part in third.months[1].parts] == ["models, not told apart"]
    assert third.ratio == pytest.approx(90 / (31 * 24 * 36 * 0.0028), rel=1e-3)
    assert {one.metric: one.months for one in third.bias}["cost of models"] == 2
    assert "secret" not in (store / "came" / "2026-09.json").read_text()
    damaged = store / "came" / "2026-08.json"
    damaged.write_text("{}")
    shown = invoke("track", _path(tmp_path), "--out", store)
    assert shown.exit_code != 0
    assert "2026-08.json is damaged" in shown.stderr


def test_a_budget_runs_out_on_a_day(tmp_path: Path) -> None:
    report = _tracked(tmp_path, [_log(tmp_path, days=15)], budget=75.0)
    by_name = {one.budget: one for one in report.budgets}
    a_day = 24 * 36 * 0.0028
    day = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=int(75.0 / a_day))
    assert by_name["the whole rollout"].date == f"{day:%Y-%m-%d}"
    assert by_name["the whole rollout"].projected == pytest.approx(61 * a_day, rel=2e-3)
    assert by_name["2026-09"].spent == pytest.approx(15 * a_day, rel=2e-3)
    assert by_name["2026-09"].date == f"2026-09-{int(60 / a_day) + 1}"


def test_bills_and_books_beside_a_log(tmp_path: Path) -> None:
    folder = tmp_path / "september"
    folder.mkdir()
    _log(folder)
    (folder / "bill.csv").write_text(
        "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceName\n"
        "87.09,87.09,USD,2026-09-01T00:00:00Z,2026-10-01T00:00:00Z,OpenAI\n"
    )
    (folder / "books.csv").write_text("month,group,amount\n2026-09,people,40\n")
    [month] = _tracked(tmp_path, [folder]).months
    parts = {one.cause: one.amount for one in month.parts}
    assert parts["people"] == pytest.approx(40.0)
    assert parts["price"] == pytest.approx(87.09 - _HOURS * 36 * 0.0028, rel=0.01)
    assert set(month.files) == {"spend.jsonl", "bill.csv", "books.csv"}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("books.csv", "month,group,amount\n2026-13,people,3\n", "no month such as 2026-11"),
        ("books.csv", "month,group,amount\n2026-09,rent,3\n", "`rent`; there are: models, people"),
        ("books.csv", "month,group,amount,currency\n2026-09,people,3,NOK\n", "no exchange rate"),
        ("notes.txt", "nothing of use\n", "is no log that is known"),
        (
            "books.csv",
            "month,group,amount\n2030-09,models,3\n",
            "2030-09 is not in the forecast, whose stages are from",
        ),
    ],
)
def test_bad_input_is_explained(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    shown = invoke("track", _path(tmp_path), "--actuals", tmp_path / name, "--replications", 2)
    assert shown.exit_code == 2
    assert words in " ".join(shown.stderr.split())


def test_nothing_to_compare_and_an_empty_folder(tmp_path: Path) -> None:
    shown = invoke("track", _path(tmp_path))
    assert shown.exit_code == 2
    assert "nothing to compare with" in shown.stderr
    (tmp_path / "empty").mkdir()
    shown = invoke("track", _path(tmp_path), "--actuals", tmp_path / "empty")
    assert shown.exit_code == 2
    assert "is an empty folder" in shown.stderr


def test_json_and_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    shown = invoke(
        "track", _path(tmp_path), "--actuals", _log(tmp_path), "--replications", 2, "--json", "--html", page
    )
    assert shown.exit_code == 0, shown.stderr
    document = json.loads(shown.stdout)
    assert TrackReport.model_validate(document).to_dict() == document
    assert "Why the cost differs" in page.read_text()
    frame = TrackReport.model_validate(document).to_frame()
    assert "actions" in set(frame["measure"])


def test_a_few_requests_tell_nothing(tmp_path: Path) -> None:
    report = _tracked(tmp_path, [_log(tmp_path, days=1)], tolerance=0.05)
    assert report.verdict == "UNDECIDED"
    assert "864 requests tell no 5 %" in report.reasons[0]

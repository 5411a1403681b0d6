"""Bills: every export that is read, and clear words about any other file."""

import contextlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.formats.bills.basis import BillBasis
from simulator.formats.bills.cells import BillError, amounts_of
from simulator.formats.bills.read import read_bill
from simulator.formats.bills.table import CsvTable

EXPORTS = {
    "FOCUS": "BilledCost,BillingCurrency,ChargePeriodStart,ServiceCategory\n"
    "10.5,USD,2027-01-26T00:00:00Z,AI and Machine Learning\n4,USD,2027-01-26T00:00:00Z,Storage\n"
    "2,USD,2027-02-01T00:00:00Z,AI and Machine Learning\n",
    "OpenAI costs": "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item\n"
    "1,2,2027-01-26T00:00:00+00:00,2027-01-27T00:00:00+00:00,10.5,usd,\n3,4,2027-01-30T00:00:00+00:00,,,,\n"
    "5,6,2027-02-01T00:00:00+00:00,2027-02-02T00:00:00+00:00,2,usd,\n",
    "Anthropic costs": "usage_date_utc,model,token_type,cost_usd\n2027-01-26,a,output,10.5\n2027-02-01,a,output,2\n",
    "Azure cost details": "Date,CostInBillingCurrency,BillingCurrency\n01/26/2027,10.5,USD\n02/01/2027,2,USD\n",
}


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_are_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(EXPORTS[name])
    bill = read_bill(path, {})
    assert bill.source == name
    assert bill.months_usd == {date(2027, 1, 1): 10.5, date(2027, 2, 1): 2.0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "when,how_much\n2027-01-01,5\n",
            "has the columns when, how_much; a bill needs those of one of: FOCUS",
        ),
        ("usage_date_utc,cost_usd\n2027-01-01,much\n", "row 2 of `cost_usd` is no amount"),
        (
            "usage_date_utc,cost_usd\n2027-01-01,\n2027-01-02,5\n2027-01-03,x5\n",
            "row 4 of",
        ),
        ("usage_date_utc,cost_usd\nsoon,5\n", "row 2 of `usage_date_utc` is no time"),
        (
            "Date,CostInBillingCurrency,BillingCurrency\n2027-01-01,5,CHF\n",
            "is in CHF, and the scenario has no exchange",
        ),
        ("BilledCost,ChargePeriodStart,ServiceCategory\n5,2027-01-01,Storage\n", "no row that bills a model"),
        ("", "cannot be read as CSV"),
    ],
)
def test_other_files_are_told_apart(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(text)
    with pytest.raises(BillError, match=message.split("`")[0]):
        read_bill(path, {})


def test_a_row_that_bills_a_month_covers_it(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(
        "BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceCategory\n"
        "10,USD,2027-03-01T00:00:00Z,2027-04-01T00:00:00Z,AI and Machine Learning\n"
    )
    assert read_bill(path, {}).days == {date(2027, 3, 1): 31.0}


def test_a_bill_that_is_too_long_is_refused_and_not_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.formats.bills.table.MAX_ROWS", 2)
    path = tmp_path / "bill.csv"
    path.write_text("usage_date_utc,cost_usd\n2027-01-01,1\n2027-01-02,1\n")
    assert read_bill(path, {}).n_rows == 2
    path.write_text(path.read_text() + "2027-01-03,1\n")
    with pytest.raises(BillError, match="more than 2 rows"):
        read_bill(path, {})


FOCUS = (
    "ChargePeriodStart,ChargePeriodEnd,BilledCost,EffectiveCost,BillingCurrency,ServiceCategory,ServiceSubcategory,"
    "ServiceName,ChargeCategory\n"
)
MODEL = "AI and Machine Learning,Generative AI,Azure OpenAI"
MARCH_1, MARCH_2 = "2027-03-01T00:00:00Z,2027-03-02T00:00:00Z", "2027-03-02T00:00:00Z,2027-03-03T00:00:00Z"
TWO_DAYS = f"{FOCUS}{MARCH_1},100,100,USD,{MODEL},Usage\n{MARCH_2},50,50,USD,{MODEL},Usage\n"
AZURE = "Date,ServiceFamily,MeterCategory,CostInBillingCurrency,BillingCurrency\n"
AI = "AI + Machine Learning,Foundry Models"


def _read(folder: Path, text: str | bytes, basis: BillBasis = "amortised") -> dict[str, float]:
    path = folder / "bill.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    bill = read_bill(path, {"EUR": 1.25}, basis)
    return {f"{month:%Y-%m}": usd for month, usd in bill.months_usd.items()}


def _notes(folder: Path, text: str) -> str:
    path = folder / "bill.csv"
    path.write_text(text, encoding="utf-8")
    return "; ".join(read_bill(path, {}).notes)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_any_separator_is_found(separator: str, tmp_path: Path) -> None:
    assert _read(tmp_path, TWO_DAYS.replace(",", separator)) == {"2027-03": 150.0}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_unicode_is_found(encoding: str, tmp_path: Path) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert _read(tmp_path, mark + TWO_DAYS.encode(encoding)) == {"2027-03": 150.0}


def test_taxes_and_credits_are_no_use_and_listed(tmp_path: Path) -> None:
    rows = f"{MARCH_1},30,30,USD,{MODEL},Tax\n{MARCH_1},-500,-500,USD,{MODEL},Credit\n"
    assert _read(tmp_path, TWO_DAYS + rows) == {"2027-03": 150.0}
    assert "credit $-500.00 (1 row), tax $30.00 (1 row)" in _notes(tmp_path, TWO_DAYS + rows)


def test_a_purchase_counts_over_its_period_or_when_it_is_charged(tmp_path: Path) -> None:
    text = (
        f"{FOCUS}2027-03-01T00:00:00Z,2028-03-01T00:00:00Z,12000,0,USD,{MODEL},Purchase\n"
        f"2027-03-01T00:00:00Z,2027-04-01T00:00:00Z,0,1000,USD,{MODEL},Usage\n"
    )
    assert _read(tmp_path, text) == {"2027-03": 1000.0}
    assert _read(tmp_path, text, "cash") == {"2027-03": 12_000.0}


def test_a_row_of_several_months_is_spread_by_its_days(tmp_path: Path) -> None:
    text = f"{FOCUS}2027-01-15T00:00:00Z,2027-04-15T00:00:00Z,9000,9000,USD,{MODEL},Usage\n"
    assert _read(tmp_path, text) == {
        "2027-01": 1700.0,
        "2027-02": 2800.0,
        "2027-03": 3100.0,
        "2027-04": 1400.0,
    }
    assert _read(tmp_path, text, "cash") == {"2027-01": 9000.0}


def test_repeated_rows_are_told(tmp_path: Path) -> None:
    text = f"{TWO_DAYS}{MARCH_1},100,100,USD,{MODEL},Usage\n"
    assert "1 row repeats another and counts ($100.00)" in _notes(tmp_path, text)
    assert "repeat" not in _notes(tmp_path, TWO_DAYS)


def test_other_services_of_the_subscription_are_left_out_and_listed(tmp_path: Path) -> None:
    text = (
        f"{AZURE}03/13/2027,{AI},100,USD\n03/01/2027,Storage,Storage,700,USD\n"
        "03/01/2027,Compute,Virtual Machines,4000,USD\n"
    )
    assert _read(tmp_path, text) == {"2027-03": 100.0}
    assert "Virtual Machines $4,000.00 (1 row), Storage $700.00 (1 row)" in _notes(tmp_path, text)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ("AI and Machine Learning,,Azure OpenAI", True),
        ("AI and Machine Learning,Generative AI,x", True),
        ("AI and Machine Learning,Computer Vision,Rekognition", False),
        (",,Claude Sonnet (Amazon Bedrock Edition)", True),
        ("Storage,Object Storage,S3", False),
    ],
)
def test_a_model_is_known_by_subcategory_category_or_name(row: str, counts: bool, tmp_path: Path) -> None:
    found = _read(tmp_path, f"{TWO_DAYS}{MARCH_1},7,7,USD,{row},Usage\n")
    assert found == {"2027-03": 157.0 if counts else 150.0}


@pytest.mark.parametrize(
    ("dates", "months"),
    [
        (("01/03/2027", "02/03/2027", "13/03/2027"), {"2027-03": 3.0}),
        (("01/03/2027", "01/13/2027"), {"2027-01": 2.0}),
        (("20270301", "20270302"), {"2027-03": 2.0}),
        (("2027-03-01", "2027-03-02 12:00:00"), {"2027-03": 2.0}),
        (("1.3.2027", "31.3.2027"), {"2027-03": 2.0}),
    ],
)
def test_the_whole_column_says_how_dates_are_written(
    dates: tuple[str, ...], months: dict[str, float], tmp_path: Path
) -> None:
    rows = "".join(f"{day},{AI},1,USD\n" for day in dates)
    assert _read(tmp_path, AZURE + rows) == months


def test_dates_that_no_row_tells_are_read_as_the_export_writes_them(tmp_path: Path) -> None:
    assert "are read month first" in _notes(tmp_path, f"{AZURE}03/01/2027,{AI},1,USD\n")


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        (("95,04", "1.095,04"), 1190.08),
        (("1,095.04", "95.04"), 1190.08),
        (("1.095", "2,5"), 1097.5),
        (("1,095", "2.5"), 1097.5),
        (("1,234,567",), 1_234_567.0),
        (("(12.50)", "$20"), 7.5),
        (("1e-3", "2E2"), 200.001),
        (("-0.5", ".75"), 0.25),
        (("1 095.04",), 1095.04),
    ],
)
def test_the_whole_column_says_how_amounts_are_written(
    amounts: tuple[str, ...], total: float, tmp_path: Path
) -> None:
    rows = "".join(f"2027-03-0{day};{amount}\n" for day, amount in enumerate(amounts, start=1))
    assert _read(tmp_path, f"usage_date_utc;cost_usd\n{rows}") == {"2027-03": pytest.approx(total)}


@given(
    st.lists(st.decimals(-99_999, 9_999_999, places=2, allow_nan=False), min_size=1, max_size=8),
    st.sampled_from(
        [("{:,.2f}", str.maketrans("", "")), ("{:,.2f}", str.maketrans(",.", ".,")), ("{:.2f}", {})]
    ),
)
def test_amounts_are_read_as_they_are_meant(
    amounts: list[Decimal], style: tuple[str, dict[int, int]]
) -> None:
    """With two digits behind the mark there is no doubt, whichever mark it is."""
    form, marks = style
    column = pd.Series([form.format(amount).translate(marks) for amount in amounts], name="cost")
    assert amounts_of(Path("bill.csv"), column).tolist() == pytest.approx(
        [float(amount) for amount in amounts]
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{FOCUS}{MARCH_1},inf,inf,USD,{MODEL},Usage\n", "row 2 of `EffectiveCost` is no amount: `inf`"),
        (f"{FOCUS}{MARCH_1},nan5,1e999,USD,{MODEL},Usage\n", "no amount that a bill can have"),
        (f"{TWO_DAYS}{MARCH_1},1,1,,{MODEL},Usage\n", "row 4 has an amount and no currency"),
        (f"{FOCUS}0001-01-01T00:00:00Z,,1,1,USD,{MODEL},Usage\n", "no time of these years"),
        (f"{FOCUS}2027-01-01T00:00:00Z,2099-01-01T00:00:00Z,1,1,USD,{MODEL},Usage\n", "bills 864 months"),
        (f"{AZURE}-5,{AI},1,USD\n", "row 2 of `Date` is no time"),
        (
            f"{AZURE}13/03/2027,{AI},1,USD\n03/13/2027,{AI},1,USD\n",
            "day first in row 2 and the month first in row 3",
        ),
        (f"{AZURE}13/13/2027,{AI},1,USD\n", "the month first in row 2"),
        (f"{AZURE}2027-02-30,{AI},1,USD\n", "row 2 of `Date` is no time"),
        (f"{AZURE}2027-03-01,{AI},1,USD\n01/03/2027,{AI},1,USD\n", "as the others are written"),
        ("usage_date_utc,cost_usd\n2027-01-01,1\n2027-01-02,2,3\n", "row 3 has 3 cells, and the header 2"),
        ("usage_date_utc,cost_usd\n2027-01-01\n", "row 2 has 1 cells, and the header 2"),
        ('usage_date_utc,cost_usd\n2027-01-01,"1,095"\n', "may be thousands or a decimal comma"),
        (
            'usage_date_utc,cost_usd\n2027-01-01,"1,5"\n2027-01-02,1.5\n',
            "decimal comma in row 2 and a decimal point in",
        ),
        (b"usage_date_utc,cost_usd\n2027-01-01,\xff\xfe1\n", "cannot be read as CSV"),
        (b"\x00\x01\x02", "has the columns"),
        ("\n\n", "its first line is empty"),
        ("#" * 140_000, "cannot be read as CSV: field larger"),
        ("usage_date_utc,cost_usd\n", "has no amount in `cost_usd`"),
    ],
)
def test_what_no_bill_says_is_refused_with_its_row(text: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(BillError, match=re.escape(message)):
        _read(tmp_path, text)


@given(
    st.binary(max_size=300) | st.text(alphabet='0123456789-/,.;:TZ\n"eEinfa ', max_size=300).map(str.encode)
)
def test_whatever_a_file_holds_there_is_one_clear_message(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes
) -> None:
    path = tmp_path_factory.mktemp("bill") / "bill.csv"
    path.write_bytes(b"usage_date_utc,cost_usd\n" + rest)
    with contextlib.suppress(BillError):
        read_bill(path, {})


def test_a_folder_and_a_file_that_is_not_there_are_told(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(BillError, match="cannot be read"):
            read_bill(path, {})


@pytest.mark.parametrize(
    ("text", "source", "usd"),
    [
        (
            (
                "bill_billing_period_start_date,line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,"
                "line_item_unblended_cost,line_item_currency_code,line_item_line_item_type\n"
                "2027-03-01T00:00:00Z,2027-03-01T00:00:00Z,2027-03-01T01:00:00Z,AmazonBedrock,1.5,USD,Usage\n"
                "2027-03-01T00:00:00Z,2027-03-01T00:00:00Z,2027-03-01T01:00:00Z,AmazonBedrock,0.3,USD,Tax\n"
                "2027-03-01T00:00:00Z,2027-03-01T00:00:00Z,2027-03-01T01:00:00Z,AmazonS3,9,USD,Usage\n"
            ),
            "AWS Cost and Usage Report",
            1.5,
        ),
        (
            (
                "lineItem/UsageStartDate,lineItem/ProductCode,lineItem/UnblendedCost,lineItem/CurrencyCode\n"
                "2027-03-01T00:00:00Z,AmazonBedrock,1.5,USD\n"
            ),
            "AWS Cost and Usage Report",
            1.5,
        ),
        (
            "UsageDateTime,MeterCategory,PreTaxCost,Currency\n2027-03-01,Azure OpenAI,100,USD\n",
            "Azure pay-as-you-go usage",
            100.0,
        ),
        (
            "UsageDate,ServiceName,Cost,CostUSD,Currency\n2027-03-01,Azure OpenAI,92,100,EUR\n",
            "Azure cost analysis",
            100.0,
        ),
        (
            "date,ServiceFamily,costInBillingCurrency,billingCurrency\n03/13/2027,AI + Machine Learning,100,USD\n",
            "Azure cost details",
            100.0,
        ),
        (
            (
                "service.description,usage_start_time,usage_end_time,cost,currency,cost_type\n"
                "Vertex AI,2027-03-01 00:00:00 UTC,2027-03-01 01:00:00 UTC,3,USD,regular\n"
                "Vertex AI,2027-03-01 00:00:00 UTC,2027-03-01 01:00:00 UTC,1,USD,tax\n"
                "Cloud Storage,2027-03-01 00:00:00 UTC,2027-03-01 01:00:00 UTC,8,USD,regular\n"
            ),
            "Google Cloud billing export",
            3.0,
        ),
        (
            (
                "request_id,call_type,api_key,spend,total_tokens,startTime,endTime,model,user\n"
                "r1,acompletion,hash,0.01,100,2027-03-01 10:00:00,2027-03-01 10:00:02,gpt-4.1,u\n"
            ),
            "LiteLLM spend logs",
            0.01,
        ),
    ],
)
def test_exports_of_clouds_and_gateways(text: str, source: str, usd: float, tmp_path: Path) -> None:
    assert _read(tmp_path, text) == {"2027-03": pytest.approx(usd)}
    assert read_bill(tmp_path / "bill.csv", {}).source == source


def test_only_the_columns_that_count_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asked stays in the file."""
    read: list[str] = []
    whole = CsvTable.read

    def noting(table: CsvTable, names: Sequence[str]) -> pd.DataFrame:
        frame = whole(table, names)
        read.extend(frame.columns)
        return frame

    monkeypatch.setattr(CsvTable, "read", noting)
    _read(tmp_path, "startTime,spend,user,api_key\n2027-03-01 10:00:00,1,someone,key\n")
    assert sorted(read) == ["spend", "starttime"]


def _page(*buckets: object, **more: object) -> str:
    return json.dumps({"object": "page", "data": list(buckets), "has_more": False, **more})


def _openai(day: int, *amounts: float) -> dict[str, object]:
    start = int(datetime(2026, 9, day, tzinfo=UTC).timestamp())
    results = [
        {
            "object": "organization.costs.result",
            "amount": {"value": amount, "currency": "usd"},
            "line_item": f"model {n}",
            "project_id": None,
        }
        for n, amount in enumerate(amounts)
    ]
    return {"object": "bucket", "start_time": start, "end_time": start + 86_400, "results": results}


def _anthropic(day: int, amount: str) -> dict[str, object]:
    results = [{"amount": amount, "currency": "USD", "description": "tokens", "workspace_id": None}]
    return {
        "starting_at": f"2026-09-{day:02d}T00:00:00Z",
        "ending_at": f"2026-09-{day + 1:02d}T00:00:00Z",
        "results": results,
    }


@pytest.mark.parametrize(
    ("text", "source", "usd", "days"),
    [
        (_page(_openai(1, 2.5, 1.5), _openai(9, 6.0)), "OpenAI costs", 10.0, 9.0),
        (f"{_page(_openai(1, 2.5))}\n{_page(_openai(2, 7.5))}\n", "OpenAI costs", 10.0, 2.0),
        (f"[{_page(_openai(1, 2.5))}, {_page(_openai(1, 2.5), _openai(2, 1.0))}]", "OpenAI costs", 3.5, 2.0),
        (_page(_anthropic(3, "123.45"), _anthropic(4, "876.55")), "Anthropic costs", 10.0, 2.0),
    ],
)
def test_pages_of_a_cost_api(text: str, source: str, usd: float, days: float, tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.write_text(text)
    bill = read_bill(path, {})
    assert bill.source == source
    assert bill.months_usd == {date(2026, 9, 1): pytest.approx(usd)}
    assert bill.days == {date(2026, 9, 1): days}
    assert not bill.notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_page({**_openai(1, 1.0), "start_time": "soon"}), "is no time: `soon`"),
        (_page(_anthropic(1, "much")), "is no amount: `much`"),
        (_page(_anthropic(1, "1e300")), "no amount that a bill can have"),
        (_page(_openai(1, 1.0)).replace("usd", "nok"), "no exchange rate"),
    ],
)
def test_pages_that_cannot_be_read(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.write_text(text)
    with pytest.raises(BillError, match=message):
        read_bill(path, {})


def test_a_page_with_more_behind_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.write_text(_page(_openai(1, 1.0), has_more=True, next_page="x"))
    assert "there are more" in read_bill(path, {}).notes[0]

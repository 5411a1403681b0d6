"""What came? Logs, bills and books of any months, as sums by calendar month (UTC)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from simulator.formats.bills.books import are_books, read_books
from simulator.formats.bills.cells import BillError
from simulator.formats.bills.exports import EXPORTS
from simulator.formats.bills.pages import pages_of
from simulator.formats.bills.read import Bill, read_bill
from simulator.formats.bills.table import CsvTable
from simulator.formats.logs.errors import LogError
from simulator.scenario.model import Scenario
from simulator.studies.calibrate.actions import Actions, actions_of
from simulator.studies.calibrate.logged_models import matched
from simulator.studies.calibrate.requests import Requests, gather
from simulator.studies.track.expected import GROUPS
from simulator.studies.track.records import Came, CameUse

_HOUR_S = 3600.0
_MOSTLY = 0.9  # share of the rows that must say something
_LEAST_TIMES = 100  # answers that tell a p95
_SPEND_LOGS = "LiteLLM spend logs"  # are read as a log, which says more


@dataclass
class _Files:
    """Files by what they are."""

    logs: list[Path] = field(default_factory=list)
    bills: list[Path] = field(default_factory=list)
    books: list[Path] = field(default_factory=list)


def read_actuals(
    paths: Sequence[Path],
    scenario: Scenario,
    *,
    columns: str | None,
    zone: ZoneInfo | None,
    workload: str | None,
    sampled: float,
) -> list[Came]:
    """Read every file, and add up each month.

    Parameters
    ----------
    paths : files, or folders of them
    columns : of a log of no known tool
    zone : of stamps that have none
    workload : that the logs are of; None: of all
    sampled : share of the requests that the logs hold

    Raises
    ------
    LogError, BillError
        If a file cannot be read, or the log has no dates.
    """
    files = _sorted_by_kind(_expanded(paths))
    rates = {} if scenario.fx is None else scenario.fx.rates
    months: dict[date, Came] = {}
    if files.logs:
        months = dict(_of_logs(files.logs, scenario, columns, zone, workload, sampled))
    for path in files.bills:
        _add_bill(months, read_bill(path, rates), path, workload)
    for path in files.books:
        for month, costs in read_books(path, ("models", *GROUPS), rates).items():
            before = months.get(month) or _empty(month, workload)
            models = costs.get("models")
            groups = {name: usd for name, usd in costs.items() if name != "models"}
            more: dict[str, object] = {
                "costs_usd": {**before.costs_usd, **groups},
                "files": (*before.files, path.name),
            }
            if models is not None:
                more |= {"billed_usd": (before.billed_usd or 0.0) + models, "billed_days": _days(month)}
            months[month] = before.model_copy(update=more)
    return [months[month] for month in sorted(months)]


def _expanded(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        inside = sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
        if not inside:
            raise LogError(f"{path}: is an empty folder; it needs logs of requests, bills, or both")
        yield from inside


def _sorted_by_kind(paths: Iterator[Path]) -> _Files:
    files = _Files()
    for path in paths:
        if pages_of(path) is not None:
            files.bills.append(path)
            continue
        table = _table(path)
        if table is not None and are_books(table):
            files.books.append(path)
        elif table is not None and any(
            set(one.needed) <= set(table.columns) for one in EXPORTS if one.name != _SPEND_LOGS
        ):
            files.bills.append(path)
        else:
            files.logs.append(path)
    return files


def _table(path: Path) -> CsvTable | None:
    """The file as a table; None: it has no header of one."""
    try:
        return CsvTable(path)
    except (BillError, StopIteration):
        return None


def _of_logs(
    paths: Sequence[Path],
    scenario: Scenario,
    columns: str | None,
    zone: ZoneInfo | None,
    workload: str | None,
    sampled: float,
) -> Iterator[tuple[date, Came]]:
    requests = gather(paths, columns, zone)
    if not requests.has_times or not requests.is_dated:
        raise LogError("the log has no dates: nobody knows which month it is of")
    frame = requests.frame
    if "requests" not in frame:
        frame = frame.assign(requests=1.0)
    known = matched((name for name in frame["model"].dropna().unique()), scenario.model_list)
    if frame["model"].isna().all() and len(scenario.model_list) == 1:
        frame["model"] = scenario.model_list[0].model_name
    frame["model"] = frame["model"].map(lambda name: known.get(name, name)).fillna("unnamed")
    at = pd.to_datetime(frame["time"], unit="s", utc=True)
    files = tuple(path.name for path in paths)
    for name, rows in frame.groupby(at.dt.strftime("%Y-%m-01")):
        month = date.fromisoformat(str(name))
        yield month, _came(month, rows.reset_index(drop=True), requests, files, workload, sampled)


def _came(
    month: date,
    rows: pd.DataFrame,
    requests: Requests,
    files: tuple[str, ...],
    workload: str | None,
    sampled: float,
) -> Came:
    first_s, last_s = float(rows["time"].min()), float(rows["time"].max())
    if requests.is_bucketed and "end" in rows:
        last_s = max(last_s, float(np.nanmax(rows["end"].to_numpy(dtype=np.float64), initial=0.0)) - 1.0)
    begin_s, end_s = np.floor(first_s / _HOUR_S) * _HOUR_S, np.floor(last_s / _HOUR_S + 1.0) * _HOUR_S
    actions = None if requests.is_bucketed else actions_of(rows)
    joined = actions is not None and bool(actions.grouped_by)
    notes = list(requests.notes)
    if not joined:
        notes.append("rows of the log cannot be joined to actions: each counts as one, retries and steps too")
    return Came(
        month=f"{month:%Y-%m}",
        begin=datetime.fromtimestamp(float(begin_s), UTC),
        end=datetime.fromtimestamp(float(end_s), UTC),
        workload=workload,
        files=files,
        actions=actions.start_s.size / sampled if actions is not None and joined else None,
        turns=actions.calls.size / sampled if actions is not None and joined else None,
        models=tuple(
            _use(str(name), of, (begin_s, end_s), sampled, is_bucketed=requests.is_bucketed)
            for name, of in rows.groupby("model", sort=True)
        ),
        times={} if actions is None else dict(_times(rows, actions)),
        busiest_rph=_busiest(rows, "requests", begin_s, end_s, sampled),
        notes=tuple(notes),
    )


def _use(
    name: str, rows: pd.DataFrame, ends_s: tuple[float, float], sampled: float, *, is_bucketed: bool
) -> CameUse:
    def total(column: str) -> float:
        return float(rows[column].fillna(0.0).sum()) / sampled

    fate = rows["fate"].astype("object").fillna("ok")
    answered = rows[(fate == "ok") & (rows["input"].fillna(0.0) > 0.0)]
    knows_cached = len(answered) > 0 and float(answered["cached"].notna().mean()) > _MOSTLY
    paid = answered["cost"].notna().mean() if len(answered) else 0.0
    tokens = rows.assign(tokens=rows["input"].fillna(0.0) + rows["output"].fillna(0.0))
    return CameUse(
        model=name,
        calls=max(total("requests"), 1.0),
        limited=float(rows.loc[fate == "rate_limited", "requests"].sum()) / sampled,
        failed=float(rows.loc[fate != "ok", "requests"].sum()) / sampled,
        input_tokens=total("input"),
        cached_tokens=total("cached") if knows_cached else None,
        output_tokens=total("output"),
        cost_usd=total("cost") / paid if paid > _MOSTLY else None,
        busiest_tpm=None if is_bucketed else _busiest(tokens, "tokens", *ends_s, sampled) / 60.0,
    )


def _busiest(rows: pd.DataFrame, column: str, begin_s: float, end_s: float, sampled: float) -> float:
    """The most of a column in an hour."""
    times = rows["time"].to_numpy(dtype=np.float64)
    edges = np.arange(begin_s, end_s + 1.0, _HOUR_S)
    found, _ = np.histogram(times, edges, weights=rows[column].to_numpy(dtype=np.float64))
    return float(found.max(initial=0.0)) / sampled


def _times(rows: pd.DataFrame, actions: Actions) -> Iterator[tuple[str, float]]:
    """Quantiles of what users waited for: of turns, retries included, and of first tokens."""
    fate = rows["fate"].astype("object").fillna("ok")
    ttft = rows.loc[fate == "ok", "ttft"].dropna().to_numpy(dtype=np.float64)
    for measure, values, levels in (
        ("latency", actions.turn_s[np.isfinite(actions.turn_s)], (50, 95, 99)),
        ("ttft", ttft, (50, 95)),
    ):
        if values.size >= _LEAST_TIMES:
            for level in levels:
                yield f"{measure} p{level}", float(np.quantile(values, level / 100.0))


def _add_bill(months: dict[date, Came], bill: Bill, path: Path, workload: str | None) -> None:
    for month, usd in bill.months_usd.items():
        before = months.get(month) or _empty(month, workload)
        months[month] = before.model_copy(
            update={
                "billed_usd": (before.billed_usd or 0.0) + usd,
                "billed_days": max(before.billed_days or 0.0, bill.days[month]),
                "files": (*before.files, path.name),
                "notes": (*before.notes, *bill.notes),
            }
        )


def _empty(month: date, workload: str | None) -> Came:
    """A month without a log."""
    begin = datetime(month.year, month.month, 1, tzinfo=UTC)
    return Came(
        month=f"{month:%Y-%m}",
        begin=begin,
        end=begin + timedelta(days=_days(month)),
        workload=workload,
        files=(),
    )


def _days(month: date) -> float:
    after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return float((after - month).days)


def merged(kept: Mapping[str, Came], new: Sequence[Came]) -> list[Came]:
    """Months in their order; what is read now stands for what was kept of the same month."""
    found = {**kept, **{one.month: one for one in new}}
    return [found[month] for month in sorted(found)]

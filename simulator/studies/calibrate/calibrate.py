"""From logs to a scenario whose numbers are measured: read, estimate, write."""

import difflib
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from simulator.formats.logs.errors import LogError
from simulator.results.store.whole_file import write_whole
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import LoadedScenario, load_text
from simulator.scenario.read.yaml_source import parse_source
from simulator.scenario.write.edit import MORE, CannotEditError, Edit, edited, flow
from simulator.studies.calibrate.actions import Actions, actions_of
from simulator.studies.calibrate.demand_findings import demand_findings
from simulator.studies.calibrate.estimators import demand
from simulator.studies.calibrate.estimators.window import Coverage, coverage
from simulator.studies.calibrate.finding import LogFinding
from simulator.studies.calibrate.length_findings import length_findings
from simulator.studies.calibrate.logged_models import matched
from simulator.studies.calibrate.model_findings import model_findings
from simulator.studies.calibrate.report import CalibrateReport, ChangedKey, KeptKey, LogEstimate, LogRead
from simulator.studies.calibrate.requests import Requests, gather
from simulator.studies.calibrate.retry_findings import retry_findings
from simulator.studies.calibrate.scope import Scope, scope_of
from simulator.studies.report import about

if TYPE_CHECKING:
    from simulator.studies.calibrate.study import CalibrateStudy

_OF = re.compile(r"sources\.(\d+)\.of(?:\.(\d+))?")  # where a source says what it is of
_OUTDATED = {
    "assumption": "was an assumption",
    "assumed": "was assumed",
}  # of comments beside what is measured
_MARK = "rollout calibrate"  # begins the sources that it writes


def calibrate(loaded: LoadedScenario, study: "CalibrateStudy", text: str | None = None) -> CalibrateReport:
    """Measure the logs and write what they say.

    Parameters
    ----------
    text : of the scenario, where it is no file; it takes a dry run

    Raises
    ------
    LogError
        If a log cannot be read, or tells nothing that the scenario's file can say.
    """
    began = time.perf_counter()
    scenario = loaded.scenario
    zone = ZoneInfo(study.timezone) if study.timezone else None
    requests = gather(study.logs, study.columns, zone)
    known = matched((name for name in requests.frame["model"].dropna().unique()), scenario.model_list)
    scope = scope_of(
        scenario,
        loaded.base_dir,
        requests.frame["model"],
        workload=study.workload,
        region=study.region,
        exposure=study.exposure,
        zone=study.timezone,
    )
    actions = actions_of(requests.frame)
    span = _span(requests, scope)
    sampled = _sampled(requests, study.sampled)
    findings = _findings(requests, actions, span, scope, scenario, known, sampled)
    return _report(loaded, study, text, requests, scope, actions, span, findings, began)


def _span(requests: Requests, scope: Scope) -> Coverage | None:
    times = requests.frame["time"].to_numpy(dtype=np.float64)
    if not requests.is_bucketed and not (requests.has_times and np.ptp(times) > 0.0):
        return None
    if requests.is_bucketed:
        ends = (
            requests.frame["end"].fillna(requests.frame["time"] + 86_400.0)
            if "end" in requests.frame
            else times + 86_400.0
        )
        times = np.append(times, np.asarray(ends, dtype=np.float64))
    return coverage(times, scope.zone, is_dated=requests.is_dated)


def _sampled(requests: Requests, stated: float) -> float:
    """Share of the requests that the log holds: as stated, else as its spans say."""
    if stated < 1.0 or "sampled" not in requests.frame:
        return stated
    shares = requests.frame["sampled"].to_numpy(dtype=np.float64)
    if not np.isfinite(shares).any():
        return stated
    found = float(1.0 / np.mean(1.0 / np.where(np.isfinite(shares), shares, 1.0)))
    if found < 1.0:
        requests.notes.append(
            f"the spans are sampled, {found:.3g} of all by their trace state: demand is scaled up by {1.0 / found:.3g}"
        )
    return found


def _findings(
    requests: Requests,
    actions: Actions,
    span: Coverage | None,
    scope: Scope,
    scenario: Scenario,
    known: Any,
    sampled: float,
) -> list[LogFinding]:
    frame, name = requests.frame, scope.workload.name
    found: list[LogFinding] = []
    if requests.is_bucketed and span is not None:
        weights = frame["requests"].fillna(0.0).to_numpy(dtype=np.float64)
        found += _bucketed(actions, span, scope, weights, sampled, has_stages=bool(scenario.stages))
        return found
    if span is None:
        found.append(
            LogFinding(kept=[(f"workloads.{name}", "the log has no times, or a single one: its demand")])
        )
    else:
        found += demand_findings(actions, span, scope, None, sampled, has_stages=bool(scenario.stages))
    found += length_findings(frame, actions, scenario, scope.workload)
    found += model_findings(frame, known, scenario)
    found += retry_findings(actions, frame)
    return _without_pairs(found, name) if any(log.dialect.is_spread for log in requests.logs) else found


def _without_pairs(findings: Sequence[LogFinding], workload: str) -> list[LogFinding]:
    """Without what takes gaps between requests, or two values of one: metrics tell neither."""
    burstiness = f"workloads.{workload}.burstiness"
    why = "metrics count requests from scrape to scrape, and say no single one"
    together, wander = f"workloads.{workload}.joint_lengths", f"workloads.{workload}.wander"
    pairs = (burstiness, f"{together}.correlation", f"{wander}.cv")
    kept = [one for one in findings if not any(number.name in pairs for number in one.numbers)]
    kept = [one for one in kept if not any(key in (burstiness, together, wander) for key, _ in one.kept)]
    return [*kept, LogFinding(kept=[(burstiness, why), (together, why), (wander, why)])]


def _bucketed(
    actions: Actions,
    span: Coverage,
    scope: Scope,
    weights: np.ndarray[Any, np.dtype[np.float64]],
    sampled: float,
    *,
    has_stages: bool,
) -> list[LogFinding]:
    name = scope.workload.name
    found = list(demand_findings(actions, span, scope, weights, sampled, has_stages=has_stages))
    found.append(
        LogFinding(
            kept=[
                (f"workloads.{name}.{key}", "the export counts requests by bucket, and says no single one")
                for key in ("burstiness", "prompt_tokens", "output_tokens", "joint_lengths")
            ]
        )
    )
    return found


def _report(
    loaded: LoadedScenario,
    study: "CalibrateStudy",
    text: str | None,
    requests: Requests,
    scope: Scope,
    actions: Actions,
    span: Coverage | None,
    findings: Sequence[LogFinding],
    began: float,
) -> CalibrateReport:
    path = Path(loaded.file)
    before = _text(path) if text is None else text
    edits = [
        *(edit for finding in findings for edit in finding.edits),
        *_obsolete(scope, findings),
    ]
    logs = tuple(_log(log, requests, n) for n, log in enumerate(requests.logs))
    after = (
        before
        if not edits
        else _edited(path, before, [*edits, *_sources(before, edits, requests, scope, logs)])
    )
    after, checked = _checked(path, after, loaded.base_dir) if edits else (after, loaded)
    if edits and not study.dry_run:
        write_whole(path, after)
    dated = span is not None and requests.is_dated
    hours = () if span is None or requests.is_bucketed else tuple(demand.hourly(actions.start_s, span))
    return CalibrateReport(
        **about(checked.scenario),
        file=str(path),
        workload=scope.workload.name,
        about=scope.why,
        since=_moment(span.start_s) if dated and span else None,
        until=_moment(span.end_s) if dated and span else None,
        timezone=str(scope.zone),
        logs=logs,
        measured=tuple(
            LogEstimate(name=one.name, estimate=one.estimate, unit=one.unit, n=one.n, note=one.note)
            for finding in findings
            for one in finding.numbers
        ),
        changes=tuple(_change(loaded, edit) for edit in edits),
        kept=tuple(KeptKey(path=key, why=why) for finding in findings for key, why in finding.kept),
        hours=hours,
        warnings=(*requests.notes, *(note for finding in findings for note in finding.notes)),
        diff=_diff(before, after, path),
        text=after,
        written=bool(edits) and not study.dry_run,
        wall_s=time.perf_counter() - began,
    )


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


def _edited(path: Path, text: str, edits: Sequence[Edit]) -> str:
    try:
        return edited(text, edits, _OUTDATED)
    except CannotEditError as error:
        raise LogError(f"{path}: {error}; what it `extends` holds it: calibrate into that file") from None


def _checked(path: Path, text: str, folder: Path) -> tuple[str, LoadedScenario]:
    """The text without sources of what is not in it any more, and its scenario."""
    try:
        return text, load_text(text, str(path), folder)
    except ScenarioError as error:
        lost = [_OF.fullmatch(problem.path) for problem in error.problems]
        places = [
            tuple(int(n) for n in found.groups() if n is not None) for found in lost if found is not None
        ]
        if len(places) < len(lost):
            raise
        gone = [
            Edit(("sources", place[0], "of", place[1]) if len(place) > 1 else ("sources", place[0]), None)
            for place in places
        ]
        text = edited(text, sorted(gone, key=lambda edit: str(edit.path), reverse=True))
        return text, load_text(text, str(path), folder)


def _obsolete(scope: Scope, findings: Sequence[LogFinding]) -> list[Edit]:
    """A trace whose lengths are no longer drawn has no effect, and is taken out."""
    paths = {edit.path for finding in findings for edit in finding.edits}
    name, trace = scope.workload.name, scope.workload.trace
    replaces = {("workloads", name, key) for key in ("prompt_tokens", "output_tokens")} <= paths
    return (
        [Edit(("workloads", name, "trace"), None)]
        if replaces and trace is not None and trace.replay == "lengths"
        else []
    )


def _sources(
    text: str, edits: Sequence[Edit], requests: Requests, scope: Scope, logs: Sequence[LogRead]
) -> list[Edit]:
    """What is said of the values: an entry of `sources`, in place of the one of an earlier calibration."""
    paths = [".".join(map(str, edit.path)) for edit in edits if edit.value is not None]
    used = sum(log.used for log in logs)
    names = ", ".join(Path(log.file).name for log in logs[:3]) + (
        f" and {len(logs) - 3} more" if len(logs) > 3 else ""
    )
    formats = ", ".join(dict.fromkeys(log.format.partition(":")[0] for log in logs))
    mark = f"{_MARK}, {scope.workload.name}:"
    entry: dict[str, Any] = {"of": paths, "source": f"{mark} {used:,} requests of {names} ({formats})"[:500]}
    if requests.has_times and requests.is_dated:
        entry["date"] = _moment(float(requests.frame["time"].max()))[:10]
    entry["grade"] = "measured"
    stated = parse_source(text, "").data.get("sources")
    if not stated:
        return [Edit(("sources",), [entry])]
    old = [place for place, one in enumerate(stated) if str(one.get("source", "")).startswith(mark)]
    if old:
        return [
            *(Edit(("sources", place), None) for place in reversed(old[1:])),
            Edit(("sources", old[0]), entry),
        ]
    return [Edit(("sources", MORE), entry)]


def _change(loaded: LoadedScenario, edit: Edit) -> ChangedKey:
    before: Any = loaded.document
    for level in edit.path:
        if isinstance(before, list):
            before = next(
                (
                    one
                    for one in before
                    if isinstance(one, dict) and level in (one.get("name"), one.get("model_name"))
                ),
                None,
            )
        else:
            before = before.get(level) if isinstance(before, dict) else None
    path = ".".join(map(str, edit.path))
    return ChangedKey(
        path=path,
        before=None if before is None else flow(before),
        after=None if edit.value is None else flow(edit.value),
    )


def _log(log: Any, requests: Requests, n: int) -> LogRead:
    used = int((requests.frame["file"] == n).sum())
    return LogRead(
        file=log.name, format=log.dialect.name, rows=log.n_rows, used=used, left_out=requests.left_out[n]
    )


def _moment(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _diff(before: str, after: str, path: Path) -> str:
    name = path.name
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, n=1, lineterm="")
    return "\n".join(lines)

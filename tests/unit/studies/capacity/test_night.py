"""Work of the night with an objective of its own is planned for its own hour, which nobody else's peak shows."""

from pathlib import Path

import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import LoadedScenario, load_text, with_overrides
from simulator.studies.common.windows import peaks
from simulator.studies.plan.study import PlanStudy

_FILE = """
metadata: {{name: night}}
regions: {{home: {{timezone: Europe/Berlin}}}}
start: 2027-01-04
workloads:
  - {{name: chat, arrival_rate: 4 rps, profile: office-hours, steps: [{{call: desk}}]}}
  - {{name: nightly, arrival_rate: 0.5 rps, profile: {{file: night.csv}}, timeout: 10m, steps: [{{call: batch}}]}}
services:
  desk: {{max_ongoing_requests: 20, service_time: {{distribution: exponential, mean: 1s}}}}
  batch: {{max_ongoing_requests: {servers}, service_time: {{distribution: exponential, mean: 4s}}}}
window: {{start: peak, duration: 30m, warmup: 5m}}
stages: [{{name: all, duration: 4w, exposure: 100%}}]
slos:
  - {{name: chat, indicator: latency, objective: "p95 < 10s", workload: chat}}
  - {{name: nightly, indicator: latency, objective: "p95 < 1m", workload: nightly}}
"""


def _loaded(folder: Path, servers: int) -> LoadedScenario:
    rows = [f"{hour},{12 if hour % 24 in (2, 3) else 0}" for hour in range(168)]
    (folder / "night.csv").write_text("\n".join(["hour_of_week,factor", *rows]))
    return load_text(_FILE.format(servers=servers), "night.yaml", folder)


def test_its_hour_is_a_peak_of_its_own(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, 40)
    of_all, at_night = peaks(loaded.scenario, loaded.scenario.stages[0], Runner(loaded.base_dir), 300.0)
    assert of_all.regions == (None,)
    assert of_all.workloads == ()
    assert (at_night.regions, at_night.workloads) == ((), ("nightly",))
    assert at_night.window.start.hour == 1  # UTC, two o'clock in Berlin in winter


_SLOW = [
    "workloads.nightly.timeout=null",
    "slos.nightly.objective=p95 < 4h",
    "services.batch.max_ongoing_requests=1",
]


def test_a_batch_that_has_until_the_morning_is_planned_for_it(tmp_path: Path) -> None:
    """Two hours of 24 servers' work are done by n in 48 / n hours: who comes at the share f of them waits f (48 / n - 2)."""
    knob = "capacity.knobs=[{path: services.batch.replicas, min: 1, max: 60}]"
    loaded = with_overrides(_loaded(tmp_path, 1), [*_SLOW, knob])
    [stage] = PlanStudy(draws=0).run(loaded, Runner(loaded.base_dir)).stages
    assert stage.capacity["services.batch.replicas"]["home"] == 8
    [found] = stage.slow
    assert found.wait_s == pytest.approx(0.95 * (48.0 / 8.0 - 2.0) * 3600.0, rel=0.03)
    assert stage.decision == "GO"


@pytest.mark.usefixtures("brief_remedies")
@pytest.mark.parametrize(("servers", "decision"), [(7, "NO-GO"), (9, "GO")])
def test_what_is_not_done_by_the_morning_is_no_go(tmp_path: Path, servers: int, decision: str) -> None:
    loaded = with_overrides(_loaded(tmp_path, 1), [*_SLOW, f"services.batch.replicas={servers}"])
    [stage] = PlanStudy(draws=0).run(loaded, Runner(loaded.base_dir)).stages
    assert stage.decision == decision
    assert stage.slow[0].is_missed == (decision == "NO-GO")


@pytest.mark.usefixtures("brief_remedies")
@pytest.mark.parametrize(("servers", "decision"), [(16, "NO-GO"), (40, "GO")])
def test_what_fails_at_two_in_the_night_is_no_go(tmp_path: Path, servers: int, decision: str) -> None:
    loaded = _loaded(tmp_path, servers)
    [stage] = PlanStudy(draws=0).run(loaded, Runner(loaded.base_dir)).stages
    verdicts = {found.slo: found.verdict for found in stage.verdicts}
    assert verdicts == {"chat": "PASS", "nightly": "FAIL" if decision == "NO-GO" else "PASS"}
    assert stage.decision == decision

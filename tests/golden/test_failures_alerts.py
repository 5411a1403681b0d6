"""What `scenarios/failures.yaml` and its guide say of alerts: the flushed cache pages, two other incidents do not."""

from pathlib import Path

from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.drill.drill import drill
from simulator.studies.drill.study import DrillStudy

_FILE = Path(__file__).parents[2] / "scenarios" / "failures.yaml"


def test_who_is_told_of_what() -> None:
    loaded = load_scenario(_FILE)
    names = ("cache-flush", "provider-down", "bad-release")
    found = drill(loaded.scenario, DrillStudy(names, runs=3, cures=False), Runner(loaded.base_dir))
    pages = {result.name: result.alerts[0] for result in found.drills}
    flush = pages["cache-flush"]
    assert flush.after_s is not None
    assert 10 * 60 < flush.after_s.value < 30 * 60
    assert (flush.notify, flush.slo) == ("on-call", "availability")
    assert pages["provider-down"].after_s is None
    assert pages["bad-release"].after_s is None
    assert found.alerts[0].unseen == ("success",)
    assert found.alerts[0].false_per_month.high < 0.2

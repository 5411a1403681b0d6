"""A sweep over load and servers gives Erlang C's surface of waits."""

from pathlib import Path

from scipy import stats

from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.sweep.response_table import read_table
from simulator.studies.sweep.study import SweepStudy
from simulator.theory.erlang import erlang_c

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 2h, warmup: 5m}
"""
RATE, SERVERS = "workloads.ticket.arrival_rate", "services.desk.max_ongoing_requests"
N_RUNS = 10
Z_LIMIT = 4.0


def test_the_surface_of_mean_waits_is_erlang_c_s(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    vary = {RATE: ["2 rps", "2.5 rps", "3 rps"], SERVERS: [4, 5, 6]}
    study = SweepStudy(vary, tmp_path / "sweep", replications=N_RUNS)
    study.run(load_scenario(tmp_path / "desk.yaml"), Runner())
    table = read_table(tmp_path / "sweep")
    assert len(table) == 9
    quantile = float(stats.t.ppf(0.975, N_RUNS - 1))
    for row in table.to_dict(orient="records"):
        load, servers = float(row[RATE]), int(row[SERVERS])
        expected_s = erlang_c(servers, load) / (servers - load)
        error_s = (row["queue_wait_s.mean.high"] - row["queue_wait_s.mean.low"]) / (2.0 * quantile)
        z = (row["queue_wait_s.mean"] - expected_s) / error_s
        assert abs(z) <= Z_LIMIT, (load, servers, z)

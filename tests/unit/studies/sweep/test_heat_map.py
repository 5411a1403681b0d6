"""A heat map shows each pair of values once, and the mean over what else varies."""

from collections.abc import Mapping, Sequence

from simulator.studies.sweep.heat_map import heat_map
from simulator.studies.sweep.report import Setting, SweepFiles, SweepPoint, SweepReport, VariedPath
from simulator.theory.estimate import Estimate

_WAITS = [1.0, 2.0, 3.0, 4.0, 3.0, 4.0, 5.0, 6.0]
_SETTINGS: Mapping[str, Sequence[Setting]] = {
    "same": [7.0] * 8,
    "a": [1.0, 1.0, 2.0, 2.0] * 2,
    "b": ["x", "y"] * 4,
    "c": [5.0] * 4 + [6.0] * 4,
}


def _report(settings: Mapping[str, Sequence[Setting]], waits: Sequence[float]) -> SweepReport:
    points = tuple(
        SweepPoint(
            point=number,
            key=str(number),
            settings={path: values[number] for path, values in settings.items()},
            verdict=None,
            responses={"latency_s.p95": Estimate.exact(wait)},
            is_pareto=False,
        )
        for number, wait in enumerate(waits)
    )
    return SweepReport(
        scenario="desk",
        scenario_hash="0" * 64,
        engine_version="0",
        stage=None,
        seed=1,
        replications=1,
        design="list",
        factors=tuple(VariedPath(path=path) for path in settings),
        shard=None,
        n_points=len(points),
        n_simulated=0,
        n_reused=0,
        missing=(),
        goals=(),
        points=points,
        sensitivities=(),
        files=SweepFiles(responses="", sensitivity="", page=""),
    )


def test_every_pair_has_its_mean() -> None:
    figure = heat_map(_report(_SETTINGS, _WAITS), "latency_s.p95")
    assert figure is not None
    shown = figure.data[0]
    assert (list(shown.x), list(shown.y)) == (["1", "2"], ["x", "y"])
    assert [list(row) for row in shown.z] == [[2.0, 4.0], [3.0, 5.0]]


def test_one_factor_has_no_map() -> None:
    settings = {path: values for path, values in _SETTINGS.items() if path in ("same", "a")}
    assert heat_map(_report(settings, _WAITS), "latency_s.p95") is None


def test_samples_that_fill_the_space_have_no_map() -> None:
    numbers: list[Setting] = [float(number) for number in range(20)]
    assert heat_map(_report({"a": numbers, "b": numbers}, [1.0] * 20), "latency_s.p95") is None

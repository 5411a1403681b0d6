"""The figure of drills: alerts lie on the curve when they fire."""

from simulator.studies.drill.figures import drill_figure
from simulator.theory.estimate import Estimate
from tests.unit.studies.drill.made_up import detection, drill_report, drill_result, series


def _after(seconds: float) -> Estimate:
    return Estimate(seconds, seconds - 30.0, seconds + 60.0)


def test_an_alert_lies_on_the_curve_when_it_fires() -> None:
    alerts = [
        (detection("page", _after(90.0)), detection("ticket", None)),
        (detection("page", _after(30.0)),),
    ]
    drills = [
        drill_result(begins_s=60.0, alerts=seen, series=series([9.0, 4.0, 3.0, 8.0])) for seen in alerts
    ]
    figure = drill_figure(drill_report(*drills))
    first, second = (trace for trace in figure.data if trace.mode == "markers")
    assert (first.name, first.x, first.y) == ("page → sre", (2.5,), (3.0,))
    assert (first.error_x.arrayminus[0], first.error_x.array[0]) == (0.5, 1.0)
    assert (second.x, second.y) == ((1.5,), (4.0,))
    assert [first.showlegend, second.showlegend] == [True, False]

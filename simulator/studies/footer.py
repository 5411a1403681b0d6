"""Where the numbers of a report come from: seed, intervals, step times, engine and scenario; the lines that end it."""

from collections.abc import Mapping

from simulator.render.numbers import quantity
from simulator.render.sections import Notes
from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.report import ScenarioReport


def footer(
    report: ScenarioReport, *lines: str, profiles: Mapping[str, StepTimesSource] | None = None
) -> Notes:
    """The lines of a study, then what every report says."""
    return Notes(
        [
            *lines,
            *(step_time_line(name, one) for name, one in (profiles or {}).items()),
            f"simulated in {quantity(report.wall_s, 'time')} · {version(report)}",
        ],
        "footer",
    )


def version(report: ScenarioReport) -> str:
    """Version of the engine and hash of the scenario."""
    return f"engine {report.engine_version} · scenario {report.scenario_hash[:12]}"


def step_time_line(name: str, step_times: StepTimesSource) -> str:
    """Where the step times of a pool are from, and how far they are off."""
    host = f"; {step_times.host}" if step_times.host else ""
    return f"step times of {name}: {fit_error_text(step_times)}; {step_times.source}{host}"


def fit_error_text(step_times: StepTimesSource) -> str:
    """Fit error in words."""
    if step_times.fit_error_mean is None:
        return "fit error not known"
    worst = step_times.fit_error_worst
    at_worst = "" if worst is None else f" ({quantity(worst, 'share')} at worst)"
    return f"off by {quantity(step_times.fit_error_mean, 'share')} on average{at_worst}"

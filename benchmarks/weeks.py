"""``python -m benchmarks.weeks``: months from a few windows beside months from every hour of the week.

Plans reckon a month from three or so steady windows, each weighted with the hours it stands for. Here the same stage is
simulated around the clock for the week in which it ends, with the same capacity. Writes a table of ``docs/validation.md``.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.report import markdown_table, write_section
from simulator import __version__
from simulator.compiler.demand import HOURS_PER_MONTH, find_stage, stage_window
from simulator.economics.accounts import Accounts, Basis, total_cost, unit_cost
from simulator.economics.month import WeightedWindow, month_accounts
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.common.windows import month_window_s, month_windows
from simulator.theory.estimate import Estimate

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation.md"
WEEK_S = 7 * 86_400.0
CASES = (
    ("support-copilot", "production"),
    ("support-copilot", "two-regions"),
    ("own-gpus", "pilot"),
    ("rate-limit-wall", "launch"),
)
_N_WINDOW_RUNS = 32
_N_WEEKS = 3


class Months(NamedTuple):
    """A month worked out in two ways."""

    stage: str
    n_windows: int
    of_windows: Accounts
    of_weeks: Accounts


def months(name: str, stage_name: str, n_window_runs: int, n_weeks: int) -> Months:
    """A month at the end of a stage, with the capacity that the scenario states."""
    loaded = load_scenario(ROOT / "scenarios" / f"{name}.yaml")
    scenario, base_dir = loaded.scenario.without_incidents(), loaded.base_dir
    stage = find_stage(scenario, stage_name)
    warmup_s = scenario.window.known_warmup_s or 1200.0
    book, seed = price_book(scenario), scenario.seed
    parts = month_windows(scenario, stage, Runner(base_dir), month_window_s(warmup_s), warmup_s)
    windows = [
        WeightedWindow(
            part.weight_h, Runner(base_dir).replicate(scenario, part, range(seed, seed + n_window_runs))
        )
        for part in parts
    ]
    week = stage_window(scenario, stage.name, 0.0, WEEK_S, warmup_s, base_dir)
    runs = Runner(base_dir).replicate(scenario, week, range(seed, seed + n_weeks))
    whole = month_accounts([WeightedWindow(HOURS_PER_MONTH, runs)], book)
    return Months(stage.name, len(parts), month_accounts(windows, book), whole)


def _row(name: str, found: Months) -> list[str]:
    costs = [total_cost(of) for of in (found.of_windows, found.of_weeks)]
    units = [unit_cost(of, Basis.SUCCESSFUL_ACTION) for of in (found.of_windows, found.of_weeks)]
    actions = [float(of.numbers(Basis.ACTION).mean()) for of in (found.of_windows, found.of_weeks)]
    return [
        f"{name}, {found.stage}",
        str(found.n_windows),
        *(f"{of.value:,.0f} ± {of.half_width:,.0f}" for of in costs),
        f"{costs[0].value / costs[1].value - 1.0:+.2%}",
        f"{actions[0] / actions[1] - 1.0:+.2%}",
        _difference(units),
    ]


def _difference(units: list[Estimate | None]) -> str:
    of_windows, of_weeks = units
    if of_windows is None or of_weeks is None:
        return ""
    return f"{of_windows.value / of_weeks.value - 1.0:+.2%}"


def main() -> None:
    """Simulate every case, print the table and write it into the page."""
    rows = [_row(name, months(name, stage, _N_WINDOW_RUNS, _N_WEEKS)) for name, stage in CASES]
    header = [
        "scenario, stage",
        "windows",
        "month, $",
        "by the whole week, $",
        "cost",
        "actions",
        "per success",
    ]
    table = markdown_table(header, rows)
    print(table)
    day = datetime.now(UTC).date().isoformat()
    write_section(
        PAGE,
        "weeks",
        f"{table}\n\n`python -m benchmarks.weeks`: rollout {__version__}, {_N_WINDOW_RUNS} replications of every window, "
        f"{_N_WEEKS} weeks, {day}.",
    )


if __name__ == "__main__":
    main()

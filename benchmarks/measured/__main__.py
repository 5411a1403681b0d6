"""``python -m benchmarks.measured``: forecasts of measured loads, and how far off they are.

With ``--write`` the tables and the picture of ``docs/validation.md`` are made again, and what ``rollout pools`` says.
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measured.closed_loops import closed_table
from benchmarks.measured.crossed import crossed_table
from benchmarks.measured.errors import Compared, by_class, class_table, mean_error, point_table
from benchmarks.measured.picture import picture
from benchmarks.measured.points import (
    METRICS,
    MODEL,
    NOT_COMPARED,
    OTHER_ENGINE,
    SOURCE,
    SPECULATING,
    read_points,
)
from benchmarks.measured.replay import forecast
from benchmarks.report import markdown_table, write_section
from simulator import __version__
from simulator.mechanisms.replicas.comparisons import MeasuredLoads, MeasuredSystem, write_comparisons

_DOCS = Path(__file__).parents[2] / "docs"


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the errors by load class and by point, or write them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measured", description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true", help="write docs/validation.md and the shipped table")
    is_writing = parser.parse_args(arguments).write
    everything = [Compared(point, forecast(point)) for point in read_points()]
    found = [one for one in everything if one.point.set_name not in (*OTHER_ENGINE, *SPECULATING)]
    drafted = [one for one in everything if one.point.set_name in SPECULATING]
    other = [one for one in everything if one.point.set_name in OTHER_ENGINE]
    crossed = crossed_table([one.point for one in found])
    reasons = [[name, reason] for name, reason in NOT_COMPARED.items()]
    points = f"{point_table(everything)}\n\n{markdown_table(('not compared', 'why'), reasons)}"
    if not is_writing:
        tables = (
            class_table(found),
            class_table(other),
            class_table(drafted),
            crossed,
            points,
            closed_table(),
        )
        print("\n\n".join(tables))
        return
    made = f"`python -m benchmarks.measured`: rollout {__version__}, {datetime.now(UTC).date().isoformat()}."
    write_section(_DOCS / "validation.md", "measured", f"{class_table(found)}\n\n{made}")
    write_section(_DOCS / "validation.md", "measured-other-engine", class_table(other))
    write_section(_DOCS / "validation.md", "measured-speculation", class_table(drafted))
    write_section(_DOCS / "validation.md", "measured-crossed", crossed)
    write_section(_DOCS / "validation.md", "measured-points", points)
    write_section(_DOCS / "validation.md", "measured-closed-loops", closed_table())
    (_DOCS / "images" / "measured.svg").write_text(picture(found), encoding="utf-8")
    write_comparisons(
        MeasuredSystem(*MODEL),
        [
            MeasuredLoads(load, len(those), *(mean_error(those, metric) for metric in METRICS), SOURCE)
            for load, those in by_class(found).items()
        ],
    )


if __name__ == "__main__":
    main()

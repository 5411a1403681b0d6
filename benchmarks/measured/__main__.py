"""``python -m benchmarks.measured``: forecasts of measured loads, and how far off they are."""

from benchmarks.measured.errors import Compared, class_table, point_table
from benchmarks.measured.points import NOT_COMPARED, read_points
from benchmarks.measured.replay import forecast


def main() -> None:
    """Print the errors by load class and by point."""
    found = [Compared(point, forecast(point)) for point in read_points()]
    print(class_table(found))
    print()
    print(point_table(found))
    print()
    for name, reason in NOT_COMPARED.items():
        print(f"not compared: {name}: {reason}")


if __name__ == "__main__":
    main()

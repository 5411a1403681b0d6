"""What ranges of inputs do to a plan, for people: bands and chances of every stage, and what each input does alone."""

from collections.abc import Iterator, Sequence

from simulator.metrics.registry import label_of
from simulator.render.draws_cell import draws_cell
from simulator.render.numbers import NOTHING, TO, Unit, quantity
from simulator.render.sections import Cell, Quantity, Row, Table, Words
from simulator.studies.plan.ranges.report import FigureBands, InputAlone, Percentiles, StageRanges
from simulator.studies.plan.report import StagePlan

Drawn = Sequence[tuple[str, StageRanges]]  # stages that were drawn, by name


def drawn_stages(stages: Sequence[StagePlan]) -> Drawn:
    """The stages with draws."""
    return [(stage.name, stage.ranges) for stage in stages if stage.ranges is not None]


def ranges_table(drawn: Drawn) -> Table:
    """Bands, chances, and the capacity that draws ask for; a column per stage."""
    found = [ranges for _, ranges in drawn]
    n_draws = found[0].n_draws if found else 0
    title = f"uncertain inputs: P50 (P10 to P90) of {n_draws} draws with this capacity; money follows demand"
    groups = [list(rows(found)) for rows in (_figure_rows, _chance_rows, _capacity_rows)]
    return Table([name for name, _ in drawn], groups, "", title)


def ranges_summary(drawn: Drawn) -> Table:
    """The same in short, a row per stage."""
    columns = (
        "peak demand",
        label_of("p95 latency"),
        "cost per month",
        "per success",
        "objectives hold",
        "within budget",
    )
    rows = [Row(name, _short(ranges)) for name, ranges in drawn]
    n_draws = drawn[0][1].n_draws if drawn else 0
    title = (
        f"Uncertain inputs: P50 (P10 to P90) over {n_draws} draws, with this capacity; money follows demand"
    )
    return Table(columns, [rows], "stage", title)


def tornado(name: str, ranges: StageRanges) -> Table:
    """What each input alone does to the cost of a stage's month, the strongest first."""
    columns = ("P10", "P90", "month at P10", "month at P90", "explains")
    rows = [Row(input_text(one), _alone(one)) for one in ranges.sensitivity.month_usd]
    return Table(columns, [rows], "input alone", f"{name}  what moves the cost of a month")


def band_cell(band: Percentiles, unit: Unit) -> Words:
    """P50, with P10 and P90 in brackets where they differ."""
    middle = quantity(band.p50, unit)
    ends = [quantity(end, unit) for end in (band.p10, band.p90)]
    return Words(middle, "" if set(ends) == {middle} else f"({ends[0]}{TO}{ends[1]})")


def input_text(one: InputAlone) -> str:
    """An input in words."""
    return one.input.replace("_", " ")


def _bands(of: FigureBands) -> list[tuple[str, Unit, Percentiles]]:
    return [
        ("peak demand", "rate", of.peak_rps),
        (label_of("p95 latency"), "time", of.latency_p95),
        (label_of("p95 ttft"), "time", of.ttft_p95),
        ("availability", "share", of.availability),
        ("success rate", "share", of.success_rate),
        ("cost per action", "money", of.per_action_usd),
        ("cost per success", "money", of.per_successful_action_usd),
        ("cost per month", "money", of.month_usd),
    ]


def _figure_rows(found: Sequence[StageRanges]) -> Iterator[Row]:
    for bands in zip(*(_bands(one.figures) for one in found), strict=True):
        if any(band.p50 is not None for _, _, band in bands):
            yield Row(bands[0][0], [band_cell(band, unit) for _, unit, band in bands])


def _chance_rows(found: Sequence[StageRanges]) -> Iterator[Row]:
    for label, chances in (
        ("objectives hold", [one.chance.slos for one in found]),
        ("within budget", [one.chance.budget for one in found]),
        ("both", [one.chance.both for one in found]),
    ):
        if any(chance is not None for chance in chances):
            yield Row(
                label, [draws_cell(chance, one.n_draws) for chance, one in zip(chances, found, strict=True)]
            )


def _capacity_rows(found: Sequence[StageRanges]) -> Iterator[Row]:
    for path in dict.fromkeys(path for one in found for path in one.capacity):
        bands = [one.capacity[path] for one in found]
        if all(band.p50 is None for by_region in bands for band in by_region.values()):
            continue
        yield Row(f"needed {' '.join(path.split('.')[1:])}", [""] * len(found))
        for region in bands[0]:
            yield Row(f"  {region}", [band_cell(band[region], "count") for band in bands])


def _short(of: StageRanges) -> list[Cell]:
    figures = of.figures
    return [
        band_cell(figures.peak_rps, "rate"),
        band_cell(figures.latency_p95, "time"),
        band_cell(figures.month_usd, "money"),
        band_cell(figures.per_successful_action_usd, "money"),
        draws_cell(of.chance.slos, of.n_draws),
        draws_cell(of.chance.budget, of.n_draws),
    ]


def _alone(one: InputAlone) -> list[Cell]:
    share, half_width = one.first_order, one.first_order_half_width or 0.0
    return [
        f"× {one.low_factor:.3g}",
        f"× {one.high_factor:.3g}",
        Quantity(one.low, "money"),
        Quantity(one.high, "money"),
        NOTHING if share is None else f"{100.0 * share:.0f} % ± {100.0 * half_width:.0f}",
    ]

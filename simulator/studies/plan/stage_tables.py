"""The tables of a plan that every stage has, each alone or with those of other stages."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from simulator.metrics.registry import label_of
from simulator.render.numbers import NOTHING, unit_of
from simulator.render.sections import Quantity, Row, Table, VerdictMark, Words, table_of
from simulator.studies.common.checklist import ReadinessItem
from simulator.studies.common.verdicts.criterion_text import found_text, limit_text, measure_text, part_text
from simulator.studies.common.verdicts.verdict_view import limit_text as slo_limit_text
from simulator.studies.common.verdicts.verdict_view import verdict_table
from simulator.studies.plan.findings import TradePoint
from simulator.studies.plan.notes import item_limit_text, item_text, item_word, seen_text, without
from simulator.studies.plan.report import StagePlan
from simulator.theory.estimate import Estimate

_NO_EVIDENCE = "no evidence"
_HOLDS = {True: "yes", False: "no", None: "not evaluated"}


@dataclass(frozen=True)
class StageTable:
    """A table that every stage has.

    Attributes
    ----------
    title : what its rows are
    corner, columns : headings
    rows : of one stage; none: it has no such table
    """

    title: str
    corner: str
    columns: tuple[str, ...]
    rows: Callable[[StagePlan], Iterator[Row]]

    def of(self, stage: StagePlan) -> Table:
        """That of one stage."""
        return table_of(f"{stage.name}  {self.title}", self.corner, self.columns, list(self.rows(stage)))

    def over(self, stages: Sequence[StagePlan]) -> Table:
        """Those of several stages in one, the stage in front."""
        rows = [
            Row(stage.name, [row.label.strip(), *row.cells]) for stage in stages for row in self.rows(stage)
        ]
        title = self.title[0].upper() + self.title[1:]
        return table_of(title, "stage", (self.corner, *self.columns), rows)


def objectives(stages: Sequence[StagePlan]) -> Table:
    """The objectives of several stages in one table, the stage in front."""
    names = [stage.name for stage in stages for _ in stage.verdicts]
    found = verdict_table([verdict for stage in stages for verdict in stage.verdicts])
    rows = [Row(name, [row.label, *row.cells]) for name, row in zip(names, found.rows, strict=True)]
    return table_of("Objectives", "stage", (found.corner, *found.columns), rows)


def amounts_text(amounts: Mapping[str, float]) -> str:
    """Amounts by region, e.g. `eu-west 3, us-east 12`."""
    return ", ".join(f"{region} {amount:,.0f}" for region, amount in amounts.items())


def _gate_rows(stage: StagePlan) -> Iterator[Row]:
    for gate in stage.gates:
        yield Row(
            gate.gate,
            [
                gate.measured_at,
                measure_text(gate),
                part_text(gate),
                limit_text(gate),
                found_text(gate),
                VerdictMark(gate.verdict),
            ],
        )


def _contingency_rows(stage: StagePlan) -> Iterator[Row]:
    for one in () if stage.survival is None else stage.survival.contingencies:
        if one.tightest is None:
            yield Row(without(one.name), [NOTHING, NOTHING, NOTHING])
            continue
        found = one.tightest
        asked = Words(f"{found.slo}: {label_of(found.metric)}", slo_limit_text(found))
        measured = Quantity(found.estimate, unit_of(found.metric))
        yield Row(without(one.name), [asked, measured, VerdictMark(found.verdict)])


def _checklist_rows(stage: StagePlan) -> Iterator[Row]:
    return chain.from_iterable(map(_item_rows, stage.readiness))


def _item_rows(item: ReadinessItem) -> Iterator[Row]:
    word = VerdictMark(item_word(item))
    if item.kind == "attested":
        found = item.evidence or (_NO_EVIDENCE if item.due is None else f"due {item.due}")
        yield Row(item_text(item), [found, f"by {item.owner}", word])
        return
    yield Row(item_text(item), ["measured", "", word])
    for one in item.measurements:
        yield Row(f"  {one.what}", [seen_text(one), item_limit_text(one), VerdictMark(one.verdict)])
    if not item.measurements:
        yield Row("  nothing to measure", ["", "", VerdictMark(item.verdict)])


def _choice_rows(stage: StagePlan) -> Iterator[Row]:
    """The points of a stage with something to choose from."""
    return map(_point_row, stage.trade_off if len(stage.trade_off) > 1 else ())


def _point_row(point: TradePoint) -> Row:
    return Row(
        "yes" if point.is_planned else "",
        [
            Quantity(point.cost.month, "money"),
            Quantity(point.latency_p95, "time"),
            Quantity(point.availability, "share"),
            _HOLDS[point.holds],
        ],
    )


def _trade_rows(stage: StagePlan) -> Iterator[Row]:
    """Every point, with its amounts."""
    for point in stage.trade_off:
        row = _point_row(point)
        amounts = (f"{path} {amounts_text(by_region)}" for path, by_region in point.capacity.items())
        yield Row(row.label, [*row.cells, ", ".join(amounts)])


def _order_rows(stage: StagePlan) -> Iterator[Row]:
    for path, by_region in stage.capacity.items():
        day = stage.order_by.get(path)
        yield Row(path, [amounts_text(by_region), "" if day is None else day.isoformat()])


def _limit_rows(stage: StagePlan) -> Iterator[Row]:
    for use in stage.limits:
        relieved = [
            NOTHING if share is None else Quantity(Estimate.exact(share), "share")
            for share in (use.with_real_answers, use.without_batch)
        ]
        yield Row(
            f"{use.target} in {use.region}",
            [
                use.unit,
                f"{use.per_minute:,.0f}",
                Quantity(use.full, "share"),
                Quantity(Estimate.exact(use.refused_share), "share"),
                *relieved,
            ],
        )


LIMITS = StageTable(
    "limits at the peak",
    "limit",
    ("of", "holds", "full", "429", "with real answers", "without batch"),
    _limit_rows,
)
GATES = StageTable(
    "gates in front of it",
    "gate",
    ("measured at", "condition", "of", "limit", "measured", "verdict"),
    _gate_rows,
)
CONTINGENCIES = StageTable(
    "contingencies", "contingency", ("tightest objective", "measured", "verdict"), _contingency_rows
)
CHECKLIST = StageTable("checklist", "item", ("found", "limit", "verdict"), _checklist_rows)
_POINT = ("cost per month", "p95 latency", "availability", "objectives hold")
TRADE_OFF = StageTable("what more or less capacity would do", "planned", _POINT, _choice_rows)
TRADES = StageTable("capacities on a front", "planned", (*_POINT, "capacity"), _trade_rows)
ORDERS = StageTable("capacity", "capacity", ("by region", "order by"), _order_rows)

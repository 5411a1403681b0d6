"""A plan for people: the stages side by side, then each with its objectives, gates, contingencies, checklist and notes."""

from simulator.render.sections import Heading, Notes, Section
from simulator.studies.common.priced import basis_line
from simulator.studies.common.verdicts.verdict_view import verdict_table
from simulator.studies.footer import footer
from simulator.studies.plan.notes import headroom_text, stage_notes
from simulator.studies.plan.overview import overview
from simulator.studies.plan.ranges.view import drawn_stages, ranges_table, tornado
from simulator.studies.plan.report import PlanReport, StagePlan
from simulator.studies.plan.stage_tables import CHECKLIST, CONTINGENCIES, GATES, LIMITS, TRADE_OFF


def sections(report: PlanReport) -> list[Section]:
    """Everything `rollout plan` shows."""
    found = [*side_by_side(report)]
    for stage in report.stages:
        found += stage_sections(stage)
    drawn = drawn_stages(report.stages)
    if drawn:
        found += [ranges_table(drawn), tornado(*drawn[-1])]
    return [*found, plan_footer(report)]


def side_by_side(report: PlanReport) -> list[Section]:
    """The decision, and the stages side by side."""
    return [Heading(report.scenario, report.decision, _interruption(report)), overview(report.stages)]


def plan_footer(report: PlanReport) -> Notes:
    """Where the numbers come from."""
    basis = basis_line(report.seed, report.replications, report.interval_level, report.n_runs)
    measured = dict.fromkeys(headroom_text(stage) for stage in report.stages if stage.demand.headroom > 0.0)
    return footer(report, basis, *measured, *report.left_out, *report.price_lines, profiles=report.profiles)


def stage_sections(stage: StagePlan) -> list[Section]:
    """What is said of one stage."""
    return [
        verdict_table(stage.verdicts, stage.name, stage.decision),
        LIMITS.of(stage),
        GATES.of(stage),
        CONTINGENCIES.of(stage),
        CHECKLIST.of(stage),
        TRADE_OFF.of(stage),
        Notes(stage_notes(stage)),
    ]


def _interruption(report: PlanReport) -> str:
    if not report.interrupted:
        return ""
    left = "only the stages below were planned" if report.decision is None else "not all draws were simulated"
    more = "; the same command goes on from here" if report.kept else ""
    return f"interrupted: {left}{more}"

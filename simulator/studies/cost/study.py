"""The question of `rollout cost`: what does the rollout cost per action and month, and how sure is that?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol

from simulator.errors import OptionError
from simulator.formats.bills.basis import BillBasis
from simulator.formats.focus.period import Period
from simulator.metrics.dimensions import COST_VIEWS
from simulator.studies.base import Option, Study

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.cost.report import CostReport


class PlannedStage(Protocol):
    """A stage of a plan: its name, and amounts by knob and region."""

    @property
    def name(self) -> str: ...
    @property
    def capacity(self) -> Mapping[str, Mapping[str, float]]: ...


class Planned(Protocol):
    """A plan whose capacity can be taken, e.g. a `PlanReport`."""

    @property
    def scenario_hash(self) -> str: ...
    @property
    def stages(self) -> Sequence[PlannedStage]: ...


def columns(by: str | Sequence[str]) -> tuple[str, ...]:
    """Columns of the cost table, e.g. of `stage,category`.

    Raises
    ------
    ValueError
        With the columns there are.
    """
    found = [name.strip() for name in by.split(",")] if isinstance(by, str) else list(by)
    unknown = [name for name in found if name not in COST_VIEWS]
    if unknown or len(set(found)) < len(found) or not found:
        what = f"no column {unknown[0]!r}" if unknown else "a column stands twice"
        raise ValueError(f"{what}; there are: {', '.join(COST_VIEWS)}")
    return tuple(found)


Replications = Annotated[int, Option("Replications of every window.", metavar="N", min=2, max=64)]


@dataclass(frozen=True, kw_only=True)
class CostStudy(Study["CostReport"]):
    """Work out what the rollout costs per action and month, and how sure that is."""

    verb: ClassVar[str] = "cost"

    by: Annotated[
        str | Sequence[str],
        Option(
            f"Columns of the cost table, of: {', '.join(COST_VIEWS)}.",
            metavar="A,B",
            shown_default="stage,category",
            parse=columns,
            is_whole=True,
        ),
    ] = ("stage", "category")
    plan: Annotated[
        Path | Planned | None,
        Option(
            "Take the capacity of this plan (rollout plan --json).",
            metavar="FILE",
            shown_default="a plan is made",
            is_input=True,
        ),
    ] = None
    as_written: Annotated[bool, Option("Take the capacity that the scenario states.")] = False
    levers: Annotated[bool, Option("Also simulate what would save most, and what users would feel.")] = False
    bill: Annotated[
        Path | None,
        Option(
            "Compare the forecast with this bill (CSV: FOCUS, OpenAI, Anthropic, Azure, AWS, Google, LiteLLM).",
            metavar="FILE",
            is_input=True,
        ),
    ] = None
    bill_basis: Annotated[
        BillBasis, Option("Whether that bill counts by the period it is for, or when it is charged.")
    ] = "amortised"
    xlsx: Annotated[Path | None, Option("Also write a workbook.", metavar="FILE")] = None
    focus: Annotated[
        Path | None, Option("Also write a FOCUS 1.3 export (CSV, Parquet).", metavar="DIR", is_folder=True)
    ] = None
    focus_period: Annotated[Period, Option("What a row of that export covers.", in_app=False)] = "day"
    draws: Annotated[int, Option("Draws of the uncertain inputs; 0: none.", metavar="N", min=0, max=4096)] = (
        32
    )
    replications: Replications = 4
    plan_name: str | None = None  # what the report calls a plan that is not a file

    def check(self, scenario: "Scenario") -> None:  # noqa: ARG002 - fits every scenario or none
        """Complain about a column that is not there, and about two capacities."""
        try:
            columns(self.by)
        except ValueError as error:
            raise OptionError(str(error), "--by") from None
        if self.plan is not None and self.as_written:
            raise OptionError("give --plan or --as-written, not both", "--plan")

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "CostReport":
        """Forecast every month, and draw the uncertain inputs."""
        from simulator.studies.cost.cost import study_cost

        return study_cost(loaded, self, runner)

"""What the verbs return in Python: the documents of the command line, typed, as frames and as figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Literal

import pandas as pd

from simulator.render import frames
from simulator.studies.run.document import JsonObject
from simulator.theory.estimate import Estimate

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Report:
    """A document, as `--json` prints it."""

    document: JsonObject

    @property
    def interrupted(self) -> bool:
        """Whether something is missing."""
        return bool(self.document["interrupted"])


class PlanReport(Report):
    """What every stage needs, what it costs, and whether to go."""

    @property
    def decision(self) -> Literal["GO", "NO-GO", "UNDECIDED"] | None:
        """Of the whole rollout; None: interrupted."""
        found: Literal["GO", "NO-GO", "UNDECIDED"] | None = self.document["decision"]
        return found

    @property
    def decisions(self) -> Mapping[str, str]:
        """GO, NO-GO or UNDECIDED by stage."""
        return {stage["name"]: stage["decision"] for stage in self.document["stages"]}

    def to_frame(self) -> pd.DataFrame:
        """A row per stage: demand, capacity by knob and region, cost, times at the peak, decision."""
        return frames.plan_frame(self.document)

    def figure(self) -> "Figure":
        """Cost of the month and p95 latency by stage, with intervals."""
        from simulator.render.figures import plan_figure

        return plan_figure(self.document)


def estimate_of(entry: Mapping[str, float | None]) -> Estimate:
    """Estimate of a document's entry; null bounds are unknown."""
    value, low, high = entry["value"], entry["low"], entry["high"]
    return Estimate(
        float("nan") if value is None else value, -inf if low is None else low, inf if high is None else high
    )

"""What the verbs return in Python: the documents of the command line, typed, as frames and as figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from simulator.metrics.registry import key_of
from simulator.render import frames
from simulator.studies.run.document import JsonObject
from simulator.theory.estimate import Estimate
from simulator.units import percentile_label

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


class RunReport(Report):
    """What was measured in one window."""

    def metric(self, name: str, statistic: str = "mean", **part: str) -> Estimate | None:
        """Return one number with its 95 % interval; None: nothing was observed.

        Parameters
        ----------
        name : e.g. `latency`, `availability`, `cost_per_action`; of a target `utilization`
        statistic : of a time: `mean`, `p50`, `p95` or `p99`, also written `p(95)`
        part : at most one dimension, by name, e.g. `region="eu-west"`; see `simulator.metrics.dimensions`

        Raises
        ------
        KeyError
            If there is no such metric, statistic or part.
        """
        metrics = self._metrics(part)
        key = key_of(name)
        if key not in metrics:
            raise KeyError(f"no metric {name!r}; there are: {', '.join(metrics)}")
        found = metrics[key]
        if isinstance(found, Mapping) and "value" not in found:
            found = found[percentile_label(statistic)]
        return None if found is None else estimate_of(found)

    @property
    def verdicts(self) -> Mapping[str, str]:
        """PASS, FAIL or UNDECIDED by name of the SLO."""
        return {verdict["slo"]: verdict["verdict"] for verdict in self.document["verdicts"]}

    def to_frame(self) -> pd.DataFrame:
        """A row per part, metric and statistic, with `value`, `low` and `high`."""
        return frames.run_frame(self.document)

    def figure(self) -> "Figure":
        """Times by workload and region, with intervals."""
        from simulator.render.figures import run_figure

        return run_figure(self.document)

    def _metrics(self, part: Mapping[str, str]) -> Mapping[str, Any]:
        if not part:
            metrics: Mapping[str, Any] = self.document["metrics"]
            return metrics
        [(kind, name)] = part.items()
        found = self.document["by"][kind][name]
        inner: Mapping[str, Any] = found if kind == "target" else found["metrics"]
        return inner


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

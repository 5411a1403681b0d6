"""What a report says of a number and of its limit: the metric, the part of the run it is of, and whether it holds."""

from typing import Annotated, Any, Self

from simulator.studies.common.two_futures import Futures
from simulator.studies.common.verdicts.criteria import Measure
from simulator.studies.common.verdicts.sequential_verdicts import CriterionVerdict
from simulator.studies.record import Estimated, Record, finite, if_known, json_key
from simulator.theory.verdict import Verdict


class MeasureRecord(Record):
    """A metric of one part of a run at one stage; a part that is None is not restricted.

    Attributes
    ----------
    stage : None: full exposure
    metric : one of `simulator.metrics.registry.TESTABLE`
    statistic : percentile, e.g. `p(95)`; None: the mean, or the only number there is
    region : of the users; with a target, the one it runs in
    target : model, service or team
    """

    stage: str | None
    metric: str
    statistic: str | None
    workload: str | None = None
    region: str | None = None
    tenant: str | None = None
    language: str | None = None
    complexity: str | None = None
    target: str | None = None


class JudgedCriterion(MeasureRecord, Estimated):
    """An SLO, a threshold or the condition of a gate at one stage: the limit, what was measured, and the verdict.

    Attributes
    ----------
    criterion : name of the SLO; of a threshold, its metric with labels
    threshold : the objective as it is written, e.g. `p95 < 8s`
    op : `<`, `<=`, `>` or `>=`
    limit : in the metric's base unit (s, share of 1, USD, 1/s)
    slack : signed distance to the limit as a share of it; None: nothing was observed
    n_replications : that it is judged on
    futures : some runs collapsed; None: none did
    """

    criterion: str
    threshold: str
    op: str
    limit: float
    slack: float | None
    n_replications: Annotated[int, json_key("replications")]
    verdict: Verdict
    futures: Annotated[Futures | None, if_known] = None

    @classmethod
    def of(cls, found: CriterionVerdict, **more: Any) -> Self:
        """The record of a verdict.

        Parameters
        ----------
        more : fields that a kind of criterion has besides
        """
        objective = found.criterion.objective
        return cls(
            **measure_fields(found.criterion.measure, found.stage),
            estimate=found.estimate,
            criterion=found.criterion.name,
            threshold=objective.text,
            op=objective.op,
            limit=objective.limit,
            slack=finite(found.slack),
            n_replications=found.n_runs,
            verdict=found.verdict,
            futures=found.futures,
            **more,
        )


def measure_fields(measure: Measure, stage: str | None) -> dict[str, Any]:
    """Fields of the record of a measure at a stage."""
    return {
        "stage": stage,
        "metric": measure.metric,
        "statistic": measure.statistic,
        **measure.selection.labels,
    }

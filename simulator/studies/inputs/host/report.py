"""What `rollout profile --host` reports: times of an engine beside the kernels, and their error on loads not used to fit."""

from typing import ClassVar, Literal

from simulator.studies.record import Record
from simulator.studies.report import Shown


class HostLoad(Record):
    """A load of the results, measured and forecast with the fitted times.

    Attributes
    ----------
    used : to fit, or to check the fit
    mean_batch : sequences that decode at once, as measured
    """

    label: str
    used: Literal["fit", "check"]
    requests_per_s: float
    mean_batch: float
    ttft_s: float
    ttft_forecast_s: float
    tpot_s: float
    tpot_forecast_s: float

    @property
    def ttft_error(self) -> float:
        """Relative, with its sign."""
        return self.ttft_forecast_s / self.ttft_s - 1.0

    @property
    def tpot_error(self) -> float:
        """Relative, with its sign."""
        return self.tpot_forecast_s / self.tpot_s - 1.0


class HostReport(Shown):
    """Times of an engine beside the GPU's kernels, fitted to a benchmark.

    Attributes
    ----------
    iteration_s, request_s : fitted: `iteration_overhead` and `request_overhead` of a pool
    shipped_iteration_s, shipped_request_s : what holds without them
    host : whose times those are
    ttft_error, tpot_error : mean absolute, of the loads that were not used; None: all were
    """

    view: ClassVar[str] = "simulator.studies.inputs.host.view"

    model: str
    gpu: str
    tensor_parallel: int
    host: str
    iteration_s: float
    request_s: float
    shipped_iteration_s: float
    shipped_request_s: float
    loads: tuple[HostLoad, ...]
    ttft_error: float | None
    tpot_error: float | None
    warnings: tuple[str, ...]

    @property
    def subject(self) -> str:
        """What they are of."""
        return f"{self.model} on {self.tensor_parallel} x {self.gpu}"

"""The question of `rollout size`: how many requests, or users, does one replica of a model on a GPU carry?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.errors import OptionError
from simulator.studies.base import Option, SelfMade, span_s

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.size.report import SizeReport


@dataclass(frozen=True, kw_only=True)
class SizeStudy(SelfMade["SizeReport"]):
    """Find how many requests per second and how many users one replica carries within the objectives; needs no scenario."""

    verb: ClassVar[str] = "size"

    model: Annotated[
        str, Option("Model, as in `rollout pools`, e.g. meta-llama/Meta-Llama-3.1-8B.", metavar="NAME")
    ]
    gpu: Annotated[str, Option("GPU, as in `rollout pools`, e.g. h100_sxm.", metavar="NAME")]
    tensor_parallel: Annotated[int, Option("GPUs that share one replica.", metavar="N", min=1, max=64)] = 1
    engine_version: Annotated[
        str | None,
        Option(
            "Version of vLLM, e.g. 0.11.", metavar="VERSION", shown_default="the newest that was measured"
        ),
    ] = None
    max_num_seqs: Annotated[
        int | None,
        Option("Sequences in one batch.", metavar="N", min=1, max=8192, shown_default="vLLM's for this GPU"),
    ] = None
    max_num_batched_tokens: Annotated[
        int | None,
        Option(
            "Tokens of one iteration.", metavar="N", min=1, max=1_000_000, shown_default="vLLM's for this GPU"
        ),
    ] = None
    ttft: Annotated[
        float | None,
        Option("Longest time to first token, e.g. 500ms.", metavar="SPAN", parse=span_s, shown_default="any"),
    ] = None
    tpot: Annotated[
        float | None,
        Option(
            "Longest time per output token, e.g. 30ms.", metavar="SPAN", parse=span_s, shown_default="any"
        ),
    ] = None
    latency: Annotated[
        float | None,
        Option(
            "Longest time to the whole answer, e.g. 10s.", metavar="SPAN", parse=span_s, shown_default="any"
        ),
    ] = None
    percentile: Annotated[
        float, Option("Percentile of requests that the limits hold for.", metavar="P", min=50, max=99.9)
    ] = 95.0
    input_tokens: Annotated[
        int, Option("Mean prompt, tokens.", flag="--input", metavar="N", min=1, max=1_000_000)
    ] = 1024
    output_tokens: Annotated[
        int, Option("Mean answer, tokens.", flag="--output", metavar="N", min=1, max=1_000_000)
    ] = 256
    spread: Annotated[
        float,
        Option(
            "Coefficient of variation of both lengths (lognormal); 0: all alike.", metavar="CV", min=0, max=3
        ),
    ] = 0.5
    prefix: Annotated[
        int,
        Option(
            "Tokens in front of every prompt, besides and the same for all.",
            metavar="N",
            min=0,
            max=1_000_000,
        ),
    ] = 0
    think_time: Annotated[
        float,
        Option(
            "Mean time of a user from an answer to the next request (exponential), e.g. 60s.",
            metavar="SPAN",
            parse=span_s,
            shown_default="60s",
        ),
    ] = 60.0
    users: Annotated[
        int | None,
        Option("Users to serve: how many replicas do they need?", metavar="N", min=1, max=1_000_000),
    ] = None
    price: Annotated[
        str | None,
        Option(
            "Of a GPU: $2.99/gpu_hour, or a name of the catalog, e.g. aws-h100.",
            metavar="PRICE",
            shown_default="costs are not shown",
        ),
    ] = None
    replications: Annotated[
        int, Option("Runs of every load, each with its own seed.", metavar="N", min=1, max=64)
    ] = 4

    def check(self, scenario: "Scenario") -> None:  # noqa: ARG002 - the scenario is made of the options
        """Complain where no limit is given."""
        if self.limits == {}:
            raise OptionError("give at least one of --ttft, --tpot and --latency", "--ttft")

    @property
    def limits(self) -> dict[str, float]:
        """Longest times, by indicator."""
        given = {"ttft": self.ttft, "tpot": self.tpot, "latency": self.latency}
        return {indicator: limit_s for indicator, limit_s in given.items() if limit_s is not None}

    def made(self, overrides: Sequence[str] = ()) -> "LoadedScenario":
        """One replica, and requests that arrive at random."""
        from simulator.studies.size.setting import scenario_of

        return scenario_of(self, overrides)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "SizeReport":
        """Search the largest loads."""
        from simulator.studies.size.size import study_size

        return study_size(loaded.scenario, self, runner)

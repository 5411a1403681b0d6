"""Which measured points are there, which of them can be compared with a forecast, and why can the others not?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

DATA = Path(__file__).parent / "data" / "inference_perf_kubecon_na_2025.csv"
SOURCE = "kubernetes-sigs/inference-perf, demo of KubeCon NA 2025, commit 7de5ef2 (Apache-2.0)"
MODEL = ("meta-llama/Meta-Llama-3.1-8B", "h100_sxm", 1, "vllm 0.11")  # profile, and the engine that served
CLIENTS = 440  # 44 workers with at most 10 requests under way
STAGE_S = 60.0
_LATE_MS = 500.0  # p99 of the delay of sending, above which the clients are waiting for each other


@dataclass(frozen=True)
class ServedAs:
    """What a set was served with, as far as it matters."""

    prompt_tokens: int
    pool: Mapping[str, Any]


SETS: Mapping[str, ServedAs] = {
    "vllm": ServedAs(204, {"engine_version": "0.11", "prefix_caching": False}),
    "vllm+chunking_and_prefix_caching": ServedAs(204, {"engine_version": "0.11"}),
    "vllm+v0_engine": ServedAs(
        200,
        {
            "engine_version": "0.9",
            "prefix_caching": False,
            "chunked_prefill": False,
            "max_num_batched_tokens": 2048,
        },
    ),
    # how many tokens EAGLE proposes and how many are right was not published: fitted, see docs/validation.md
    "vllm+eagle": ServedAs(
        202,
        {
            "engine_version": "0.11",
            "prefix_caching": False,
            "speculation": {"tokens": 3, "acceptance": 0.30, "draft_cost": 0.45},
        },
    ),
}
OTHER_ENGINE = ("vllm+v0_engine",)
SPECULATING = ("vllm+eagle",)
NOT_COMPARED: Mapping[str, str] = {
    "InferenceX, Llama-3.3-70B FP8 on 2 and 4 × H100": "tables made of the published operators miss them by more than 5 %",
    "MLPerf 5.1 server": "8B and 70B with weights in fp8 or fp4 on GPUs without such a table",
    "GPUStack": "requests all at once; most pairs have no table",
}

METRICS: Mapping[str, str] = {  # what is compared, and its column
    "ttft_p50_ms": "ttft_p50_ms",
    "ttft_p99_ms": "ttft_p99_ms",
    "tpot_ms": "tpot_config_mean_ms",
    "latency_p50_ms": "latency_p50_ms",
    "latency_p99_ms": "latency_p99_ms",
    "requests_per_s": "rps_done",
}


@dataclass(frozen=True)
class Point:
    """A stage of a set.

    Attributes
    ----------
    most_per_s : requests per second that the set's replica carried at most
    measured : by metric
    """

    set_name: str
    stage: int
    rate_per_s: float
    n_sent: int
    is_late: bool
    most_per_s: float
    measured: Mapping[str, float]

    @cached_property
    def load_class(self) -> str:
        """How full the replica was."""
        share = self.rate_per_s / self.most_per_s
        if self.is_late:
            return "saturated"
        if share > 0.9:
            return "over 90 %"
        return "50 to 90 %" if share >= 0.5 else "under 50 %"


def read_points(path: Path = DATA) -> list[Point]:
    """The points that can be compared."""
    table = pd.read_csv(path)
    most_per_s = table.groupby("config")["rps_done"].max()
    return [
        Point(
            row["config"],
            int(row["stage"]),
            float(row["requested_rate"]),
            int(row["sent"]),
            bool(row["sched_delay_p99_ms"] > _LATE_MS),
            float(most_per_s[row["config"]]),
            {metric: float(row[column]) for metric, column in METRICS.items()},
        )
        for _, row in table.iterrows()
        if row["config"] in SETS
    ]

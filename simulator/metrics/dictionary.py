"""The data dictionary: name, type, unit and meaning of every column a user can read about a run.

One place for the data frames, the Parquet files and the reference page. What is counted and measured, and what results are
told apart by, is declared beside this module; here are the columns of files.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.counts import Counts
from simulator.metrics.definition import definitions
from simulator.metrics.dimensions import OF_ACTIONS, STAGE, TARGET
from simulator.metrics.targets import USED

ColumnType = Literal["int64", "float64", "bool", "str", "datetime64[us, UTC]"]


@dataclass(frozen=True)
class Column:
    """One name a user reads, with its type, unit and meaning."""

    name: str
    type: ColumnType
    unit: str
    description: str


PARTS = tuple(Column(one.name, "str", "", one.meaning) for one in OF_ACTIONS)  # what a row of actions is of
_SEED = Column("seed", "int64", "", "Seed of the replication.")

BUCKET = (
    _SEED,
    Column(STAGE.name, "str", "", STAGE.meaning),
    Column("window", "str", "", "Name of the simulated window."),
    Column("bucket_start", "datetime64[us, UTC]", "", "Start of the time bucket."),
    Column(
        "time_s",
        "float64",
        "s",
        "Start of the bucket since the start of the window; negative in the warm-up.",
    ),
    Column("bucket_s", "float64", "s", "Length of the bucket; the last may be short."),
)
_COUNTS = definitions(Counts)
_MEASURED = Column("measured", "bool", "", "False in the warm-up.")

SERIES = (
    *BUCKET,
    _MEASURED,
    *PARTS,
    Column("arrived", "int64", "actions", "Asked for in the bucket."),
    *(
        Column(name, "int64", _COUNTS[name].unit, _COUNTS[name].meaning)
        for name in (column.name.lower() for column in CountColumn if column != CountColumn.ARRIVED)
    ),
    Column("arrival_rps", "float64", "1/s", "Actions asked for per second."),
    Column("answered_rps", "float64", "1/s", "Actions answered (succeeded or degraded) per second."),
    Column("goodput_rps", "float64", "1/s", "Good actions per second."),
    Column(
        "latency_mean_s",
        "float64",
        "s",
        "Mean latency of the turns that ended in the bucket; empty if none did.",
    ),
)

TARGET_SERIES = (
    *BUCKET,
    _MEASURED,
    Column("kind", "str", "", "`model`, `service` or `team`."),
    Column(TARGET.name, "str", "", TARGET.meaning),
    Column("target_region", "str", "", "Region the target runs in."),
    *(
        Column(column.name.lower(), "float64", USED[column].unit, USED[column].meaning)
        for column in UsageColumn
    ),
)

REQUESTS = (
    _SEED,
    Column("request_id", "int64", "", "Number of the action within its stream (workload x region x tenant)."),
    *PARTS,
    Column(
        "arrival_s", "float64", "s", "Time of the ask since the start of the window; negative in the warm-up."
    ),
    Column("end_s", "float64", "s", "Time it was closed, on the same clock."),
    Column("outcome", "str", "", "`succeeded`, `degraded`, `failed`, `rejected` or `abandoned`."),
    Column("is_correct", "bool", "", "Answered (or resolved by people) and right."),
    Column("asked", "int64", "", "How often the user had asked the same before and got nothing."),
    Column("turns", "int64", "turns", "Turns of the conversation that began."),
    Column("attempts", "int64", "attempts", "Tries at services and models, retries and fallbacks included."),
    Column("latency_s", "float64", "s", "Latency of the last turn answered; empty if none was."),
    Column("ttft_s", "float64", "s", "Time to first token of the last turn; empty if it had none."),
    Column("queue_wait_s", "float64", "s", "Waits of the last turn in queues of services and models."),
    Column("input_tokens", "int64", "tokens", "Billed input tokens, all turns and tries together."),
    Column("output_tokens", "int64", "tokens", "Billed output tokens, all turns and tries together."),
)


def names(columns: Iterable[Column]) -> list[str]:
    """Names in the order of the dictionary."""
    return [column.name for column in columns]


def dtypes(columns: Iterable[Column]) -> dict[str, str]:
    """Pandas type of each column of a data frame, by name."""
    return {column.name: column.type for column in columns}

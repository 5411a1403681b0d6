"""What the reference writes down: every row, count, use and measure with its time, in plain lists."""

from dataclasses import dataclass, field

from tests.reference.clock import Environment


@dataclass(frozen=True)
class Row:
    """How an action ended; nan: there was none."""

    workload: str
    region: str
    tenant: str
    language: str
    complexity: str
    number: int
    arrival_s: float
    end_s: float
    outcome: str
    is_correct: bool
    asked: int
    turns: int
    attempts: int
    input_tokens: int
    output_tokens: int
    latency_s: float
    ttft_s: float
    queue_wait_s: float


@dataclass
class Ledger:
    """Everything that happened; streams are as `Action.stream` says, stations (target, region)."""

    env: Environment
    rows: list[Row] = field(default_factory=list)
    counts: list[tuple[float, tuple[str, ...], str]] = field(default_factory=list)
    uses: list[tuple[float, tuple[str, ...], tuple[str, str], str, float]] = field(default_factory=list)
    measures: list[tuple[float, tuple[str, ...], str, float]] = field(default_factory=list)
    waits: list[tuple[float, tuple[str, str], float]] = field(default_factory=list)

    def count(self, stream: tuple[str, ...], what: str) -> None:
        """Count one of something."""
        self.counts.append((self.env.now, stream, what))

    def use(self, stream: tuple[str, ...], station: tuple[str, str], what: str, amount: float = 1.0) -> None:
        """Book what a stream used of a station."""
        self.uses.append((self.env.now, stream, station, what, amount))

    def measure(self, stream: tuple[str, ...], what: str, value_s: float) -> None:
        """Note a value of a measure."""
        self.measures.append((self.env.now, stream, what, value_s))

    def wait(self, station: tuple[str, str], value_s: float) -> None:
        """Note how long someone waited for a station who is served now."""
        self.waits.append((self.env.now, station, value_s))

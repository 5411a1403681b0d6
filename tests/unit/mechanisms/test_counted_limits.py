"""Limits count as their providers say they do: request by request as a few lines of Python for each provider."""

import heapq
from collections import defaultdict
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.mechanisms import counted_limits
from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.providers.limits_build import limit_rows
from simulator.mechanisms.targets import TargetList
from simulator.scenario.read.catalogs import catalog
from tests.unit.interpreted import interpreted

lets_in = interpreted(counted_limits.lets_in)
charge_limits = interpreted(counted_limits.charge_limits)
charge_refused = interpreted(counted_limits.charge_refused)
settle_limits = interpreted(counted_limits.settle_limits)
bring_up_limits = interpreted(counted_limits.bring_up_limits)
counted_share = interpreted(counted_limits.counted_share)

RPM, TPM, ITPM, OTPM, MAX_TOKENS = 120, 6_000, 3_000, 1_200, 256  # 2 requests, 100, 50 and 20 tokens a second
CACHED = 0.25


@dataclass(frozen=True, eq=False)
class Request:
    """One of a list: when it asks, what it takes, how long, and what it has made when it ends."""

    at_s: float
    prompt: int
    made: int
    lasts_s: float


@dataclass
class Bucket:
    """Room that comes back without a break, up to its depth; below nothing it blocks."""

    per_s: float
    depth: float
    at_s: float = 0.0
    level: float = field(init=False)

    def __post_init__(self) -> None:
        self.level = self.depth

    def room(self, now_s: float) -> float:
        self.level = min(self.depth, self.level + (now_s - self.at_s) * self.per_s)
        self.at_s = now_s
        return self.level


class OpenAI:
    amounts: ClassVar = {"rpm": RPM, "tpm": TPM}

    def __init__(self) -> None:
        self.requests, self.tokens = Bucket(2, RPM), Bucket(100, TPM)

    def start(self, request: Request) -> bool:
        needed = max(request.prompt, MAX_TOKENS)
        has_room = (self.requests.room(request.at_s) >= 1) & (self.tokens.room(request.at_s) >= needed)
        if has_room:
            self.requests.level -= 1
            self.tokens.level -= needed
        else:
            self.requests.level -= min(1.0, self.requests.level)  # unsuccessful requests count
        return has_room

    def end(self, request: Request, now_s: float) -> None:
        """Nothing comes back."""


class Azure:
    amounts: ClassVar = {"rpm": RPM, "tpm": TPM}

    def __init__(self) -> None:
        self.in_second: dict[int, int] = defaultdict(int)
        self.in_minute: dict[int, int] = defaultdict(int)

    def start(self, request: Request) -> bool:
        second, minute = int(request.at_s), int(request.at_s // 60)
        needed = request.prompt + MAX_TOKENS
        has_room = self.in_second[second] < RPM / 60 and self.in_minute[minute] + needed <= TPM
        if has_room:
            self.in_second[second] += 1
            self.in_minute[minute] += needed
        return has_room

    def end(self, request: Request, now_s: float) -> None:
        """Nothing comes back."""


class Anthropic:
    amounts: ClassVar = {"rpm": RPM, "input_tpm": ITPM, "output_tpm": OTPM}

    def __init__(self) -> None:
        self.requests, self.input, self.output = Bucket(2, 2), Bucket(50, ITPM), Bucket(20, OTPM)

    def start(self, request: Request) -> bool:
        needed = request.prompt * (1 - CACHED)
        at_s = request.at_s
        rooms = self.requests.room(at_s), self.input.room(at_s), self.output.room(at_s)
        has_room = rooms[0] >= 1 and rooms[1] >= needed and rooms[2] > 0
        if has_room:
            self.requests.level -= 1
            self.input.level -= needed
        return has_room

    def end(self, request: Request, now_s: float) -> None:
        self.output.level = self.output.room(now_s) - request.made


class Bedrock:
    amounts: ClassVar = {"rpm": RPM, "tpm": TPM}

    def __init__(self) -> None:
        self.requests, self.tokens = Bucket(2, RPM), Bucket(100, TPM)
        self.reserved: dict[Request, int] = {}

    def start(self, request: Request) -> bool:
        needed = request.prompt + MAX_TOKENS
        room = self.tokens.room(request.at_s) - sum(self.reserved.values())
        has_room = (self.requests.room(request.at_s) >= 1) & (room >= needed)
        if has_room:
            self.requests.level -= 1
            self.reserved[request] = needed
        return has_room

    def end(self, request: Request, now_s: float) -> None:
        del self.reserved[request]
        used = request.prompt * (1 - CACHED) + 15 * request.made
        self.tokens.level = self.tokens.room(now_s) - used


class Mistral(Bedrock):
    def __init__(self) -> None:
        super().__init__()
        self.in_second: dict[int, int] = defaultdict(int)

    def start(self, request: Request) -> bool:
        room = self.tokens.room(request.at_s) - sum(self.reserved.values())
        has_room = self.in_second[int(request.at_s)] < RPM / 60 and room >= request.prompt
        if has_room:
            self.in_second[int(request.at_s)] += 1
            self.reserved[request] = request.prompt
        return has_room

    def end(self, request: Request, now_s: float) -> None:
        del self.reserved[request]
        self.tokens.level = self.tokens.room(now_s) - request.prompt - request.made


class LiteLLM:
    amounts: ClassVar = {"rpm": RPM, "tpm": TPM, "input_tpm": ITPM, "output_tpm": OTPM}

    def __init__(self) -> None:
        counter: dict[int, float] = defaultdict(float)
        self.requests, self.tokens, self.input, self.output = (counter.copy() for _ in range(4))

    def start(self, request: Request) -> bool:
        minute = request.at_s // 60
        has_room = (
            self.requests[minute] + 1 <= RPM
            and self.tokens[minute] < TPM
            and self.input[minute] + request.prompt <= ITPM
            and self.output[minute] + MAX_TOKENS <= OTPM
        )
        if has_room:
            self.requests[minute] += 1
            self.input[minute] += request.prompt
            self.output[minute] += MAX_TOKENS
        return has_room

    def end(self, request: Request, now_s: float) -> None:
        fresh = request.prompt * (1 - CACHED)
        self.tokens[now_s // 60] += request.prompt + request.made
        for counter, reserved, used in (
            (self.input, request.prompt, fresh),
            (self.output, MAX_TOKENS, request.made),
        ):
            counter[request.at_s // 60 if used < reserved else now_s // 60] += used - reserved


class Counted:
    """The same by the kernel, with the rules of the catalog."""

    def __init__(self, name: str, amounts: dict[str, int]) -> None:
        rules = catalog("limit_rules").entries[name].content.plain()
        prices = {"input": 1, "output": 4, "cached_share": CACHED, "cached_input": 0.1}
        model = Model.model_validate({"model_name": "m", "prices": prices, **rules, **amounts})
        targets = TargetList()
        targets.add_station(targets.add_target(TargetKind.MODEL), 0)
        targets.add_limits(limit_rows(model, "east"))
        self.station, self.limits = targets.arrays()[0][0], targets.limit_array()

    def start(self, request: Request) -> bool:
        size = request.prompt, request.made, MAX_TOKENS
        is_let_in = bool(lets_in(self.station, self.limits, 0, *size, request.at_s))
        if is_let_in:
            charge_limits(self.station, self.limits, 0, *size, request.at_s)
        else:
            charge_refused(self.station, self.limits, 0, *size, request.at_s)
        return is_let_in

    def end(self, request: Request, now_s: float) -> None:
        size = request.prompt, request.made, MAX_TOKENS
        ended = request.at_s, request.prompt, request.made, now_s
        settle_limits(self.station, self.limits, 0, *size, *ended)


PROVIDERS = {
    "openai": OpenAI,
    "azure-standard": Azure,
    "anthropic": Anthropic,
    "bedrock-claude-4.8": Bedrock,
    "mistral": Mistral,
    "litellm": LiteLLM,
}


def admitted(
    limits: OpenAI | Azure | Anthropic | Bedrock | LiteLLM | Counted, asked: list[Request]
) -> list[bool]:
    """Which of the requests are let in; each that is ends after its time, before whoever asks then."""
    under_way: list[tuple[float, int]] = []
    answers = []
    for number, request in enumerate(asked):
        while under_way and under_way[0][0] <= request.at_s:
            end_s, ended = heapq.heappop(under_way)
            limits.end(asked[ended], end_s)
        answers.append(limits.start(request))
        if answers[-1]:
            heapq.heappush(under_way, (request.at_s + request.lasts_s, number))
    return answers


_GAPS_S = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 3.0, 10.0, 61.0])
_STREAM = st.lists(
    st.tuples(
        _GAPS_S, st.integers(1, 400), st.integers(1, MAX_TOKENS), st.sampled_from([0.5, 2.0, 8.0, 70.0])
    ),
    max_size=120,
)


def _requests(stream: list[tuple[float, int, int, float]]) -> list[Request]:
    times_s = np.cumsum([gap_s for gap_s, *_ in stream])
    return [
        Request(float(at_s), 4 * prompt, made, lasts_s)
        for at_s, (_, prompt, made, lasts_s) in zip(times_s, stream, strict=True)
    ]


@pytest.mark.parametrize("name", PROVIDERS)
@given(_STREAM)
def test_every_request_is_let_in_or_not_as_the_provider_would(
    name: str, stream: list[tuple[float, int, int, float]]
) -> None:
    provider = PROVIDERS[name]
    asked = _requests(stream)
    assert admitted(Counted(name, provider.amounts), asked) == admitted(provider(), asked)


@pytest.mark.parametrize("name", PROVIDERS)
def test_under_load_every_provider_turns_some_away_and_lets_some_in(name: str) -> None:
    rng = np.random.default_rng(7)
    stream = [(0.25, *map(int, rng.integers(1, 200, 2)), 8.0) for _ in range(1_000)]
    asked = _requests(stream)
    answers = admitted(Counted(name, PROVIDERS[name].amounts), asked)
    assert answers == admitted(PROVIDERS[name](), asked)
    assert 0.02 < np.mean(answers) < 0.98


@pytest.mark.parametrize("name", list(catalog("limit_rules").entries))
def test_what_has_ended_holds_nothing(name: str) -> None:
    rules = catalog("limit_rules").entries[name].content.value["limit_rules"].value
    counted = Counted(name, dict.fromkeys(rules, 10**6))
    request = Request(1.0, 400, 20, 2.0)
    assert counted.start(request)
    counted.end(request, 3.0)
    assert counted.limits["held"].tolist() == [0.0] * len(counted.limits)
    assert counted.limits["used"].min() >= 0.0


def test_a_cut_quota_leaves_its_share_and_what_was_used_before() -> None:
    counted = Counted("openai", {"tpm": 6_000})
    assert counted.start(Request(0.0, 2_000, 1, 1.0))
    bring_up_limits(counted.limits, 0, 1, 0.0)
    counted.limits["left"] = 0.5
    assert counted_share(counted.station, counted.limits, 0.0) == pytest.approx(2 / 3)
    assert not counted.start(Request(0.0, 1_001, 1, 1.0))
    assert counted.start(Request(10.0, 1_500, 1, 1.0))  # 50 a second come back
    counted.limits["left"] = 0.0
    assert not counted.start(Request(500.0, 1, 1, 1.0))

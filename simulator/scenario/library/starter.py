"""A complete, commented scenario to begin with, from the answers to five questions (`rollout init`)."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.scenario.library.starter_facts import SCOPES, USE_CASES, ZONES, UseCase, Zone


@dataclass(frozen=True)
class Question:
    """One of the five: what is asked, the answers there are with what each means, and the one that is meant by `--yes`."""

    key: str
    text: str
    answers: dict[str, str]
    default: str


QUESTIONS = (
    Question(
        "use_case",
        "What is it used for?",
        {
            "support": "answers tickets; people take over what it is unsure of",
            "assistant": "answers employees' questions",
            "coding": "completes code",
            "documents": "reads documents in the background",
        },
        "support",
    ),
    Question(
        "data",
        "Where does the data live, and has to stay?",
        {"eu": "European Union", "us": "United States", "apac": "Asia and Pacific", "anywhere": "no rule"},
        "anywhere",
    ),
    Question(
        "setup",
        "What is there today?",
        {
            "people": "people do it by hand",
            "hosted": "a pilot on a model of a provider",
            "own-gpus": "a pilot on GPUs of our own",
        },
        "hosted",
    ),
    Question(
        "kpi",
        "What has to be right above all?",
        {"speed": "users do not wait", "quality": "answers are right", "cost": "an answer is cheap"},
        "speed",
    ),
    Question(
        "scope",
        "How far does the rollout go?",
        {"team": "one team", "region": "everyone in one region", "global": "everyone, everywhere"},
        "region",
    ),
)


@dataclass(frozen=True)
class Answers:
    """Answers to the questions, and how many users there are when it has ended."""

    use_case: str
    data: str
    setup: str
    kpi: str
    scope: str
    name: str
    users: int

    @property
    def kind(self) -> UseCase:
        return USE_CASES[self.use_case]

    @property
    def zone(self) -> Zone:
        return ZONES[self.data]

    @property
    def regions(self) -> tuple[tuple[str, str, int], ...]:
        """Name, location and share of the users (%) of each region."""
        if self.scope == "global":
            return self.zone.regions
        name, location, _ = self.zone.regions[0]
        return ((name, location, 100),)


def default_users(scope: str) -> int:
    """Users of a rollout of this scope, unless somebody says otherwise."""
    return SCOPES[scope][0]


def starter_text(answers: Answers) -> str:
    """The scenario as YAML."""
    parts = (
        _head(answers),
        _places(answers),
        _workload(answers),
        _serving(answers),
        _rollout(answers),
        _money(answers),
        _capacity(answers),
        _sources(answers),
    )
    return "\n".join("\n".join(part) + "\n" for part in parts)


def _head(answers: Answers) -> Iterator[str]:
    yield f"# {answers.kind.unit.capitalize()}s by a model: a scenario to begin with, written by `rollout init`."
    yield "#"
    for question in QUESTIONS:
        answer = getattr(answers, question.key)
        yield f"# {question.text} {answer}: {question.answers[answer]}."
    yield "#"
    yield "# Numbers without an entry in `sources` below are assumptions: replace those first that you know better, users"
    yield "# and lengths before all. `rollout show FILE --provenance` lists them; `rollout schema` says what else there is."
    yield "#"
    yield "#   rollout validate FILE      is it right?"
    yield "#   rollout plan FILE          what does each stage need, what does it cost, and is it a GO?"
    yield ""
    yield "apiVersion: rollout/v1"
    yield "kind: Scenario"
    yield f"metadata: {{name: {answers.name}}}"
    yield "start: 2027-01-04                     # a Monday"


def _places(answers: Answers) -> Iterator[str]:
    yield "# ---------------------------------------------------------------- where users are, and data may go"
    yield "regions:"
    for name, location, _ in answers.regions:
        yield f"  {name}: {{location: {location}}}"
    if len(answers.regions) > 1:
        yield "network: {rtt: azure}                 # round trips between these locations, as measured"
    if answers.zone.residency:
        yield f"data_residency: {answers.zone.residency}"


def _workload(answers: Answers) -> Iterator[str]:
    kind = answers.kind
    users = {name: answers.users * share // 100 for name, _, share in answers.regions}
    yield "# ---------------------------------------------------------------- who asks, how often, and what"
    yield "workloads:"
    yield f"  - name: {answers.use_case}"
    yield f"    unit: {kind.unit}"
    yield f"    users: {_map(users)}        # of the whole rollout; stages expose a share of them"
    yield f"    actions_per_user: {kind.rate}       # averaged over the week"
    yield f"    profile: {kind.profile}"
    yield f"    prompt_tokens: {kind.prompt}"
    yield f"    output_tokens: {kind.output}"
    if _has_cache(answers):
        yield "    popularity: {distribution: zipf, exponent: 0.8, items: 100_000}"
    yield f"    priority: {kind.priority}"
    yield f"    timeout: {kind.timeout}"
    yield "    steps:"
    if _has_cache(answers):
        yield "      - cache: answers"
    yield "      - generate: answer"
    if kind.people:
        yield "      - review: {team: people, sample: 2%, when: [low_confidence, exhausted]}"


def _serving(answers: Answers) -> Iterator[str]:
    kind = answers.kind
    yield "# ---------------------------------------------------------------- what serves it"
    if _has_cache(answers):
        yield "caches:"
        yield "  answers: {type: exact, size: 50_000, ttl: 4h, latency: 1ms}"
        yield ""
    yield "model_list:"
    yield from _own(answers) if answers.setup == "own-gpus" else _hosted(answers)
    yield ""
    yield "routes:"
    yield "  answer:"
    yield "    choose: [model]"
    yield "    num_retries: 2"
    yield "    retry_on: [timeout, rate_limit, error]"
    yield "    backoff: {base: 500ms, factor: 2, max: 8s, jitter: full}"
    if kind.people:
        yield "    confidence: {flags_wrong: 60%, flags_right: 2%}   # of wrong and of right answers: people look at these"
        yield ""
        yield "teams:"
        yield "  people:"
        yield f"    staff: {_map(dict.fromkeys((name for name, _, _ in answers.regions), 2))}"
        yield "    shifts:                           # all on weekdays, a fifth around the clock"
        yield "      - {days: [0, 1, 2, 3, 4], start_hour: 8, end_hour: 18}"
        yield "      - {start_hour: 0, end_hour: 24, share: 20%}"
        yield "    handle_time: {distribution: lognormal, p50: 3m, p95: 9m}"
        yield "    cost: $28/hour"


def _hosted(answers: Answers) -> Iterator[str]:
    model, steps = answers.zone.large if answers.kpi == "quality" else answers.zone.small
    right = 94 if answers.kpi == "quality" else 90
    yield "  - model_name: model"
    yield "    provider: azure                   # its list prices are looked up"
    yield f"    model: {model}"
    yield f"    rate_limits: {answers.zone.limits}"
    yield f"    tpm: {steps[1:].split(',')[0].rstrip(']')}                         # today; more is planned below"
    yield "    ttft: {distribution: lognormal, p50: 500ms, p95: 1.4s}"
    yield "    tpot: {distribution: lognormal, p50: 11ms, p95: 20ms}"
    yield "    error_rate: 0.3%"
    yield f"    success_rate: {right}%"


def _own(answers: Answers) -> Iterator[str]:
    is_large = answers.kpi == "quality"
    yield "  - model_name: model"
    yield f"    success_rate: {91 if is_large else 86}%"
    yield "    pool:                             # step times were measured, see `rollout pools`"
    yield f"      model: meta-llama/Meta-Llama-3.1-{'70B' if is_large else '8B'}"
    yield "      gpu: h100_sxm"
    yield f"      tensor_parallel: {4 if is_large else 1}"
    yield f"      replicas: {_map(dict.fromkeys((name for name, _, _ in answers.regions), 1))}"
    yield "      max_num_seqs: 64"
    yield "      max_model_len: 32_768"
    yield "      price: aws-h100                 # a name of the catalog; or e.g. $2.99/gpu_hour"


def _rollout(answers: Answers) -> Iterator[str]:
    kind = answers.kind
    yield "# ---------------------------------------------------------------- the rollout, and what must hold"
    yield "window: {start: peak, duration: 20m, warmup: 10m}"
    yield ""
    yield "stages:"
    for name, weeks, share in SCOPES[answers.scope][2]:
        yield f"  - {{name: {name}, duration: {weeks}w, exposure: {share}%}}"
    yield ""
    yield "slos:"
    yield '  - {name: availability, indicator: availability, objective: ">= 99%"}'
    yield f'  - {{name: latency, indicator: latency, objective: "p95 < {kind.latency}"}}'
    if answers.kpi == "speed":
        yield f'  - {{name: first-token, indicator: ttft, objective: "p95 < {kind.first_token}"}}'
    if answers.kpi == "quality":
        yield '  - {name: success, indicator: success_rate, objective: ">= 90%"}'
    if answers.kpi == "cost":
        yield f'  - {{name: unit-cost, indicator: cost_per_successful_action, objective: "< {kind.unit_cost}"}}'
    if kind.people:
        yield '  - {name: resolution, indicator: resolution, objective: "p99 < 30m"}'
    yield ""
    yield "thresholds:                           # held by `rollout check` besides"
    yield '  rate_limited_rate{target:model}: ["< 5%"]'


def _money(answers: Answers) -> Iterator[str]:
    yield "# ---------------------------------------------------------------- money"
    yield "economics:"
    yield "  price_date: 2026-11-01              # list prices of that day"
    yield f"  platform: ${SCOPES[answers.scope][1]:_}/month"
    if answers.setup == "people":
        usd = answers.kind.baseline_usd
        yield f"  baseline: {{cost_per_action: ${usd:.2f}, success_rate: 95%}}      # as it is done today"
    yield "  uncertain:                          # how far the inputs may be off, for `rollout cost`"
    yield "    users: {distribution: triangular, low: -30%, mode: 0%, high: 50%}"
    yield "    output_tokens: {distribution: normal, cv: 20%}"


def _capacity(answers: Answers) -> Iterator[str]:
    _, steps = answers.zone.large if answers.kpi == "quality" else answers.zone.small
    yield "# ---------------------------------------------------------------- what can be bought before a stage"
    yield "capacity:"
    yield "  headroom: 15%"
    yield "  knobs:"
    if answers.setup == "own-gpus":
        yield "    - {path: model_list.model.pool.replicas, min: 1, max: 60, lead_time: 6w}"
    else:
        yield f"    - {{path: model_list.model.tpm, steps: {steps}, lead_time: 2w}}"
    if answers.kind.people:
        yield "    - {path: teams.people.staff, min: 1, max: 2_000, lead_time: 8w}"


def _sources(answers: Answers) -> Iterator[str]:
    kind = answers.kind
    stated = [kind.lengths_source] if kind.lengths_source else []
    if answers.setup == "people":
        grade = "published" if answers.use_case == "support" else "assumption"
        date = 'date: "2019", ' if answers.use_case == "support" else ""
        stated.append(
            f'{{of: economics.baseline.cost_per_action, source: "{kind.baseline_source}", {date}grade: {grade}}}'
        )
    yield "# ---------------------------------------------------------------- where numbers come from"
    yield "# Add yours, e.g. {of: workloads.*.users, source: directory of employees, date: 2026-11, grade: measured}"
    yield "sources:" if stated else "sources: []"
    for item in stated:
        yield f"  - {item}"


def _has_cache(answers: Answers) -> bool:
    return answers.kpi == "cost" and answers.use_case in ("support", "assistant")


def _map(values: dict[str, int]) -> str:
    return f"{{{', '.join(f'{key}: {value:_}' for key, value in values.items())}}}"

"""One mistake, one message, at its place, with what would be right."""

import pytest

_TOKENS = "{distribution: lognormal, p50: 900, p95: 3_200}"
_STEP = "- validate: {reject: 1%}"


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("metadata:", "metdata:", "metdata", "did you mean `metadata`"),
        ("metadata: {name: small}", "seed: true", "seed", "`true` does not belong here"),
        ("metadata: {name: small}", "metadata: {name: 5}", "metadata.name", "in quotes"),
        ("metadata:", "start: 5\nmetadata:", "start", "not a day"),
        ("metadata:", "start: 4 Jan\nmetadata:", "start", "2027-01-04"),
        (_STEP, "- validat: {reject: 1%}", "workloads.ask.steps.0", "did you mean `validate`"),
        (_STEP, "- validate: {rejct: 1%}", "workloads.ask.steps.0.validate.rejct", "did you mean `reject`"),
        (_STEP, "- validate: {reject: 140%}", "workloads.ask.steps.0.validate.reject", "outside"),
        (_STEP, "- {validate: {}, cache: answers}", "workloads.ask.steps.0", "in one"),
        (_STEP, "- {}", "workloads.ask.steps.0", "give one of validate"),
        (_STEP, "- validate", "workloads.ask.steps.0", "expected a map"),
        (_STEP, "- validate: 3", "workloads.ask.steps.0.validate", "expected a map"),
        ("- cache: answers", "- cache: [answers]", "workloads.ask.steps.1.cache", "expected text"),
        ("[low_confidence,", "[low_confidnce,", "workloads.ask.steps.4.review.when.0", "`low_confidence`"),
        (_TOKENS, "{distribution: lognorml, p50: 1}", "workloads.ask.prompt_tokens", "`lognormal`?"),
        (_TOKENS, "{p50: 1, p95: 2}", "workloads.ask.prompt_tokens", "`distribution` is missing"),
        (_TOKENS, "{distribution: lognormal, p50: 1}", "workloads.ask.prompt_tokens", "`p50` and `p95`"),
        (_TOKENS, "{distribution: lognormal, p5O: 1, p95: 2}", "workloads.ask.prompt_tokens.p5O", "`p50`"),
        (_TOKENS, "{distribution: lognormal, p50: 5, p95: 2}", "workloads.ask.prompt_tokens", "swap them"),
        (_TOKENS, "{distribution: constant}", "workloads.ask.prompt_tokens.value", "`value` is missing"),
        (_TOKENS, "{distribution: constant, value: lots}", "workloads.ask.prompt_tokens.value", "`lots`"),
        (_TOKENS, "{trace: false}", "workloads.ask.prompt_tokens.trace", "does not belong"),
        (_TOKENS, "900", "workloads.ask.prompt_tokens", "expected a map"),
        ("{eu: 2 rps, us: 60 rpm}", "{eu: 2 rsp}", "workloads.ask.arrival_rate.eu", "`2 rsp`"),
        ("{eu: 2 rps, us: 60 rpm}", "fast", "workloads.ask.arrival_rate", "`fast` is not a rate"),
        ("{eu: 2 rps, us: 60 rpm}", "[1, 2]", "workloads.ask.arrival_rate", "expected a map"),
        ("popularity:", "profile: flt\n    popularity:", "workloads.ask.profile", "did you mean `flat`"),
        ("popularity:", "profile: {fle: x}\n    popularity:", "workloads.ask.profile.fle", "`file`"),
        ("popularity:", "priority: batc\n    popularity:", "workloads.ask.priority", "did you mean `batch`"),
        ("type: exact", "type: exakt", "caches.answers.type", "did you mean `exact`"),
        ("size: 100", "hit_rate: 30%", "caches.answers", "takes `size`"),
        ("tpm: 800k", "tpm: {eu: many}", "model_list.large.tpm.eu", "`many`"),
        ("choose: [large]", "choose: large", "routes.support.choose", "a list"),
        ("num_retries: 2", "num_retries: 99", "routes.support.num_retries", "at most 20"),
        ("staff: {eu: 3}", "staff: {eu: 3}, shifts: {a: 1}", "teams.agents.shifts", "or a list"),
        ("exposure: {eu: 2%}", "exposure: {eu: 200%}", "stages.pilot.exposure.eu", "outside"),
        ("indicator: latency", "indicator: latncy", "slos.latency.indicator", "did you mean `latency`"),
        ("p(95) < 8s", "p(95) ~ 8s", "slos.latency.objective", "not an objective"),
        ("indicator: latency", "per: regoin, indicator: latency", "slos.latency.per", "did you mean `region`"),
        ("steps: [800k, 2M]", "min: 4, max: 2", "capacity.knobs.0", "below `min`"),
        ("regions: {eu:", "window: {start: pek}\nregions: {eu:", "window.start", "did you mean `peak`"),
    ],
    ids=lambda value: value[:40],
)  # fmt: skip
def test_one_message_for_one_mistake(refused, old, new, path, message):
    problems = refused(old, new)
    assert [problem.path for problem in problems] == [path]
    assert message in str(problems[0])
    assert problems[0].line is not None


def test_several_mistakes_are_told_in_the_order_of_the_file(refused):
    problems = refused("regions:", "seed: x\nreginos: 3\nregions:")
    assert [problem.line for problem in problems] == [2, 3]


def test_nobody_is_told_thousands_of_mistakes(refused):
    extra = "".join(f"k{number}: 1\n" for number in range(5000))
    assert len(refused("metadata:", extra + "metadata:")) <= 100

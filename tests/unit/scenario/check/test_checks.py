"""What pydantic cannot see: every rule has a mistake that breaks it, and one message for it."""

import os

import pytest

from simulator.scenario.check.names import _SETTABLE
from simulator.scenario.read.load import load_scenario
from simulator.studies.capacity.knobs import _FIELDS
from tests.unit.scenario.conftest import SMALL

_EXPONENTIAL = "{distribution: exponential, mean: 30ms}"


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        # names
        ("- cache: answers", "- cache: answer", "workloads.ask.steps.1.cache", "did you mean `answers`"),
        ("- call: search", "- call: serch", "workloads.ask.steps.2.call", "did you mean `search`"),
        ("generate: support", "generate: suport", "workloads.ask.steps.3.generate", "did you mean `support`"),
        ("team: agents", "team: agent", "workloads.ask.steps.4.review.team", "did you mean `agents`"),
        ("[large]", "[lrge]", "routes.support.choose.0", "did you mean `large`"),
        ("[cached-answer,", "[cached-anser,", "routes.support.fallbacks.0", "did you mean `cached-answer`"),
        ("{eu: 2 rps,", "{eo: 2 rps,", "workloads.ask.arrival_rate.eo", "no region `eo`"),
        ("exposure: {eu:", "exposure: {ue:", "stages.pilot.exposure.ue", "no region"),
        ("exposure:", "workloads: [asks], exposure:", "stages.pilot.workloads.0", "did you mean `ask`"),
        ("indicator:", "workload: asks, indicator:", "slos.latency.workload", "did you mean `ask`"),
        ("Europe/Dublin", "Europe/Dubln", "regions.eu.timezone", "no time zone"),
        ("Europe/Dublin", "../../etc/passwd", "regions.eu.timezone", "no time zone"),
        ("Europe/Dublin}", "Europe/Dublin, holidays: XX}", "regions.eu.holidays", "no country `XX`"),
        ("Europe/Dublin}", "Europe/Dublin, holidays: DE-ZZ}", "regions.eu.holidays", "no part `ZZ` of DE"),
        ("Europe/Dublin}", "Europe/Dublin, holidays: [2027-13-01]}", "regions.eu.holidays.0", "not a day"),
        (
            "  agents:",
            "  search: {staff: 1, handle_time: " + _EXPONENTIAL + "}\n  agents:",
            "teams.search",
            "also",
        ),
        ("model_list.large.tpm", "model_list.lrge.tpm", "capacity.knobs.0.path", "did you mean `large`"),
        ("model_list.large.tpm", "model_list.large.tps", "capacity.knobs.0.path", "cannot be set"),
        ("model_list.large.tpm", "routes.support.timeout", "capacity.knobs.0.path", "not a capacity"),
        ("{eu: {timezone", "{'': {}, eu: {timezone", "regions.", "no name"),
        # values
        ("tpm: 800k", "tpm: 0", "model_list.large.tpm", "at least 1"),
        ("tpm: 800k", "tpm: {eu: -1}", "model_list.large.tpm.eu", "at least 1"),
        ("tpm: 800k", "weight: inf", "model_list.large.weight", "out of range"),
        ("{staff: {eu: 3}", "{staff: {eu: -3}", "teams.agents.staff.eu", "at least 0"),
        ("{staff: {eu: 3}", "{staff: 0", "teams.agents.staff", "nobody is there"),
        ("{staff: {eu: 3}", "{staff: {}", "teams.agents.staff", "is empty"),
        ("{staff: {eu: 3}", "{shifts: [], staff: 3", "teams.agents.shifts", "nobody ever works"),
        ("{max_ongoing", "{replicas: {eu: 0}, max_ongoing", "services.search.replicas", "runs nowhere"),
        (
            "{max_ongoing",
            "{regions: [us], replicas: {eu: 1}, max_ongoing",
            "services.search.replicas",
            "nowhere",
        ),
        ("{eu: 2 rps, us: 60 rpm}", "0", "workloads.ask.arrival_rate", "nobody asks"),
        ("{eu: 2 rps, us: 60 rpm}", "-1", "workloads.ask.arrival_rate", "at least 0"),
        ("popularity:", "profile: [[1]]\n    popularity:", "workloads.ask.profile", "7 rows"),
        ("popularity:", "burstiness: 1e400\n    popularity:", "workloads.ask.burstiness", "at most 20"),
        ("duration: 4w", "duration: 40000d", "stages", "days"),
        ("duration: 4w", "duration: 4w, growth: -100%", "stages.pilot.growth", "above -100%"),
        ("metadata:", "start: 1027-01-04\nmetadata:", "start", "the year 1027"),
        ("p(95) < 8s", "p(95) > 8s", "slos.latency.objective", "better low"),
        ("p(95) < 8s", "p(95) < 8%", "slos.latency.objective", "not measured"),
        (
            'latency, objective: "p(95) < 8s"',
            'availability, objective: ">= 99"',
            "slos.latency.objective",
            "100 %",
        ),
        (
            'latency, objective: "p(95) < 8s"',
            'availability, objective: "p(5) > 9%"',
            "slos.latency.objective",
            "no per",
        ),
        # steps
        ("generate: support", "call: support", "workloads.ask.steps.3.call", "use `generate`"),
        ("[large]", "[large, search]", "routes.support", "models and services"),
        (
            "    output_tokens: {distribution: constant, value: 100}\n",
            "",
            "workloads.ask.output_tokens",
            "missing",
        ),
        ("{distribution: constant, value: 100}", "{trace: true}", "workloads.ask.output_tokens", "no column"),
        ("    popularity: {items: 1_000}\n", "", "workloads.ask.popularity", "popularity of questions"),
        ("[low_confidence, exhausted]", "[low_confidence]", "workloads.ask.steps.3", "`human` leads nowhere"),
        (
            "value: 10ms}",
            "value: 10ms}\n    success_rate: {easy: 90%, simple: 1}",
            "model_list.large.success_rate.easy",
            "no workload",
        ),
        ("value: 10ms}", "value: 10ms}\n    success_rate: {}", "model_list.large.success_rate", "no rate"),
        (
            "choose: [large]",
            "routing_strategy: complexity, choose: {hard: large, simple: large}",
            "routes.support.choose.hard",
            "no workload",
        ),
        # keys without effect
        ("caches: {", "caches: {other: {type: exact, size: 1}, ", "caches.other", "never used"),
        ("teams:", "  other: {choose: [large]}\nteams:", "routes.other", "never used"),
        (
            "num_retries: 2",
            "num_retries: 2, failover_after: 3",
            "routes.support.failover_after",
            "no try is left",
        ),
        (
            "num_retries: 2",
            "num_retries: 2, per_try_timeout: 30s",
            "routes.support.per_try_timeout",
            "not below",
        ),
        ("num_retries: 2", "backoff: {base: 1s}", "routes.support.backoff", "changes nothing"),
        (
            "num_retries: 2",
            "num_retries: 2, confidence: {flags_ungrounded: 50%}",
            "routes.support.confidence.flags_ungrounded",
            "every answer is grounded",
        ),
        ("{max_ongoing", "{burst: 3, max_ongoing", "services.search.burst", "without `rate_limit`"),
        (
            "max_ongoing_requests: 4",
            "autoscaling: {max_replicas: 4}",
            "services.search.autoscaling",
            "changes nothing",
        ),
        (
            "popularity:",
            "turns: {mean: 1, think_time: 3s}\n    popularity:",
            "workloads.ask.turns.think_time",
            "one turn",
        ),
        (
            "duration: 4w",
            "duration: 4w, adoption: {start: 1, to: 1}",
            "stages.pilot.adoption",
            "changes nothing",
        ),
        (
            "duration: 4w",
            "duration: 4w, adoption: {curve: linear, start: 20%, to: 20%}",
            "stages.pilot.adoption.curve",
            "changes nothing",
        ),
        (
            "{type: exact, size: 100}",
            "{type: measured, hit_rate: 20%, start: cold}",
            "caches.answers.start",
            "changes nothing",
        ),
        (
            "sample: 2%, when: [low_confidence, exhausted]",
            "sample: 0",
            "workloads.ask.steps.4.review",
            "nobody reviews",
        ),
        ("tpm: 800k", "weight: 2", "model_list.large.weight", "changes nothing"),
        # size
        ("metadata:", "window: {duration: 400d}\nmetadata:", "window.duration", "at most 366"),
        ("metadata:", "window: {warmup: 1ms}\nmetadata:", "window.warmup", "1 s"),
        ("{eu: 2 rps, us: 60 rpm}", "10M rps", "window.duration", "8.4e+10"),
        (
            "{items: 1_000}",
            "{items: 1_000, phrasings: 0}",
            "workloads.ask.popularity.phrasings",
            "at least 1",
        ),
    ],
    ids=lambda value: value[:40],
)
def test_each_rule_has_its_message(refused, old, new, path, message):
    problems = refused(old, new)
    own = [problem for problem in problems if problem.path == path]
    assert [message in str(problem) for problem in own] == [True], problems
    assert own[0].line is not None


def test_a_cached_answer_needs_a_cache_that_holds_answers(refused):
    (problem, *_) = refused("{type: exact, size: 100}", "{type: measured, hit_rate: 20%}")
    assert "has no cache" in str(problem) or "popularity" in str(problem)


def test_a_language_says_nothing_of_models_that_say_it_themselves(refused):
    regions = "regions: {eu: {timezone: Europe/Dublin}"
    spoken = "languages: {de: {success_factor: 90%}}\nregions: {eu: {languages: {de: 100%}}"
    (problem,) = refused(regions, spoken, ["model_list.large.success_by_language={de: 80%}"])
    assert problem.path == "languages.de.success_factor"
    assert "changes nothing" in problem.message


def test_a_model_is_worse_in_no_language_that_nobody_speaks(refused):
    regions = "regions: {eu: {timezone: Europe/Dublin}"
    spoken = "regions: {eu: {languages: {de: 100%}}"
    (problem,) = refused(regions, spoken, ["model_list.large.success_by_language={dee: 80%}"])
    assert problem.path == "model_list.large.success_by_language.dee"
    assert "did you mean `de`" in str(problem)


def test_turns_count_for_the_size_of_a_run(refused):
    text = "popularity: {items: 1_000}"
    (problem,) = refused(text, text + "\n    turns: {mean: 1000}", ["workloads.ask.arrival_rate=1M"])
    assert "8.4e+12" in problem.message


def test_streams_are_counted(refused):
    regions = ", ".join(f"r{number}: {{}}" for number in range(60))
    workloads = "".join(
        f"  - {{name: w{number}, arrival_rate: 1, steps: [{{call: search}}]}}\n" for number in range(10)
    )
    problems = refused(
        "workloads:\n", "workloads:\n" + workloads, [f"regions={{eu: {{}}, us: {{}}, {regions}}}"]
    )
    assert ["682 streams" in str(problem) for problem in problems] == [True]


def test_knobs_are_those_that_planning_can_turn():
    assert {kind: set(keys) for kind, keys in _SETTABLE.items()} == {
        kind: set(keys) for kind, (_, keys) in _FIELDS.items()
    }


class TestFiles:
    _TRACE = """\
trace: {file: t.csv, prompt_tokens: p, output_tokens: o}
    prompt_tokens: {trace: true}
    output_tokens: {trace: true}
"""

    def _text(self, file="t.csv"):
        lines = [line for line in SMALL.splitlines(keepends=True) if "_tokens: {" not in line]
        text = "".join(lines).replace("    popularity", "    " + self._TRACE + "    popularity")
        return text.replace("t.csv", file)

    def test_a_trace_beside_the_scenario_is_found(self, load, tmp_path):
        (tmp_path / "t.csv").write_text("p,o\n1,2\n")
        assert load(self._text()).scenario.workloads[0].trace.file == "t.csv"

    @pytest.mark.parametrize(
        ("file", "message"),
        [
            ("nowhere.csv", "no file"), ("../t.csv", "lies outside"), ("/etc/passwd", "not a relative path"),
            ("link.csv", "lies outside"), ("t.txt", "unknown kind"), ("large.csv", "at most 200 MiB"),
        ],
    )  # fmt: skip
    def test_other_files_are_refused(self, tmp_path, file, message):
        (tmp_path / "link.csv").symlink_to("/etc/passwd")
        (tmp_path / "t.txt").write_text("p,o\n1,2\n")
        (tmp_path / "large.csv").touch()
        os.truncate(tmp_path / "large.csv", 201 << 20)
        (tmp_path / "scenario.yaml").write_text(self._text(file))
        with pytest.raises(ValueError, match=message):
            load_scenario(tmp_path / "scenario.yaml")

    def test_a_column_that_nobody_reads_is_told(self, load, tmp_path):
        (tmp_path / "t.csv").write_text("p,o\n1,2\n")
        fixed = "output_tokens={distribution: constant, value: 9}"
        with pytest.raises(ValueError, match=r"trace\.output_tokens: changes nothing"):
            load(self._text(), [f"workloads.ask.{fixed}"])

    @pytest.mark.parametrize(
        ("trace", "message"),
        [
            ("block_tokens: 64", r"trace\.block_tokens: changes nothing without `hash_ids`"),
            ("spread: true", r"trace\.spread: changes nothing: lengths are drawn at random"),
            ("hash_ids: h", r"trace\.hash_ids: changes nothing: no `generate` step asks a pool"),
            (
                "hash_ids: h, block_tokens: 100",
                r"100 is no multiple of 16, the block of the KV cache \(e\.g\. 96\)",
            ),
        ],
    )
    def test_a_key_of_a_trace_without_effect_is_told(self, load, tmp_path, trace, message):
        (tmp_path / "t.csv").write_text("p,o,h\n1,2,3\n")
        with pytest.raises(ValueError, match=message):
            load(self._text().replace("output_tokens: o", f"output_tokens: o, {trace}"))

    def test_recorded_blocks_are_not_for_turns_or_system_prompts(self, load, tmp_path):
        (tmp_path / "t.csv").write_text("p,o,h\n1,2,3\n")
        text = self._text().replace("output_tokens: o", "output_tokens: o, hash_ids: h")
        with pytest.raises(ValueError, match=r"turns: does not go with `hash_ids`"):
            load(text, ["workloads.ask.turns={mean: 2}"])
        with pytest.raises(ValueError, match=r"system_prompt_tokens: does not go with `hash_ids`"):
            load(text, ["workloads.ask.system_prompt_tokens=100"])

    @pytest.mark.parametrize(
        ("trace", "message"),
        [
            (
                "session: h",
                r"trace\.session: changes nothing with `replay: lengths` \(use `replay: sessions`",
            ),
            ("latency: h", r"trace\.latency: changes nothing with `replay: lengths`"),
            (
                "replay: sessions, session: h",
                r"trace\.time: is missing: replaying sessions needs the column of times",
            ),
            ("replay: sessions, time: t", r"trace\.session: is missing: the column that says whose session"),
            (
                "replay: sessions, time: t, session: h, hash_ids: h",
                r"hash_ids: does not go with `replay: sessions`",
            ),
        ],
    )
    def test_sessions_need_their_columns(self, load, tmp_path, trace, message):
        (tmp_path / "t.csv").write_text("p,o,h,t\n1,2,3,0\n1,2,4,1\n")
        text = self._text().replace("output_tokens: o", f"output_tokens: o, {trace}")
        with pytest.raises(ValueError, match=message):
            load(text)

    def test_the_calls_of_a_session_are_its_turns(self, load, tmp_path):
        (tmp_path / "t.csv").write_text("p,o,h,t\n1,2,3,0\n1,2,4,1\n")
        text = self._text().replace(
            "output_tokens: o", "output_tokens: o, replay: sessions, session: h, time: t"
        )
        with pytest.raises(ValueError, match=r"turns: does not go with `replay: sessions`"):
            load(text, ["workloads.ask.turns={mean: 2}"])
        with pytest.raises(ValueError, match=r"output_tokens: is not that of the trace"):
            load(text, ["workloads.ask.output_tokens={distribution: constant, value: 9}"])

    def test_scale_changes_nothing_when_only_lengths_are_drawn(self, load, tmp_path):
        (tmp_path / "t.csv").write_text("p,o\n1,2\n")
        with pytest.raises(ValueError, match=r"trace\.scale: changes nothing"):
            load(self._text(), ["workloads.ask.trace.scale=2"])

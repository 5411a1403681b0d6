"""`rollout size` as a user calls it: no file, one document, and options that are explained."""

import json

from tests.unit.invoking import invoke

ONE = ("size", "--model", "meta-llama/Meta-Llama-3.1-8B", "--gpu", "h100_sxm", "--replications", "1")


def test_a_document_says_what_is_carried() -> None:
    result = invoke(
        *ONE, "--tpot", "1ms", "--seed", "7", "--json"
    )  # met by nobody, so that one load is simulated
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["schema"], document["seed"], document["limits_s"]) == (1, 7, {"tpot": 0.001})
    assert document["at_random"]["requests_per_s"] == 0
    assert document["at_random"]["binds"].startswith("p95 time per token")


def test_what_cannot_be_names_its_option() -> None:
    result = invoke(*ONE, "--tpot", "fast")
    assert result.exit_code == 2
    assert "--tpot" in result.output
    result = invoke(*ONE)
    assert result.exit_code == 2
    assert "give at least one of --ttft, --tpot and --latency" in " ".join(result.output.split())

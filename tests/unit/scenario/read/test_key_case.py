"""camelCase spellings of the schema's keys are read; names that users give are left alone."""

from tests.unit.scenario.conftest import SMALL


def test_camel_case_keys_are_read(load):
    text = SMALL.replace("arrival_rate", "arrivalRate").replace("max_ongoing_requests", "maxOngoingRequests")
    text = text.replace("model_list:", "modelList:").replace("num_retries", "numRetries")
    assert load(text).scenario == load().scenario


def test_names_keep_their_humps(load):
    assert "numRetries" in load(SMALL.replace("support", "numRetries")).scenario.routes


def test_both_spellings_at_once_are_refused(refused):
    (problem,) = refused("num_retries: 2", "num_retries: 2, numRetries: 3")
    assert problem.path == "routes.support.num_retries" or problem.path == "routes.support.numRetries"
    assert "the same key" in problem.message

"""The tab Upload takes configurations of other tools: they become one scenario, with what is open."""

from tests.app.pages import open_page, texts

_LITELLM = b"""\
model_list:
  - model_name: chat
    litellm_params: {model: openai/gpt-4.1, rpm: 600}
  - model_name: '*'
    litellm_params: {model: openai/*}
"""
_ROLLOUT = b"""\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: a}
spec: {strategy: {canary: {steps: [{setWeight: 5}, {pause: {}}]}}}
"""


def test_configurations_become_a_scenario() -> None:
    at = open_page("scenario", edit="Upload")
    at.file_uploader[0].upload("litellm.yaml", _LITELLM)
    at.file_uploader[0].upload("rollout.yaml", _ROLLOUT).run()
    assert not at.exception
    assert "marked STUB" in texts(at)
    assert "Not carried over" in texts(at)
    at.button(key="use_upload").click().run()
    assert not at.exception
    [text] = at.session_state["own_texts"].values()
    assert "gpt-4.1" in text


def test_one_configuration_is_recognised() -> None:
    at = open_page("scenario", edit="Upload")
    at.file_uploader[0].upload("config.yaml", _LITELLM).run()
    assert not at.exception
    assert "LiteLLM" in texts(at)


def test_files_that_say_nothing_are_refused() -> None:
    at = open_page("scenario", edit="Upload")
    at.file_uploader[0].upload("a.yaml", b"a: 1")
    at.file_uploader[0].upload("b.yaml", b"b: 1").run()
    assert not at.exception
    assert "nothing that a scenario says" in at.error[0].value
    assert "/tmp" not in at.error[0].value

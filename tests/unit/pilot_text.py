"""A scenario as one writes it before there are logs: numbers that nobody measured."""

PILOT = """\
metadata: {name: pilot}
workloads:
  - name: ask
    arrival_rate: 1 rps
    prompt_tokens: {distribution: constant, value: 9}
    output_tokens: {distribution: constant, value: 9}
    steps: [{generate: large}]
model_list:
  - model_name: large
    provider: openai
    model: gpt-4.1
    ttft: {distribution: constant, value: 1s}
    tpot: {distribution: constant, value: 10ms}
"""

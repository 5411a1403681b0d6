"""A desk whose answers a model gives, of which reviewers see one in fifty."""

REVIEWED = """metadata: {name: help-desk}
workloads:
  - name: ticket
    arrival_rate: 0.05 rps
    prompt_tokens: {distribution: constant, value: 200}
    output_tokens: {distribution: constant, value: 40}
    steps: [{generate: small}, {review: {team: agents, sample: 2%}}]
model_list:
  - model_name: small
    provider: own
    model: small
    prices: {input: 0.3, output: 1.2}
    ttft: {distribution: constant, value: 400ms}
    tpot: {distribution: constant, value: 5ms}
    success_rate: 90%
teams: {agents: {staff: 4, handle_time: {distribution: constant, value: 3m}, cost: $30/hour}}
"""

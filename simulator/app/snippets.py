"""What to add to a scenario so that an empty part of a page has something to show, as YAML."""

ALERTS = """\
alerts:
  page:
    notify: on-call
    rules:
      - {burn_rate: 14.4, long_window: 1h, short_window: 5m}
      - {burn_rate: 6, long_window: 6h, short_window: 30m}
"""

GATES = """\
stages:
  - name: pilot
    duration: 4w
    exposure: 10%
    gates: {exit: {availability: [">= 99%"]}, pause: 1w}
  - name: everyone
    duration: 8w
    exposure: 100%
    gates: {entry: {success_rate: [">= 90%"]}, approval: {by: cfo, takes: 1w}}
"""

READINESS = """\
readiness:
  measured:
    unit_economics: {within: 10%}
  attested:
    security_governance: {owner: ciso, evidence: audit/2026-11.pdf}
    ownership: {owner: cto, missing: warn}
"""

KNOBS = """\
capacity:
  knobs:
    - {path: services.desk.replicas, min: 1, max: 8, lead_time: 3w}
"""

RANGES = """\
economics:
  uncertain:
    users: {distribution: triangular, low: -20%, mode: 0%, high: 35%}
    success_rate: {distribution: triangular, low: -6%, mode: 0%, high: 3%}
    hand_off_rate: {distribution: lognormal, cv: 25%}
    adoption_delay: {distribution: triangular, low: 0%, mode: 10%, high: 60%}
"""

REVIEW = """\
teams:
  agents: {staff: 20, handle_time: {distribution: lognormal, p50: 3m, p95: 9m}, cost: $28/hour}
workloads:
  - name: ticket
    arrival_rate: 5 rps
    steps:
      - call: desk
      - review: {team: agents, sample: 2%}
"""

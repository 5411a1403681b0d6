"""A plan as one page for a board: decision, stages, figures, evidence. It needs no network, and prints well."""

from html import escape
from typing import Any

from simulator.render.criteria import part_text
from simulator.render.html import html_figures, html_page, html_table
from simulator.render.numbers import Unit, estimate, quantity, unit_of
from simulator.render.terminal_tables import Document
from simulator.studies.plan.gates_view import gate_notes, gate_rows
from simulator.studies.plan.plan_figures import plan_figures
from simulator.studies.plan.plan_ranges import RANGE_HEADERS, range_rows
from simulator.studies.plan.readiness_view import readiness_gaps, readiness_rows
from simulator.studies.plan.survival_view import contingency_rows, shortfalls, survival_notes, without
from simulator.studies.plan.turns_view import turn_notes
from simulator.studies.run.accuracy_by_class import answered_table

_WORDS = {"PASS": "go", "GO": "go", "FAIL": "no-go", "NO-GO": "no-go"}
_INTERVALS = "95 % intervals over replications; the same seeds in every stage."


def plan_page(document: Document) -> str:
    """HTML of a plan's document."""
    stages = document["stages"]
    parts = [
        f"<h1>{escape(document['scenario'])}: {_verdict(document['decision'] or 'interrupted')}</h1>",
        f'<p class="quiet">{escape(_subtitle(document))}</p>',
        "<h2>Stages</h2>",
        _stage_table(stages),
        *_orders(stages),
        *_answered(stages),
        *_gates(stages),
        *_contingencies(stages),
        *_checklist(stages),
        *_ranges(stages),
        *html_figures(plan_figures(document)),
        "<h2>Evidence</h2>",
        _evidence(stages),
        *_warnings(stages),
        "<h2>Where the numbers are from</h2>",
        _provenance(document),
    ]
    return html_page(f"Plan of {document['scenario']}", parts)


def _subtitle(document: Document) -> str:
    stages = document["stages"]
    span = f"{stages[0]['start'][:10]} to {stages[-1]['end'][:10]}, " if stages else ""
    return f"{span}{len(stages)} stages. {_INTERVALS}"


def _verdict(word: str) -> str:
    return f'<span class="verdict {_WORDS.get(word, "undecided")}">{escape(word)}</span>'


def _estimate(value: Any, unit: Unit) -> str:
    return escape(estimate(value, unit).line)


def _stage_table(stages: list[Document]) -> str:
    headers = [
        ("stage", False),
        ("from", False),
        ("peak demand", True),
        ("p95 latency", True),
        ("success", True),
        ("cost per month", True),
        ("per success", True),
        ("held up by", False),
        ("decision", False),
    ]
    rows = [
        [
            escape(stage["name"]),
            escape(stage["start"][:10]),
            escape(quantity(stage["demand"]["peak_rps"], "rate")),
            _estimate(stage["metrics"]["latency_s"]["p95"], "time"),
            _estimate(stage["metrics"]["success_rate"], "share"),
            _estimate(stage["cost"]["month"], "money"),
            _estimate(stage["cost"]["per_successful_action"], "money"),
            escape(_binding(stage)),
            _verdict(stage["decision"]),
        ]
        for stage in stages
    ]
    return html_table(headers, rows)


def _binding(stage: Document) -> str:
    if stage["binding"] is None:
        return ""
    at = f", at {stage['binding_at']}" if stage["binding_at"] else ""
    under = f", {without(stage['binding_under'])}" if "binding_under" in stage else ""
    return f"{stage['binding']}{at}{under}"


def _orders(stages: list[Document]) -> list[str]:
    """What must be in place before each stage, and by when it is to be ordered."""
    rows = [
        [
            escape(stage["name"]),
            escape(path),
            escape(", ".join(f"{region} {amount:,.0f}" for region, amount in by_region.items())),
            escape(stage["order_by"].get(path, "")),
        ]
        for stage in stages
        for path, by_region in stage["capacity"].items()
    ]
    if not rows:
        return []
    headers = [("stage", False), ("capacity", False), ("by region", False), ("order by", False)]
    return ["<h2>Capacity</h2>", html_table(headers, rows)]


def _answered(stages: list[Document]) -> list[str]:
    """How well each class, language and model is answered at the peak of each stage."""
    headers, rows = answered_table(stages)
    if not rows:
        return []
    cells = [[escape(cell) for cell in row] for row in rows]
    return ["<h2>Answers</h2>", html_table([(name, place > 1) for place, name in enumerate(headers)], cells)]


def _gates(stages: list[Document]) -> list[str]:
    """What must be so before each stage, and whether it is."""
    rows = [[*(escape(cell) for cell in row[:-1]), _verdict(row[-1])] for row in gate_rows(stages)]
    lines = [f"{stage['name']}: {text}" for stage in stages for text in gate_notes(stage)]
    if not rows and not lines:
        return []
    headers = [
        ("stage", False),
        ("gate", False),
        ("condition", False),
        ("of", False),
        ("asked", False),
        ("measured", True),
        ("verdict", False),
    ]
    notes = "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>" if lines else ""
    return ["<h2>Gates</h2>", html_table(headers, rows) if rows else "", notes]


def _contingencies(stages: list[Document]) -> list[str]:
    """What each stage must survive, how much room is left under it, and what that costs."""
    rows = [[*(escape(cell) for cell in row[:-1]), _verdict(row[-1])] for row in contingency_rows(stages)]
    if not rows:
        return []
    headers = [
        ("stage", False),
        ("contingency", False),
        ("tightest objective", False),
        ("asked", False),
        ("measured", True),
        ("verdict", False),
    ]
    lines = [f"{stage['name']}: {text}" for stage in stages for text in survival_notes(stage)]
    costs = "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
    return ["<h2>Contingencies</h2>", html_table(headers, rows), costs]


def _checklist(stages: list[Document]) -> list[str]:
    """What else must be there before each stage."""
    rows = [[*(escape(cell) for cell in row[:-1]), _verdict(row[-1])] for row in readiness_rows(stages)]
    if not rows:
        return []
    headers = [("stage", False), ("item", False), ("found", False), ("asked", False), ("verdict", False)]
    return ["<h2>Checklist</h2>", html_table(headers, rows)]


def _ranges(stages: list[Document]) -> list[str]:
    """What the ranges of inputs do to each stage with the planned capacity."""
    rows = [[escape(cell).replace(" (", "<br>(") for cell in row] for row in range_rows(stages)]
    if not rows:
        return []
    n_draws = stages[0]["uncertainty"]["draws"]
    text = f"P50 (P10 to P90) over {n_draws} draws of the uncertain inputs, each with the capacity above."
    headers = [(name, place > 0) for place, name in enumerate(RANGE_HEADERS)]
    return ["<h2>Uncertain inputs</h2>", f'<p class="quiet">{escape(text)}</p>', html_table(headers, rows)]


def _evidence(stages: list[Document]) -> str:
    headers = [
        ("stage", False),
        ("objective", False),
        ("of", False),
        ("asked", False),
        ("measured", True),
        ("verdict", False),
    ]
    rows = [
        [
            escape(stage["name"]),
            escape(f"{verdict['slo']}: {verdict['metric']}"),
            escape(part_text(_as_criterion(verdict))),
            escape(f"{verdict['op']} {quantity(verdict['limit'], _unit(verdict))}"),
            _estimate(verdict, _unit(verdict)),
            _verdict(verdict["verdict"]),
        ]
        for stage in stages
        for verdict in stage["verdicts"]
    ]
    return html_table(headers, rows)


def _as_criterion(verdict: Document) -> Document:
    return {"target": None, **verdict}


def _unit(verdict: Document) -> Unit:
    return unit_of(verdict["metric"].split()[-1])


def _warnings(stages: list[Document]) -> list[str]:
    lines = [
        f"{stage['name']}: {text}"
        for stage in stages
        for text in (*stage["warnings"], *shortfalls(stage), *turn_notes(stage), *readiness_gaps(stage))
    ]
    if not lines:
        return []
    return ["<h2>Warnings</h2>", "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"]


def _provenance(document: Document) -> str:
    lines = [
        f"scenario {document['scenario_hash'][:12]}, engine {document['engine_version']}, seed {document['seed']}",
        f"{document['n_runs']:,} runs",
        *(
            f"prices of {name}: {price['source']}, as of {price['as_of']}"
            for name, price in document["prices"].items()
        ),
        *(
            f"{trace['workload']}: {trace['replay']} replayed from {trace['file']}"
            for trace in document["traces"]
        ),
    ]
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def plan_markdown(document: Document) -> str:
    """The same in short, for a pull request or a wiki."""
    from simulator.render.markdown import escaped, table

    rows = [
        [
            escaped(stage["name"]),
            stage["start"][:10],
            quantity(stage["demand"]["peak_rps"], "rate"),
            estimate(stage["metrics"]["latency_s"]["p95"], "time").line,
            estimate(stage["cost"]["month"], "money").line,
            estimate(stage["cost"]["per_successful_action"], "money").line,
            escaped(_binding(stage)),
            f"**{stage['decision']}**",
        ]
        for stage in document["stages"]
    ]
    headers = [
        "stage",
        "from",
        "peak demand",
        "p95 latency",
        "cost per month",
        "per success",
        "held up by",
        "decision",
    ]
    missed = [
        f"- {escaped(stage['name'])}: {escaped(verdict['slo'])} {verdict['op']} "
        f"{quantity(verdict['limit'], _unit(verdict))}, measured {estimate(verdict, _unit(verdict)).line}: "
        f"**{verdict['verdict']}**"
        for stage in document["stages"]
        for verdict in stage["verdicts"]
        if verdict["verdict"] != "PASS"
    ]
    orders = [
        f"- order {escaped(path)} by {day} for {escaped(stage['name'])}"
        for stage in document["stages"]
        for path, day in stage["order_by"].items()
    ]
    parts = [
        f"### Plan of {escaped(document['scenario'])}: {document['decision'] or 'interrupted'}",
        table(headers, rows),
    ]
    survived = [
        f"- {escaped(stage['name'])}: {escaped(text)}"
        for stage in document["stages"]
        for text in (
            *gate_notes(stage),
            *survival_notes(stage),
            *shortfalls(stage),
            *turn_notes(stage),
            *readiness_gaps(stage),
        )
    ]
    parts += ["\n".join(lines) for lines in (missed, orders, survived) if lines]
    if ranges := range_rows(document["stages"]):
        parts.append(table(RANGE_HEADERS, [[escaped(row[0]), *row[1:]] for row in ranges]))
    return "\n\n".join([*parts, f"<sub>{_INTERVALS}</sub>"]) + "\n"

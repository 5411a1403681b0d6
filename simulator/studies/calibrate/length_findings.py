"""What a log says of the lengths of prompts and answers, in the scenario's keys."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.formats.logs.rows import LogRows
from simulator.mechanisms.traffic.config import CallStep, Workload
from simulator.scenario.model import Scenario
from simulator.scenario.write.edit import Edit
from simulator.studies.calibrate.actions import Actions
from simulator.studies.calibrate.estimators.forms import LEAST, fit
from simulator.studies.calibrate.estimators.rank_dependence import LEAST as LEAST_PAIRS
from simulator.studies.calibrate.estimators.rank_dependence import dependence
from simulator.studies.calibrate.finding import LogFinding, Number, dotted, form_of, parameters

_MANY_SHORT = 0.05


def length_findings(
    frame: pd.DataFrame, actions: Actions, scenario: Scenario, workload: Workload
) -> Iterator[LogFinding]:
    """Lengths of prompts and answers of what was answered."""
    log = LogRows(frame)
    answered = log.where(log.is_answered)
    first = log.where(log.is_answered & actions.first)
    extra, told = _always_there(scenario, workload)
    yield _shorter_than(first.input_tokens, extra)
    lengths = answered.output_tokens
    kinds = (
        ("prompt_tokens", first.input_tokens - extra, told),
        ("output_tokens", lengths[np.nan_to_num(lengths) > 0.0], ""),
    )
    written, varies = 0, True
    for key, values, note in kinds:
        path = ("workloads", workload.name, key)
        found = fit(values, "tokens", form_of(getattr(workload, key)))
        if found is None:
            n = int(np.isfinite(values).sum())
            yield LogFinding(
                kept=[
                    (
                        dotted(*path),
                        f"the log has {n or 'no'} lengths{', and it takes ' + str(LEAST) if n else ''}",
                    )
                ]
            )
            continue
        written += 1
        yield LogFinding(parameters(found, path, "count", note), [Edit(path, dict(found.value))])
        varies &= found.form != "constant"
    yield _together(first.frame, workload, is_drawn=written == len(kinds) and varies)


def _shorter_than(prompts: NDArray[np.float64], extra: float) -> LogFinding:
    """Whether many prompts are shorter than what the scenario adds to all of them."""
    known = prompts[np.isfinite(prompts)]
    share = float((known <= extra).mean()) if known.size and extra > 0.0 else 0.0
    if share <= _MANY_SHORT:
        return LogFinding()
    told = (
        f"{share:.0%} of the logged prompts are no longer than the {extra:,.0f} tokens that the scenario adds to each: "
        "lower `context_tokens` or `system_prompt_tokens`, or calibrate from a log of requests that have them"
    )
    return LogFinding(notes=[told])


def _always_there(scenario: Scenario, workload: Workload) -> tuple[float, str]:
    """Tokens of a logged prompt that the scenario says apart from `prompt_tokens`."""
    called = [step.call for step in workload.steps if isinstance(step, CallStep)]
    context = {
        name: getattr(scenario.services[name], "context_tokens", 0) or 0
        for name in called
        if name in scenario.services
    }
    system = workload.system_prompt_tokens or 0
    extra = float(system + sum(context.values()))
    if not extra:
        return 0.0, ""
    parts = [
        *(["`system_prompt_tokens`"] if system else []),
        *(f"`context_tokens` of {name}" for name, n in context.items() if n),
    ]
    return extra, f"without the {extra:,.0f} tokens of {' and '.join(parts)}"


def _together(frame: pd.DataFrame, workload: Workload, *, is_drawn: bool) -> LogFinding:
    """How prompts and answers go together.

    Parameters
    ----------
    is_drawn : whether the log says both lengths, and both vary
    """
    path = ("workloads", workload.name, "joint_lengths")
    key = dotted(*path)
    if not is_drawn:
        return LogFinding(
            kept=[(key, "the log does not say both lengths, or one of them is always the same")]
        )
    pairs = frame[["input", "output"]].dropna()
    pairs = pairs[pairs["output"] > 0.0]
    found = dependence(pairs["input"].to_numpy(np.float64), pairs["output"].to_numpy(np.float64))
    if found is None:
        return LogFinding(
            kept=[(key, f"the log has {len(pairs)} pairs of lengths, and it takes {LEAST_PAIRS}")]
        )
    ranks = (
        "" if found.value is None else "written as a table of ranks" if found.is_table else "rank correlation"
    )
    numbers = [Number(f"{key}.correlation", found.correlation, "number", found.n, ranks)]
    if found.value is not None:
        return LogFinding(numbers, [Edit(path, found.value)])
    if workload.joint_lengths is not None:
        return LogFinding(numbers, [Edit(path, None)])
    return LogFinding(numbers, kept=[(key, "the log does not speak against drawing them apart")])

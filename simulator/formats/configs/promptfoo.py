"""Results of promptfoo (`promptfoo eval -o results.json`): how many tests each provider passes.

A test that ended with an error of the provider says nothing of its answers, and does not count. No prompt or answer is read.
"""

from collections.abc import Mapping
from typing import Any

from simulator.formats.configs.parts import Imported, Rate, count, items, mapping
from simulator.formats.documents import ForeignMap


def is_promptfoo(document: Any) -> bool:
    """Whether a document holds results of promptfoo."""
    results = mapping(mapping(document).get("results"))
    return "stats" in results and isinstance(results.get("results", results.get("prompts")), list)


def read_promptfoo(document: Any, name: str, into: Imported) -> None:
    """Add the share of tests that each provider passes."""
    results = mapping(document.get("results"))
    found: dict[str, list[int]] = {}
    prompts: dict[str, int] = {}
    for prompt in map(mapping, items(results.get("prompts"))):
        metrics, provider = mapping(prompt.get("metrics")), _provider(prompt.get("provider"))
        passed, failed, errors = (
            count(metrics.get(f"test{kind}Count")) or 0 for kind in ("Pass", "Fail", "Error")
        )
        _add(found, provider, passed, failed, errors)
        prompts[provider] = prompts.get(provider, 0) + 1
    if not any(sum(one) for one in found.values()):  # older versions count in the rows alone
        found = _of_rows(results)
    for provider, (passed, failed, errors) in found.items():
        if errors:
            into.dropped.append(
                f"{name}: {errors} tests of {provider} ended with an error, which says nothing of answers"
            )
        if passed + failed == 0:
            continue
        before = into.rates.get(provider, Rate(0, 0, name))
        into.rates[provider] = Rate(before.passed + passed, before.n + passed + failed, name)
        if prompts.get(provider, 1) > 1:
            into.open.append(
                f"{provider}: {prompts[provider]} prompts were tested, and their tests count together; keep the one you use"
            )
    into.formats.append(f"{name}: promptfoo results")


def _of_rows(results: ForeignMap) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in map(mapping, items(results.get("results"))):
        is_passed, has_error = row.get("success") is True, count(row.get("failureReason")) == 2  # ERROR
        kind = 0 if is_passed else 2 if has_error else 1
        _add(found, _provider(row.get("provider")), *(int(kind == place) for place in range(3)))
    return found


def _add(found: dict[str, list[int]], provider: str, *counts: int) -> None:
    before = found.setdefault(provider, [0, 0, 0])
    found[provider] = [one + more for one, more in zip(before, counts, strict=True)]


def _provider(value: Any) -> str:
    """Name of a provider, e.g. `openai:chat:gpt-4.1`."""
    return str(value.get("id", "unknown") if isinstance(value, Mapping) else value or "unknown")

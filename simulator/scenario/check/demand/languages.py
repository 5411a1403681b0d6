"""Does what a scenario says about languages change something?"""

from collections.abc import Iterator

from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_
from simulator.scenario.region_facts import languages_of


def check_languages(scenario: Scenario) -> Iterator[Finding]:
    """Findings about languages that nobody speaks, and about recorded prompts in several of them."""
    spoken = languages_of(scenario)
    for name in scenario.languages:
        if name not in spoken:
            yield unknown(("languages", name), "language of some region's users called", name, spoken)
        elif "success_factor" in scenario.languages[name].model_fields_set and all(
            name in model.success_by_language for model in scenario.model_list
        ):
            path: Path_ = ("languages", name, "success_factor")
            yield Finding(path, "changes nothing: every model says its own in `success_by_language`")
    for index, model in enumerate(scenario.model_list):
        for name in model.success_by_language:
            if name not in spoken:
                path = ("model_list", index, "success_by_language", name)
                yield unknown(path, "language of some region's users called", name, spoken)
    longer = [name for name in spoken if name in scenario.languages and _changes_length(scenario, name)]
    for index, workload in enumerate(scenario.workloads):
        if longer and workload.trace is not None and workload.trace.hash_ids is not None:
            yield Finding(
                ("workloads", index, "trace", "hash_ids"),
                f"prompts whose blocks are known are as long as recorded, and not longer in `{longer[0]}`",
                f"leave `languages.{longer[0]}.token_factor` out",
            )


def _changes_length(scenario: Scenario, name: str) -> bool:
    return scenario.languages[name].token_factor != 1.0

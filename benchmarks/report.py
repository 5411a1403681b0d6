"""Writes what was measured into a Markdown page, each section between its own pair of markers.

Text outside the markers belongs to whoever edits the page. A new section is one call of ``write_section``.
"""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.agreement import Comparison
from benchmarks.harness import Measurement
from benchmarks.registry import BASELINE, OURS


def write_section(page: Path, name: str, body: str) -> None:
    """Replace the section ``name`` of the page; append it if the page does not have it yet."""
    begin, end = f"<!-- benchmark:{name} begin -->", f"<!-- benchmark:{name} end -->"
    section = f"{begin}\n{body.strip()}\n{end}"
    text = page.read_text(encoding="utf-8") if page.exists() else "# Performance\n"
    if begin in text and end in text:
        before, rest = text.split(begin, 1)
        text = before + section + rest.split(end, 1)[1]
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    page.write_text(text, encoding="utf-8")


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first two columns are left-aligned, the others right-aligned."""
    rule = ["---" if i < 2 else "---:" for i in range(len(header))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *rows))


def machine() -> str:
    """One line: processor, cores, system, Python and the packages that matter, the day."""
    cpu = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [
            line.split(":", 1)[1].strip()
            for line in cpuinfo.read_text().splitlines()
            if line.startswith("model name")
        ]
        cpu = models[0] if models else cpu
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy"))
    system = f"{cpu}, {os.cpu_count()} cores, {platform.system()}"
    return (
        f"{system}; Python {platform.python_version()}, {packages}; {datetime.now(UTC).date().isoformat()}."
    )


def _count(value: float) -> str:
    """Three significant digits with k or M."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value:.3g}"


def _ratio(measurement: Measurement, numerator: str, denominator: str) -> str:
    """Median and range over rounds of the ratio of two speeds in the same round."""
    if numerator == denominator:
        return "1"
    if numerator not in measurement.outcomes or denominator not in measurement.outcomes:
        return ""
    pairs = zip(measurement.outcomes[numerator], measurement.outcomes[denominator], strict=True)
    ratios = [one.requests_per_s / other.requests_per_s for one, other in pairs]
    return f"{median(ratios):.3g} ({min(ratios):.3g} to {max(ratios):.3g})"


def speed_table(measurements: Sequence[Measurement]) -> str:
    """Requests per second of every peer on every model, and its ratios."""
    ours = any(OURS in m.outcomes for m in measurements)
    header = ["model", "simulator", "requests/s, median", "range", f"÷ {BASELINE}", "first result, s"]
    if ours:
        header.insert(5, f"{OURS} ÷ it")
    rows = []
    for m in measurements:
        for peer, outcomes in m.outcomes.items():
            speeds = [o.requests_per_s for o in outcomes]
            spread = f"{_count(min(speeds))} to {_count(max(speeds))}"
            cold = f"{m.cold_s[peer]:.1f}" if peer in m.cold_s else ""
            name = f"{peer} ({m.versions[peer]})"
            row = [m.model.name, name, _count(median(speeds)), spread, _ratio(m, peer, BASELINE), cold]
            if ours:
                row.insert(5, _ratio(m, OURS, peer))
            rows.append(row)
    return markdown_table(header, rows)


def agreement_table(model: str, comparisons: Sequence[Comparison]) -> str:
    """What every peer reports, beside the mean of the others, in standard errors."""
    header = ["model", "simulator", "statistic", "mean", "the others", "standard error", "z"]
    rows = [
        [
            model,
            c.peer,
            c.statistic,
            f"{c.mean:.6g}",
            f"{c.others_mean:.6g}",
            f"{c.standard_error:.2g}",
            f"{c.z:+.1f}",
        ]
        for c in comparisons
    ]
    return markdown_table(header, rows)

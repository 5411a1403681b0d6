"""The log of a fictional pilot, which the guide on logs calibrates from: ten days that the simulator simulates.

python -m scripts.docs.pilot_log > scenarios/data/pilot.jsonl.gz

It is written as LiteLLM's spend logs. Users, times and tokens are drawn; nobody asked anything.
"""

import gzip
import io
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import simulator

_FIRST_DAY = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
_USERS = 100
_PILOT = """\
metadata: {name: pilot}
regions: {home: {timezone: Europe/Berlin}}
network: {local: 0ms}
workloads:
  - name: ask
    users: {home: 100}
    actions_per_user: 4.5 per day
    profile: office-hours
    burstiness: 1.3
    prompt_tokens: {distribution: lognormal, p50: 1400, p95: 5200}
    output_tokens: {distribution: gamma, mean: 260, cv: 0.7}
    steps: [{generate: answer}]
model_list:
  - model_name: large
    provider: openai
    model: gpt-4.1
    ttft: {distribution: lognormal, p50: 620ms, p95: 2.1s}
    tpot: {distribution: lognormal, p50: 14ms, p95: 26ms}
    error_rate: 1.5%
routes: {answer: {choose: [large], num_retries: 2, retry_on: [error]}}
window: {start: 0, duration: 10d, warmup: 1h}
"""


def rows() -> pd.DataFrame:
    """What the users of the pilot asked for."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pilot.yaml"
        path.write_text(_PILOT, encoding="utf-8")
        simulator.load(path).run(replications=1, rows=True, out=Path(folder) / "run")
        found = pd.read_parquet(next(Path(folder).rglob("requests.parquet")))
    return found[found["arrival_s"] >= 0.0].sort_values("arrival_s", ignore_index=True)


def log(requests: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """A line per attempt, in the order of LiteLLM's table."""
    users = np.random.default_rng(11).integers(0, _USERS, len(requests))
    for n, (row, user) in enumerate(zip(requests.itertuples(), users, strict=True)):
        is_answered = row.outcome == "succeeded" or row.output_tokens > 0
        n_failed = int(row.attempts) - int(is_answered)
        for k in range(int(row.attempts)):
            failed = k < n_failed
            start = row.arrival_s + 0.2 * k
            took = 0.15 if failed else max(row.latency_s - 0.2 * k, 0.05)
            yield {
                "request_id": f"{n:05d}-{k}",
                "session_id": f"t{n:05d}",
                "startTime": _stamp(start),
                "completionStartTime": None if failed else _stamp(row.arrival_s + row.ttft_s),
                "endTime": _stamp(start + took),
                "model": "openai/gpt-4.1",
                "model_group": "large",
                "prompt_tokens": int(row.input_tokens / row.attempts),
                "completion_tokens": 0 if failed else int(row.output_tokens),
                "spend": 0.0
                if failed
                else round(row.input_tokens / row.attempts * 2e-6 + row.output_tokens * 8e-6, 6),
                "end_user": f"u{user:02d}",
                "status": "failure" if failed else "success",
            }


def _stamp(seconds: float) -> str:
    return (
        (_FIRST_DAY + timedelta(seconds=round(float(seconds), 2)))
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def main() -> None:
    """Write the log to standard output."""
    text = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in log(rows()))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(text.encode())
    sys.stdout.buffer.write(packed.getvalue())


if __name__ == "__main__":
    main()

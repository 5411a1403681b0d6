"""A table of step times is read as written, or refused with the place of what is wrong."""

import gzip
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from simulator.mechanisms.replicas.profile import PoolProfileError, Profile
from simulator.mechanisms.replicas.profile_file import read_profile

HEADER = "prefill_tokens,batch,context_tokens,step_ms"


def _step_ms(prefill: float, batch: float, context: float) -> float:
    return 5.0 + 0.02 * prefill + 0.1 * batch + 1e-4 * batch * context


def _rows() -> list[str]:
    axes = product((0, 512, 4096), (0, 1, 64), (16, 1024))
    return [f"{p},{b},{c},{_step_ms(p, b, c)}" for p, b, c in axes if p or b]


def _write(folder: Path, rows: list[str], notes: tuple[str, ...] = (), header: str = HEADER) -> Path:
    path = folder / "steps.csv"
    path.write_text("\n".join([*notes, header, *rows]) + "\n")
    return path


def _read(folder: Path, rows: list[str], header: str = HEADER) -> Profile:
    return read_profile(_write(folder, rows, header=header), kv_tokens=10_000, max_model_len=4_000)


def test_a_plane_is_exact_between_and_beyond_the_knots(tmp_path: Path) -> None:
    profile = _read(tmp_path, _rows())
    for prefill, batch, context in product(
        (0.0, 7.0, 600.0, 9000.0), (1.0, 3.0, 100.0), (16.0, 500.0, 5000.0)
    ):
        expected_s = _step_ms(prefill, batch, context) / 1e3
        assert profile.step_time_s(prefill, batch, context) == pytest.approx(expected_s, rel=1e-12)


def test_decodes_alone_go_on_down_to_none(tmp_path: Path) -> None:
    profile = _read(tmp_path, _rows())
    np.testing.assert_allclose(profile.step_s[0, 0], 5e-3, rtol=1e-12)


def test_what_is_known_stands_above_the_table(tmp_path: Path) -> None:
    notes = (
        "# model: mine",
        "# gpu: card",
        "# tensor_parallel: 2",
        "# kv_tokens: 12_000",
        "# max_model_len: 8000",
    )
    path = _write(tmp_path, _rows(), (*notes, "# fit_error_mean: 0.02", "# source: my bench"))
    packed = tmp_path / "steps.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    for profile in (read_profile(path), read_profile(packed)):
        assert (profile.model, profile.gpu, profile.tensor_parallel) == ("mine", "card", 2)
        assert (profile.kv_tokens, profile.max_model_len, profile.fit_error_mean) == (12_000, 8_000, 0.02)
        assert profile.source == "my bench"
        assert np.isnan(profile.gpu_power_w)
    assert read_profile(path, kv_tokens=500).kv_tokens == 500


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            _rows()[:-1],
            "1 combinations have no time, the first at prefill_tokens 4096, batch 64, context_tokens 1024",
        ),
        ([*_rows(), "512,1,16,9"], "twice a time for prefill_tokens 512, batch 1, context_tokens 16"),
        ([*_rows()[:-1], "4096,64,1024,1"], "the time falls from .* ms at .* to 1 ms at prefill_tokens 4096"),
        ([*_rows()[:-1], "4096,64,1024,0"], "row 16 of 'step_ms' is not a positive number"),
        ([*_rows()[:-1], "4096,64,nan,7"], "row 16 of 'context_tokens' is not a number from 0 on"),
        ([row for row in _rows() if not row.startswith("0,")], "rows with prefill_tokens 0"),
        ([row for row in _rows() if ",16," in row], "'context_tokens' needs at least two different values"),
    ],
)
def test_a_table_with_a_mistake_is_refused(tmp_path: Path, rows: list[str], message: str) -> None:
    with pytest.raises(PoolProfileError, match=message):
        _read(tmp_path, rows)


def test_other_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        PoolProfileError,
        match="no column 'step_ms'; the columns are prefill_tokens, batch, context_tokens, ms",
    ):
        _read(tmp_path, _rows(), header="prefill_tokens,batch,context_tokens,ms")


def test_a_size_that_nobody_says_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(
        PoolProfileError, match="neither a line `# kv_tokens: …` nor `kv_cache_tokens` of the pool"
    ):
        read_profile(_write(tmp_path, _rows()))
    with pytest.raises(PoolProfileError, match="`# kv_tokens: many` is not a number"):
        read_profile(_write(tmp_path, _rows(), ("# kv_tokens: many",)))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "steps.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PoolProfileError, match="cannot be read as a profile"):
        read_profile(tmp_path / "steps.csv")
    (tmp_path / "steps.csv").write_text("# model: x\n")
    with pytest.raises(PoolProfileError, match="there is no table"):
        read_profile(tmp_path / "steps.csv")

"""One decorator: machine code is kept under the hash of everything it was made from."""

import os
import shutil
from pathlib import Path

import numba
import numpy as np
import pytest

from simulator.kernel.codes import Event
from simulator.numerics import jit as jit_module
from simulator.numerics.jit import cache_directory, entry, is_compiled, jit, kernel_source_hash

PACKAGE = Path(jit_module.__file__).parent.parent
compiled_only = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


@jit
def _twice(value):
    return 2 * value


@entry
def four_times(value):
    return _twice(_twice(value))


@entry
def ratio(one, other):
    return one / other


@pytest.fixture
def copied_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sources in another place, free to be edited."""
    copy = tmp_path / "simulator"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(jit_module, "_PACKAGE", copy)
    return copy


def _kernel_sources() -> list[str]:
    return [
        path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if any(f"\n@{kind}" in path.read_text() for kind in ("jit", "shared", "entry"))
    ]


def test_there_are_kernels_in_every_room_that_has_one() -> None:
    rooms = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("kernel.py")}
    assert rooms <= {str(Path(source).parent) for source in _kernel_sources()}


@pytest.mark.parametrize("source", [*_kernel_sources(), "kernel/codes.py", "mechanisms/station.py"])
def test_an_edit_of_any_kernel_or_its_words_names_another_folder(copied_package: Path, source: str) -> None:
    before = kernel_source_hash()
    with (copied_package / source).open("a") as file:
        file.write("\n# edited\n")
    assert kernel_source_hash() != before


def test_the_place_of_the_sources_and_other_files_do_not_matter(copied_package: Path) -> None:
    here = kernel_source_hash()
    (copied_package / "cli.py").write_text("")
    assert kernel_source_hash() == here
    (copied_package / "kernel" / "state.py").rename(copied_package / "kernel" / "status.py")
    assert kernel_source_hash() != here


def test_machine_code_is_kept_where_the_user_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    name = Path("rollout-simulator") / f"kernels-{kernel_source_hash()}"
    for variable in ("ROLLOUT_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert cache_directory() == Path.home() / ".cache" / name
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_directory() == tmp_path / "xdg" / name
    monkeypatch.setenv("ROLLOUT_CACHE_DIR", str(tmp_path / "own"))
    assert cache_directory() == tmp_path / "own" / name
    assert not is_compiled()
    (cache_directory() / "deeper").mkdir(parents=True)
    (cache_directory() / "deeper" / "advance.1.nbc").touch()
    assert is_compiled()


def test_numba_keeps_machine_code_there() -> None:
    if "NUMBA_CACHE_DIR" not in os.environ:
        assert Path(numba.config.CACHE_DIR) == cache_directory()


def test_a_kernel_may_call_kernels() -> None:
    assert four_times(2.5) == 10.0
    assert four_times(np.int64(3)) == 12


def test_dividing_by_zero_is_what_ieee_754_says() -> None:
    with np.errstate(divide="ignore"):
        assert ratio(np.float64(1.0), np.float64(0.0)) == np.inf


@compiled_only
def test_literals_enums_and_small_integers_share_one_specialization() -> None:
    @jit
    def inner(value):
        return value + 1

    @entry
    def outer(small):
        return inner(Event.SERVED) + inner(1) + inner(small)

    assert outer(np.int32(4)) == int(Event.SERVED) + 1 + 2 + 5
    assert len(inner.overloads) == 1


@compiled_only
def test_no_kernel_trades_exactness_for_speed_or_holds_the_lock() -> None:
    for kernel in (four_times, _twice):
        assert kernel.targetoptions["fastmath"] is False
        assert kernel.targetoptions["nogil"] is True

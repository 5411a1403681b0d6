"""What users bring is found again by its key alone, and by nobody who has it not."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.app import kept as module
from simulator.app.kept import keep, kept


@given(st.text(max_size=500))
def test_what_is_kept_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("kept")
    text = text.encode(errors="replace").decode()
    key = keep(folder, text)
    assert key is not None
    assert kept(folder, key) == text
    assert keep(folder, text) == key
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "0" * 24, "A" * 24, "0" * 23, "%2e%2e"])
def test_other_keys_open_nothing(key: str, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("x")
    assert kept(tmp_path, key) is None


def test_a_file_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    key = keep(tmp_path, "metadata: {name: a}")
    assert key is not None
    (tmp_path / f"{key}.yaml").write_text("metadata: {name: b}")
    assert kept(tmp_path, key) is None


def test_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_KEPT", 2)
    keys = [keep(tmp_path, text) for text in ("a", "b")]
    for key, mtime in zip(keys, (1, 2), strict=True):
        os.utime(tmp_path / f"{key}.yaml", (mtime, mtime))
    last = keep(tmp_path, "c")
    assert [kept(tmp_path, str(key)) for key in (*keys, last)] == [None, "b", "c"]


def test_what_is_too_large_or_has_no_place_is_not_kept(tmp_path: Path) -> None:
    assert keep(tmp_path, "x" * ((1 << 20) + 1)) is None
    (tmp_path / "file").write_text("")
    assert keep(tmp_path / "file", "x") is None

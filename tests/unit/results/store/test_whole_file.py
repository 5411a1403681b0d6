"""A file is written whole or not at all, and stays what it was: a link, private, a stream."""

from pathlib import Path

import pytest

from simulator.results.store.whole_file import write_whole


def test_a_private_file_stays_private_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    write_whole(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o600


def test_what_fails_on_the_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("old")

    def breaks(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match=r"No space left on device.*report"):
        write_whole(path, breaks)
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["report"]


def test_a_stream_is_written_to() -> None:
    write_whole(Path("/dev/null"), lambda file: file.write(b"gone"))
    assert not Path("/dev/null").is_file()

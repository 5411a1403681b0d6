"""Jobs end when they should: by themselves, when told to, and when nobody is there any more."""

from simulator.app.jobs import JobBoard, Results, Work
from simulator.engine import Cancelled, Runner
from simulator.studies.report import Report

_LONG_S = 10.0


class _Answer(Report):
    """What a job finds."""

    answer: int = 42

    @property
    def subject(self) -> str:
        return "the question"


def _watched() -> bool:
    return True


def _until_cancelled(runner: Runner) -> Report:
    runner.progress(1, 4, "stage 1")
    runner.cancel.wait(_LONG_S)
    raise Cancelled


def _at_once(_: Runner) -> Report:
    return _Answer()


def test_a_job_hands_over_its_document() -> None:
    job = JobBoard().start("work", "key", _at_once, _watched)
    assert job.ended.wait(_LONG_S)
    assert (job.state, job.document) == ("done", _Answer())


def test_progress_is_seen_and_cancel_ends_it() -> None:
    job = JobBoard().start("work", "key", _until_cancelled, _watched)
    while job.total == 0:
        assert not job.ended.wait(0.01)
    assert (job.done, job.total, job.step) == (1, 4, "stage 1")
    job.cancel()
    assert job.ended.wait(_LONG_S)
    assert job.state == "cancelled"


def test_what_was_finished_before_the_cancel_is_kept() -> None:
    def work(runner: Runner) -> Report:
        runner.cancel.wait(_LONG_S)
        return _Answer(interrupted=True)

    job = JobBoard().start("work", "key", work, _watched)
    job.cancel()
    assert job.ended.wait(_LONG_S)
    assert job.state == "cancelled"


def test_only_so_many_work_at_a_time() -> None:
    board = JobBoard(n_places=1)
    first = board.start("first", "a", _until_cancelled, _watched)
    while first.state != "running":
        assert not first.ended.wait(0.01)
    second = board.start("second", "b", _at_once, _watched)
    assert not second.ended.wait(0.5)
    assert second.state == "waiting"
    first.cancel()
    assert second.ended.wait(_LONG_S)
    assert second.state == "done"


def test_one_that_waits_can_be_cancelled() -> None:
    board = JobBoard(n_places=1)
    first = board.start("first", "a", _until_cancelled, _watched)
    while first.state != "running":
        assert not first.ended.wait(0.01)
    second = board.start("second", "b", _at_once, _watched)
    second.cancel()
    assert second.ended.wait(_LONG_S)
    assert (second.state, second.document) == ("cancelled", None)
    first.cancel()


def test_closing_the_tab_ends_the_job() -> None:
    job = JobBoard(unwatched_s=0.1).start("work", "key", _until_cancelled, lambda: False)
    assert job.ended.wait(_LONG_S)
    assert job.state == "cancelled"


def test_a_failure_is_told_in_words_and_gives_its_place_back() -> None:
    def work(_: Runner) -> Report:
        raise OSError("no space left")

    board = JobBoard(n_places=1)
    works: tuple[Work, ...] = (work, _at_once)
    failed, after = (board.start("work", "key", one, _watched) for one in works)
    assert failed.ended.wait(_LONG_S)
    assert (failed.state, failed.message) == ("failed", "error: no space left")
    assert after.ended.wait(_LONG_S)
    assert after.state == "done"


def test_results_forget_the_oldest() -> None:
    results = Results(n_kept=2)
    for key in ("a", "b", "a", "c"):
        results.keep(key, {"of": key})
    assert [results.find(key) for key in ("a", "b", "c")] == [{"of": "a"}, None, {"of": "c"}]

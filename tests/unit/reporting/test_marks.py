import codecs
import io

from simulator.reporting.marks import marked, plain_characters


def test_a_verdict_has_a_symbol_and_a_word() -> None:
    assert [marked(word).plain for word in ("PASS", "FAIL", "UNDECIDED")] == [
        "✔ PASS",
        "✘ FAIL",
        "? UNDECIDED",
    ]


def test_terminals_without_unicode_get_readable_text() -> None:
    codecs.register_error("plain-test", plain_characters)
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="plain-test")
    stream.write("✔ GO 2.31 s ± 0.04 (2\N{EN DASH}3) ≈ ☃")
    stream.flush()
    assert stream.buffer.getvalue() == b"+ GO 2.31 s +/- 0.04 (2-3) ~ ?"  # type: ignore[attr-defined]

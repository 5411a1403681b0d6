import io

from simulator.render.plain_text import use_plain_text


def test_terminals_without_unicode_get_readable_text() -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="ascii")
    use_plain_text(stream)
    stream.write("✔ GO 2.31 s ± 0.04 (2\N{EN DASH}3) ≈ ☃")
    stream.flush()
    assert written.getvalue() == b"+ GO 2.31 s +/- 0.04 (2-3) ~ ?"


def test_other_streams_are_left_alone() -> None:
    use_plain_text(io.StringIO())

from simulator.render.verdict_marks import marked


def test_a_verdict_has_a_symbol_and_a_word() -> None:
    words = ("PASS", "FAIL", "UNDECIDED", "GO", "NO-GO")
    shown = [marked(word).plain for word in words]
    assert shown == ["✔ PASS", "✘ FAIL", "? UNDECIDED", "✔ GO", "✘ NO-GO"]

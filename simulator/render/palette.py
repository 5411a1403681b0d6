"""Colours that the colour-blind tell apart (Okabe and Ito, Color Universal Design, 2008)."""

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#000000")
VERDICT_COLORS = {
    "PASS": "#2a9d8f",
    "GO": "#2a9d8f",
    "UNDECIDED": "#e9a23b",
    "FAIL": "#c8443c",
    "NO-GO": "#c8443c",
}

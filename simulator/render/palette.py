"""Colours that the colour-blind tell apart (Okabe and Ito, Color Universal Design, 2008)."""

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#000000")

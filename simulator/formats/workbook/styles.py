"""How do cells of a workbook look, by what they hold?"""

from typing import Any

import xlsxwriter
from xlsxwriter.format import Format

_MONEY_FORMAT = {"USD": '"$"#,##0', "EUR": '"€"#,##0', "GBP": '"£"#,##0'}
ORANGE, BLUE, GRAY = "#D55E00", "#0072B2", "#999999"  # Okabe and Ito: told apart by everybody


def formats_of(file: xlsxwriter.Workbook, currency: str) -> dict[str, Format]:
    """How cells of every kind look; amounts in the currency."""
    money = _MONEY_FORMAT.get(currency, f'"{currency}" #,##0')
    kinds: dict[str, dict[str, Any]] = {
        "text": {},
        "right": {"align": "right"},
        "indented": {"indent": 1},
        "note": {"italic": True, "font_color": "#555555"},
        "remark": {"italic": True, "font_color": "#555555", "indent": 1},
        "title": {"bold": True, "font_size": 14},
        "header": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"},
        "header right": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom", "align": "right"},
        "money": {"num_format": money},
        "cents": {"num_format": f"{money}.00"},
        "unit": {"num_format": f"{money}.000000"},
        "price": {"num_format": "0.000000000"},
        "count": {"num_format": "#,##0"},
        "share": {"num_format": "0.0%"},
        "number": {"num_format": "0.000"},
        "fraction": {"num_format": "#,##0.000"},
        "input": {"num_format": "General", "bg_color": "#FFF2CC", "border": 1},
        "input money": {"num_format": f"{money}.00", "bg_color": "#FFF2CC", "border": 1},
        "input share": {"num_format": "0.0%", "bg_color": "#FFF2CC", "border": 1},
        "simulated": {"num_format": "#,##0", "bg_color": "#DDEBF7", "border": 1},
        "total": {"num_format": money, "bold": True, "top": 1},
        "total unit": {"num_format": f"{money}.000000", "bold": True, "top": 1},
    }
    return {name: file.add_format(kind) for name, kind in kinds.items()}

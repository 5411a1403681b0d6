"""How figures behave in pages: no logo, and no button that sends the data elsewhere."""

from typing import Any

PLOTLY_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["sendChartToCloud", "sendDataToCloud"],
}

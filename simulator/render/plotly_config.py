"""How figures behave in pages: no logo, no button that sends the data elsewhere, and no markup in a user's text."""

from typing import Any

from plotly.graph_objects import Figure

PLOTLY_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["sendChartToCloud", "sendDataToCloud"],
}
_OURS = ("hovertemplate", "template")  # never hold a user's text


def without_markup(value: Any) -> Any:
    """A figure's content whose texts hold no tags but line breaks: plotly would render some."""
    if isinstance(value, str):
        return value.replace("<", "&lt;").replace("&lt;br>", "<br>")
    if isinstance(value, dict):
        return {key: item if key in _OURS else without_markup(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_markup(item) for item in value]
    return value


def harmless(figure: Figure) -> Figure:
    """A figure in whose texts nothing is markup."""
    return Figure(without_markup(figure.to_dict()))

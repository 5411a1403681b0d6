"""What two factors of a sweep do together: a response at every pair of their values."""

from collections.abc import Sequence

import pandas as pd
from plotly.graph_objects import Figure, Heatmap

_SCALE = "Cividis"  # alike to all eyes, and in grey


def heat_map(table: pd.DataFrame, factors: Sequence[str], response: str) -> Figure | None:
    """A heat map over the first two factors that vary, the mean over others; None: there are no two.

    Parameters
    ----------
    table : of `simulator.studies.sweep.response_table.response_table`
    factors : paths that were varied
    response : column that is shown
    """
    varied = [path for path in factors if len(table[path].unique()) > 1]
    if len(varied) < 2:
        return None
    across, down = varied[:2]
    cells = table.pivot_table(index=down, columns=across, values=response, aggfunc="mean", sort=True)
    if cells.size > 4 * len(table):  # samples that fill the space meet no pair twice
        return None
    figure = Figure(
        Heatmap(
            x=[_text(value) for value in cells.columns],
            y=[_text(value) for value in cells.index],
            z=cells.to_numpy().tolist(),
            colorscale=_SCALE,
            colorbar={"title": {"text": response}},
            texttemplate="%{z:.4g}",
            hovertemplate=f"%{{x}}, %{{y}}: %{{z:.4g}}<extra>{response}</extra>",
        )
    )
    figure.update_xaxes(type="category", title_text=across)
    figure.update_yaxes(type="category", title_text=down)
    return figure.update_layout(template="plotly_white", height=420)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)

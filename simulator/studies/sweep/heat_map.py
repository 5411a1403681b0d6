"""What two factors of a sweep do together: a response at every pair of their values."""

from statistics import fmean

from plotly.graph_objects import Figure, Heatmap

from simulator.studies.sweep.report import Setting, SweepReport

_SCALE = "Cividis"  # alike to all eyes, and in grey


def heat_map(report: SweepReport, response: str) -> Figure | None:
    """A heat map over the first two paths that vary, the mean over others; None: there are no two.

    Parameters
    ----------
    response : that is shown
    """
    varied = [path for path in report.paths if len(_values(report, path)) > 1]
    if len(varied) < 2:
        return None
    across, down = varied[:2]
    columns, rows = _values(report, across), _values(report, down)
    if len(columns) * len(rows) > 4 * len(report.points):  # samples that fill the space meet no pair twice
        return None
    cells: dict[tuple[Setting, Setting], list[float]] = {}
    for point in report.points:
        value = point.value(response)
        if isinstance(value, float):
            cells.setdefault((point.settings[down], point.settings[across]), []).append(value)
    means = {pair: fmean(values) for pair, values in cells.items()}
    figure = Figure(
        Heatmap(
            x=[_text(value) for value in columns],
            y=[_text(value) for value in rows],
            z=[[means.get((row, column)) for column in columns] for row in rows],
            colorscale=_SCALE,
            colorbar={"title": {"text": response}},
            texttemplate="%{z:.4g}",
            hovertemplate=f"%{{x}}, %{{y}}: %{{z:.4g}}<extra>{response}</extra>",
        )
    )
    figure.update_xaxes(type="category", title_text=across)
    figure.update_yaxes(type="category", title_text=down)
    return figure.update_layout(template="plotly_white", height=420)


def _values(report: SweepReport, path: str) -> list[Setting]:
    """Values of a path; words and numbers are never mixed."""
    return sorted({point.settings[path] for point in report.points}, key=lambda one: (str(type(one)), one))


def _text(value: Setting) -> str:
    return f"{value:g}" if isinstance(value, float) else value

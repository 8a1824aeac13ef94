"""Pictures that every tab draws alike: small live charts as SVG, and figures to zoom into as plotly.

Colours of classes are Paul Tol's “muted” scheme, safe for colour-blind readers, with its darkest blue lifted so that
it reads on a dark ground; a class is always labelled as well.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

CLASS_COLOURS = (
    "#CC6677",
    "#6A5FC1",
    "#C9B03C",
    "#2E8B57",
    "#6CB4DE",
    "#A03A70",
    "#44AA99",
    "#8C8F2E",
    "#AA4499",
    "#8A8F98",
)
QUIET = "#7c8590"
"""A grey that reads on white and on near-black."""


def line_chart(
    points: Sequence[tuple[float, float]], *, title: str, x_label: str, unit: str = "", log: bool = False
) -> str:
    """A small line chart as SVG in the page's own colours: its last value in words, its axes with two ticks each."""
    points = [(x, y) for x, y in points if math.isfinite(y) and (y > 0 or not log)]
    if len(points) < 2:
        return f'<figure class="wl-chart"><figcaption>{html.escape(title)}</figcaption><div class="wl-chart-empty"></div></figure>'
    scale = math.log10 if log else float
    xs, ys = [x for x, _ in points], [scale(y) for _, y in points]
    low, high = min(ys), max(ys)
    span = (high - low) or 1.0
    width, height = 480, 150
    path = " ".join(
        f"{width * (x - xs[0]) / ((xs[-1] - xs[0]) or 1):.1f},{height * (1 - (y - low) / span):.1f}"
        for x, y in zip(xs, ys, strict=True)
    )
    top, bottom = (10**high, 10**low) if log else (high, low)
    last = f"{points[-1][1]:.4g}{unit}"
    return (
        f'<figure class="wl-chart"><figcaption>{html.escape(title)} <b>{last}</b></figcaption>'
        f'<div class="wl-chart-y"><span>{top:.3g}</span><span>{bottom:.3g}</span></div>'
        f'<svg viewBox="0 -4 {width} {height + 8}" preserveAspectRatio="none" role="img" '
        f'aria-label="{html.escape(title)}: from {points[0][1]:.4g} to {last}">'
        f'<polyline points="{path}" vector-effect="non-scaling-stroke"/></svg>'
        f'<div class="wl-chart-x"><span>{xs[0]:.0f}</span><span>{html.escape(x_label)}</span><span>{xs[-1]:.0f}</span></div></figure>'
    )


def bars(shares: Sequence[float], labels: Sequence[str], *, marked: int) -> str:
    """Horizontal bars of shares 0 to 1 with their per cent, one of them marked, as HTML."""
    rows = "".join(
        f'<div class="wl-bar{" wl-bar-marked" if i == marked else ""}"><span>{html.escape(label)}</span>'
        f'<i><b style="width:{100 * share:.2f}%"></b></i><span>{per_cent(share)}</span></div>'
        for i, (share, label) in enumerate(zip(shares, labels, strict=True))
    )
    return f'<div class="wl-bars">{rows}</div>'


def per_cent(share: float) -> str:
    """A share in per cent that never rounds a doubt away: “> 99.9 %”, “< 0.1 %”."""
    if share > 0.999:
        return "> 99.9 %" if share < 1 else "100 %"
    if share < 0.001:
        return "< 0.1 %" if share > 0 else "0 %"
    return f"{100 * share:.1f} %"


def class_map(
    xy_N2: Sequence[tuple[float, float]],
    class_N: Sequence[int],
    hover_N: Sequence[str],
    names: Sequence[str],
    *,
    own: Sequence[float] | None = None,
) -> go.Figure:
    """A scatter of points by class, each class labelled at its median, with the visitor's own point as a ring."""
    import plotly.graph_objects as go  # not on the way of the first page

    figure = go.Figure()
    for k, name in enumerate(names):
        chosen = [i for i, c in enumerate(class_N) if c == k]
        x, y = [xy_N2[i][0] for i in chosen], [xy_N2[i][1] for i in chosen]
        style = {"color": CLASS_COLOURS[k % len(CLASS_COLOURS)], "size": 5, "opacity": 0.75}
        figure.add_scatter(
            x=x, y=y, mode="markers", name=name, marker=style, text=[hover_N[i] for i in chosen], hoverinfo="text"
        )
        figure.add_annotation(
            x=sorted(x)[len(x) // 2],
            y=sorted(y)[len(y) // 2],
            text=f"<b>{name}</b>",
            showarrow=False,
            font={"size": 17, "color": "#ffffff"},
            bgcolor=style["color"],
            borderpad=2,
        )
    if own:
        ring = {"size": 20, "color": "rgba(0,0,0,0)", "line": {"width": 4, "color": "#e4572e"}}
        figure.add_scatter(
            x=[own[0]], y=[own[1]], mode="markers+text", name="yours", marker=ring, text=["yours"],
            textposition="top center", textfont={"color": "#e4572e", "size": 14}, hoverinfo="name",
        )  # fmt: skip
    return quiet(figure)


def quiet(figure: go.Figure) -> go.Figure:
    """The figure on a transparent ground, with axes that read in light and dark."""
    axis = {"showgrid": True, "gridcolor": "rgba(124,133,144,.18)", "zeroline": False, "tickfont": {"color": QUIET}}
    figure.update_layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 34, "r": 8, "t": 8, "b": 28},
        font={"color": QUIET, "family": "system-ui, sans-serif"},
        showlegend=False,
        xaxis=axis,
        yaxis=axis,
        height=460,
    )
    return figure

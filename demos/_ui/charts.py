"""Charts: small ones as SVG on one kind of axis, in the page's own colours, and figures to zoom into as plotly.

Colours of classes are Paul Tol's “muted” scheme, safe for colour-blind readers, with its darkest blue lifted so that
it reads on a dark ground; a class is always labelled as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from demos._ui.html import Text, figure, join, minus, strong, words_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

CLASS_COLOURS = (
    "#CC6677", "#6A5FC1", "#C9B03C", "#2E8B57", "#6CB4DE", "#A03A70", "#44AA99", "#8C8F2E", "#AA4499", "#8A8F98",
)  # fmt: skip
QUIET = "#7c8590"
"""A grey that reads on white and on near-black."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """A side of a chart: what it spans, in order, where it is named, and whether it counts in powers of ten.

    `low` is left or at the bottom; an axis that runs the other way has the larger value there.
    """

    low: float
    high: float
    ticks: Sequence[tuple[float, str]] = ()
    label: str = ""
    log: bool = False

    def share(self, value: float) -> float:
        """Where a value lies: 0 at `low`, 1 at `high`, and never beyond either."""
        low, high, at = (math.log10(max(v, 1e-300)) if self.log else v for v in (self.low, self.high, value))
        return min(1.0, max(0.0, (at - low) / ((high - low) or 1.0)))

    def spread(self, n: int) -> list[float]:
        """The middles of `n` equal parts."""
        return [self.low + (self.high - self.low) * (i + 0.5) / n for i in range(n)]


@dataclass(frozen=True)
class Line:
    """A line through points; `kind` is a class of the page's (`wl-line` in the accent, `wl-other` dashed), `closed` fills it."""

    points: Sequence[Point]
    kind: str = "wl-line"
    closed: bool = False


@dataclass(frozen=True)
class Dots:
    """Dots `(x, y, radius in pixels)`."""

    points: Sequence[tuple[float, float, float]]
    kind: str = "wl-dots"


@dataclass(frozen=True)
class Boxes:
    """Rectangles from one corner to the other: bars, or parts of the ground."""

    corners: Sequence[tuple[Point, Point]]
    kind: str = "wl-boxes"


@dataclass(frozen=True)
class Rule:
    """A straight line right across: upright at `x`, or level at `y`."""

    x: float | None = None
    y: float | None = None
    kind: str = "wl-rule"


@dataclass(frozen=True)
class Label:
    """Words just right of a point: what a line is called, where it ends. Without any, its `kind` may draw a mark."""

    at: Point
    words: str = ""
    kind: str = "wl-plot-words"


Mark = Line | Dots | Boxes | Rule | Label
WIDTH, HEIGHT = 600.0, 200.0


def chart(
    x: Axis,
    y: Axis,
    *marks: Mark,
    title: Text,
    words: Text = "",
    legend: Text = "",
    square: bool = False,
    kind: str = "",
) -> Markup:
    """Marks between two axes, with title, legend and a sentence beneath; the sentence also tells it to who does not see it."""
    width, height = (HEIGHT, HEIGHT) if square else (WIDTH, HEIGHT)
    drawn = join(_mark(mark, x, y, width, height) for mark in marks if not isinstance(mark, Label))
    labels = join(_label(mark, x, y) for mark in marks if isinstance(mark, Label))
    svg = Markup(
        '<svg viewBox="0 0 {:.0f} {:.0f}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(width, height, words_of(words or title), drawn)
    left = join(_tick("bottom", y.share(at), text) for at, text in y.ticks)
    below = join(_tick("left", x.share(at), text) for at, text in x.ticks)
    plot = Markup(
        '<div class="wl-plot"><div class="wl-plot-y" aria-hidden="true">{}</div>{}{}<div class="wl-plot-x" aria-hidden="true">{}</div>{}</div>'
    ).format(left, svg, labels, below, Markup('<div class="wl-plot-label">{}</div>').format(x.label) if x.label else "")
    head = Markup('<div class="wl-plot-head">{}<span>{}</span></div>').format(strong(title), legend)
    return figure(join([head, plot]), words=words, kind=f"wl-curve{' wl-square' if square else ''} {kind}".strip())


def key(kind: str, words: Text) -> Markup:
    """An entry of a legend: a sample of the mark, and what it stands for."""
    return Markup('<i class="wl-key {}"></i> {} ').format(kind, words)


def _tick(side: str, share: float, text: str) -> Markup:
    return Markup('<span style="{}:{:.1f}%">{}</span>').format(side, 100 * share, minus(text))


def _label(label: Label, x: Axis, y: Axis) -> Markup:
    place = Markup('<span class="wl-plot-at {}" style="left:{:.1f}%;top:{:.1f}%">{}</span>')
    return place.format(label.kind, 100 * x.share(label.at[0]), 100 * (1 - y.share(label.at[1])), label.words)


def _mark(mark: Line | Dots | Boxes | Rule, x: Axis, y: Axis, width: float, height: float) -> Markup:
    def at(point: Point) -> Point:
        return width * x.share(point[0]), height * (1 - y.share(point[1]))

    if isinstance(mark, Line):
        tag = "polygon" if mark.closed else "polyline"
        points = " ".join("{:.1f},{:.1f}".format(*at(point)) for point in mark.points)
        return Markup('<{} class="{}" points="{}" vector-effect="non-scaling-stroke"/>').format(tag, mark.kind, points)
    if isinstance(mark, Dots):
        return join(
            Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>').format(mark.kind, *at((px, py)), radius)
            for px, py, radius in mark.points
        )
    if isinstance(mark, Boxes):
        return join(_box(*at(one), *at(other), mark.kind) for one, other in mark.corners)
    (x0, y0), (x1, y1) = (
        ((width * x.share(mark.x), 0.0), (width * x.share(mark.x), height)) if mark.x is not None
        else ((0.0, height * (1 - y.share(mark.y or 0.0))), (width, height * (1 - y.share(mark.y or 0.0))))
    )  # fmt: skip
    return Markup(
        '<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" vector-effect="non-scaling-stroke"/>'
    ).format(mark.kind, x0, y0, x1, y1)


def _box(x0: float, y0: float, x1: float, y1: float, kind: str) -> Markup:
    return Markup('<rect class="{}" x="{:.2f}" y="{:.1f}" width="{:.2f}" height="{:.1f}"/>').format(
        kind, min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)
    )


def line_chart(points: Sequence[Point], *, title: str, x_label: str, unit: str = "", log: bool = False) -> Markup:
    """A small chart of one quantity that is still growing: its last value in words, its axes with two ticks each."""
    points = [(x, y) for x, y in points if math.isfinite(y) and (y > 0 or not log)]
    if len(points) < 2:
        return chart(Axis(0, 1, label=x_label), Axis(0, 1), title=title, kind="wl-chart")  # nothing to draw yet
    xs, ys = zip(*points, strict=True)
    x = Axis(xs[0], xs[-1], [(xs[0], f"{xs[0]:.0f}"), (xs[-1], f"{xs[-1]:.0f}")], x_label)
    y = Axis(min(ys), max(ys), [(min(ys), f"{min(ys):.3g}"), (max(ys), f"{max(ys):.3g}")], log=log)
    last = f"{ys[-1]:.4g}{unit}"
    words = Markup('<span class="wl-unseen">{}: from {} to {}</span>').format(title, f"{ys[0]:.4g}", last)
    return chart(x, y, Line(points), title=title, words=words, legend=strong(minus(last)), kind="wl-chart")


def class_map(
    xy_N2: Sequence[Point],
    class_N: Sequence[int],
    hover_N: Sequence[str],
    names: Sequence[str],
    *,
    own: Sequence[float] | None = None,
) -> go.Figure:
    """A scatter of points by class, each class labelled at its median, with the visitor's own point as a ring."""
    import plotly.graph_objects as go  # not on the way of the first page

    drawn = go.Figure()
    for k, name in enumerate(names):
        chosen = [i for i, c in enumerate(class_N) if c == k]
        x, y = [xy_N2[i][0] for i in chosen], [xy_N2[i][1] for i in chosen]
        style = {"color": CLASS_COLOURS[k % len(CLASS_COLOURS)], "size": 5, "opacity": 0.75}
        drawn.add_scatter(
            x=x, y=y, mode="markers", name=name, marker=style, text=[hover_N[i] for i in chosen], hoverinfo="text"
        )
        drawn.add_annotation(
            x=sorted(x)[len(x) // 2], y=sorted(y)[len(y) // 2], text=name, showarrow=False,
            font={"size": 17, "color": "#ffffff", "weight": "bold"}, bgcolor=style["color"], borderpad=2,
        )  # fmt: skip
    if own:
        ring = {"size": 20, "color": "rgba(0,0,0,0)", "line": {"width": 4, "color": "#e4572e"}}
        drawn.add_scatter(
            x=[own[0]], y=[own[1]], mode="markers+text", name="yours", marker=ring, text=["yours"],
            textposition="top center", textfont={"color": "#e4572e", "size": 14}, hoverinfo="name",
        )  # fmt: skip
    return quiet(drawn)


def quiet(drawn: go.Figure) -> go.Figure:
    """The figure on a transparent ground, with axes that read in light and dark."""
    axis = {"showgrid": True, "gridcolor": "rgba(124,133,144,.18)", "zeroline": False, "tickfont": {"color": QUIET}}
    drawn.update_layout(
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
    return drawn

"""What the Compression tab draws: large figures, the curve of accuracy against bytes, a layer before and after, answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from markupsafe import Markup
from PIL import Image
from torch import Tensor, nn

from compression.cost import Cost
from demos._ui.charts import CLASS_COLOURS, QUIET, Axis, Line, Rule, chart, quiet
from demos._ui.html import Figure, Text, bars, figure, group, join, note, per_cent, readouts, title
from demos._ui.pictures import picture
from demos.compression.nets import PLAIN, Choice, Own, Point, Score
from metrics.intervals import wilson

if TYPE_CHECKING:
    import plotly.graph_objects as go

DIGITS = tuple("0123456789")
TEAL, ORANGE = (15.0, 148.0, 136.0, 0.0), (228.0, 87.0, 46.0, 0.0)
OWN = "#e4572e"
"""What is the visitor's on the curve."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star-triangle-up")
UNCURVED = ("not compiled", "float32, compiled", "(deprecated)")
"""Rows of the benchmark that are there for their latency."""
MEGABYTES = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
TICKS = {0.3: "99.7", 0.5: "99.5", 1: "99", 2: "98", 5: "95", 10: "90", 20: "80", 50: "50", 90: "10"}
"""Per cent wrong, and how the axis calls it."""
MOST_PIXELS = 192
"""A side of the picture of a matrix."""
FAINTEST = 1e-4
"""Of the largest singular value, what the chart begins at."""
CARD = Markup('<svg viewBox="0 0 236 100" class="wl-compression-card" preserveAspectRatio="none">{}</svg>')


def size_text(n: float) -> str:
    """Bytes in MB or KB."""
    return f"{n / 1e6:.2f} MB" if n >= 1e6 else f"{n / 1e3:.0f} KB"


# The chosen point


def numbers_text(
    score: Score | None, size: float, dense: Cost, point: Point | None = None, ratio: float | None = None
) -> Markup:
    """The numbers in large figures; a `point` that was not made here has only its accuracy and its size."""
    shown = [_accuracy(score), Figure(size_text(size), f"{4 * dense.parameters / size:.1f} × smaller than float32")]
    if point is not None and ratio is not None:
        shown += [
            Figure(f"{point.cost.parameters:,}", f"parameters of {dense.parameters:,}"),
            Figure(f"{point.cost.macs / 1e6:.2f} M", f"multiply-adds of {dense.macs / 1e6:.2f} M"),
            Figure(f"{ratio:.2f} ×", "the dense net's time"),
        ]
    return readouts(*shown)


def _accuracy(score: Score | None) -> Figure:
    if score is None:
        return Figure("–", "accuracy: no test set here, and no stored point near")
    if score.n is None:
        return Figure(f"≈ {100 * score.accuracy:.2f}", "% accuracy, off the stored curve (n = 10,000)")
    low, high, n = wilson(score.accuracy, score.n)
    return Figure(f"{100 * score.accuracy:.2f}", f"% accuracy, {100 * low:.2f} to {100 * high:.2f}, n = {n:,}")


def point_text(choice: Choice, point: Point) -> Markup:
    """What was chosen, and what it came to."""
    ranks = ", ".join(f"{layer.removesuffix('.linear')} {rank}" for layer, rank in point.ranks.items())
    method = f"distilled ({point.checkpoint})" if point.checkpoint else choice.method
    precision = "int8" if point.net.int8 else "float32"
    return note(f"{choice.name}, {method}, {precision}. Ranks: {ranks or 'all layers whole'}.")


# The curve


def curve(rows: Sequence[Mapping[str, Any]], size: float, score: Score | None, own: Own | None = None) -> go.Figure:
    """Accuracy against bytes for every method in the benchmark's rows, the Pareto front, and the visitor's points."""
    import plotly.graph_objects as go  # not on the way of the first page

    rows = [row for row in rows if not row["method"].endswith(UNCURVED)]
    drawn = go.Figure()
    for i, (method, precision) in enumerate(dict.fromkeys((row["method"], row["precision"]) for row in rows)):
        _add_method(drawn, i, [row for row in rows if (row["method"], row["precision"]) == (method, precision)])
    if front := pareto([(row["bytes"], row["accuracy"]) for row in rows]):
        drawn.add_scatter(
            x=[b / 1e6 for b, _ in front], y=[100 * (1 - a) for _, a in front], name="Pareto front", mode="lines",
            line={"color": QUIET, "width": 1, "dash": "dot"}, hoverinfo="skip",
        )  # fmt: skip
    if score is not None:
        _add_own(drawn, "your point", size, score, color="rgba(0,0,0,0)", line={"width": 4, "color": OWN})
    if own is not None:
        _add_own(
            drawn, "the net that you taught", own.bytes, own.score,
            symbol="diamond-open", color=OWN, line={"width": 4},
        )  # fmt: skip
    return _with_axes(drawn)


def _add_method(drawn: go.Figure, i: int, rows: Sequence[Mapping[str, Any]]) -> None:
    rows = sorted(rows, key=lambda row: row["bytes"])
    method, precision = rows[0]["method"], rows[0]["precision"]
    name = f"{method}, int8" if precision == "int8" and "int8" not in method else method
    drawn.add_scatter(
        x=[row["bytes"] / 1e6 for row in rows], y=[100 * (1 - row["accuracy"]) for row in rows], name=name,
        mode="lines+markers+text", textposition="bottom center", textfont={"size": 10},
        text=[row["point"].removeprefix("rank ") if row["point"].startswith("rank ") else "" for row in rows],
        line={"color": CLASS_COLOURS[i % 10], "width": 2}, marker={"symbol": SYMBOLS[i % 6], "size": 8},
        hovertemplate=f"{name}<br>%{{x:.3f}} MB, %{{y:.2f}} % wrong<extra></extra>",
    )  # fmt: skip


def _add_own(drawn: go.Figure, name: str, size: float, score: Score, **ring: Any) -> None:
    wrong = max(0.01, 100 * (1 - score.accuracy))
    drawn.add_scatter(x=[size / 1e6], y=[wrong], name=name, mode="markers", marker={"size": 18, **ring})


def _with_axes(drawn: go.Figure) -> go.Figure:
    quiet(drawn)
    drawn.update_layout(
        showlegend=True, height=560, legend={"orientation": "h", "y": -0.16}, margin={"b": 40, "l": 56, "r": 8, "t": 8}
    )
    drawn.update_xaxes(type="log", title="MB (4 bytes a number; int8: the file)", tickvals=MEGABYTES)
    drawn.update_yaxes(
        type="log", autorange="reversed", title="% right on test", tickvals=list(TICKS), ticktext=list(TICKS.values())
    )
    return drawn


def pareto(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points `(size, value)` that no other beats in both, from the smallest up."""
    front: list[tuple[float, float]] = []
    for size, value in sorted(points, key=lambda p: (p[0], -p[1])):
        if not front or value > front[-1][1]:
            front.append((size, value))
    return front


# One layer


def layer_text(
    layer: str, method: str, before_OI: Tensor, after_OI: Tensor, value_K: Tensor, rank: int | None
) -> Markup:
    """A layer's matrix before and after, with its singular values and where they were cut; no `rank` where it is whole."""
    shown = group(
        "wl-compression-matrices",
        _matrix(before_OI, "Before"),
        _matrix(after_OI, f"After, rank {rank}" if rank else "After: left whole"),
        spectrum(value_K, rank),
    )
    off = ((before_OI - after_OI).norm() / before_OI.norm()).item()
    size = f"{before_OI.shape[0]} × {before_OI.shape[1]}"
    lesson = _lesson(method, value_K, rank)
    return shown + note(f"{layer}, {size}. {lesson} The weights are off by {off:.2f} of their norm.")


def _lesson(method: str, value_K: Tensor, rank: int | None) -> str:
    if not rank:
        return "The budget leaves this layer whole."
    if method != PLAIN:
        return "Whitening keeps what the layer does to digits rather than the weights themselves."
    energy_K = value_K.square()
    share = (energy_K[:rank].sum() / energy_K.sum()).item()
    return f"Plain truncation keeps {per_cent(share)} of the squared singular values."


def _matrix(w_OI: Tensor, title: str) -> Markup:
    return figure(picture(matrix_picture(w_OI), f"{title}: the weights as a picture"), words=title)


def matrix_picture(w_OI: Tensor) -> Image.Image:
    """A signed matrix as a picture: what is nothing is transparent, teal is positive, orange is negative."""
    height, width = (min(MOST_PIXELS, side) for side in w_OI.shape)
    small_HW = nn.functional.adaptive_avg_pool2d(w_OI[None], (height, width))[0]
    shade_HW = (small_HW / (2.5 * small_HW.std()).clamp(min=1e-9)).clamp(-1, 1)
    rgba_HW4 = torch.where((shade_HW > 0)[..., None], torch.tensor(TEAL), torch.tensor(ORANGE))
    rgba_HW4[..., 3] = 255 * shade_HW.abs()
    return Image.fromarray(rgba_HW4.round().byte().numpy())


def spectrum(value_K: Tensor, rank: int | None) -> Markup:
    """The singular values, falling, on a log scale, with the cut after the first `rank`."""
    n, most = len(value_K), value_K[0].item()
    least = max(value_K.min().item(), FAINTEST * most)
    words = f"{n:,} singular values, log scale" + (f"; cut after {rank}" if rank else "")
    return chart(
        Axis(1, n, [(1, "1"), (n, f"{n:,}")]),
        Axis(least, most, [(least, f"{least:.1g}"), (most, f"{most:.2g}")], log=True),
        Line(list(enumerate(value_K.tolist(), 1))),
        *([Rule(x=rank + 0.5, kind="wl-compression-cut")] if rank else []),
        title="", words=words, square=True,
    )  # fmt: skip


# Answers


def answers_text(answers: Sequence[tuple[Text, Sequence[float]]]) -> Markup:
    """What each net, by its title, says of one digit: ten probabilities."""
    return group("wl-compression-pair", *(_answer(name, p_C) for name, p_C in answers))


def _answer(name: Text, p_C: Sequence[float]) -> Markup:
    best = max(range(10), key=p_C.__getitem__)
    return Markup("<div>{}{}</div>").format(
        title(f"{name}: {best}, {per_cent(p_C[best])}"), bars(p_C, DIGITS, marked=best)
    )


def own_title(own: Own) -> str:
    """The visitor's net, by its size and what it scores."""
    return f"Yours ({size_text(own.bytes)}, {100 * own.score.accuracy:.2f} % of {own.score.n:,} test digits)"


def thumbnail() -> Markup:
    """For the home page: bars that shrink, as the singular values of a layer do."""
    heights = [100 * 0.82**i for i in range(24)]
    bar = Markup('<rect x="{}" y="{:.1f}" width="6" height="{:.1f}"/>')
    return CARD.format(join(bar.format(10 * i, 100 - h, h) for i, h in enumerate(heights)))

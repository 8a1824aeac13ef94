"""Pictures of a decision: similarities of test trials on one scale, both errors at every threshold, voices on a map."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from demos._ui.charts import CLASS_COLOURS, QUIET, quiet
from demos._ui.panels import per_cent
from demos.voices.nets import Scores
from demos.voices.nets import scores as scores_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from demos.voices.nets import Net

WIDTH, HEIGHT, BINS = 560, 150, 56
TEAL, ORANGE = "#0f9488", "#e4572e"
TICKS = (0.001, 0.01, 0.05, 0.1, 0.2, 0.4)
"""Error rates that the curve's axes name; spaced as quantiles of a normal distribution, as is usual (Martin 1997)."""
CURVE_POINTS = 400


def verdict(net: Net, threshold: float, score: float, words: str) -> str:
    """The decision in large letters, what it is worth, the scale with this pair on it, and the facts in words."""
    scores = scores_of(net)
    accepted, rejected = scores.errors(threshold)
    same = score >= threshold
    said = "One person" if same else "Two persons"
    above = (scores.different_P >= score).double().mean().item()
    below = (scores.same_P <= score).double().mean().item()
    worth = (
        f"{per_cent(above)} of the trials of two persons are as similar or more."
        if same
        else f"{per_cent(below)} of the trials of one person are as dissimilar or more."
    )
    return (
        f'<div class="wl-decision"><b>{said}</b><p><span class="wl-score">{score:.2f}</span> similarity (cosine), '
        f"{'at or above' if same else 'below'} the threshold of {threshold:.2f}. {worth}</p></div>"
        f"{scale(scores, threshold, score)}"
        f'<p class="wl-note">At this threshold {per_cent(accepted)} of the test trials of two persons are accepted and '
        f"{per_cent(rejected)} of those of one person rejected. {html.escape(words)}</p>"
    )


def scale(scores: Scores, threshold: float, score: float | None = None, *, small: bool = False) -> str:
    """The similarities of all test trials as two humps over one axis, with the threshold and this pair, as SVG."""
    low, high = scores.span
    low, high = min(low, threshold, *_known(score)), max(high, threshold, *_known(score))

    def x(value: float) -> float:
        return WIDTH * (value - low) / (high - low)

    humps = "".join(
        f'<path class="wl-hump-{kind}" d="{_hump(values, low, high)}"/>'
        for kind, values in (("two", scores.different_P), ("one", scores.same_P))
    )
    edge = x(threshold)
    marks = f'<line class="wl-threshold" x1="{edge:.1f}" x2="{edge:.1f}" y1="0" y2="{HEIGHT}"/>'
    tag = ""
    if score is not None:
        at = x(score)
        marks += f'<line class="wl-this" x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="{HEIGHT}"/>'
        side = "right" if at > 0.8 * WIDTH else "left"
        offset = 100 * (1 - at / WIDTH) if side == "right" else 100 * at / WIDTH
        tag = f'<span class="wl-this-tag" style="{side}:{offset:.1f}%">{score:.2f} this pair</span>'
    step = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 100) if (high - low) / step <= 9)
    ticks = [step * t for t in range(math.ceil(low / step), math.floor(high / step) + 1)]
    labels = "".join(f'<span style="left:{100 * x(t) / WIDTH:.1f}%">{t:.3g}</span>' for t in ticks)
    words = (
        f"Similarities of {len(scores.different_P):,} trials of two persons (middle {scores.different_P.median():.2f}) and of "
        f"{len(scores.same_P):,} of one person (middle {scores.same_P.median():.2f}); threshold {threshold:.2f}"
    )
    words += f"; this pair {score:.2f}" if score is not None else ""
    legend = (
        '<div class="wl-legend"><span class="wl-key-two">two persons</span><span class="wl-key-one">one person</span>'
        '<span class="wl-key-threshold">threshold</span></div>'
    )
    return (
        f'<figure class="wl-scale{" wl-scale-small" if small else ""}">{"" if small else legend}<div class="wl-scale-plot">{tag}'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{words}">{humps}{marks}</svg>'
        f'</div><div class="wl-scale-x" aria-hidden="true">{labels}</div></figure>'
    )


def _known(score: float | None) -> tuple[float, ...]:
    return () if score is None else (score,)


def _hump(value_P: Tensor, low: float, high: float) -> str:
    """A smoothed histogram, its peak at nine tenths of the height, as a closed path."""
    count_K = torch.histc(value_P.float(), BINS, min=low, max=high)
    kernel = torch.tensor([1.0, 2.0, 3.0, 2.0, 1.0])
    smooth_K = torch.conv1d(count_K[None, None], kernel[None, None] / kernel.sum(), padding=2)[0, 0]
    height_K = 0.9 * HEIGHT * smooth_K / smooth_K.max().clamp(min=1e-9)
    points = " ".join(f"L{WIDTH * (k + 0.5) / BINS:.1f} {HEIGHT - h:.1f}" for k, h in enumerate(height_K.tolist()))
    return f"M0 {HEIGHT} {points} L{WIDTH} {HEIGHT} Z"


def det_figure(curves: dict[str, Scores], here: tuple[float, float] | None = None) -> go.Figure:
    """Both errors against one another for each net, with the point of equal errors and the visitor's threshold."""
    import plotly.graph_objects as go  # not on the way of the first page

    figure = go.Figure()
    for number, (name, scores) in enumerate(curves.items()):
        accept_K, reject_K = scores.det.false_accept_K, scores.det.false_reject_K
        keep_K = torch.linspace(0, len(accept_K) - 1, min(CURVE_POINTS, len(accept_K))).long()
        pairs = [
            f"{per_cent(a)} accepted, {per_cent(r)} rejected"
            for a, r in zip(accept_K[keep_K].tolist(), reject_K[keep_K].tolist(), strict=True)
        ]
        figure.add_scatter(
            x=_probit(accept_K[keep_K]), y=_probit(reject_K[keep_K]), mode="lines", name=name, text=pairs,
            hoverinfo="text+name", line={"color": (TEAL, CLASS_COLOURS[0])[number % 2], "width": 2.5, "dash": ("solid", "dot")[number % 2]},
        )  # fmt: skip
        at = _probit(torch.tensor([scores.equal.rate]))
        figure.add_scatter(
            x=at, y=at, mode="markers+text", name=f"{name}: equal errors", text=[f"EER {per_cent(scores.equal.rate)}"],
            textposition="top left", textfont={"color": QUIET, "size": 13}, hoverinfo="text+name",
            marker={"size": 12, "color": "rgba(0,0,0,0)", "line": {"width": 2.5, "color": TEAL}},
        )  # fmt: skip
    if here is not None:
        x, y = _probit(torch.tensor(here))
        figure.add_scatter(
            x=[x], y=[y], mode="markers", name="your threshold", hoverinfo="name",
            marker={"size": 13, "symbol": "x", "color": ORANGE},
        )  # fmt: skip
    quiet(figure)
    ticks = {"tickvals": _probit(torch.tensor(TICKS)), "ticktext": [f"{100 * t:g} %" for t in TICKS], "tickangle": 0}
    span = _probit(torch.tensor([0.0006, 0.5]))
    figure.update_xaxes(range=span, title="trials of two persons accepted", **ticks)
    figure.update_yaxes(range=span, title="trials of one person rejected", **ticks)
    figure.update_layout(height=400, margin={"l": 62, "r": 10, "t": 10, "b": 46})
    return figure


def _probit(rate_K: Tensor) -> list[float]:
    """Rates as quantiles of the normal distribution; 0 and 1 stay at the edge of what the axes show."""
    return torch.special.ndtri(rate_K.double().clamp(0.0006, 0.5)).tolist()


def map_text(net: Net, enrolled: Mapping[str, Sequence[float]], own: Sequence[float] | None = None) -> str:
    """The test speakers' recordings on their two widest directions, with the enrolled voices and the one asked about."""
    at_N = net.evidence["corpus"] == 0
    xy_N2, speaker_N = net.evidence["map"][at_N], net.evidence["speaker"][at_N]
    everything = torch.cat([xy_N2, torch.tensor([*enrolled.values(), *([own] if own else [])]).reshape(-1, 2)])
    low, high = everything.amin(0), everything.amax(0)
    middle, half = (low + high) / 2, 0.56 * (high - low).max()

    def at(xy: Sequence[float]) -> tuple[float, float]:
        place = (torch.tensor(xy) - middle) / (2 * half) + 0.5
        return 400 * place[0].item(), 300 * (1 - place[1].item())

    ranks = {s: i for i, s in enumerate(speaker_N.unique().tolist())}
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" style="fill:{CLASS_COLOURS[ranks[s] % len(CLASS_COLOURS)]}"/>'
        for (x, y), s in ((at(xy), s) for xy, s in zip(xy_N2.tolist(), speaker_N.tolist(), strict=True))
    )
    named = "".join(
        f'<g class="wl-known" transform="translate({x:.1f} {y:.1f})"><rect x="-5" y="-5" width="10" height="10"/>'
        f'<text x="9" y="4">{html.escape(name)}</text></g>'
        for name, (x, y) in ((name, at(xy)) for name, xy in enrolled.items())
    )
    if own:
        x, y = at(own)
        named += f'<circle class="wl-asked" cx="{x:.1f}" cy="{y:.1f}" r="9"/>'
    words = f"{len(xy_N2)} recordings of AN4's {len(ranks)} test speakers, a colour for each"
    words += f"; squares are the {len(enrolled)} enrolled" if enrolled else ""
    words += "; the ring is the recording asked about" if own else ""
    return (
        f'<figure class="wl-atlas"><svg viewBox="0 0 400 300" role="img" aria-label="{words}">{dots}{named}</svg>'
        f'<figcaption class="wl-note">{words}. Two of {net.evidence["plane_mean"].shape[0]} directions: near here need not be '
        "near there.</figcaption></figure>"
    )

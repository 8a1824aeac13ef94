"""ECG paper as SVG: a strip at 25 mm/s and 10 mm/mV with every beat's letter, and one beat large under its heat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from demos._ui.charts import per_cent
from signals.ecg import CLASSES, NAMES, RATE_HZ

MM = 4
"""Pixels to a millimetre of paper."""
SECOND, MV = 25 * MM, 10 * MM
ROW, RHYTHM_HEIGHT, MARGIN = 24, 74, 26
Place = Callable[[Any], Any]
"""From a sample, or a second, to a pixel."""
SPAN_MV = (3.0, 6.0)
"""The least and the most of the voltage axis that a strip shows; what goes beyond is cut off."""


@dataclass(frozen=True)
class Row:
    """One line of letters below a strip: `class_B`, −1 where there is none."""

    name: str
    class_B: Sequence[int]


def strip(
    x_T: np.ndarray, r_B: np.ndarray, rows: Sequence[Row], *, start: float, seconds: float, chosen: int = -1
) -> str:
    """`seconds` of a lead in mV from `start`, as HTML: names on the left stand still, the paper scrolls.

    A beat is a `data-beat` group that can be clicked, or reached by the tab key; `chosen` is marked from the start.
    """
    first, last = int(start * RATE_HZ), min(len(x_T), int((start + seconds) * RATE_HZ))
    width = SECOND * (last - first) / RATE_HZ
    low, high = _limits(x_T[first:last])
    paper = (high - low) * MV
    shown = [i for i, r in enumerate(r_B) if first <= r < last]
    x_of = lambda sample: SECOND * (sample - first) / RATE_HZ  # noqa: E731
    y_of = lambda mv: MARGIN + (high - np.clip(mv, low, high)) * MV  # noqa: E731
    at = np.arange(first, last, 3)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(x_of(at), y_of(x_T[at]), strict=True))
    letters = MARGIN + paper
    height = letters + ROW * len(rows) + RHYTHM_HEIGHT
    groups = "".join(_beat(i, r_B, rows, x_of, letters, letters + ROW * len(rows), i == chosen) for i in shown)
    ticks = "".join(
        f'<text x="{x_of(s * RATE_HZ) + 3:.0f}" y="14">{s} s</text>'
        for s in range(int(np.ceil(start)), int(start + seconds) + 1)
    )
    names = "".join(
        f'<span style="top:{letters + ROW * k:.0f}px">{escape(row.name)}</span>' for k, row in enumerate(rows)
    )
    return (
        f'<div class="wl-ecg" style="height:{height + 14:.0f}px"><div class="wl-ecg-names" aria-hidden="true">'
        f'<span style="top:{MARGIN:.0f}px">10 mm 1 mV<br>25 mm 1 s</span>{names}'
        f'<span style="top:{letters + ROW * len(rows) + 8:.0f}px">R-R, ms<br>and beats<br>per minute</span></div>'
        f'<div class="wl-ecg-scroll" tabindex="0" role="region" aria-label="ECG strip; scrolls sideways">'
        f'<svg width="{width:.0f}" height="{height:.0f}" role="group" aria-label="{len(shown)} beats from {start:g} s on">'
        f"{_grid(width, paper)}<g class='wl-ecg-time'>{ticks}</g>"
        f'<polyline class="wl-ecg-trace" points="{line}"/>{groups}'
        f"{_rhythm(r_B, shown, x_of, letters + ROW * len(rows))}</svg></div></div>"
    )


def _limits(x_T: np.ndarray) -> tuple[float, float]:
    """Half-millivolt limits that hold the trace, no narrower and no wider than `SPAN_MV`."""
    low, high = np.floor(2 * x_T.min() - 0.2) / 2, np.ceil(2 * x_T.max() + 0.2) / 2
    middle = np.round(low + high) / 2
    half = np.clip((high - low) / 2, SPAN_MV[0] / 2, SPAN_MV[1] / 2)
    return float(middle - half), float(middle + half)


def _grid(width: float, height: float) -> str:
    """Millimetre paper: a thin line each millimetre, a stronger one every fifth."""

    def lines(step: int) -> str:
        across = "".join(f"M{x} {MARGIN}v{height:.0f}" for x in range(0, int(width) + 1, step))
        return across + "".join(f"M0 {MARGIN + y}h{width:.0f}" for y in range(0, int(height) + 1, step))

    return f'<path class="wl-ecg-fine" d="{lines(MM)}"/><path class="wl-ecg-bold" d="{lines(5 * MM)}"/>'


def _beat(i: int, r_B: np.ndarray, rows: Sequence[Row], x_of: Place, top: float, bottom: float, chosen: bool) -> str:
    x = x_of(r_B[i])
    left = x_of(r_B[i - 1]) if i else x - 60
    right = x_of(r_B[i + 1]) if i + 1 < len(r_B) else x + 60
    begin, end = max((left + x) / 2, x - 60), min((x + right) / 2, x + 60)
    said = ", ".join(f"{row.name} {CLASSES[row.class_B[i]]}" for row in rows if row.class_B[i] >= 0)
    texts = "".join(
        f'<text class="wl-c{CLASSES[k]}" x="{x:.0f}" y="{top + ROW * n + 17:.0f}">{CLASSES[k]}</text>'
        for n, row in enumerate(rows)
        if (k := row.class_B[i]) >= 0
    )
    main = CLASSES[next((row.class_B[i] for row in rows if row.name != TRUTH), 0)]
    return (
        f'<g class="wl-beat wl-is{main}{" wl-chosen" * chosen}" data-beat="{i}" tabindex="0" role="button" aria-label="Beat {i + 1}: {escape(said)}">'
        f'<rect x="{begin:.1f}" y="{MARGIN}" width="{end - begin:.1f}" height="{bottom - MARGIN:.1f}"/>{texts}</g>'
    )


TRUTH = "truth"
"""The row of what the annotators said, or of what a simulated beat was made as."""


def _rhythm(r_B: np.ndarray, shown: Sequence[int], x_of: Place, top: float) -> str:
    """The interval before each beat in ms, and the heart rate as a line."""
    inner = [i for i in shown if i > 0]
    if not inner:
        return ""
    interval = {i: (r_B[i] - r_B[i - 1]) / RATE_HZ for i in inner}
    rate = {i: 60 / max(interval[i], 1e-3) for i in inner}
    low, high = min(rate.values()), max(rate.values())
    high = max(high, low + 10)
    y_of = lambda v: top + 66 - 36 * (v - low) / (high - low)  # noqa: E731
    points = " ".join(f"{x_of(r_B[i]):.1f},{y_of(rate[i]):.1f}" for i in inner)
    dots = "".join(
        f'<circle cx="{x_of(r_B[i]):.1f}" cy="{y_of(rate[i]):.1f}" r="2.5"><title>{rate[i]:.0f} beats per minute</title></circle>'
        for i in inner
    )
    texts = "".join(
        f'<text x="{(x_of(r_B[i]) + x_of(r_B[i - 1])) / 2:.0f}" y="{top + 18:.0f}">{1000 * interval[i]:.0f}</text>'
        for i in inner
        if interval[i] > 0.3
    )
    return f'<g class="wl-ecg-rhythm">{texts}<polyline points="{points}"/>{dots}</g>'


def heat_beat(
    x_T: np.ndarray,
    seconds_T: np.ndarray,
    heats: Sequence[tuple[str, np.ndarray]],
    *,
    title: str,
    usual_T: np.ndarray | None = None,
    half: float = 0.5,
) -> str:
    """One beat large: its trace over `seconds_T`, and below it one bar of heat (any scale ≥ 0) for each of `heats`.

    The axis runs from −`half` to `half` seconds around R for every net, so that they can be compared by eye.
    """
    width, tall, bar = 480, 170, 16
    x_of = lambda s: width * (s + half) / (2 * half)  # noqa: E731
    everything = np.concatenate([x_T, usual_T]) if usual_T is not None else x_T
    low, high = float(everything.min()), float(everything.max())
    span = max(high - low, 1e-6)
    y_of = lambda v: 6 + (tall - 12) * (high - v) / span  # noqa: E731
    path = lambda v_T: " ".join(  # noqa: E731
        f"{x:.1f},{y:.1f}" for s, x, y in zip(seconds_T, x_of(seconds_T), y_of(v_T), strict=True) if abs(s) <= half
    )
    bands = "".join(_bands(heat, seconds_T, x_of, tall + 4 + k * (bar + 3), bar) for k, (_, heat) in enumerate(heats))
    total = tall + 4 + len(heats) * (bar + 3)
    shade = (
        _bands(np.mean([h / max(h.max(), 1e-12) for _, h in heats], axis=0), seconds_T, x_of, 0, tall) if heats else ""
    )
    other = f'<polyline class="wl-usual" points="{path(usual_T)}"/>' if usual_T is not None else ""
    names = f"Bars from the top: {escape(', '.join(name for name, _ in heats))}" if len(heats) > 1 else ""
    return (
        f'<figure class="wl-heat"><figcaption>{escape(title)}</figcaption><div class="wl-heat-body">'
        f'<svg viewBox="0 0 {width} {total}" role="img" aria-label="{escape(title)}">'
        f'<g class="wl-heat-shade">{shade}</g><line class="wl-heat-r" x1="{x_of(0)}" x2="{x_of(0)}" y1="0" y2="{tall}"/>{other}'
        f'<polyline class="wl-ecg-trace" points="{path(x_T)}"/><g class="wl-heat-bars">{bands}</g></svg>'
        f'<div class="wl-heat-axis"><span>−{half:g} s</span><span>R</span><span>+{half:g} s</span></div>'
        f'<div class="wl-heat-names">{names}</div></div></figure>'
    )


def _bands(
    heat_T: np.ndarray, seconds_T: np.ndarray, x_of: Place, top: float, height: float, *, pieces: int = 64
) -> str:
    """Heat as rectangles, as opaque as it is hot; beyond the net's window there are none."""
    hottest = float(heat_T.max())
    if hottest <= 0:
        return ""
    found = []
    for part in np.array_split(np.arange(len(heat_T)), pieces):
        x0, x1 = x_of(seconds_T[part[0]]), x_of(seconds_T[min(part[-1] + 1, len(seconds_T) - 1)])
        if (strength := float(heat_T[part].mean()) / hottest) > 0.02:
            found.append(
                f'<rect x="{x0:.1f}" y="{top:.0f}" width="{x1 - x0 + 0.3:.1f}" height="{height}" opacity="{strength:.2f}"/>'
            )
    return "".join(found)


def class_bars(p_C: Sequence[float]) -> str:
    """A net's probabilities as bars, the class letter and its name beside them."""
    best = max(range(len(p_C)), key=lambda k: p_C[k])
    rows = "".join(
        f'<div class="wl-bar{" wl-bar-marked" if k == best else ""}"><span class="wl-c{name}" title="{NAMES[name]}">{name}</span>'
        f'<i><b style="width:{100 * p_C[k]:.2f}%"></b></i><span>{per_cent(p_C[k])}</span></div>'
        for k, name in enumerate(CLASSES)
    )
    return f'<div class="wl-bars">{rows}</div>'

"""ECG paper as SVG: a strip at 25 mm/s and 10 mm/mV with every beat's letter, and one beat large under its heat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from demos._ui.html import EMPTY, figure, join
from demos.heartbeats.nets import TITLES, Reading
from signals.ecg import CLASSES, NAMES, RATE_HZ

MM = 4
"""Pixels to a millimetre of paper."""
SECOND, MV = 25 * MM, 10 * MM
ROW, RHYTHM_HEIGHT, MARGIN = 24, 74, 26
Place = Callable[[Any], Any]
"""From a sample, or a second, to a pixel."""
SPAN_MV = (3.0, 6.0)
"""The least and the most of the voltage axis that a strip shows; what goes beyond is cut off."""
TRUTH = "truth"
"""The row of what the annotators said, or of what a simulated beat was made as."""
CARD = Markup(
    '<svg class="wl-heartbeats-card" viewBox="0 0 300 84" preserveAspectRatio="xMidYMid meet"><polyline points="{}"/></svg>'
)


@dataclass(frozen=True)
class Row:
    """One line of letters below a strip: `class_B`, −1 where there is none."""

    name: str
    class_B: Sequence[int]


def letter(name: str) -> Markup:
    """A class's letter in its colour, with its name for whoever asks."""
    return Markup('<span class="wl-heartbeats-{}" title="{}">{}</span>').format(name, NAMES[name], name)


def ecg_strip(reading: Reading, *, start: float, seconds: float, chosen: int = -1) -> Markup:
    """`seconds` of a reading from `start` on, the truth's row first where it is known."""
    rows = [Row(TITLES[name], p_BC.argmax(1).tolist()) for name, p_BC in reading.p.items()]
    if reading.truth_B is not None:
        rows.insert(0, Row(TRUTH, reading.truth_B.tolist()))
    return strip(reading.clean_T, reading.beats.r_B.numpy(), rows, start=start, seconds=seconds, chosen=chosen)


def strip(
    x_T: np.ndarray, r_B: np.ndarray, rows: Sequence[Row], *, start: float, seconds: float, chosen: int = -1
) -> Markup:
    """`seconds` of a lead in mV from `start`: names on the left stand still, the paper scrolls.

    A beat is a `data-beat` group that can be clicked, or reached by the tab key; `chosen` is marked from the start.
    """
    first, last = int(start * RATE_HZ), min(len(x_T), int((start + seconds) * RATE_HZ))
    width = SECOND * (last - first) / RATE_HZ
    low, high = _limits(x_T[first:last])
    letters = MARGIN + (high - low) * MV
    rhythm = letters + ROW * len(rows)
    height = rhythm + RHYTHM_HEIGHT
    shown = [i for i, r in enumerate(r_B) if first <= r < last]

    def x_of(sample: Any) -> Any:
        return SECOND * (sample - first) / RATE_HZ

    at = np.arange(first, last, 3)
    trace = zip(x_of(at), MARGIN + (high - np.clip(x_T[at], low, high)) * MV, strict=True)
    svg = Markup(
        '<svg width="{:.0f}" height="{:.0f}" role="group" aria-label="{} beats from {:g} s on">{}'
        '<g class="wl-heartbeats-time">{}</g><polyline class="wl-heartbeats-trace" points="{}"/>{}{}</svg>'
    ).format(
        width, height, len(shown), start, _grid(width, letters - MARGIN), _seconds(start, seconds, x_of),
        " ".join(f"{x:.1f},{y:.1f}" for x, y in trace),
        join(_beat(i, r_B, rows, x_of, letters, rhythm, i == chosen) for i in shown),
        _rhythm(r_B, shown, x_of, rhythm),
    )  # fmt: skip
    return Markup(
        '<div class="wl-heartbeats-strip" style="height:{:.0f}px"><div class="wl-heartbeats-names" aria-hidden="true">{}</div>'
        '<div class="wl-heartbeats-paper" tabindex="0" role="region" aria-label="ECG strip; scrolls sideways">{}</div></div>'
    ).format(height + 14, _names(rows, letters, rhythm), svg)


def _names(rows: Sequence[Row], letters: float, rhythm: float) -> Markup:
    lines = [(MARGIN, Markup("10 mm 1 mV<br>25 mm 1 s"))]
    lines += [(letters + ROW * k, row.name) for k, row in enumerate(rows)]
    lines += [(rhythm + 8, Markup("R-R, ms<br>and beats<br>per minute"))]
    return join(Markup('<span style="top:{:.0f}px">{}</span>').format(top, words) for top, words in lines)


def _seconds(start: float, seconds: float, x_of: Place) -> Markup:
    whole = range(int(np.ceil(start)), int(start + seconds) + 1)
    return join(Markup('<text x="{:.0f}" y="14">{} s</text>').format(x_of(s * RATE_HZ) + 3, s) for s in whole)


def _limits(x_T: np.ndarray) -> tuple[float, float]:
    """Half-millivolt limits that hold the trace, no narrower and no wider than `SPAN_MV`."""
    low, high = np.floor(2 * x_T.min() - 0.2) / 2, np.ceil(2 * x_T.max() + 0.2) / 2
    middle = np.round(low + high) / 2
    half = np.clip((high - low) / 2, SPAN_MV[0] / 2, SPAN_MV[1] / 2)
    return float(middle - half), float(middle + half)


def _grid(width: float, height: float) -> Markup:
    """Millimetre paper: a thin line each millimetre, a stronger one every fifth."""

    def lines(step: int) -> str:
        across = "".join(f"M{x} {MARGIN}v{height:.0f}" for x in range(0, int(width) + 1, step))
        return across + "".join(f"M0 {MARGIN + y}h{width:.0f}" for y in range(0, int(height) + 1, step))

    path = Markup('<path class="wl-heartbeats-{}" d="{}"/>')
    return path.format("fine", lines(MM)) + path.format("bold", lines(5 * MM))


def _beat(i: int, r_B: np.ndarray, rows: Sequence[Row], x_of: Place, top: float, bottom: float, chosen: bool) -> Markup:
    x = x_of(r_B[i])
    left = x_of(r_B[i - 1]) if i else x - 60
    right = x_of(r_B[i + 1]) if i + 1 < len(r_B) else x + 60
    begin, end = max((left + x) / 2, x - 60), min((x + right) / 2, x + 60)
    said = ", ".join(f"{row.name} {CLASSES[row.class_B[i]]}" for row in rows if row.class_B[i] >= 0)
    texts = join(
        Markup('<text class="wl-heartbeats-{}" x="{:.0f}" y="{:.0f}">{}</text>').format(
            CLASSES[k], x, top + ROW * n + 17, CLASSES[k]
        )
        for n, row in enumerate(rows)
        if (k := row.class_B[i]) >= 0
    )
    main = CLASSES[next((row.class_B[i] for row in rows if row.name != TRUTH), 0)]
    return Markup(
        '<g class="wl-heartbeats-beat wl-heartbeats-is{}{}" data-beat="{}">'
        '<rect tabindex="0" role="button" aria-label="Beat {}: {}" x="{:.1f}" y="{}" width="{:.1f}" height="{:.1f}"/>{}</g>'
    ).format(
        main, " wl-heartbeats-chosen" if chosen else "", i, i + 1, said, begin, MARGIN, end - begin, bottom - MARGIN, texts
    )  # fmt: skip


def _rhythm(r_B: np.ndarray, shown: Sequence[int], x_of: Place, top: float) -> Markup:
    """The interval before each beat in ms, and the heart rate as a line."""
    inner = [i for i in shown if i > 0]
    if not inner:
        return EMPTY
    interval = {i: (r_B[i] - r_B[i - 1]) / RATE_HZ for i in inner}
    rate = {i: 60 / max(interval[i], 1e-3) for i in inner}
    low, high = min(rate.values()), max(rate.values())
    high = max(high, low + 10)
    at = {i: (x_of(r_B[i]), top + 66 - 36 * (rate[i] - low) / (high - low)) for i in inner}
    dots = join(
        Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.5"><title>{:.0f} beats per minute</title></circle>').format(
            *at[i], rate[i]
        )
        for i in inner
    )
    texts = join(
        Markup('<text x="{:.0f}" y="{:.0f}">{:.0f}</text>').format(
            (x_of(r_B[i]) + x_of(r_B[i - 1])) / 2, top + 18, 1000 * interval[i]
        )
        for i in inner
        if interval[i] > 0.3
    )
    points = " ".join("{:.1f},{:.1f}".format(*at[i]) for i in inner)
    return Markup('<g class="wl-heartbeats-rhythm">{}<polyline points="{}"/>{}</g>').format(texts, points, dots)


def heat_beat(
    x_T: np.ndarray,
    seconds_T: np.ndarray,
    heats: Sequence[tuple[str, np.ndarray]],
    *,
    title: str,
    usual_T: np.ndarray | None = None,
    half: float = 0.5,
) -> Markup:
    """One beat large: its trace over `seconds_T`, and below it one bar of heat (any scale ≥ 0) for each of `heats`.

    The axis runs from −`half` to `half` seconds around R for every net, so that they can be compared by eye.
    """
    width, tall, bar = 480, 170, 16
    everything = np.concatenate([x_T, usual_T]) if usual_T is not None else x_T
    low, high = float(everything.min()), float(everything.max())

    def x_of(second: Any) -> Any:
        return width * (second + half) / (2 * half)

    def path(v_T: np.ndarray) -> str:
        y_T = 6 + (tall - 12) * (high - v_T) / max(high - low, 1e-6)
        inside = (p for p in zip(seconds_T, x_of(seconds_T), y_T, strict=True) if abs(p[0]) <= half)
        return " ".join(f"{x:.1f},{y:.1f}" for _, x, y in inside)

    bands = join(_bands(h, seconds_T, x_of, tall + 4 + k * (bar + 3), bar) for k, (_, h) in enumerate(heats))
    mean_T = np.mean([h / max(h.max(), 1e-12) for _, h in heats], axis=0) if heats else None
    shade = _bands(mean_T, seconds_T, x_of, 0, tall) if mean_T is not None else EMPTY
    line = Markup('<polyline class="{}" points="{}"/>')
    usual = line.format("wl-heartbeats-usual", path(usual_T)) if usual_T is not None else EMPTY
    svg = Markup(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}"><g class="wl-heartbeats-shade">{}</g>'
        '<line class="wl-heartbeats-r" x1="{}" x2="{}" y1="0" y2="{}"/>{}{}<g class="wl-heartbeats-bars">{}</g></svg>'
        '<div class="wl-heartbeats-axis"><span>−{:g} s</span><span>R</span><span>+{:g} s</span></div>'
    ).format(
        width, tall + 4 + len(heats) * (bar + 3), title, shade, x_of(0), x_of(0), tall, usual,
        line.format("wl-heartbeats-trace", path(x_T)), bands, half, half,
    )  # fmt: skip
    names = f" Bars from the top: {', '.join(name for name, _ in heats)}" if len(heats) > 1 else ""
    return figure(svg, title, names, kind="wl-heartbeats-heat")


def _bands(
    heat_T: np.ndarray, seconds_T: np.ndarray, x_of: Place, top: float, height: float, *, pieces: int = 64
) -> Markup:
    """Heat as rectangles, as opaque as it is hot; beyond the net's window there are none."""
    hottest = float(heat_T.max())
    if hottest <= 0:
        return EMPTY
    found = []
    for part in np.array_split(np.arange(len(heat_T)), pieces):
        x0, x1 = x_of(seconds_T[part[0]]), x_of(seconds_T[min(part[-1] + 1, len(seconds_T) - 1)])
        if (strength := float(heat_T[part].mean()) / hottest) > 0.02:
            found.append(
                Markup('<rect x="{:.1f}" y="{:.0f}" width="{:.1f}" height="{}" opacity="{:.2f}"/>').format(
                    x0, top, x1 - x0 + 0.3, height, strength
                )
            )
    return join(found)

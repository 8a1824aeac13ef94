"""ECG paper as SVG: a strip at 25 mm/s and 10 mm/mV with every beat's letter, and one beat large under its heat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup

from demos._ui.html import EMPTY, figure, join
from demos.heartbeats.nets import Reading
from signals.ecg import CLASSES, NAMES, NORMAL, RATE_HZ

MM = 4
"""Pixels to a millimetre of paper."""
SECOND, MV = 25 * MM, 10 * MM
ROW, RHYTHM_HEIGHT, MARGIN = 24, 74, 26
Place = Callable[[Any], Any]
"""From a sample, or a second, to a pixel."""
POINTS = 500
"""Of the paper in small."""
SPAN_MV = (3.0, 6.0)
"""The least and the most of the voltage axis that a strip shows; what goes beyond is cut off."""
TRUTH = "truth"
"""The row of what the annotators said, or of what a simulated beat was made as."""
CARD = Markup(
    '<svg class="wl-heartbeats-card" viewBox="105 0 140 84" preserveAspectRatio="xMidYMid meet"><polyline points="{}"/></svg>'
)


@dataclass(frozen=True)
class Row:
    """One line of letters below a strip: `class_B`, −1 where there is none."""

    name: str
    class_B: Sequence[int]


class Beat(NamedTuple):
    """Half a second of a lead on either side of R, `x_T` in mV at 360 Hz, as a net sees it.

    Heat lies over `heat_seconds_T`; the net sees from `seen[0]` to `seen[1]` seconds; `usual_T`, over the same seconds as
    the heat, is the patient's usual beat where the net knows it.
    """

    x_T: np.ndarray
    heat_seconds_T: np.ndarray
    seen: tuple[float, float]
    usual_T: np.ndarray | None = None


def letter(name: str) -> Markup:
    """A class's letter in its colour, with its name for whoever asks."""
    return Markup('<span class="wl-heartbeats-{}" title="{}">{}</span>').format(name, NAMES[name], name)


def ecg_strip(reading: Reading, *, start: float, seconds: float, chosen: int = -1) -> Markup:
    """`seconds` of a reading from `start` on, the truth's row first where it is known."""
    rows = [Row(reading.title(name), reading.answer(name).tolist()) for name in reading.p]
    if reading.annotated is not None:
        rows.insert(0, Row(TRUTH, reading.annotated.tolist()))
    r_B, gaps = reading.beats.r_B.numpy(), reading.lead.gaps
    return strip(reading.clean_T, r_B, rows, start=start, seconds=seconds, chosen=chosen, gaps=gaps)


def strip(
    x_T: np.ndarray,
    r_B: np.ndarray,
    rows: Sequence[Row],
    *,
    start: float,
    seconds: float,
    chosen: int = -1,
    gaps: Sequence[tuple[int, int]] = (),
) -> Markup:
    """`seconds` of a lead in mV from `start`: names on the left stand still, the paper scrolls.

    A beat is a `data-beat` group that can be clicked, or reached by the keys; `chosen` is marked from the start. `gaps`,
    from and to which sample, are hatched. Below lies the whole of it in small, to move the paper by.
    """
    first, last = int(start * RATE_HZ), min(len(x_T), int((start + seconds) * RATE_HZ))
    width = SECOND * (last - first) / RATE_HZ
    low, high = _limits(x_T[first:last])
    letters = MARGIN + (high - low) * MV
    rhythm = letters + ROW * len(rows)
    height = rhythm + RHYTHM_HEIGHT
    shown = [i for i, r in enumerate(r_B) if first <= r < last]
    rates = _rates(r_B, shown)

    def x_of(sample: Any) -> Any:
        return SECOND * (sample - first) / RATE_HZ

    at = np.arange(first, last, 3)
    trace = zip(x_of(at), MARGIN + (high - np.clip(x_T[at], low, high)) * MV, strict=True)
    svg = Markup(
        '<svg width="{:.0f}" height="{:.0f}" role="group" aria-label="{} beats from {:g} s on">{}{}'
        '<g class="wl-heartbeats-time">{}</g><polyline class="wl-heartbeats-trace" points="{}"/>{}{}</svg>'
    ).format(
        width, height, len(shown), start, _grid(width, letters - MARGIN), _gaps(gaps, first, last, x_of, letters - MARGIN),
        _seconds(start, seconds, x_of), " ".join(f"{x:.1f},{y:.1f}" for x, y in trace),
        join(_beat(i, r_B, rows, x_of, letters, rhythm, i == chosen) for i in shown),
        _rhythm(r_B, rates, x_of, rhythm),
    )  # fmt: skip
    return Markup(
        '<div class="wl-heartbeats-strip"><div class="wl-heartbeats-names" aria-hidden="true">{}</div>'
        '<div class="wl-heartbeats-paper" tabindex="0" role="region" aria-label="ECG strip: arrow keys scroll it">{}</div>{}</div>'
    ).format(_names(rows, letters, rhythm, rates), svg, _overview(x_T[first:last], r_B, rows, shown, first))


def _names(rows: Sequence[Row], letters: float, rhythm: float, rates: dict[int, float]) -> Markup:
    lines = [(MARGIN, Markup("10 mm 1 mV<br>25 mm 1 s"))]
    lines += [(letters + ROW * k + 3, row.name) for k, row in enumerate(rows)]
    lines += [(rhythm + 3, "R to R, ms")]
    if rates:
        low, high = _span(rates)
        lines += [(rhythm + 21, f"{high:.0f} a minute"), (rhythm + 57, f"{low:.0f} a minute")]
    return join(Markup('<span style="top:{:.0f}px">{}</span>').format(top, words) for top, words in lines)


def _seconds(start: float, seconds: float, x_of: Place) -> Markup:
    whole = range(int(np.ceil(start)), int(start + seconds) + 1)
    return join(Markup('<text x="{:.0f}" y="14">{} s</text>').format(x_of(s * RATE_HZ) + 3, s) for s in whole)


def _gaps(gaps: Sequence[tuple[int, int]], first: int, last: int, x_of: Place, height: float) -> Markup:
    """Where nothing was recorded."""
    box = Markup(
        '<g class="wl-heartbeats-gap"><rect x="{0:.1f}" y="{1}" width="{2:.1f}" height="{3:.1f}"/>'
        '<text x="{4:.1f}" y="{5}">nothing recorded</text></g>'
    )
    return join(
        box.format(x_of(a), MARGIN, x_of(b) - x_of(a), height, x_of(a) + 4, MARGIN + 14)
        for a, b in gaps
        if b > first and a < last
    )


def _overview(x_T: np.ndarray, r_B: np.ndarray, rows: Sequence[Row], shown: Sequence[int], first: int) -> Markup:
    """All of the paper in small, unusual beats marked by their letters, with a frame where one is; moved by the script."""
    parts = np.array_split(x_T, min(len(x_T), POINTS))
    low, high = float(x_T.min()), float(x_T.max())
    points = " ".join(
        f"{x:g},{40 * (high - y) / max(1e-6, high - low):.1f}" for x, p in enumerate(parts) for y in (p.min(), p.max())
    )
    main = next(row for row in rows if row.name != TRUTH or len(rows) == 1)
    marks = join(
        Markup('<b class="wl-heartbeats-{}" style="left:{:.2f}%">{}</b>').format(
            CLASSES[k], 100 * (r_B[i] - first) / len(x_T), CLASSES[k]
        )
        for i in shown
        if (k := main.class_B[i]) > NORMAL
    )
    return Markup(
        '<div class="wl-heartbeats-overview" aria-hidden="true"><svg viewBox="0 0 {} 40" preserveAspectRatio="none"><polyline '
        'points="{}" vector-effect="non-scaling-stroke"/></svg>{}<i></i></div>'
    ).format(len(parts), points, marks)


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
    true = next((row.class_B[i] for row in rows if row.name == TRUTH), -1)
    texts = join(
        _letter(row.class_B[i], x, top + ROW * n + 17, wrong=-1 < true != row.class_B[i])
        for n, row in enumerate(rows)
        if row.class_B[i] >= 0
    )
    main = next((row.class_B[i] for row in rows if row.name != TRUTH), 0)
    return Markup(
        '<g class="wl-heartbeats-beat{}{}" data-beat="{}"><rect tabindex="{}" role="button" aria-label="Beat {}: {}" '
        'x="{:.1f}" y="{}" width="{:.1f}" height="{:.1f}"/>{}</g>'
    ).format(
        f" wl-heartbeats-is{CLASSES[main]}" if main >= 0 else "", " wl-heartbeats-chosen" if chosen else "", i,
        0 if chosen else -1, i + 1, said or "not judged", begin, MARGIN, end - begin, bottom - MARGIN, texts,
    )  # fmt: skip


def _letter(k: int, x: float, y: float, *, wrong: bool) -> Markup:
    """A class's letter below its beat, in a ring where it is wrong."""
    ring = Markup('<circle class="wl-heartbeats-wrong" cx="{:.0f}" cy="{:.0f}" r="9.5"/>').format(x, y - 5)
    text = Markup('<text class="wl-heartbeats-{}" x="{:.0f}" y="{:.0f}">{}</text>')
    return join([ring if wrong else EMPTY, text.format(CLASSES[k], x, y, CLASSES[k])])


def _rates(r_B: np.ndarray, shown: Sequence[int]) -> dict[int, float]:
    """Beats per minute by the interval before each beat that has one."""
    return {i: 60 * RATE_HZ / max(1, int(r_B[i] - r_B[i - 1])) for i in shown if i > 0}


def _span(rates: dict[int, float]) -> tuple[float, float]:
    """The ends of the axis of rates: ten apart at the least."""
    low, high = min(rates.values()), max(rates.values())
    return low, max(high, low + 10)


def _rhythm(r_B: np.ndarray, rates: dict[int, float], x_of: Place, top: float) -> Markup:
    """The interval before each beat in ms, and the heart rate as a line."""
    if not rates:
        return EMPTY
    low, high = _span(rates)
    at = {i: (x_of(r_B[i]), top + 66 - 36 * (rate - low) / (high - low)) for i, rate in rates.items()}
    dots = join(
        Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.5"><title>{:.0f} beats per minute</title></circle>').format(
            *at[i], rate
        )
        for i, rate in rates.items()
    )
    texts = join(
        Markup('<text x="{:.0f}" y="{:.0f}">{:.0f}</text>').format(
            (x_of(r_B[i]) + x_of(r_B[i - 1])) / 2, top + 18, 60_000 / rate
        )
        for i, rate in rates.items()
        if rate < 200
    )
    points = " ".join("{:.1f},{:.1f}".format(*at[i]) for i in rates)
    return Markup('<g class="wl-heartbeats-rhythm">{}<polyline points="{}"/>{}</g>').format(texts, points, dots)


def heat_beat(beat: Beat, heats: Sequence[tuple[str, np.ndarray]], *, title: str) -> Markup:
    """One beat large: half a second around R, and below it one bar of heat (any scale ≥ 0) for each of `heats`.

    Every net's picture has the same axes, so that they can be compared by eye; what a net does not see is faint.
    """
    width, tall, below = 480, 170, 20
    bar = (below - len(heats) + 1) / max(1, len(heats))
    everything = beat.x_T if beat.usual_T is None else np.concatenate([beat.x_T, beat.usual_T])
    low, high = float(everything.min()), float(everything.max())

    def x_of(second: Any) -> Any:
        return width * (second + 0.5)

    def line(seconds_T: np.ndarray, v_T: np.ndarray, kind: str) -> Markup:
        y_T = 6 + (tall - 12) * (high - v_T) / max(high - low, 1e-6)
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(x_of(seconds_T), y_T, strict=True))
        return Markup('<polyline class="wl-heartbeats-{}" points="{}"/>').format(kind, points)

    t = np.linspace(-0.5, 0.5, len(beat.x_T), endpoint=False)
    seen = (t >= beat.seen[0]) & (t <= beat.seen[1])
    lines = [line(t, beat.x_T, "faint"), line(t[seen], beat.x_T[seen], "trace")]
    if beat.usual_T is not None:
        lines.insert(0, line(beat.heat_seconds_T, beat.usual_T, "usual"))
    at_T = beat.heat_seconds_T
    bands = join(_bands(h, at_T, x_of, tall + 4 + k * (bar + 1), bar) for k, (_, h) in enumerate(heats))
    mean_T = np.mean([h / max(h.max(), 1e-12) for _, h in heats], axis=0) if heats else None
    shade = _bands(mean_T, at_T, x_of, 0, tall) if mean_T is not None else EMPTY
    svg = Markup(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}"><g class="wl-heartbeats-shade">{}</g>'
        '<line class="wl-heartbeats-r" x1="{}" x2="{}" y1="0" y2="{}"/>{}<g class="wl-heartbeats-bars">{}</g></svg>'
        '<div class="wl-heartbeats-axis"><span>−0.5 s</span><span>R</span><span>+0.5 s</span></div>'
    ).format(width, tall + 4 + below, title, shade, x_of(0), x_of(0), tall, join(lines), bands)
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
                Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" opacity="{:.2f}"/>').format(
                    x0, top, x1 - x0 + 0.3, height, strength
                )
            )
    return join(found)

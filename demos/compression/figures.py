"""What the Compression tab draws: the numbers in words, accuracy by size, a layer before and after, answers side by side."""

from collections.abc import Mapping, Sequence

import torch
from markupsafe import Markup
from PIL import Image
from torch import Tensor, nn

from demos._ui.charts import Axis, Label, Line, Rule, chart
from demos._ui.html import Figure, Text, bars, figure, group, join, note, per_cent, readouts, strong, terms, title
from demos._ui.pictures import picture
from demos.compression.nets import Choice, Point, Stop
from demos.compression.subjects import PLAIN, TAUGHT, WHITENED
from demos.compression.teaching import Own

TEAL, ORANGE = (15.0, 148.0, 136.0, 0.0), (228.0, 87.0, 46.0, 0.0)
WORST = 0.92
"""The share of pictures named wrong down to which the curve is drawn; guessing names 0.9 of ten classes' wrong."""
HEADROOM = 0.8
"""The curve is drawn up to this share of what the best net names wrong."""
GUESSING = 0.8
"""Who reads so many wrong has lost nearly all that the net knew."""
RIGHT = [(0.9, "10 %"), (0.5, "50 %"), (0.2, "80 %"), (0.1, "90 %"), (0.05, "95 %"), (0.02, "98 %"), (0.01, "99 %")]
"""Shares wrong, and how the axis calls them."""
SIZES = [(1, "whole"), (10, "10 ×"), (30, "30 ×"), (100, "100 ×"), (300, "300 ×")]
ROOM = 4
"""How many times further the axis goes than the smallest net, so that lines can be named at their ends."""
NAMED = {PLAIN: "cut", WHITENED: "with care", TAUGHT: "taught"}
ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth")
MOST_PIXELS = 192
"""A side of the picture of a matrix."""
FAINTEST = 1e-4
"""Of the largest singular value, what the chart begins at."""
CARD = Markup('<svg viewBox="0 0 236 100" class="wl-compression-card" preserveAspectRatio="none">{}</svg>')


def size_text(n: float) -> str:
    """Bytes in MB or KB."""
    return f"{n / 1e6:.2f} MB" if n >= 1e6 else f"{n / 1e3:.0f} KB"


# The chosen net


def verdict_text(stop: Stop, whole: Stop, things: str) -> Markup:
    """What it costs to make the net so small, in one sentence and three figures; `things` is what it was tested on."""
    return Markup('<p class="wl-compression-verdict">{}</p>{}').format(
        _sentence(stop, whole, things),
        readouts(
            Figure(f"{100 * stop.accuracy:.2f} %", f"of {stop.n:,} test {things} right; the whole net {100 * whole.accuracy:.2f} %"),
            Figure(size_text(stop.bytes), f"the whole net {size_text(whole.bytes)}"),
            *_time(stop),
        ),
    )  # fmt: skip


def _sentence(stop: Stop, whole: Stop, things: str) -> Text:
    if stop.times_smaller == 1:
        return f"The whole net: of {whole.n:,} test {things} it gets {whole.wrong:,} wrong."
    more = stop.wrong - whole.wrong
    cost = f"{more:,} more" if more > 0 else f"{-more:,} fewer" if more else "as many"
    instead = f"{stop.wrong:,} instead of {whole.wrong:,}" if more else f"{whole.wrong:,}"
    lost = " It does little better than guessing." if 1 - stop.accuracy > GUESSING else ""
    return join([
        strong(f"{stop.title.removesuffix(' ×')} times smaller"),
        f", and of {stop.n:,} test {things} it gets {cost} wrong {'than' if more else 'as'} the whole net: {instead}.",
        lost,
    ])  # fmt: skip


def _time(stop: Stop) -> list[Figure]:
    if stop.times_smaller == 1:
        return []
    times, word = (1 / stop.time, "faster") if stop.time < 1 else (stop.time, "slower")
    return [Figure(f"{times:.1f} × {word}", "than the whole net, one picture at a time")]


def details_text(choice: Choice, point: Point, whole_parameters: int, whole_macs: int, by_samples: bool) -> Markup:
    """The chosen net for experts."""
    layers = ", ".join(f"{rank}" for rank in point.ranks.values())
    low, high = (f"{100 * share:.2f}" for share in (choice.stop.low, choice.stop.high))
    cut = (
        "by 2,048 of the sampled digits on this machine; the accuracy is of the net that was cut by 2,048 of all"
        if by_samples else ""
    )  # fmt: skip
    return terms({
        "95 % interval": f"{low} to {high} % right, n = {choice.stop.n:,}",
        "Numbers in it": f"{point.cost.parameters:,} of {whole_parameters:,}",
        "Multiply-adds": f"{point.cost.macs:,} of {whole_macs:,}",
        "Rank of each layer": layers or "all whole",
        "File": size_text(point.cost.bytes),
        "Cut": cut,
    })  # fmt: skip


# The curve


def curve_chart(
    lines: Mapping[str, Sequence[Stop]], method: str, stop: Stop, things: str, own: Own | None = None
) -> Markup:
    """Accuracy by size for every method, each named at its end; the chosen one, its stop, and what the visitor taught."""
    smallest = max(s.times_smaller for stops in lines.values() for s in stops)
    top = HEADROOM * min(1 - s.accuracy for stops in lines.values() for s in stops)
    high = ROOM * smallest
    x = Axis(1, high, [(at, text) for at, text in SIZES if at <= high], log=True)
    y = Axis(WORST, top, [(at, text) for at, text in RIGHT if at >= top], log=True)
    marks: list[Line | Label] = []
    for name in sorted(lines, key=lambda name: name == method):  # the chosen one on top
        points = [_place(s.times_smaller, s.accuracy, top) for s in lines[name]]
        chosen = name == method
        marks += [
            Line(points, "wl-line" if chosen else "wl-compression-beside"),
            Label(_end(points), NAMED[name], f"wl-plot-words{' wl-compression-chosen' if chosen else ''}"),
            *(Label(point, kind="wl-compression-stop") for point in points if chosen and point[1] < WORST),
        ]
    marks.append(Label(_place(stop.times_smaller, stop.accuracy, top), kind="wl-compression-here"))
    if own is not None:
        at = _place(lines[method][0].bytes / own.bytes, own.score.accuracy, top)
        marks += [Label(at, kind="wl-compression-own"), Label(at, "yours", "wl-plot-words wl-compression-yours")]
    words = "The ring is the chosen net. Further right is smaller, higher reads better."
    return chart(
        x, y, *marks, title=f"{things.capitalize()} named right, by size", words=words, kind="wl-compression-curve"
    )


def _place(times_smaller: float, accuracy: float, top: float) -> tuple[float, float]:
    return times_smaller, min(WORST, max(top, 1 - accuracy))


def _end(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The last point that is not on the ground, where a line's name stands free."""
    return [point for point in points if point[1] < WORST][-1]


# One layer


def layer_name(i: int, n: int) -> str:
    """What the page calls layer `i` of `n`."""
    return "Last layer" if i == n - 1 else f"{ORDINALS[i]} hidden layer"


def layer_text(
    name: str, method: str, before_OI: Tensor, after_OI: Tensor, value_K: Tensor, rank: int | None
) -> Markup:
    """A layer's directions and where they were cut, its matrix before and after; no `rank` where it is whole."""
    shown = group(
        "wl-compression-matrices",
        spectrum(value_K, rank),
        _matrix(before_OI, "Before"),
        _matrix(after_OI, "After" if rank else "After: left whole"),
    )
    outputs, inputs = before_OI.shape
    return shown + note(f"{name}, {outputs:,} × {inputs:,} numbers. {_lesson(method, value_K, rank, outputs + inputs)}")


def _lesson(method: str, value_K: Tensor, rank: int | None, direction: int) -> str:
    if not rank:
        return "It is left whole."
    kept = f"Of its {len(value_K):,} directions {rank} are kept, in {rank * direction:,} numbers"
    if method == PLAIN:
        energy_K = value_K.square()
        return f"{kept}: they carry {per_cent((energy_K[:rank].sum() / energy_K.sum()).item())} of the weights' energy."
    if method == WHITENED:
        return f"{kept}: those that matter for such pictures, though the weights themselves change a lot."
    return f"{kept}, which were then taught to answer as the whole layer did."


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
    words = f"How much each of {n:,} directions weighs (singular values)" + (f"; cut after {rank}" if rank else "")
    return chart(
        Axis(1, n, [(1, "1"), (n, f"{n:,}")]),
        Axis(least, most, [(least, f"{least:.1g}"), (most, f"{most:.2g}")], log=True),
        Line(list(enumerate(value_K.tolist(), 1))),
        *([Rule(x=rank + 0.5, kind="wl-compression-cut")] if rank else []),
        title="", words=words, square=True,
    )  # fmt: skip


# Answers


def answers_text(answers: Sequence[tuple[Text, Sequence[float]]], classes: Sequence[str]) -> Markup:
    """What each net, by its title, says of one picture: a probability for each of the classes."""
    return group("wl-compression-pair", *(_answer(name, p_C, classes) for name, p_C in answers))


def _answer(name: Text, p_C: Sequence[float], classes: Sequence[str]) -> Markup:
    best = max(range(len(p_C)), key=p_C.__getitem__)
    return Markup("<div>{}{}</div>").format(
        title(f"{name}: {classes[best]}, {per_cent(p_C[best])}"), bars(p_C, classes, marked=best)
    )


def own_text(own: Own) -> Markup:
    """What the visitor's net scores, beside the whole net on the same digits."""
    mine, whole = (f"{100 * score.accuracy:.1f} %" for score in (own.score, own.whole))
    return note(
        f"Your net, {size_text(own.bytes)}, reads {mine} of {own.score.n:,} test digits right; the whole net {whole} of the same."
    )


def thumbnail() -> Markup:
    """For the home page: bars that shrink, as the singular values of a layer do."""
    heights = [100 * 0.82**i for i in range(24)]
    bar = Markup('<rect x="{}" y="{:.1f}" width="6" height="{:.1f}"/>')
    return CARD.format(join(bar.format(10 * i, 100 - h, h) for i, h in enumerate(heights)))

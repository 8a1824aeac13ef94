"""The test trials drawn: their similarities as two humps on one scale, and both errors at every threshold as a curve."""

import math
from collections.abc import Mapping

import torch
from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import Axis, Dots, Line, chart, key
from demos._ui.html import EMPTY, Figure, group, join, number, per_cent, readouts, table
from demos.voices.nets import TrialScores

WIDTH, HEIGHT, BINS = 560, 150, 56
TICKS = (0.001, 0.01, 0.05, 0.2, 0.4)
"""Error rates that the curve's axes name; spaced as quantiles of a normal distribution, as is usual (Martin 1997)."""
CURVE_POINTS = 400
KINDS = {"two": "two persons", "one": "one person", "threshold": "threshold"}
"""What the scale shows, by its class in the sheet."""


def thumbnail() -> Markup:
    """For the home page: two humps on one axis, strangers and one person."""
    return Markup(
        '<svg class="wl-voices-thumbnail" viewBox="0 0 280 120" aria-hidden="true">'
        '<path class="wl-voices-hump-two" d="M0 112 C40 112 52 22 84 22 S128 112 168 112 Z"/>'
        '<path class="wl-voices-hump-one" d="M112 112 C152 112 172 34 204 34 S244 112 280 112 Z"/></svg>'
    )


def rates_text(scores: TrialScores, threshold: float) -> Markup:
    """Both error rates at the threshold, and where they are equal: on test, and where the page looked for it."""
    accepted, rejected = scores.errors(threshold)
    equal = f"of either kind where both are equal on test, at {number(scores.equal.threshold, '.2f')}; the page begins "
    equal += f"at {number(scores.threshold, '.2f')}, where they were on training speakers who were left out"
    return readouts(
        Figure(per_cent(accepted), f"of {len(scores.different_P):,} trials of two persons are accepted"),
        Figure(per_cent(rejected), f"of {len(scores.same_P):,} trials of one person are rejected"),
        Figure(per_cent(scores.equal.rate), equal),
    )


def elsewhere_table(corpora: Mapping[str, TrialScores]) -> Markup:
    """The equal error rate on other test voices, by their names."""
    rows = [
        (name, (per_cent(s.equal.rate), f"{len(s.same_P):,} + {len(s.different_P):,}")) for name, s in corpora.items()
    ]
    return table(("test voices", "both errors equal at", "trials"), rows, caption="The same net on other voices")


# The scale


def similarity_scale(
    scores: TrialScores, threshold: float, score: float | None = None, *, small: bool = False
) -> Markup:
    """The similarities of all test trials as two humps over one axis, with the threshold and this pair."""
    seen = [*scores.span, threshold, *([] if score is None else [score])]
    low, high = min(seen), max(seen)

    def x(value: float) -> float:
        return WIDTH * (value - low) / (high - low)

    humps = join(
        Markup('<path class="wl-voices-hump-{}" d="{}"/>').format(kind, _hump(value_P, low, high))
        for kind, value_P in (("two", scores.different_P), ("one", scores.same_P))
    )
    marks = _upright("threshold", x(threshold))
    if score is not None:
        marks += _upright("this", x(score))
    svg = Markup(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg>'
    ).format(WIDTH, HEIGHT, _scale_words(scores, threshold, score), humps, marks)  # fmt: skip
    labels = join(
        Markup('<span style="left:{:.1f}%">{}</span>').format(100 * x(tick) / WIDTH, number(tick, ".3g"))
        for tick in _ticks(low, high)
    )
    legend = EMPTY if small else join(key(f"wl-voices-key-{kind}", words) for kind, words in KINDS.items())
    return group(
        f"wl-voices-scale{' wl-voices-small' if small else ''}",
        group("wl-voices-legend", legend) if legend else "",
        group("wl-voices-plot", EMPTY if score is None else _tag(score, x(score)), svg),
        Markup('<div class="wl-voices-x" aria-hidden="true">{}</div>').format(labels),
    )


def _upright(kind: str, x: float) -> Markup:
    return Markup('<line class="wl-voices-{}" x1="{:.1f}" x2="{:.1f}" y1="0" y2="{}"/>').format(kind, x, x, HEIGHT)


def _tag(score: float, x: float) -> Markup:
    """The name of this pair's mark, on the side where there is room for it."""
    side, share = ("right", 1 - x / WIDTH) if x > 0.8 * WIDTH else ("left", x / WIDTH)
    return Markup('<span class="wl-voices-this-tag" style="{}:{:.1f}%">{} this pair</span>').format(
        side, 100 * share, number(score, ".2f")
    )


def _ticks(low: float, high: float) -> list[float]:
    """At most ten round values within an axis."""
    step = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 100) if (high - low) / step <= 9)
    return [step * t for t in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _scale_words(scores: TrialScores, threshold: float, score: float | None) -> str:
    two, one = (number(value_P.median().item(), ".2f") for value_P in (scores.different_P, scores.same_P))
    words = (
        f"Similarities of {len(scores.different_P):,} trials of two persons (middle {two}) and of {len(scores.same_P):,} of one "
        f"person (middle {one}); threshold {number(threshold, '.2f')}"
    )
    return words if score is None else f"{words}; this pair {number(score, '.2f')}"


def _hump(value_P: Tensor, low: float, high: float) -> str:
    """A smoothed histogram, its peak at nine tenths of the height, as a closed path."""
    count_K = torch.histc(value_P.float(), BINS, min=low, max=high)
    kernel = torch.tensor([1.0, 2.0, 3.0, 2.0, 1.0])
    smooth_K = torch.conv1d(count_K[None, None], kernel[None, None] / kernel.sum(), padding=2)[0, 0]
    height_K = 0.9 * HEIGHT * smooth_K / smooth_K.max().clamp(min=1e-9)
    points = " ".join(f"L{WIDTH * (k + 0.5) / BINS:.1f} {HEIGHT - h:.1f}" for k, h in enumerate(height_K.tolist()))
    return f"M0 {HEIGHT} {points} L{WIDTH} {HEIGHT} Z"


# The curve


def det_chart(scores: TrialScores, threshold: float) -> Markup:
    """Both errors against one another at every threshold, with the point of equal errors and the visitor's threshold."""
    accept_K, reject_K = scores.det.false_accept_K, scores.det.false_reject_K
    keep_K = torch.linspace(0, len(accept_K) - 1, min(CURVE_POINTS, len(accept_K))).long()
    line = Line(list(zip(_probit(accept_K[keep_K]), _probit(reject_K[keep_K]), strict=True)))
    ((x_equal, y_equal), (x_here, y_here)) = (
        _probit(torch.tensor(both)) for both in ((scores.equal.rate,) * 2, scores.errors(threshold))
    )
    ticks = list(zip(_probit(torch.tensor(TICKS)), (f"{100 * t:g} %" for t in TICKS), strict=True))
    low, high = _probit(torch.tensor([0.0006, 0.5]))
    accepted, rejected = map(per_cent, scores.errors(threshold))
    return chart(
        Axis(low, high, ticks), Axis(low, high, ticks), line,
        Dots([(x_equal, y_equal, 8)], "wl-voices-equal"), Dots([(x_here, y_here, 5)], "wl-voices-here"),
        title="Upwards, pairs of one person rejected; to the right, pairs of two accepted",
        words=f"Both errors are {per_cent(scores.equal.rate)} at the ring; at your threshold {accepted} of the pairs of two "
        f"persons are accepted and {rejected} of those of one person rejected.",
    )  # fmt: skip


def _probit(rate_K: Tensor) -> list[float]:
    """Rates as quantiles of the normal distribution; 0 and 1 stay at the edge of what the axes show."""
    return torch.special.ndtri(rate_K.double().clamp(0.0006, 0.5)).tolist()

"""A digit's answer, its way through the layers' maps, and the test set's best, worst and confused ones, as markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from markupsafe import Markup
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from demos._ui.charts import CLASS_COLOURS, class_map
from demos._ui.html import (
    EMPTY,
    bars,
    confusion,
    figure,
    group,
    join,
    note,
    per_cent,
    small,
    stranger,
    strong,
    table,
    title,
)
from demos._ui.pictures import picture
from demos.digits.nets import LAYER_NAMES, PCA, TSNE, Reading, map_places
from explanation.projection import neighbour_agreement
from metrics.classification import calibration_error
from signals import image

if TYPE_CHECKING:
    import plotly.graph_objects as go

DIGITS = tuple("0123456789")
NOTHING_DRAWN = Markup(
    '<div class="wl-answer wl-none"><div class="wl-digit">–</div>'
    "<p>Draw a digit, or choose one. The answer comes by itself.</p></div>"
)
STRANGE = "This looks like no digit"
WHY_STRANGE = (
    "The net learned from single handwritten digits, and this is unlike all of them. It can only ever name a digit, so "
    "do not trust its answer:"
)
RINGS = (
    "<style>${value.map(([x, y], i) => `.wl-digits-journey figure:nth-child(${i + 1}) { --x: ${x}; --y: ${y}; --ring: block; }`)"
    ".join(' ')}</style>"
)
"""In the page: the visitor's digit on each of `journey_text`'s maps, by its places there, as a ring that stays on its map.

They are told apart from the maps, so that what draws those and what moves the rings never wait for one another.
"""


def answer_text(reading: Reading, whose: str, *, truth: int | None = None, beside: Reading | None = None) -> Markup:
    """The digit in large, how sure the net is, and the probability of every digit; of a stranger first that it is one.

    `truth` is what the writer meant, where that is known; `beside` is what the shipped net made of the same picture,
    where it was not asked itself.
    """
    p_C = reading.p_C.tolist()
    first, second = reading.p_C.topk(2).indices.tolist()
    asides = [_meant(first, truth), *([f"Read by {whose}.", _shipped(beside)] if beside else [])]
    answer = Markup(
        '<div class="wl-answer"><div class="wl-digit">{}</div><div><p>{} sure; next is {}, {}.</p><p>{}</p></div></div>{}'
    ).format(
        first, strong(per_cent(p_C[first])), second, per_cent(p_C[second]), small(join(filter(None, asides), " ")),
        bars(p_C, DIGITS, marked=first),
    )  # fmt: skip
    return stranger(STRANGE, WHY_STRANGE, answer) if reading.stranger else answer


def _meant(read: int, truth: int | None) -> str:
    if truth is None:
        return ""
    return f"Right: its writer meant {truth}." if read == truth else f"Wrong: its writer meant {truth}."


def _shipped(reading: Reading) -> str:
    says = f"{int(reading.p_C.argmax())}, {per_cent(reading.p_C.max().item())} sure"
    return f"The shipped net says {says}{'; to it too this looks like no digit' if reading.stranger else ''}."


def seen_text(reading: Reading) -> Markup:
    """The digit as the net sees it."""
    return figure(
        picture(image.from_unit(reading.x_HW), "The digit in 28 by 28 pixels, light on dark"),
        words=f"As the net sees it: 28 × 28 pixels, {100 * reading.ink:.0f} % of them ink",
        kind="wl-digits-seen",
    )


# Maps


def journey_text(evidence: dict[str, Tensor]) -> Markup:
    """Each layer's PCA map of the same test digits, small, with how well it tells them apart."""
    maps = zip(LAYER_NAMES, evidence["pca"], strict=True)
    return group("wl-digits-journey", *(_small_map(name, xy_N2, evidence["map_class"]) for name, xy_N2 in maps))


def _small_map(name: str, xy_N2: Tensor, class_N: Tensor) -> Markup:
    low_2, size_2 = window(xy_N2)
    words = f"{per_cent(neighbour_agreement(xy_N2, class_N))} beside their own kind"
    drawn = picture(_map_picture((xy_N2 - low_2) / size_2, class_N), f"Map of test digits: {name}, {words}")
    with_ring = Markup(
        '<div class="wl-digits-map" style="--left:{}; --bottom:{}; --width:{}; --height:{}">{}<span class="wl-digits-ring"></span></div>'
    ).format(*low_2.tolist(), *size_2.tolist(), drawn)
    return figure(with_ring, name, words)


def window(xy_N2: Tensor) -> tuple[Tensor, Tensor]:
    """The lower left corner and the size of what a map of these points shows, both `(2,)`: a little more than they span."""
    low_2, high_2 = xy_N2.amin(0), xy_N2.amax(0)
    margin_2 = 0.06 * (high_2 - low_2)
    return low_2 - margin_2, high_2 - low_2 + 2 * margin_2


def _map_picture(share_N2: Tensor, class_N: Tensor, side: int = 260) -> Image.Image:
    """Points in the unit square as dots by class, each class labelled at its median, on a transparent ground."""
    drawn = Image.new("RGBA", (2 * side, 2 * side))
    draw = ImageDraw.Draw(drawn)
    xy_N2 = (share_N2 * torch.tensor([1.0, -1.0]) + torch.tensor([0.0, 1.0])) * 2 * side
    for (x, y), c in zip(xy_N2.tolist(), class_N.tolist(), strict=True):
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=f"{CLASS_COLOURS[c]}99")
    font = ImageFont.load_default(34)
    for c in range(10):
        x, y = xy_N2[class_N == c].median(0).values.tolist()
        draw.rounded_rectangle((x - 18, y - 20, x + 18, y + 20), 8, fill=CLASS_COLOURS[c])
        draw.text((x, y), str(c), fill="white", font=font, anchor="mm")
    return drawn.resize((side, side), Image.Resampling.LANCZOS)


def layer_map(
    evidence: dict[str, Tensor], layer: str, method: str, reading: Reading | None
) -> tuple[go.Figure, Markup]:
    """One layer's map to zoom into, and what it says in words; the visitor's digit lies on the map of PCA alone."""
    i, class_N = LAYER_NAMES.index(layer), evidence["map_class"]
    xy_N2 = map_places(evidence, i, method)
    own = tuple(reading.place_L2[i].tolist()) if reading is not None and method == PCA else None
    hover = [f"a {c}, test picture {n}" for c, n in zip(class_N.tolist(), evidence["map_index"].tolist(), strict=True)]
    words = (
        f"{layer}, {method} of {len(class_N):,} test digits, 100 of each: for "
        f"{per_cent(neighbour_agreement(xy_N2, class_N))} of them the nearest neighbour on this map is the same digit "
        "(10 % would be chance)."
    )
    if method == TSNE:
        words += " t-SNE keeps neighbours together but has no place for a new digit: yours is on the PCA map."
    drawn = class_map(xy_N2.tolist(), class_N.tolist(), hover, DIGITS, own=own)
    drawn.update_xaxes(showticklabels=False).update_yaxes(showticklabels=False)  # only who is near whom means something
    return drawn, note(words)


# The test set


def extremes_text(digit: int, evidence: dict[str, Tensor]) -> Markup:
    """Two rows of test digits for one class, the surest and the most wrong."""
    rows = {"surest": f"Read as {digit}, most surely", "wrong": f"Meant as {digit}, and read as another most surely"}
    return join(title(words) + _row_of_digits(kind, digit, evidence) for kind, words in rows.items())


def _row_of_digits(kind: str, digit: int, evidence: dict[str, Tensor]) -> Markup:
    index, share, read, picture_HW = (
        evidence[f"{kind}_{what}"][digit] for what in ("index", "confidence", "predicted", "picture")
    )
    found = [_test_digit(picture_HW[i], int(read[i]), share[i].item()) for i in range(len(index)) if index[i] >= 0]
    return group("wl-digits-row", *found) if found else note("None in the test set.")


def _test_digit(x_HW: Tensor, read: int, confidence: float) -> Markup:
    drawn = picture(Image.fromarray(x_HW.numpy()), f"A test digit, read as {read}")
    return figure(drawn, f"as {read}", per_cent(confidence))


def confusion_text(confusion_CC: Tensor, reliability_K3: Tensor) -> Markup:
    """The confusion matrix, its commonest slip, and how far confidence is from accuracy."""
    slips_CC = confusion_CC - confusion_CC.diag().diag()
    most, at = int(slips_CC.max()), int(slips_CC.flatten().argmax())
    words = (
        f"{int(slips_CC.sum())} of {int(confusion_CC.sum()):,} test digits are read wrong. The most common slip: {most} times "
        f"a {at // 10} is read as {at % 10}. On average its confidence is {100 * calibration_error(reliability_K3):.1f} "
        "points from its accuracy."
    )
    caption = "Truth (rows) against answer (columns)"
    return confusion(confusion_CC, DIGITS, caption=caption, hottest=most) + note(words)


def strangers_text(groups: Sequence[Mapping[str, Any]]) -> Markup:
    """How often a picture that is no digit is noticed, and how often a digit is taken for one that is none."""
    rows = [(g["what"], [per_cent(g["warned"]), f"{g['n']:,}"]) for g in groups]
    caption = (
        "How often the warning “this looks like no digit” comes: never would be best for digits, always for the rest"
    )
    return table(("Pictures of", "warned", "of"), rows, caption=caption) if rows else EMPTY

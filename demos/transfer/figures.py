"""What Transfer learning draws of one picture: the answers in a row, where each net looked, and what lies near it."""

import base64
import io
from collections.abc import Mapping, Sequence

import torch
from markupsafe import Markup
from PIL import Image
from torch import Tensor

from demos._ui import pictures
from demos._ui.html import (
    EMPTY,
    code,
    figure,
    group,
    join,
    note,
    number,
    per_cent,
    stranger,
    title,
    verdict,
)
from demos._ui.pictures import picture, stack
from demos.transfer.groceries import Grocery
from demos.transfer.looks import Look
from demos.transfer.nets import BACKBONES, Answer, Near, Reading
from signals import image
from training.data.grocery import CLASSES


def photograph(x_3HW: Tensor, *, side: int | None = None) -> str:
    """A picture `(3, H, W)` uint8 as a JPEG in a `data:` address, at most `side` pixels wide."""
    shown, buffer = image.from_rgb(x_3HW), io.BytesIO()
    if side and side < shown.width:
        shown = shown.resize((side, side * shown.height // shown.width), Image.Resampling.BOX)
    shown.save(buffer, "JPEG", quality=90)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


# The answer


def picture_text(of: Grocery) -> Markup:
    """The picture, large, and what it is where that is known."""
    words = (
        f"{of.product}, a test picture: no net has learnt from it."
        if of.product
        else "As the nets see it: 200 × 200 pixels."
    )
    return figure(picture(photograph(of.x_3HW), "The picture that is read"), words=words, kind="wl-transfer-picture")


def answer_text(reading: Reading) -> Markup:
    """What most say, how many of them, and the truth where it is known; of a stranger, the warning first."""
    said = reading.said
    if said is None:
        return note("No net for groceries is here yet. You can teach one below, on pictures of your own.")
    asked = reading.backbones or list(reading.answers)
    agreeing = [answer for answer in asked if answer.label == said]
    sure = torch.stack([answer.p_C[said] for answer in agreeing]).mean().item()
    head = f"{CLASSES[said].capitalize()}, {_sure(sure)} sure"
    words = join([_votes(agreeing, asked), _truth(reading.picture, said)], " ")
    if not reading.strange:
        familiar = EMPTY if reading.distance is not None else note(UNKNOWABLE)
        return group("wl-transfer-answer", title(head, level=2), Markup("<p>{}</p>").format(words), familiar)
    assert reading.distance is not None and reading.threshold is not None
    meaning = (
        f"It lies {reading.distance / reading.threshold:.2f} times as far from the training pictures as a grocery may. "
        "A net has no “none of these”: whatever it says of it means nothing."
    )
    told = stranger("This is none of the nine groceries", meaning, Markup("<p>{}. {}</p>").format(head, words))
    return group("wl-transfer-answer", told)


UNKNOWABLE = "Whether it is a grocery at all cannot be told here: the leading net's evidence is not there."


def _votes(agreeing: Sequence[Answer], asked: Sequence[Answer]) -> str:
    if len(asked) == 1:
        return f"By {asked[0].title} alone."
    if len(agreeing) == len(asked):
        return f"All {len(asked)} backbones agree."
    others = ", ".join(f"{answer.title} says {CLASSES[answer.label]}" for answer in asked if answer not in agreeing)
    return f"{len(agreeing)} of {len(asked)} backbones; {others}."


def _truth(picture: Grocery, said: int) -> Markup:
    if picture.label is None:
        return EMPTY
    kind, word = ("right", "Right") if picture.label == said else ("wrong", "Wrong")
    return Markup('<span class="wl-transfer-{}">{}</span>: it is {} ({}).').format(
        kind, word, CLASSES[picture.label], picture.product
    )


def _sure(p: float) -> str:
    return "> 99 %" if p > 0.99 else f"{100 * p:.0f} %"


def row_text(reading: Reading) -> Markup:
    """Every answer beside the others: class, probability, time, size, and whether it agrees."""
    shown = sorted(reading.answers, key=lambda answer: (answer.name not in BACKBONES, answer.name == "colours"))
    return group("wl-transfer-row", *(_card(answer, reading) for answer in shown)) if shown else EMPTY


def _card(answer: Answer, reading: Reading) -> Markup:
    p = answer.p_C.max().item()
    agrees = answer.label == reading.said
    size = f"{answer.megabytes:.1f} MB" if answer.megabytes >= 0.05 else f"{1000 * answer.megabytes:.0f} KB"
    milliseconds = f"{answer.milliseconds:.0f}" if answer.milliseconds >= 1 else "< 1"
    return Markup(
        '<div class="wl-transfer-card{}"><h3>{}</h3><p class="wl-transfer-class">{}</p>'
        '<div class="wl-transfer-bar" aria-hidden="true"><i style="width:{:.1f}%"></i></div>'
        '<p class="wl-transfer-facts"><span>{}</span><span>{} ms</span><span>{}</span></p><p class="wl-transfer-agrees">{}</p></div>'
    ).format(
        "" if agrees else " wl-transfer-differs", answer.title, CLASSES[answer.label], 100 * p, per_cent(p), milliseconds, size,
        "agrees" if agrees else "differs",
    )  # fmt: skip


def missing_text(missing: Mapping[str, str]) -> Markup:
    """The backbones that are not here, each with the one command that fetches it."""
    if not missing:
        return note("All backbones are here.")
    rows = (_command(sentence) for sentence in missing.values())
    return note("Each command downloads the published weights, and makes the head and the last stage.") + Markup(
        '<ul class="wl-transfer-missing">{}</ul>'
    ).format(join(rows))


def _command(sentence: str) -> Markup:
    words, _, command = sentence.partition(": ")
    return Markup("<li>{}: {}</li>").format(words, code(command))


# Where they looked


def looks_text(reading: Reading, looks: Sequence[Look], target: int) -> Markup:
    """Each backbone's map over the picture, with its verdict."""
    if not looks:
        return note("A map wants a tuned backbone, and none is here.")
    return group("wl-transfer-looks", *(_look(reading.picture, look, CLASSES[target]) for look in looks))


def _look(of: Grocery, look: Look, name: str) -> Markup:
    layers = [picture(photograph(of.x_3HW))]
    if look.heat_HW.any():
        layers.append(picture(pictures.heat(look.heat_HW, fading=True), kind="wl-transfer-heat"))
    words = f"Yellow spoke most for “{name}”."
    return group(
        "wl-transfer-look", figure(stack(f"{look.title}: {words}", *layers), look.title, words), _holds(look, name)
    )


def _holds(look: Look, name: str) -> Markup:
    if not look.heat_HW.any():
        return verdict(None, "No map", f"Nothing at the last stage speaks for “{name}”.")
    facts = Markup(
        "Without the hottest fifth “{}” goes from {} to <b>{}</b>; with a fifth elsewhere blanked out, to {} (mean of eight)."
    ).format(name, per_cent(look.before), per_cent(look.after), per_cent(look.elsewhere))
    if look.holds is None:
        return verdict(None, "This map cannot be checked", facts + f" The net hardly believes in “{name}”.")
    if look.holds:
        return verdict(True, "This map holds", facts)
    return verdict(False, "This map fails its check", facts + " What is hot matters no more than the rest.")


# What lies near


def nearest_text(near: Sequence[Near], depth: int, depths: int, reading: Reading) -> Markup:
    """The nearest training pictures at one depth, and how many of them are of the picture's kind."""
    said = reading.picture.label if reading.picture.label is not None else reading.said
    own = sum(one.label == said for one in near)
    kind = "" if said is None or reading.strange else f" {own} of {len(near)} show {CLASSES[said]}."
    shown = (
        figure(
            picture(photograph(one.x_3HW, side=128), f"A training picture of {CLASSES[one.label]}"),
            CLASSES[one.label], number(one.distance, ".2f"), kind="" if one.label == said else "wl-transfer-other",
        )
        for one in near
    )  # fmt: skip
    words = f"Block {depth} of {depths}, {_depth_words(depth, depths)}: the nearest of the training pictures that ship.{kind}"
    return group("wl-transfer-near", *shown) + note(
        words + " Beneath each, how far it lies: 0 is the same, 1.41 has nothing in common."
    )


def _depth_words(depth: int, depths: int) -> str:
    return ("early: colours and edges", "in the middle: textures", "late: things")[min(2, 3 * (depth - 1) // depths)]

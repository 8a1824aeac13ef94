"""A text as a score: its words in their order, over them the probability after each; see `desk.js` for what the parts share.

The server says what each net makes of each word, and what another word would change; putting one in its place, and
asking again, is done in the page.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from demos._ui.html import join
from demos.sentiment.lessons import Memory
from demos.sentiment.nets import LAST_STATE, RECIPES, Choice, Reading, Walk
from demos.sentiment.texts import LONG_WORD
from signals.text import HEAD, UNKNOWN

FOLDER = Path(__file__).parent
KINDS = {
    name: recipe.name.removeprefix("sentiment_").replace("_", "-") for name, recipe in {**RECIPES, **LAST_STATE}.items()
}
"""The class in the sheet by which a net's line is drawn."""
DIGITS = 4


def swatch(name: str) -> Markup:
    """A sample of a net's line."""
    return Markup(
        '<svg class="wl-sentiment-swatch" viewBox="0 0 34 10" aria-hidden="true"><line class="wl-sentiment-{}" x1="1" y1="5" '
        'x2="33" y2="5"/></svg>'
    ).format(KINDS[name])


def thumbnail_text(praise: Mapping[str, Sequence[float]]) -> Markup:
    """For the home page: the probability of praise after each word, a line a net."""
    lines = join(
        Markup('<polyline class="wl-sentiment-{}" points="{}"/>').format(
            KINDS[name],
            " ".join(f"{140 * i / max(1, len(line) - 1):.1f},{106 - 100 * p:.1f}" for i, p in enumerate(line)),
        )
        for name, line in praise.items()
    )
    return Markup(
        '<svg class="wl-sentiment-card" viewBox="0 0 140 112" aria-hidden="true"><line x1="0" x2="140" y1="56" y2="56"/>{}</svg>'
    ).format(lines)


WRITER = Markup(
    '<div class="wl-sentiment-writer"><label><span>Your text, in English</span><textarea rows="2" spellcheck="false" '
    'autocomplete="off" placeholder="Write what you think of a film."></textarea></label></div>'
)
SCORE = Markup(
    '<div class="wl-sentiment-score"><div class="wl-sentiment-legend" role="group" aria-label="Probability of praise">{}'
    '<span class="wl-sentiment-of"></span></div>'
    '<div class="wl-sentiment-staff"><div class="wl-sentiment-page"><svg aria-hidden="true"></svg><div class="wl-sentiment-words" role="group" '
    'aria-label="The words; arrow keys walk, Enter offers others, Delete takes one out, N puts “not” before it"></div></div>'
    '<div class="wl-sentiment-menu" role="group" aria-label="What else could stand there" hidden></div></div>'
    '<div class="wl-sentiment-tools"><button type="button" class="wl-sentiment-not" aria-pressed="false" '
    'aria-label="not: drag it between two words, or press it and choose a gap">not</button>'
    '<button type="button" class="wl-sentiment-undo" disabled>Undo</button>'
    '<p class="wl-note wl-sentiment-hint" role="status"></p></div></div>'
).format(
    join(
        Markup('<div data-net="{}">{}<span>{}</span><b>–</b></div>').format(name, swatch(name), name)
        for name in RECIPES
    )
)  # fmt: skip
WALK = Markup(
    '<figure class="wl-sentiment-walk"><div class="wl-plot-head"><b>The hidden state’s walk</b><span class="wl-sentiment-at"></span></div>'
    '<div class="wl-sentiment-plane"><svg viewBox="0 0 600 270" role="img" aria-label="The hidden state after each word, on a plane"></svg>'
    '<span class="wl-sentiment-left">◂ blame</span><span class="wl-sentiment-right">praise ▸</span></div>'
    '<div class="wl-sentiment-range"><button type="button">Walk</button><input type="range" min="1" max="1" value="1" '
    'aria-label="Up to which word"></div><figcaption></figcaption></figure>'
)
MEMORY = Markup(
    '<div class="wl-sentiment-memory"><label class="wl-sentiment-range"><span>Read only the last</span>'
    '<input type="range" min="0" max="13" value="13" aria-label="How many of the last words are read"><output></output></label>'
    '<div class="wl-sentiment-charts"><figure class="wl-sentiment-stops"></figure><figure class="wl-curve wl-sentiment-accuracy"></figure>'
    '<figure class="wl-curve wl-sentiment-gradient"></figure></div></div>'
)


def _part(template: Markup, *scripts: str, label: str, **options: Any) -> gr.HTML:
    files = [(FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in ("desk", *scripts)]
    return gr.HTML(
        value=None, label=label, html_template=template, js_on_load="\n".join(files), apply_default_css=False, kinds=KINDS,
        **options,
    )  # fmt: skip


def writer() -> gr.HTML:
    """The text as it is written; `.input` fires with it at each pause, and when a word of the score was changed."""
    return _part(WRITER, "writer", label="Text")


def score() -> gr.HTML:
    """Words and lines; its value is `of_reading`, and `.input` asks for `{"key", "at"}` or `{"key", "not": true}`."""
    return _part(SCORE, "edit", "menu", "score", label="The words and their lines", elem_classes=["wl-sentiment-over"])


def offers() -> gr.HTML:
    """Where the score hears what it has asked for; its value is `of_choices` or `of_nots`. Nothing is seen of it."""
    return _part(Markup("<i></i>"), "offers", label="What else could stand there", elem_classes=["wl-unseen"])


def walk() -> gr.HTML:
    """The walk; its value is `of_walk`."""
    return _part(WALK, "walk", label="The hidden state’s walk")


def memory() -> gr.HTML:
    """The last k words; its value is `of_memory`."""
    return _part(MEMORY, "plot", "memory", label="Read only the last words")


# Values


def of_reading(reading: Reading) -> dict[str, Any]:
    """A text as the score reads it: for each word what stands before it, the word, and whether it is known."""
    text = reading.text
    shown = [piece.text if text.editable else piece.text[:LONG_WORD] for piece in text.pieces]
    return {
        "key": text.key,
        "words": [
            [piece.before, word, int(piece.id != UNKNOWN)] for piece, word in zip(text.pieces, shown, strict=True)
        ],
        "after": text.after,
        "left_out": text.left_out,
        "head": HEAD,
        "editable": text.editable,
        "lines": {name: _rounded(line) for name, line in reading.praise.items()},
    }


def of_choices(text_key: str, at: int, net: str, found: list[Choice]) -> dict[str, Any]:
    """What could stand in place of word `at`, as `net` takes it."""
    return {
        "key": text_key,
        "at": at,
        "net": net,
        "choices": [[c.word, c.cosine, round(c.change, DIGITS), round(c.tilt, DIGITS)] for c in found],
    }


def of_nots(text_key: str, change: list[float]) -> dict[str, Any]:
    """What a “not” would change before each word."""
    return {"key": text_key, "nots": _rounded(change)}


def of_walk(reading: Reading, name: str, walked: Walk) -> dict[str, Any]:
    """A walk as the plane draws it."""
    return {
        "key": reading.text.key,
        "net": name,
        "words": [piece.text[:LONG_WORD] for piece in reading.text.pieces],
        "points": [[round(x, DIGITS), round(y, DIGITS)] for x, y in walked.points],
        "praise": _rounded(walked.praise),
        "border": walked.border,
    }


def of_memory(reading: Reading, found: Memory) -> dict[str, Any]:
    """What is remembered, as the slider shows it."""
    return {
        "key": reading.text.key,
        "n": len(reading.text.pieces),
        "names": [name for name in KINDS if name in found.praise or name in found.accuracy],
        "k": found.k,
        "accuracy": {name: _rounded(line) for name, line in found.accuracy.items()},
        "praise": {name: _rounded(line) for name, line in found.praise.items()},
        "gradient": {name: [float(f"{value:.3g}") for value in line] for name, line in found.gradient.items()},
        "typical": found.typical,
    }


def _rounded(line: Any) -> list[float]:
    return [round(value, DIGITS) for value in line]

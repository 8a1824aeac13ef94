"""Bring five of your own: what happens when pictures are added, tried, and taken away."""

import time
from typing import Any, NamedTuple

import gradio as gr

from demos._ui.events import Wire
from demos._ui.html import EMPTY
from demos._ui.sound import served
from demos.transfer import nets, own, own_figures
from demos.transfer.download import archive
from demos.transfer.layout import Bring


class Taught(NamedTuple):
    """What one's own pictures change; `known` is a state of this visitor's alone."""

    known: Any
    words: Any
    tried: Any
    map: Any


def teach(sent: Any, known: own.Features | None) -> Taught:
    """Solve a head on pictures of one's own: `{"kinds": [...], "pictures": [{"kind", "name", "src"}], "tried": ...}`.

    Gives how often it is right about pictures that are left out, its map, and what it says of the one to try.
    """
    began = time.perf_counter()
    lesson = own.unpack(sent)
    asked = (*lesson.pictures, lesson.tried) if lesson.tried else lesson.pictures
    known = own.features(asked, known or {})
    if lesson.advice:
        return Taught(known, own_figures.advice_text(lesson), EMPTY, EMPTY)
    head = own.solve(lesson, known, began)
    tried = own_figures.tried_text(head, known[lesson.tried.digest][None]) if lesson.tried else EMPTY
    kept = nets.kept_of(nets.LEAD)
    drawn = own_figures.own_map(head, kept["train_features"] if kept else None)
    return Taught(known, own_figures.head_text(lesson, head), tried, drawn)


def fill_example() -> dict[str, Any]:
    """Pictures to begin with: fifteen training pictures of three kinds of cartons."""
    return own.example_lesson()


def pack(sent: Any, known: own.Features | None) -> Any:
    """Everything of one's own head as a zip: pictures, head, backbone, code."""
    lesson = own.unpack(sent)
    if lesson.advice:
        raise ValueError(lesson.advice)
    head = own.solve(lesson, own.features(lesson.pictures, known or {}), time.perf_counter())
    return gr.update(value=served(archive(lesson, head), "own-head.zip")["path"], interactive=True)


def unpacked() -> Any:
    """No zip: what it held is no longer what is on the page."""
    return gr.update(value=None, interactive=False)


def wire_own(parts: Bring) -> None:
    """One's own pictures: each change is answered, and what is answered can be taken away."""
    known = gr.State(None, time_to_live=3600)
    taught = list(Taught(known, parts.words, parts.tried, parts.map))
    empty = Wire(unpacked, None, parts.file, "at once")
    Wire(teach, [parts.bring, known], taught).on(parts.bring.input, api="transfer_teach").then(empty)
    Wire(fill_example, None, parts.bring).on(parts.example.click)
    Wire(pack, [parts.bring, known], parts.file).on(parts.pack.click, api="transfer_zip")

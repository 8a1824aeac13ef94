"""Super-resolution: twice the pixels from a small net, what is gained, where it is wrong, and what is made up."""

import random
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any, NamedTuple

import gradio as gr
from gradio.processing_utils import save_pil_to_cache
from gradio.utils import get_upload_folder
from markupsafe import Markup
from PIL import Image

from demos._ui.card import card_text
from demos._ui.events import Wire
from demos._ui.html import EMPTY
from demos._ui.nets import Net
from demos._ui.page import columns, place, train_it
from demos._ui.widgets.picker import picked, shown
from demos.super_resolution import figures, nets
from demos.super_resolution.closely import LEFT, TRUTH, analyse, compare, lens_of, magnify, show_analysis, show_spot
from demos.super_resolution.figures import Measured
from demos.super_resolution.layout import (
    FOUR,
    RESTORE,
    File,
    Scores,
    choose_picture,
    choose_work,
    show_details,
    show_pictures,
    show_scores,
)  # fmt: skip
from demos.super_resolution.nets import BICUBIC, EXAMPLES, FIRST, OURS, RECIPES, Picture, Restored, Upload, Work
from signals import image
from training import Recipe

LIMITS = (
    "Learnt from 134 photographs that were shrunk by one exact kernel. A real camera blurs, adds noise and compresses in "
    "other ways: there it gains less, and sharpens artefacts too. It adds no detail that anyone should rely on: not for "
    "evidence, faces, licence plates or diagnoses."
)
NO_PICTURE = "There is no picture yet: choose an example, or upload one."
Own = Net[Any] | None
Kept = Picture | Upload
"""What a page keeps of a picture: its pixels, and of a large one where its file lies."""


class Choice(NamedTuple):
    """A picture in the picker, and whole: once of components, once of what fills them."""

    picker: Any
    picture: Any


class Answer(NamedTuple):
    """What came of a picture: before and after under the handle, what may stand there, in words, and all of it."""

    handle: Any
    left: Any
    words: Any
    result: Any


class Following(NamedTuple):
    """What follows the picture: the figures, and the magnifier on the spot that matters."""

    words: Any
    details: Any
    lens: Any


# Handlers


def select_picture(value: Any) -> Picture:
    """What is picked: an example or a test picture by its key, or whatever picture is handed over."""
    found = picked(value)
    if found is None:
        raise ValueError(NO_PICTURE)
    picture = nets.known(found.key) or Picture.of(image.from_data_url(found.src), "Your picture")
    if nets.is_large(picture):
        raise ValueError("A picture of this size comes as a file: upload it.")
    return picture


def read_upload(path: str) -> Choice:
    """A visitor's picture file: for the picker, and whole."""
    picture = nets.read(path)
    return choice_of(picture)._replace(picture=nets.kept(picture, str(path)))


def random_test_picture() -> Choice:
    """A random test picture of Set5, Set14 or BSDS500; ValueError where none is here."""
    paths = nets.test_pictures()
    if not paths:
        raise ValueError("No test pictures are on this machine: their licences forbid to hand them on.")
    path = random.choice(paths)  # torch's own generator belongs to whoever trains
    return choice_of(nets.read_test_picture(path), nets.key_of(path))


def choice_of(picture: Picture, key: str = "") -> Choice:
    """A picture for the picker, and whole."""
    return Choice(shown(nets.thumbnail(picture, nets.THUMBNAIL), key), picture)


def first_picture(picture: Kept | None) -> Choice:
    """The pictures to choose from, when the tab is opened, and one of them where this visitor has none yet."""
    return Choice(gr.HTML(examples=examples()), EXAMPLES[FIRST]() if picture is None else gr.skip())


def restore(picture: Kept | None, mode: str, method: str, left: str, own: Own) -> Answer:
    """Enlarge the picture: shrunk to half first and compared with itself (“Shrink and restore”), or as it is (× 2, × 4).

    Gives the picture before and after, what was done in words, and the result, for the page to keep. What it gained is
    measured after it is shown.
    """
    if picture is None:
        raise ValueError(NO_PICTURE)
    again = partial(work_of, picture, mode) if isinstance(picture, Upload) else None
    result = nets.restore(work_of(picture, mode), method, own, again=again)
    choices = [name for name in LEFT if name != TRUTH or result.truth is not None]
    left = left if left in choices else BICUBIC
    return Answer(compare(result, left), gr.Radio(choices, value=left), figures.shown_text(result), result)


def measure(result: Restored | None) -> Following:
    """What the net gained on the part that is shown, in words and figures; the magnifier's picture and place."""
    if result is None:
        return Following(EMPTY, EMPTY, gr.skip())
    truth, measured = result.truth, None
    if truth is not None:
        shipped = None if result.shipped is None else nets.measure(truth, result.shipped)
        measured = Measured(nets.measure(truth, result.bicubic), nets.measure(truth, result.picture), shipped)
    told = figures.answer_text(result, measured, nets.usual_gains())
    return Following(told, figures.details_text(measured), lens_of(result))


def work_of(picture: Kept, mode: str) -> Work:
    """What is asked for in this mode."""
    if isinstance(picture, Upload):
        return uploaded_work(picture, mode)
    if mode == RESTORE:
        return nets.test_work(picture)
    return nets.enlarging_work(picture, 4 if mode == FOUR else 2)


@lru_cache(maxsize=3)
def uploaded_work(upload: Upload, mode: str) -> Work:
    """What is asked for of a large picture, for the few that are looked at just now."""
    return work_of(upload.picture, mode)


def save_whole(result: Restored | None, own: Own) -> Iterator[File]:
    """The whole picture by the same net as a PNG file, tile by tile, with its progress."""
    if result is None:
        raise ValueError(NO_PICTURE)
    for step in nets.enlarge(result.work, result.method, own if result.own else None):
        if isinstance(step, Picture):
            file = save_pil_to_cache(step.pillow(), cache_dir=get_upload_folder(), format="png")
            yield File(EMPTY, gr.update(value=file, interactive=True))
        else:
            yield File(figures.waiting_text(step), gr.skip())


def on_open(method: str) -> Scores:
    """What waits for the tab to be opened, or for another net: the scores on test sets, and its card."""
    return Scores(figures.scores_table(nets.scores_on_test_sets()), card_text(RECIPES[method], LIMITS))


def examples() -> list[dict[str, str]]:
    """The pictures in installed packages, each by its key."""
    return [{"key": key, "name": key, "src": src} for key, src in nets.example_thumbnails().items()]


def recipe_of(method: str) -> Recipe[Any]:
    """What the panel trains for this net; ValueError where what it learns by is not here."""
    if method == nets.PERCEPTUAL and nets.feature_net() is None:
        raise ValueError(
            "This net learns by the eyes of another (SqueezeNet), whose weights are not on this machine. "
            "Choose another net above."
        )
    return RECIPES[method]


# The page


def build(tab: gr.Tab) -> None:
    own, picture, result = (gr.State(None, time_to_live=3600) for _ in range(3))
    triggers, chooser = choose_picture()
    with columns():
        with gr.Column(scale=7, min_width=300):
            slider, left = show_pictures()
        with gr.Column(scale=4, min_width=300):
            words = place(live=True)
            details = show_details()
            mode, method, making, file = choose_work()
    lens, spots = show_spot()
    analysis = show_analysis()
    scores = show_scores()
    uses = train_it(
        "The same net again from its first weights, in your own session. Nothing is written to disk.",
        RECIPES[OURS], use=partial(Net.from_run, evidence={}), state=own, choose=recipe_of, inputs=[method],
    )  # fmt: skip

    choice = Choice(chooser, picture)
    restoring = Wire(restore, [picture, mode, method, left, own], list(Answer(slider, left, words, result)))
    magnifying = Wire(magnify, [result, lens, own], spots)
    following = (
        Wire(measure, result, list(Following(words, details, lens))), magnifying, Wire(analyse, result, list(analysis))
    )  # fmt: skip
    measuring = Wire(on_open, method, list(scores))

    # what is named comes first: a private event takes a name too
    Wire(compare, [result, left], slider).on(left.input, api="before_and_after")
    magnifying.on(lens.input, api="magnify")
    Wire(save_whole, [result, own], list(file)).on(making.click, api="super_resolution_file")
    restoring.on(mode.input, method.input, api="super_resolution").then(*following)
    Wire(select_picture, chooser, picture).on(chooser.input, api="super_resolution_example").then(restoring, *following)
    reading = Wire(read_upload, triggers.file, list(choice))
    reading.on(triggers.file.upload, api="super_resolution_upload").then(restoring, *following)
    drawing = Wire(random_test_picture, None, list(choice))
    drawing.on(triggers.sample.click, api="super_resolution_test_picture").then(restoring, *following)
    Wire(first_picture, picture, list(choice)).on(tab.select).then(restoring, *following)
    measuring.on(method.input)
    measuring.on(tab.select)
    restoring.on(uses.change).then(*following)


def thumbnail() -> Markup:
    """For the home page: a cat's eye in few pixels and in many."""
    eye = EXAMPLES[FIRST]().pillow().crop((130, 80, 230, 155))
    halves = (eye.resize((25, 19), Image.Resampling.BICUBIC), eye)
    return figures.thumbnail_text([image.to_data_url(half) for half in halves])

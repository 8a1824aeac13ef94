"""Super-resolution: twice the pixels from a small net, what is gained, where it is wrong, and what is made up."""

import random
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import gradio as gr
from gradio.processing_utils import save_pil_to_cache
from gradio.utils import get_upload_folder
from markupsafe import Markup
from PIL import Image

from demos._ui.card import card_text
from demos._ui.events import Wire
from demos._ui.nets import Net
from demos._ui.page import columns, controls, place, section, train_it
from demos._ui.widgets.picker import picked, picker, shown
from demos.super_resolution import figures, nets
from demos.super_resolution.closely import LEFT, analyse, compare, lens_of, magnify, show_analysis, show_spot
from demos.super_resolution.nets import BICUBIC, EXAMPLES, OURS, RECIPES, Picture, Restored, Work
from signals import image
from training import Recipe

TEST, TWICE, FOUR = MODES = ("Test me", "Enlarge × 2", "Enlarge × 4")
LIMITS = (
    "Learnt from 135 photographs that were shrunk by one exact kernel. A real camera blurs, adds noise and compresses in "
    "other ways: there it gains less, and sharpens artefacts too. It adds no detail that anyone should rely on: not for "
    "evidence, faces, licence plates or diagnoses."
)
Own = Net[Any] | None


class About(NamedTuple):
    """A picture in words, and whole: once of components, once of what fills them."""

    words: Any
    picture: Any


class Choice(NamedTuple):
    """A picture in the picker, in words, and whole."""

    picker: Any
    words: Any
    picture: Any


class Answer(NamedTuple):
    """What came of a picture: the readout, the work and its result, the magnifier, and the file to download."""

    words: Any = gr.skip()
    work: Any = gr.skip()
    result: Any = gr.skip()
    lens: Any = gr.skip()
    download: Any = gr.skip()


class Scores(NamedTuple):
    """The test sets by every method, and the card of one net."""

    table: Any
    card: Any


# Handlers


def select_picture(value: Any) -> About:
    """What is picked: an example or a test picture by its key, or whatever picture is handed over."""
    found = picked(value)
    if found is None:
        raise ValueError("There is no picture yet: choose an example, or upload one.")
    picture = nets.known(found.key) or Picture.of(image.from_data_url(found.src), "Your picture")
    return About(figures.about_text(picture), picture)


def read_upload(path: str) -> Choice:
    """A visitor's picture file: for the picker, in words, and whole."""
    return choice_of(nets.read(path))


def random_test_picture() -> Choice:
    """A random test picture of Set5, Set14 or BSDS500; DataMissing where none is here."""
    path = random.choice(nets.test_pictures())  # torch's own generator belongs to whoever trains
    return choice_of(nets.read_test_picture(path), nets.key_of(path))


def choice_of(picture: Picture, key: str = "") -> Choice:
    """A picture for the picker, in words, and whole."""
    return Choice(shown(nets.thumbnail(picture, nets.THUMBNAIL), key), figures.about_text(picture), picture)


def restore(picture: Picture | None, mode: str, method: str, own: Own) -> Iterator[Answer]:
    """Enlarge the picture: shrunk to half first and compared with itself (“Test me”), or as it is (× 2, × 4).

    Gives the readout, with its progress while it works, the work, what came out of it for the page to keep, the
    magnifier's picture and the file to download.
    """
    if picture is None:
        yield Answer(figures.NO_PICTURE, None, None, download=gr.update(interactive=False))
        return
    work = work_of(picture, mode)
    result = None
    for step in nets.restore(work, method, own):
        if isinstance(step, Restored):
            result = step
        else:
            yield Answer(figures.waiting_text(step, method))
    assert result is not None
    before = after = None
    if work.truth is not None:
        before, after = (nets.measure(work, p) for p in (nets.restored(work, BICUBIC).picture, result.picture))
    file = gr.update(value=save_png(result), interactive=True)
    yield Answer(figures.answer_text(result, before, after), work, nets.trimmed(result), lens_of(work, result), file)


def work_of(picture: Picture, mode: str) -> Work:
    """What is asked for in this mode."""
    if mode == TEST:
        return nets.test_work(picture)
    return nets.enlarging_work(picture, 4 if mode == FOUR else 2)


def save_png(result: Restored) -> str:
    """The whole result as a PNG file in the folder that the page serves from, which is swept."""
    return save_pil_to_cache(result.picture.pillow(), cache_dir=get_upload_folder(), format="png")


def on_open(method: str) -> Scores:
    """What waits for the tab to be opened, or for another net: the scores on test sets, and its card."""
    return Scores(figures.scores_table(nets.scores_on_test_sets()), card_text(RECIPES[method], LIMITS))


def load_examples() -> gr.HTML:
    """The picker with the pictures in installed packages."""
    return gr.HTML(examples=examples())


def examples() -> list[dict[str, str]]:
    """The pictures in installed packages, each by its key."""
    return [{"key": key, "name": key, "src": src} for key, src in nets.example_thumbnails().items()]


def recipe_of(method: str) -> Recipe[Any]:
    """What the panel trains for this net."""
    return RECIPES[method]


# The page


def build(tab: gr.Tab) -> None:
    own, picture, work, result = (gr.State(None, time_to_live=3600) for _ in range(4))
    with columns():
        with gr.Column(scale=4, min_width=300):
            triggers, choice = choose_picture(picture)
            mode, method = choose_work()
        with gr.Column(scale=6, min_width=300):
            left, slider, words, download = show_answer()
    lens, spots = show_spot()
    analysis = show_analysis()
    section(
        "How good is it",
        "On three sets of pictures that no net saw. More decibels are not always the better picture: the perceptual net gives "
        "some away.",
    )
    scores = Scores(place(), place())
    uses = train_it(
        "The net chosen above from its first weights, in your own session. It begins at bicubic and passes it within seconds. "
        "Nothing is written to disk.",
        RECIPES[OURS], use=partial(Net.from_run, evidence={}), state=own, choose=recipe_of, inputs=[method],
    )  # fmt: skip

    answer = Answer(words, work, result, lens, download)
    restoring = Wire(restore, [picture, mode, method, own], list(answer))
    comparing = Wire(compare, [work, result, left], slider)
    magnifying = Wire(magnify, [work, lens, own], spots)
    showing = (comparing, magnifying, Wire(analyse, [work, result], list(analysis)))
    measuring = Wire(on_open, method, list(scores))

    comparing.on(left.input, api="before_and_after")  # what is named comes first: a private event takes a name too
    magnifying.on(lens.input, api="magnify")
    restoring.on(mode.input, method.input, api="super_resolution").then(*showing)
    choosing = Wire(select_picture, choice.picker, [choice.words, choice.picture])
    choosing.on(choice.picker.input, api="super_resolution_example").then(restoring, *showing)
    reading = Wire(read_upload, triggers.file, list(choice))
    reading.on(triggers.file.upload, api="super_resolution_upload").then(restoring, *showing)
    drawing = Wire(random_test_picture, None, list(choice))
    drawing.on(triggers.sample.click, api="super_resolution_test_picture").then(restoring, *showing)
    measuring.on(method.input)
    measuring.on(tab.select)
    Wire(load_examples, None, choice.picker).on(tab.select)
    restoring.on(uses.change).then(*showing)


class Triggers(NamedTuple):
    """What brings a picture, beside the examples."""

    file: gr.UploadButton
    sample: gr.Button


def choose_picture(picture: gr.State) -> tuple[Triggers, Choice]:
    """The picker with its examples, a file, and a test picture."""
    pictures = picker(
        label="The picture", hint="Choose an example below, or upload a picture.", examples=[],
        elem_classes="wl-super_resolution-whole",
    )  # fmt: skip
    with controls():
        file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
        sample = gr.Button("A test picture", size="sm", min_width=100)
    return Triggers(file, sample), Choice(pictures, place(), picture)


def choose_work() -> tuple[gr.Radio, gr.Radio]:
    """What to do, and by which net."""
    info = "“Test me” shrinks the picture to half first, so that the truth is known."
    mode = gr.Radio(list(MODES), value=TEST, label="What to do", info=info)
    return mode, gr.Radio(list(RECIPES), value=OURS, label="By which net")


def show_answer() -> tuple[gr.Radio, gr.ImageSlider, gr.HTML, gr.DownloadButton]:
    """Before and after under a handle, the figures, and the file."""
    left = gr.Radio(list(LEFT), value=BICUBIC, label="At the left of the handle")
    slider = gr.ImageSlider(
        label="Before | after", format="png", image_mode=None, interactive=False, buttons=["fullscreen"],
        elem_classes="wl-super_resolution-slider",
    )  # fmt: skip
    words = place(figures.NO_PICTURE, live=True)
    return left, slider, words, gr.DownloadButton("The whole result as PNG", size="sm", interactive=False)


def thumbnail() -> Markup:
    """For the home page: a cat's eye in few pixels and in many."""
    eye = EXAMPLES["a cat"]().pillow().crop((130, 80, 230, 155))
    halves = (eye.resize((25, 19), Image.Resampling.BICUBIC), eye)
    return figures.thumbnail_text([image.to_data_url(half) for half in halves])

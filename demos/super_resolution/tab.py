"""Super-resolution: twice the pixels from a small net, what is gained, where it is wrong, and what is made up."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gradio as gr
from gradio.processing_utils import save_pil_to_cache
from gradio.utils import get_upload_folder
from PIL import Image

from demos._ui.panels import card_text, note, section, spoken, training_panel, tray
from demos._ui.widgets.magnifier import magnifier, place
from demos.super_resolution import nets
from demos.super_resolution.figures import (
    errors_text,
    readout,
    regained_text,
    scores_text,
    spectrum_figure,
    spots_text,
    waiting_text,
)  # fmt: skip
from demos.super_resolution.nets import BICUBIC, EXAMPLES, NETS, OURS, RECIPES, Own, Picture, Restored, Work, trained
from signals import image
from training._recipe import Recipe

TEST, TWICE, FOUR = "Test me", "Enlarge × 2", "Enlarge × 4"
PIXELS, TRUTH = "Pixels", "Truth"
LIMITS = (
    "Learnt from 135 photographs that were shrunk by one exact kernel. A real camera blurs, adds noise and compresses in "
    "other ways: there it gains less, and sharpens artefacts too. It adds no detail that anyone should rely on: not for "
    "evidence, faces, licence plates or diagnoses."
)
EMPTY = note("Choose an example, upload a picture, or take a test picture. The answer comes by itself.")


def chosen(address: str | None) -> tuple[str, Picture]:
    """The example whose picture in the tray was clicked."""
    name = nets.example_thumbnails().get(address or "")
    if name is None:
        raise ValueError("That example is not here any more: reload the page, or upload a picture.")
    picture = EXAMPLES[name]()
    return described(picture), picture


def uploaded(path: str) -> tuple[str, str, Picture]:
    """A visitor's picture file: for the tray, in words, and whole."""
    return shown(nets.read(path))


def another() -> tuple[str, str, Picture]:
    """A random test picture of Set5, Set14 or BSDS500; DataMissing where none is here."""
    path = random.choice(nets.test_pictures())  # torch's own generator belongs to whoever trains
    return shown(nets.read(path, f"{path.parent.name} {path.name}, never seen in training"))


def restore(picture: Picture | None, mode: str, title: str, own: Own | None) -> Iterator[tuple[Any, ...]]:
    """Enlarge the picture: shrunk to half first and compared with itself (“Test me”), or as it is (× 2, × 4).

    Gives the readout, with its progress while it works, the work, what came out of it for the page to keep, the
    magnifier's picture and the file to download.
    """
    if picture is None:
        yield EMPTY, None, None, gr.update(), gr.update(interactive=False)
        return
    work = work_of(picture, mode)
    result = None
    for step in nets.restore(work, title, own):
        if isinstance(step, Restored):
            result = step
        else:
            yield waiting_text(step, title), gr.skip(), gr.skip(), gr.skip(), gr.skip()
    assert result is not None
    before = after = None
    if work.truth is not None:
        by_bicubic = nets.finished(work, BICUBIC).picture
        before, after = (nets.figures(work, p) for p in (by_bicubic, result.picture))
    text = readout(result, before, after, own=bool(own and own.title == title))
    yield text, work, kept(result), frame(work, result), gr.update(value=saved(result), interactive=True)


def work_of(picture: Picture, mode: str) -> Work:
    """What is asked for in this mode."""
    if mode == TEST:
        return nets.test_work(picture)
    return nets.enlarging_work(picture, 4 if mode == FOUR else 2)


def kept(result: Restored) -> Restored:
    """What a session keeps of a result: without a truth only the part that the page shows, which bounds the memory."""
    if result.work.truth is not None:
        return result
    part = nets.window(result.work)
    return replace(result, picture=nets.cut(result.picture, part, scale=result.work.factor))


def saved(result: Restored) -> str:
    """The whole result as a PNG file in the folder that the page serves from, which is swept."""
    return save_pil_to_cache(result.picture.pillow(), cache_dir=get_upload_folder(), format="png")


def compare(work: Work | None, result: Restored | None, left: str) -> Any:
    """The picture before and after, one over the other under a handle: bicubic, plain pixels or the truth at the left."""
    if work is None or result is None:
        return None
    part = nets.window(work)
    after = result.picture if work.truth is None else nets.cut(result.picture, part, scale=work.factor)
    if left == TRUTH:
        if work.truth is None:
            raise ValueError("Nobody knows the truth of a picture that is enlarged: “Test me” shrinks it first.")
        before = nets.cut(work.truth, part, scale=work.factor)
    elif left == PIXELS:
        before = nets.pixels(work, part)
    else:
        before = nets.by(BICUBIC, work, part)
    mode = "RGB" if after.alpha_HW is None else "RGBA"
    pair = (before.pillow().convert(mode), after.pillow().convert(mode))
    return gr.update(value=pair, label=f"{left} | {result.net}")  # a new component would turn them into WebP


def magnify(work: Work | None, where: str | None, own: Own | None) -> str:
    """One spot, by every method there is."""
    if work is None:
        return note("Choose a picture above: then move the frame to any spot.")
    return spots_text(list(nets.spots(work, nets.spot(work, place(where)), own)))


def analyse(work: Work | None, result: Restored | None) -> tuple[str, Any, str]:
    """Where bicubic and the net are wrong, and which fineness came back; without a truth only the latter."""
    if work is None or result is None:
        return note("Choose a picture above: its error map appears here."), None, ""
    if work.truth is None:
        bicubic = nets.by(BICUBIC, work, nets.window(work))
        lines = [
            (BICUBIC, nets.spectrum_db(bicubic)),
            (result.net, nets.spectrum_db(result.picture)),
        ]
        unknown = "Without a truth there is no error to show. “Test me” shrinks the picture first, and then knows."
        return note(unknown), spectrum_figure(lines), ""
    bicubic = nets.finished(work, BICUBIC).picture
    maps = [(title, nets.errors_db(work, p)) for title, p in ((BICUBIC, bicubic), (result.net, result.picture))]
    spectra = [nets.spectrum_db(p) for p in (work.truth, bicubic, result.picture)]
    lines = list(zip((TRUTH, BICUBIC, result.net), spectra, strict=True))
    return errors_text(maps), spectrum_figure(lines), regained_text(*spectra)


def opened(title: str) -> tuple[str, str]:
    """What waits for the tab to be opened, or for another net: the scores on test sets, and its card."""
    return scores_text(), card_text(RECIPES[title], LIMITS)


def recipe_of(title: str) -> Recipe[Any]:
    """What the panel trains for this net."""
    return RECIPES[title]


# What the page shows


def shown(picture: Picture) -> tuple[str, str, Picture]:
    return nets.thumbnail(picture, nets.THUMBNAIL), described(picture), picture


def described(picture: Picture) -> str:
    kind = "grey" if picture.grey else "colour"
    through = ", with transparency" if picture.alpha_HW is not None else ""
    return note("{}: {:,} × {:,} pixels, {}{}.".format(picture.title, *picture.size, kind, through))


def frame(work: Work, result: Restored) -> Any:
    """The magnifier's picture and the size of its frame; the picture is small already where the result is huge."""
    share = [min(1.0, nets.SPOT / length) for length in work.small.size]
    under = work.small if work.truth is None else result.picture
    return gr.HTML(value="0.5 0.5", shown=nets.thumbnail(under, 720), frame=share)


def examples() -> list[dict[str, str]]:
    """The pictures in installed packages, each under its name."""
    return [{"name": name, "src": address} for address, name in nets.example_thumbnails().items()]


def build(tab: gr.Tab) -> None:
    picture, work, result, own = (gr.State(None, time_to_live=3600) for _ in range(4))
    with gr.Row(equal_height=False, elem_classes="wl-try"):
        with gr.Column(scale=4, min_width=300):
            table = tray(
                label="The picture",
                hint="Choose an example below, or upload a picture.",
                examples=[],
                elem_classes="wl-whole",
            )
            with gr.Row(elem_classes="wl-controls"):
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
                sample = gr.Button("A test picture", size="sm", min_width=100)
            about = gr.HTML("", apply_default_css=False)
            mode = gr.Radio([TEST, TWICE, FOUR], value=TEST, label="What to do", info="“Test me” shrinks the picture to half first, so that the truth is known.")  # fmt: skip
            title = gr.Radio(list(NETS), value=OURS, label="By which net")
        with gr.Column(scale=6, min_width=300):
            left = gr.Radio([BICUBIC, PIXELS, TRUTH], value=BICUBIC, label="At the left of the handle")
            slider = gr.ImageSlider(label="Before | after", format="png", image_mode=None, interactive=False, buttons=["fullscreen"], elem_classes="wl-slider")  # fmt: skip
            answer = gr.HTML(EMPTY, apply_default_css=False, elem_classes="wl-live")
            download = gr.DownloadButton("The whole result as PNG", size="sm", interactive=False)

    section(
        "One spot, closely",
        "Drag the frame, or move it with the arrow keys: every method restores that spot from the same pixels.",
    )
    lens = magnifier(label="Magnified spot")
    spots = gr.HTML(magnify(None, None, None), apply_default_css=False, elem_classes="wl-live")

    section("Where it is wrong", "The absolute error in decibels, and which fineness of detail came back.")
    errors = gr.HTML(
        note("Choose a picture above: its error map appears here."), apply_default_css=False, elem_classes="wl-live"
    )
    plot = gr.Plot(label="Power at each fineness", show_label=False)
    regained = gr.HTML("", apply_default_css=False)

    section("How good is it", "On three sets of pictures that no net saw. More decibels are not always the better picture: the perceptual net gives some away.")  # fmt: skip
    scores = gr.HTML("", apply_default_css=False)
    card = gr.HTML("", apply_default_css=False)

    section("Train it yourself", "The net chosen above from its first weights, in your own session. It begins at bicubic and passes it within seconds. Nothing is written to disk.")  # fmt: skip
    uses = training_panel(RECIPES[OURS], use=trained, state=own, choose=recipe_of, inputs=[title])

    show: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "answer", "concurrency_limit": 2}
    restoring: dict[str, Any] = {
        "fn": spoken(restore), "inputs": [picture, mode, title, own], "outputs": [answer, work, result, lens, download], **show,
    }  # fmt: skip
    comparing: dict[str, Any] = {"fn": spoken(compare), "inputs": [work, result, left], "outputs": slider, **show}
    magnifying: dict[str, Any] = {"fn": spoken(magnify), "inputs": [work, lens, own], "outputs": spots, **show}
    analysing: dict[str, Any] = {
        "fn": spoken(analyse),
        "inputs": [work, result],
        "outputs": [errors, plot, regained],
        **show,
    }

    last: dict[str, Any] = {"trigger_mode": "always_last", "api_visibility": "private"}  # “once” would leave stale ones

    def then_show(event: Any) -> None:
        for part in (comparing, magnifying, analysing):
            event = event.success(**part, **last)

    for trigger, source, inputs, outputs, api_name in (
        (table.input, chosen, table, [about, picture], "super_resolution_example"),
        (file.upload, uploaded, file, [table, about, picture], "super_resolution_upload"),
        (sample.click, another, None, [table, about, picture], "super_resolution_test_picture"),
    ):
        event = trigger(spoken(source), inputs, outputs, api_name=api_name, **show)
        then_show(event.success(**restoring, **last))
    then_show(
        gr.on(
            [mode.input, title.input],
            **restoring,
            trigger_mode="always_last",
            api_name="super_resolution",
            api_description=restore.__doc__,
        )
    )
    left.input(**comparing, trigger_mode="always_last", api_name="before_and_after", api_description=compare.__doc__)
    lens.input(**magnifying, trigger_mode="always_last", api_name="magnify", api_description=magnify.__doc__)
    opening: dict[str, Any] = {"fn": spoken(opened), "inputs": title, "outputs": [scores, card], **show}
    title.input(**opening, api_visibility="private")
    tab.select(**opening, api_visibility="private")
    tab.select(lambda: gr.HTML(examples=examples()), None, table, api_visibility="private", **show)
    then_show(uses.change(**restoring, **last))


def thumbnail() -> str:
    """For the home page: a cat's eye in few pixels and in many."""
    eye = EXAMPLES["a cat"]().pillow().crop((130, 80, 230, 155))
    halves = (eye.resize((25, 19), Image.Resampling.BICUBIC), eye)
    return "".join(f'<img class="wl-photo" alt="" src="{image.to_data_url(half)}">' for half in halves)

"""The parts of the latent space's page: the plane, and beside it what is done on it; below, the lessons."""

from typing import Any, NamedTuple

import gradio as gr

from demos._ui.html import note
from demos._ui.page import columns, controls, folded, place, section
from demos._ui.widgets.pad import pad
from demos._ui.widgets.picker import gallery
from demos.latent import nets, plane
from demos.latent.figures import address
from demos.latent.nets import CLOSEST, RECIPES
from training.tasks.latent import CLASSES

PINS = A, B = ("Pin A", "Pin B")
BETA_HELP = (
    "How hard the codes are pulled together. Another β is another net, whose decoder is fetched when you choose it."
)
AVERAGE = (
    "Half-way between a trouser and a bag there is no garment that is half of each. The average of the pixels shows both "
    "as ghosts; the plane shows whatever was learnt at that place, or nothing at all."
)
KL_ALONE = (
    "In the course work that this tab grows from, the reconstruction loss was written and never compiled: what was "
    "trained was the KL term alone, down to 5.9e-11. Every code had collapsed into one point. The plot z-scored the codes "
    "first, and looked fine. Here is the same mistake."
)


class Sources(NamedTuple):
    """What a pin is set from, and which."""

    which: gr.Radio
    gallery: gr.HTML
    sample: gr.Button
    file: gr.UploadButton
    clear: gr.Button
    pad: gr.HTML


class Lessons(NamedTuple):
    """What starts each lesson, and where the last one is shown."""

    collapse: gr.Button
    average: gr.Button
    kl_only: gr.Button
    codes: gr.HTML


def show_beta() -> tuple[gr.Radio, gr.HTML]:
    """The weight of the KL term, and the bound in its two parts."""
    beta = gr.Radio(
        list(RECIPES), value=CLOSEST, label="β, the weight of the KL term", info=BETA_HELP, elem_classes=["wl-pick"]
    )
    return beta, place(live=True, elem_classes=["wl-latent-bar"])


def gallery_examples() -> list[dict[str, str]]:
    """One test picture of each class, and a digit."""
    names = (*CLASSES, nets.DIGIT)
    return [{"key": name, "name": name, "src": address(nets.example(name))} for name in names]


def show_sources() -> tuple[Sources, Any]:
    """Two pins: kept test pictures, a random one, a file, a drawing; and what the net says of both."""
    section(
        "Two pins, and the way between", "Pin two garments to the plane and walk: the ellipse is one σ of the code."
    )
    which = gr.Radio(list(PINS), value=B, label="What you choose next goes to", elem_classes=["wl-pick"])
    pictures = gallery(label="Test pictures", elem_classes=["wl-latent-gallery"], examples=gallery_examples())
    with gr.Row(elem_classes=["wl-latent-draw"]):
        with gr.Column(scale=0, min_width=150):
            drawing = pad(label="Board to draw a garment on", value="")
        with gr.Column(scale=1, min_width=150):
            place(note("Draw its outline in one line: what it encloses is filled as cloth."))
            with controls():
                sample = gr.Button("A test picture", size="sm", min_width=110)
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
                clear = gr.Button("Clear the board", size="sm", min_width=110)
    words = place(live=True)
    return Sources(which, pictures, sample, file, clear, drawing), words


def show_noise() -> gr.HTML:
    """The reparametrisation in the hand."""
    section(
        "Hold ε, pull σ",
        "A code is z = μ + σ ε: chance is drawn once as ε, and stands still. So z moves smoothly with μ and σ, and a "
        "gradient can find its way back to both. μ is pin A.",
    )
    return plane.noise()


def show_lessons() -> Lessons:
    """Three ways in which a latent space goes wrong."""
    section("What goes wrong", "A collapse, an average that is no garment, and a plot that hid both.")
    with columns("wl-latent-lessons"):
        with gr.Column(min_width=260):
            place(
                note(
                    "Pulled too hard, codes say nothing: the KL term is cheapest where every garment has the same code."
                )
            )
            collapse = gr.Button("Show β = 128", size="sm", min_width=110)
        with gr.Column(min_width=260):
            place(note(AVERAGE))
            average = gr.Button("Walk from a trouser to a bag", size="sm", min_width=110)
    with folded("The net that was never trained on its reconstruction"):
        place(note(KL_ALONE))
        kl_only = gr.Button(
            "Train on the KL term alone, a few seconds", size="sm", min_width=110, elem_classes=["wl-latent-kl-only"]
        )
        codes = place(live=True)
    return Lessons(collapse, average, kl_only, codes)

"""The parts of the volumes' page: the volume in space with its rubber, and beside it the answer, its slices, and what follows."""

from typing import Any, NamedTuple

import gradio as gr

from demos._ui.page import columns, controls, folded, place, section
from demos._ui.widgets.picker import gallery
from demos.volumes import viewer
from demos.volumes.nets import CLASSES, METHODS, RECIPES, SICK

FILES = [".nii", ".gz", ".npz", ".npy", ".zip", ".png"]
UPLOAD_HELP = (
    "NIfTI (.nii, .nii.gz), NumPy (.npz, .npy), or PNG slices in a .zip, up to 256 voxels to a side. Grey volumes are cut "
    "at a threshold; what was done to a file is said with the answer."
)
RUBBER = "Or fill one in: click on the shape, or press “At the crosshair”. The net answers each time."


class Sources(NamedTuple):
    """Where a volume comes from."""

    gallery: gr.HTML
    sample: gr.Button
    files: gr.UploadButton


class Scene(NamedTuple):
    """The volume on the page, and what is said of it."""

    viewer: gr.HTML
    rubber: gr.HTML
    answer: gr.HTML
    verdict: gr.HTML
    slices: gr.HTML


class Why(NamedTuple):
    """How the map is made, and where it can be had."""

    name: gr.Radio
    method: gr.Radio
    prepare: gr.Button
    gland: gr.DownloadButton
    map: gr.DownloadButton


class Lessons(NamedTuple):
    """How much is seen, turning, size."""

    sees: gr.Radio
    stops: Any
    seen: Any
    turned: Any
    by_size: Any
    sizes: Any


def show_page(examples: list[dict[str, str]]) -> tuple[Sources, Scene, Why]:
    """The volume in space on the left; on the right others to choose, the answer, three slices, and what can be done."""
    with columns("wl-volumes-desk"):
        with gr.Column(scale=6, min_width=300, elem_classes=["wl-volumes-left"]):
            space = viewer.viewer()
        with gr.Column(scale=5, min_width=300):
            sources = choose_volume(examples)
            answer = place(live=True)
            slices = viewer.slices()
            verdict = place(live=True)
            why = choose_map()
            section("Bite a piece off", RUBBER)
            rubber = viewer.rubber()
    return sources, Scene(space, rubber, answer, verdict, slices), why


def choose_volume(examples: list[dict[str, str]]) -> Sources:
    """Examples in a row, a random one, one's own."""
    pictures = gallery(label="Examples", elem_classes=["wl-volumes-gallery"], examples=examples)
    with controls("wl-volumes-sources"):
        sample = gr.Button("A test gland", size="sm", min_width=110)
        files = gr.UploadButton("Upload a volume", size="sm", min_width=130, file_count="multiple", file_types=FILES)
    return Sources(pictures, sample, files)


def choose_map() -> Why:
    """For which class, and by which method; both volumes as files."""
    with folded("Another map, and files to take away"):
        name = gr.Radio(list(CLASSES), value=CLASSES[SICK], label="What speaks for", elem_classes=["wl-pick"])
        method = gr.Radio(list(METHODS), value=METHODS[0], label="Method", elem_classes=["wl-pick"])
        with controls():
            prepare = gr.Button("Prepare both as NIfTI", size="sm", min_width=150)
            gland = gr.DownloadButton("volume.nii.gz", size="sm", interactive=False, min_width=110)
            heat = gr.DownloadButton("map.nii.gz", size="sm", interactive=False, min_width=110)
    return Why(name, method, prepare, gland, heat)


def show_lessons() -> Lessons:
    """Three questions that a heat map does not answer."""
    section("How much must it see?", "The same glands by three nets: one slice, three projections, all of it.")
    with columns():
        with gr.Column(scale=3, min_width=300):
            sees = gr.Radio(list(RECIPES), value=list(RECIPES)[-1], label="The net may see", elem_classes=["wl-pick"])
            seen = place()
        with gr.Column(scale=4, min_width=300):
            stops = place(live=True)
    section("Turned, and made larger", "A gland turned is the same gland. Does the net know? And is it just size?")
    with columns():
        with gr.Column(min_width=300):
            turned = place(live=True)
        with gr.Column(min_width=300):
            by_size = place(live=True)
    sizes = place()
    return Lessons(sees, stops, seen, turned, by_size, sizes)

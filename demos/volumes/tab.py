"""Volumes: a gland cut open in the page, where a net in three dimensions looks, and what it would say of another shape."""

import time
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup
from torch import Tensor

from demos._ui.events import Wire
from demos._ui.page import how_good, train_it
from demos._ui.sound import served
from demos._ui.widgets import picker
from demos.volumes import figures, nets, shapes, viewer
from demos.volumes.layout import Lessons, show_lessons, show_page
from demos.volumes.nets import CLASSES, OURS, Own, Reading
from demos.volumes.shapes import EXAMPLES, FIRST, Volume
from signals import image
from signals.volume_nifti import nifti

LIMITS = (
    "Masks of adrenal glands from CT of one collection, drawn by hand or by a net: the shape, at a millimetre a voxel, and nothing "
    "of the tissue. Whether a gland is diseased was told from more than its shape. Never for a patient."
)


class Page(NamedTuple):
    """What another volume changes: once of components, once of what fills them."""

    given: Any
    reading: Any
    viewer: Any
    answer: Any


class Rubbed(NamedTuple):
    """What a ball that was bitten off or filled in changes, and what another net does."""

    reading: Any
    answer: Any


class Looked(NamedTuple):
    """Where the net looked, and whether that map holds."""

    slices: Any
    verdict: Any


class Asked(NamedTuple):
    """What the net says of the same shape in other lies and sizes."""

    turned: Any
    by_size: Any
    sizes: Any


class Files(NamedTuple):
    """What can be taken away."""

    gland: Any
    map: Any


class Seen(NamedTuple):
    """What a net that sees less says, and what it sees."""

    stops: Any
    seen: Any


# Handlers


def show_volume(given: Volume, own: Own) -> Page:
    """A volume in space, and what the net says of it."""
    net = nets.net_of(own)
    reading = nets.read(net, given)
    return Page(given, reading, viewer.of_volume(given), figures.answer_text(reading, net.whose))


def show_example(chosen: Any, own: Own) -> Page:
    """Read one of the volumes on the page, by its key."""
    example = picker.picked(chosen)
    return show_volume(shapes.example(example.key if example else ""), own)


def show_test_gland(own: Own) -> Page:
    """Read a random gland of the test set."""
    return show_volume(shapes.random_test_gland(), own)


def show_upload(paths: Sequence[str], own: Own) -> Page:
    """Read a file: NIfTI, NumPy, or PNG slices."""
    return show_volume(shapes.upload([paths] if isinstance(paths, str) else list(paths)), own)


def on_open(own: Own, reading: Reading | None) -> Page:
    """The first example when the tab is opened; where something is read already, it stays."""
    if reading is not None:
        return Page(*[gr.skip()] * len(Page._fields))
    return show_volume(shapes.example(FIRST), own)


def read_again(reading: Reading | None, own: Own) -> Rubbed:
    """The same volume, as it is now, by the visitor's own net, or by the shipped one again."""
    net = nets.net_of(own)
    again = nets.read(net, reading.volume if reading else shapes.example(FIRST))
    return Rubbed(again, figures.answer_text(again, net.whose))


def rub(sent: Any, given: Volume | None, own: Own) -> Rubbed:
    """Bite balls off the volume, or fill some in, in voxels: `{"strokes": [[x, y, z, radius, 0 or 1], ...]}`.

    Balls that belong to a volume which is no longer on the page are left out.
    """
    given, sent = given or shapes.example(FIRST), sent if isinstance(sent, dict) else {}
    if sent.get("key", given.key) != given.key:
        return Rubbed(gr.skip(), gr.skip())
    net, strokes = nets.net_of(own), sent.get("strokes") or []
    reading = nets.read(net, shapes.rubbed(given, strokes))
    before = nets.read(net, given).p if strokes else None
    return Rubbed(reading, figures.answer_text(reading, net.whose, before))


def explain(reading: Reading | None, name: str, method: str, own: Own) -> Looked:
    """Where the net looked for one class, by one method, and whether that map holds on the surface."""
    if reading is None:
        raise ValueError("Choose a volume first: then the net says where it looks.")
    net, target = nets.net_of(own), _class(name)
    heat_DHW = nets.heat(net, reading.volume, target, method)
    drawn = viewer.of_heat(reading.volume, heat_DHW)
    if not heat_DHW.any():
        return Looked(drawn, figures.empty_map(name))
    return Looked(drawn, figures.map_verdict(nets.check(net, reading.volume, heat_DHW, target), name))


def _class(name: str) -> int:
    return CLASSES.index(name) if name in CLASSES else nets.SICK


def ask_otherwise(reading: Reading | None, own: Own) -> Asked:
    """The same shape turned in 24 ways, and in nine sizes."""
    if reading is None:
        raise ValueError("Choose a volume first: then it can be turned.")
    net, given = nets.net_of(own), reading.volume
    began = time.perf_counter()
    turned = nets.turned(net, given)
    took = 1000 * (time.perf_counter() - began)
    rank = partial(nets.ranked, net)
    sized = figures.size_chart(nets.by_size(net, given), given.millilitres, rank)
    return Asked(figures.turned_chart(turned, rank, took), sized, figures.sizes_text(nets.sizes()))


def show_stop(name: str, reading: Reading | None, own: Own) -> Seen:
    """What a net says that sees so much of the volume, beside the others, and all that it is shown."""
    given = reading.volume if reading else shapes.example(FIRST)
    chart = figures.stops_chart(nets.stops(own, given), name, nets.shape_peer(), nets.beyond_shape())
    return Seen(chart, figures.seen_pictures(nets.seen(name, given), name))


def export(reading: Reading | None, name: str, method: str, own: Own) -> Files:
    """The volume on the page and its map as NIfTI, in one place, for a viewer such as 3D Slicer."""
    if reading is None:
        raise ValueError("There is nothing to take away yet: choose a volume first.")
    shown = reading.volume
    heat_DHW = nets.heat(nets.net_of(own), shown, _class(name), method)
    return Files(*(_file(x_DHW, name, reading) for name, x_DHW in (("volume", shown.x_DHW // 255), ("map", heat_DHW))))


def _file(x_DHW: Tensor, name: str, reading: Reading) -> Any:
    content = nifti(x_DHW, reading.volume.affine_44)
    return gr.update(value=served(content, f"{name}.nii.gz")["path"], interactive=True)


# The page


def build(tab: gr.Tab) -> None:
    own, given = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    reading = gr.State(None, time_to_live=3600)
    sources, parts, why = show_page(examples())
    lessons = show_lessons()
    how_good(OURS, LIMITS)
    uses = train_it(
        "The same net in three dimensions from random weights, on glands pooled to 32 voxels: watch AUC on validation rise.",
        OURS, use=nets.own_net, state=own, seconds=60,
    )  # fmt: skip

    page = list(Page(given, reading, parts.viewer, parts.answer))
    looks = Wire(explain, [reading, why.name, why.method, own], list(Looked(parts.slices, parts.verdict)))
    after = (looks, *wire_lessons(lessons, reading, own))
    Wire(show_example, [sources.gallery, own], page).on(sources.gallery.input, api="volume_example").then(*after)
    Wire(show_test_gland, own, page).on(sources.sample.click, api="volume_test_gland").then(*after)
    Wire(show_upload, [sources.files, own], page).on(sources.files.upload, api="volume_upload").then(*after)
    Wire(on_open, [own, reading], page).on(tab.select).then(*after)
    answer = list(Rubbed(reading, parts.answer))
    Wire(read_again, [reading, own], answer).on(uses.change).then(*after)
    Wire(rub, [parts.rubber, given, own], answer).on(parts.rubber.input, api="rub_volume").then(*after)
    looks.on(why.name.input, why.method.input, api="explain_volume")
    files = Wire(export, [reading, why.name, why.method, own], list(Files(why.gland, why.map)))
    files.on(why.prepare.click, api="volume_files")


def wire_lessons(lessons: Lessons, reading: gr.State, own: gr.State) -> tuple[Wire, ...]:
    """What is asked of every volume besides; the nets that see less, by how much they may see."""
    stop = Wire(show_stop, [lessons.sees, reading, own], list(Seen(lessons.stops, lessons.seen)))
    stop.on(lessons.sees.input, api="volume_by_less")
    asked = Asked(lessons.turned, lessons.by_size, lessons.sizes)
    return stop, Wire(ask_otherwise, [reading, own], list(asked))


@lru_cache(maxsize=1)
def examples() -> list[dict[str, str]]:
    """The examples as the gallery shows them."""
    found = []
    for key, example in EXAMPLES.items():
        address = image.to_data_url(image.from_unit(figures.lit_relief(shapes.example(key).x_DHW)))
        found.append(picker.shown(address, key) | {"name": example.name})
    return found


def thumbnail() -> Markup:
    """For the home page: some glands."""
    return figures.thumbnail_text([shapes.example(key) for key in list(EXAMPLES)[:2]])

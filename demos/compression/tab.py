"""Compression: nets made up to two hundred times smaller, and what that costs in right answers, bytes and time."""

from typing import Any, NamedTuple

import gradio as gr
import torch
from markupsafe import Markup

from demos._ui import small_pictures
from demos._ui.events import Wire
from demos._ui.html import EMPTY, note
from demos._ui.page import how_good, place, section
from demos._ui.training import training_panel
from demos._ui.widgets.pad import taking, upload
from demos._ui.widgets.picker import picked, shown
from demos.compression import download, figures, nets, teaching
from demos.compression.layout import (
    UNPACKED,
    Controls,
    Layer,
    bring_something,
    choose_size,
    show_one_layer,
    take_away,
)
from demos.compression.nets import Choice
from demos.compression.subjects import COLOUR, subject_of
from demos.compression.teaching import Own
from signals import image
from training import Recipe
from training.recipes import mnist_mlp_rank20, mnist_mlp_x93

LIMITS = (
    "Every × is against the whole net in 32-bit numbers. 8-bit numbers save bytes, not time: they are turned back before "
    "each sum."
)
LESSON = "Cut a net to the size that you chose above, and watch the whole one teach it to read again."
NO_LESSON = (
    "CIFAR-10, which this net learnt from, may not ship with the app, so nobody can be taught by it here. "
    "Choose a net that reads digits above."
)


class Page(NamedTuple):
    """What the chosen net fills: once of components, once of values."""

    verdict: Any
    curve: Any
    details: Any
    layer: Any
    matrix: Any


class Desk(NamedTuple):
    """What goes with the net that was chosen: digits or pictures to read, the first of them, and whether it can be taught."""

    digits: Any
    pictures: Any
    picked: Any
    lesson: Any
    no_lesson: Any


# Handlers


def offer(title: str, point: str, method: str, numbers: str) -> Controls:
    """What can be chosen now: how the net may be made smaller, the kinds of numbers that go with it, and the sizes.

    The size that is nearest to the one before stays chosen. ValueError where no net of that kind has been made.
    """
    subject = subject_of(title)
    sizes = {
        (m, kind): nets.stops(subject, m, kind)
        for m in nets.methods_of(subject)
        for kind in nets.numbers_of(subject, m)
    }
    if not sizes:
        raise ValueError(
            f"There is no such net on this server yet. The command “make fit NAME={subject.name}” makes the first."
        )
    before = next((stop for stops in sizes.values() for stop in stops if stop.point == point), None)
    if before is None:
        point, method, numbers = subject.opens
    ways = list(dict.fromkeys(m for m, _ in sizes))
    method = method if method in ways else ways[-1]
    kinds = [kind for m, kind in sizes if m == method]
    offered = sizes[method, numbers if numbers in kinds else kinds[0]]
    same = next((stop for stop in offered if stop.point == point), None)
    chosen = same or (nets.nearest(offered, before.times_smaller) if before else offered[-1])
    return Controls(
        title,
        gr.update(choices=[(stop.title, stop.point) for stop in offered], value=chosen.point),
        gr.update(choices=ways, value=method),
        gr.update(choices=kinds, value=numbers if numbers in kinds else kinds[0]),
    )


def open_net(title: str) -> Controls:
    """Another net, at the size, method and numbers where it shows most."""
    return offer(title, *subject_of(title).opens)


def lay(title: str, picture: Any) -> Desk:
    """Digits to draw or pictures to pick, as the net reads them; and the lesson, where it can be taught here."""
    subject = subject_of(title)
    is_colour, is_taught = subject is COLOUR, subject.teaching is not None
    offered = small_pictures.offered() if is_colour else []
    value = picture if picked(picture) or not offered else shown(offered[0]["src"], offered[0]["key"])
    return Desk(
        gr.update(visible=not is_colour), gr.update(visible=is_colour), gr.update(value=value, examples=offered),
        gr.update(visible=is_taught), gr.update(visible=not is_taught),
    )  # fmt: skip


def compress(title: str, point: str, method: str, numbers: str, layer: str | None, own: Own | None) -> Page:
    """Compress the net to one of its sizes, and say what that costs.

    Gives the verdict, the curve with this net on it, its details, and the weights of one layer before and after.
    """
    choice = Choice.of(title, point, method, numbers)
    subject = choice.subject
    made, whole = nets.compress(choice), nets.whole_cost(choice)
    ways = [m for m in nets.methods_of(subject) if numbers in nets.numbers_of(subject, m)]
    lines = {m: nets.stops(subject, m, numbers) for m in ways}
    mine = own if own is not None and own.subject == subject else None
    return Page(
        figures.verdict_text(choice.stop, lines[method][0], subject.things),
        figures.curve_chart(lines, method, choice.stop, subject.things, mine),
        figures.details_text(choice, made, whole.parameters, whole.macs, nets.cut_by_samples(choice)),
        *layer_of(choice, layer),
    )


def show_layer(title: str, point: str, method: str, numbers: str, layer: str | None) -> Layer:
    """One layer's matrix before and after, with its singular values and where they were cut."""
    return layer_of(Choice.of(title, point, method, numbers), layer)


def layer_of(choice: Choice, layer: str | None) -> Layer:
    """The layer called so, or the second one, of a choice."""
    made, matrices = nets.compress(choice), nets.matrices(choice.net)
    titles = {figures.layer_name(i, len(matrices)): name for i, name in enumerate(matrices)}
    title = layer if layer in titles else list(titles)[1]
    name = titles[title]
    drawn = figures.layer_text(
        title, choice.method, matrices[name], nets.matrix_after(made.net, name),
        nets.singular_values(choice.net, name), made.ranks.get(name),
    )  # fmt: skip
    return Layer(gr.update(choices=list(titles), value=title), drawn)


def read_by_both(
    title: str, point: str, method: str, numbers: str, own: Own | None, digit: str | None, picture: Any
) -> Markup:
    """The visitor's digit or picture, read by the whole net and by the small one."""
    choice = Choice.of(title, point, method, numbers)
    x_1CHW = _read(choice, digit, picture)
    if x_1CHW is None:
        return note("Draw a digit, or choose one: both nets will read it.")
    readers = {"The whole net": choice.net.model, f"The small one ({choice.stop.title})": nets.compress(choice).net}
    mine = own if own is not None and own.subject == choice.subject else None
    if mine is not None:
        readers["Yours"] = mine.net.model
    with torch.no_grad():
        answers = [(name, net(x_1CHW)[0].softmax(0).tolist()) for name, net in readers.items()]
    text = figures.answers_text(answers, choice.subject.classes)
    return text + (figures.own_text(mine) if mine is not None else EMPTY)


def _read(choice: Choice, digit: str | None, picture: Any) -> torch.Tensor | None:
    """What is to be read as the net takes it, `(1, C, H, W)`; None where nothing is there."""
    if choice.subject is not COLOUR:
        return image.as_mnist(image.from_data_url(digit))[None, None] if digit else None
    chosen = picked(picture)
    if chosen is None:
        return None
    brought = small_pictures.example(chosen.key) if chosen.key else small_pictures.handed_over(chosen.src)
    return image.to_unit(brought.x_3HW)[None]


def take_picture(path: str) -> dict[str, str]:
    """An uploaded picture as it is shown; ValueError in a visitor's words where it cannot be read."""
    return shown(small_pictures.upload(path).whole)


def pack(title: str, point: str, method: str, numbers: str) -> Any:
    """The compressed net as a zip of safetensors, config and card, ready on the download button."""
    path = download.pack(Choice.of(title, point, method, numbers))
    return gr.update(value=str(path), label=f"Download {path.name}", interactive=True)


def unpack() -> Any:
    """The download button as it was: what was packed is not what is chosen now."""
    return gr.update(value=None, label=UNPACKED, interactive=False)


def clear() -> str:
    """An empty pad."""
    return ""


def recipe_of(title: str, point: str, method: str, numbers: str) -> Recipe[Any]:
    """The recipe that teaches a net of the shape that the controls show."""
    return teaching.distillation(Choice.of(title, point, method, numbers))


# The page


def build(tab: gr.Tab) -> None:
    own = gr.State(None, time_to_live=3600)
    chosen, verdict, curve, details = choose_size()
    desk, both = bring_something()
    page = Page(verdict, curve, details, *show_one_layer())
    prepare, packed = take_away()
    how_good(mnist_mlp_x93.recipe, LIMITS)
    section("Train it yourself")
    with gr.Column(visible=False) as no_lesson:
        place(note(NO_LESSON))
    with gr.Column() as lesson:
        place(note(LESSON))
        uses = training_panel(
            mnist_mlp_rank20.recipe, use=Own.from_run, state=own, seconds=30, choose=recipe_of, inputs=list(chosen)
        )

    laid = Desk(desk.digits, desk.pictures, desk.picked, lesson, no_lesson)
    reading = Wire(read_by_both, [*chosen, own, desk.drawing, desk.picked], both)
    reading.on(desk.drawing.input, desk.picked.input, api="read_by_both")
    compressing = Wire(compress, [*chosen, page.layer, own], list(page))
    compressing.on(chosen.point.input, api="compress").then(reading)
    offering = Wire(offer, list(chosen), list(chosen))
    offering.on(chosen.method.input, chosen.numbers.input).then(compressing, reading)
    laying = Wire(lay, [chosen.net, desk.picked], list(laid), "at once")
    opening = Wire(open_net, chosen.net, list(chosen)).on(chosen.net.input)
    opening.then(laying, compressing, reading)
    compressing.on(tab.select).then(reading)
    compressing.on(uses.change).then(reading)
    Wire(show_layer, [*chosen, page.layer], list(Layer(page.layer, page.matrix))).on(page.layer.input)
    taking(desk.strip, desk.drawing).on(desk.strip.input).then(reading)
    Wire(upload, desk.file, desk.drawing).on(desk.file.upload, api="upload_for_both").then(reading)
    Wire(take_picture, desk.photograph, desk.picked).on(desk.photograph.upload, api="picture_for_both").then(reading)
    Wire(clear, None, desk.drawing, "at once").on(desk.wipe.click, api="clear_for_both").then(reading)
    Wire(pack, list(chosen), packed).on(prepare.click, api="pack_compressed")
    Wire(unpack, None, packed, "at once").on(*(control.input for control in chosen))

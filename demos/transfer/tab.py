"""Transfer learning: what a net has learnt from a million pictures, put to a task of nine kinds, or to a visitor's own."""

from functools import lru_cache
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.events import Wire, sentence
from demos._ui.html import EMPTY, join, note
from demos._ui.page import how_good, section
from demos._ui.pictures import picture
from demos._ui.training import training_panel
from demos._ui.widgets import picker
from demos.transfer import figures, groceries, lessons, measured, nets
from demos.transfer.groceries import FIRST, SHOWN, STRANGERS
from demos.transfer.layout import Lessons, show_below, show_bring, show_desk, show_lessons, show_looks
from demos.transfer.looks import looks as looks_of
from demos.transfer.nets import LEAD, RECIPES, SHIPPED, Own, Reading
from demos.transfer.own_tab import wire_own
from models import CheckpointDamaged, CheckpointMissing
from training import Recipe
from training.data.grocery import CLASSES

LIMITS = (
    "Nine kinds of groceries of Swedish shops, photographed with a telephone. Test shows the same products as training, in other "
    "pictures; of another country's milk nothing is known. They are told by colour to a good part. A backbone brings along what its "
    "million pictures taught it, and their gaps."
)

OLDER = f"This checkpoint's evidence holds no map yet. Make it with: python -m training evidence grocery_{LEAD}"


class Page(NamedTuple):
    """What another picture changes: once of components, once of what fills them."""

    reading: Any
    picture: Any
    words: Any
    row: Any
    missing: Any
    name: Any


class Curve(NamedTuple):
    """What the slider over depth changes."""

    near: Any
    by_depth: Any


class Failed(NamedTuple):
    """What light and ground change; `fallen` is a state: the curves are computed once a picture and ground."""

    changed: Any
    falls: Any
    fallen: Any


class Tested(NamedTuple):
    """One net's answers about the test set."""

    confusion: Any
    worst: Any


# Handlers: one picture


def show_grocery(given: groceries.Grocery, own: Own) -> Page:
    """A picture, and what everybody who is here says of it."""
    reading = nets.read(given, own)
    target = reading.said if reading.said is not None else 0
    return Page(
        reading, figures.picture_text(given), figures.answer_text(reading), figures.row_text(reading),
        figures.missing_text(nets.missing(own)), gr.update(value=CLASSES[target]),
    )  # fmt: skip


def show_example(chosen: Any, own: Own) -> Page:
    """Read one of the pictures on the page, by its key: a kind such as “apple”, or a stranger such as “cat.jpg”."""
    example = picker.picked(chosen)
    return show_grocery(groceries.example(example.key if example else ""), own)


def show_test_picture(own: Own) -> Page:
    """Read a random picture of the test set."""
    return show_grocery(groceries.random_test_grocery(), own)


def show_upload(path: str, own: Own) -> Page:
    """Read a picture file."""
    return show_grocery(groceries.upload(path), own)


def on_open(own: Own, reading: Reading | None) -> tuple[Any, ...]:
    """The first example when the tab is opened, and the row of examples; what is read already stays."""
    if reading is not None:
        return gr.skip(), *[gr.skip()] * len(Page._fields)
    shown = examples()
    return gr.HTML(value=shown[0], examples=shown), *show_grocery(groceries.example(FIRST), own)


def read_again(reading: Reading | None, own: Own) -> Page:
    """The same picture by the visitor's own net, or by the shipped one again."""
    return show_grocery(reading.picture if reading else groceries.example(FIRST), own)


def explain(reading: Reading | None, name: str, own: Own) -> Markup:
    """Where each backbone looked for one kind, and whether those maps hold."""
    if reading is None:
        raise ValueError("Choose a picture first: then each net says where it looked.")
    target = CLASSES.index(name)
    return figures.looks_text(reading, looks_of(reading, target, own), target)


# Handlers: lessons


def show_count(count: float, reading: Reading | None) -> Markup:
    """Linear heads from so many pictures of each kind, solved now: accuracy on test, and what they say of the picture."""
    kept = nets.kept_of(LEAD)
    if kept is None:
        return note(f"{absent(LEAD)} Then its features are kept, and heads are solved here while you move.")
    shot = nets.few_shot(kept, round(count), reading.depths[-1] if reading else None)
    linear = dict(zip(kept["curve_counts"].tolist(), kept["curve_linear"].tolist(), strict=True))
    return measured.curve_text(shot, linear, nets.measured("transfer_curve").get("draws", []), _votes(shot.said))


def _votes(said: tuple[int, ...]) -> str:
    if not said:
        return ""
    most = max(set(said), key=said.count)
    return f"{said.count(most)} say {CLASSES[most]}"


def show_depth(depth: float, reading: Reading | None) -> Curve:
    """The nearest training pictures by one block's features, and how far a head on each block comes."""
    at, kept = round(depth), nets.kept_of(LEAD)
    near = figures.nearest_text(nets.nearest(reading, at), at, nets.DEPTHS, reading) if reading else EMPTY
    return Curve(near, measured.depth_text(kept, at) if kept else note(absent(LEAD)))


def change_picture(
    tint: float, kept: float, ground: str, reading: Reading | None, own: Own, fallen: lessons.Fallen | None
) -> Failed:
    """The picture in another light (stops of red over blue) and with so many per cent of its middle left on a ground."""
    if reading is None:
        raise ValueError("Choose a picture first: then it can be changed.")
    label = reading.picture.label
    target = label if label is not None else reading.said or 0
    x_3HW = lessons.changed(reading.picture.x_3HW, tint, kept / 100, ground)
    shown = measured.changed_text(x_3HW, lessons.answers(x_3HW, own), target)
    fallen = lessons.falls(reading.picture, target, ground, own, fallen)
    return Failed(shown, measured.falls_text(fallen.falls, target, tint, kept / 100), fallen)


def show_map(reading: Reading | None) -> Markup:
    """The groceries' map with the picture in it."""
    kept = nets.kept_of(LEAD)
    if kept is None or "map" not in kept:
        return note(absent(LEAD) or OLDER)
    at = nets.place(kept, reading.depths[-1]) if reading else None
    return measured.map_text(kept["map"], kept["train_label"], at, reading)


def show_tested(title: str) -> Tested:
    """One net's confusion and its worst pictures."""
    name = next((name for name, known in SHIPPED.items() if known == title), LEAD)
    kept = nets.kept_of(name)
    if kept is None:
        return Tested(note(absent(name)), EMPTY)
    learnt = measured.learning_chart(kept)
    return Tested(join([measured.confusion_text(kept), learnt]), measured.worst_text(kept))


def absent(name: str) -> str:
    """Why a shipped net's evidence is not here, in a sentence; nothing where it is."""
    try:
        nets.net_of(name, None)
    except (CheckpointMissing, CheckpointDamaged) as error:
        return sentence(error) + "."
    return ""


# The page


def build(tab: gr.Tab) -> None:
    own, reading = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    sources, row = show_desk()
    mine = show_bring()
    taught = show_lessons(falls_on_test)
    looks = show_looks()
    below = show_below(list(SHIPPED.values()))
    how_good(nets.lead_recipe(), LIMITS, everything)
    uses = train_panel(own)

    page = list(Page(reading, row.picture, row.words, row.row, row.missing, looks.name))
    seen = Wire(explain, [reading, looks.name, own], looks.looks)
    seen.on(looks.name.input, api="transfer_explain")
    mapped = Wire(show_map, reading, below.map)
    after = (*wire_lessons(taught, reading, own), seen, mapped)
    Wire(show_example, [sources.gallery, own], page).on(sources.gallery.input, api="transfer_example").then(*after)
    Wire(show_test_picture, own, page).on(sources.sample.click, api="transfer_test_picture").then(*after)
    Wire(show_upload, [sources.file, own], page).on(sources.file.upload, api="transfer_upload").then(*after)
    tested = Wire(show_tested, below.which, list(Tested(below.confusion, below.worst)))
    tested.on(below.which.input, api="transfer_test_set")
    Wire(on_open, [own, reading], [sources.gallery, *page]).on(tab.select).then(*after, tested)
    Wire(read_again, [reading, own], page).on(uses.change).then(*after)
    wire_own(mine)


def train_panel(own: gr.State) -> gr.State:
    """The live panel, for the net that is chosen."""
    section(
        "Train it yourself",
        "The head in closed form first, then it and the last stage together, for you alone. From scratch there is nothing to stand on.",
    )
    which = gr.Radio(list(SHIPPED.values()), value=SHIPPED[LEAD], label="Which net", elem_classes=["wl-pick"])
    return training_panel(RECIPES[LEAD], use=nets.own_net, state=own, choose=chosen_recipe, inputs=[which])


def chosen_recipe(title: str) -> Recipe[Any]:
    """What the panel trains."""
    return next(RECIPES[name] for name, known in SHIPPED.items() if known == title)


def wire_lessons(parts: Lessons, reading: gr.State, own: gr.State) -> tuple[Wire, ...]:
    """Each slider; what they show follows every picture."""
    curve = Wire(show_count, [parts.shots, reading], parts.curve)
    curve.on(parts.shots.input, api="transfer_by_pictures")
    depth = Wire(show_depth, [parts.depth, reading], list(Curve(parts.near, parts.by_depth)))
    depth.on(parts.depth.input, api="transfer_by_depth")
    fallen = gr.State(None, time_to_live=3600)
    changing = [parts.tint, parts.kept, parts.ground, reading, own, fallen]
    change = Wire(change_picture, changing, list(Failed(parts.changed, parts.falls, fallen)))
    change.on(parts.tint.input, parts.kept.input, parts.ground.input, api="transfer_change")
    return curve, depth, change


@lru_cache(maxsize=1)
def examples() -> list[dict[str, str]]:
    """The examples as the gallery shows them."""
    names = {name: name for name in SHOWN} | STRANGERS
    return [
        picker.shown(figures.photograph(groceries.example(key).x_3HW, side=112), key) | {"name": name}
        for key, name in names.items()
    ]


def everything() -> Markup:
    """What the benchmark measured, where it has been run."""
    found, kept = nets.measured("transfer"), nets.kept_of(LEAD)
    tables = [measured.measured_table(found[name]) for name in ("nets", "backbones") if name in found]
    told = tables or [note("The benchmark has not been run here: python -m benchmarks.transfer")]
    return join([measured.strangers_text(kept) if kept and "familiar_mistaken" in kept else EMPTY, *told])


def falls_on_test() -> Markup:
    """What falls first over the whole test set, where that has been measured."""
    found = nets.measured("transfer_light").get("falls")
    return (
        measured.falls_on_test(found) if found else note("Not measured here yet: python -m benchmarks.transfer.light")
    )


def thumbnail() -> Markup:
    """For the home page: four groceries."""
    return join(picture(figures.photograph(groceries.example(key).x_3HW, side=112)) for key in SHOWN[:4])

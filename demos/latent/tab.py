"""Latent space: clothes squeezed into two numbers, and every place on their plane drawn under the pointer."""

from functools import lru_cache, partial
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from demos._ui.events import Wire
from demos._ui.page import columns, how_good, train_it
from demos._ui.widgets.picker import picked
from demos.latent import figures, nets, plane
from demos.latent.layout import A, Lessons, Sources, show_beta, show_lessons, show_noise, show_sources
from demos.latent.nets import CLOSEST, RECIPES, Garment, Own
from models.vae import VAE
from training import Recipe, Run

LIMITS = (
    "It has seen 28 × 28 pictures of ten kinds of clothes, and two numbers cannot hold what makes a garment one's own: "
    "patterns, laces and print are blurred away. The bound counts grey pixels as shares of black and white: a cost by "
    "which such nets compare, not the density of a picture."
)
FIRST = ("T-shirt", "ankle boot")
"""What is pinned when the tab opens."""
THUMBNAIL = ("T-shirt", "sneaker", "bag", "ankle boot")


TO_THE_PLANE = "() => document.querySelector('.wl-latent-desk').scrollIntoView()"
TO_THE_WALK = "(...given) => (document.querySelector('.wl-latent-walk').scrollIntoView({block: 'center'}), given)"
"""In the page: a lesson is seen where it happens."""


class Pins(NamedTuple):
    """The garments at both pins."""

    a: Garment
    b: Garment


class Placed(NamedTuple):
    """Both pins on a net's plane: once of components, once of what fills them."""

    pins: Any
    walk: Any
    words: Any


class Page(NamedTuple):
    """What another net changes."""

    plane: Any
    bounds: Any
    pins: Any
    walk: Any
    words: Any


class OwnPage(NamedTuple):
    """What the visitor's own net changes: the β that is chosen, and all of `Page`."""

    beta: Any
    plane: Any
    bounds: Any
    pins: Any
    walk: Any
    words: Any


# Handlers


def show_net(beta: str, own: Own, pins: Pins | None) -> Page:
    """The net that was trained with this β: its decoder and dots, its bound on test, and both pins on its plane."""
    net, pins = nets.net_of(beta, own), pins or first_pins()
    drawn = figures.bounds_text(nets.bounds(own), beta)
    return Page(plane.of_net(net), drawn, *place_pins(pins, beta, own, look="A"))


def use_own(beta: str, own: Own, pins: Pins | None) -> OwnPage:
    """The visitor's own net on the plane, or the shipped one again."""
    beta = next((b for b, recipe in RECIPES.items() if own is not None and recipe.name == own.recipe.name), beta)
    return OwnPage(beta, *show_net(beta, own, pins))


def first_pins() -> Pins:
    """What is pinned when the tab opens."""
    return Pins(*map(nets.example, FIRST))


def place_pins(pins: Pins, beta: str, own: Own, **facts: Any) -> Placed:
    """Where a net puts both garments; `facts` go to the page with them."""
    net = nets.net_of(beta, own)
    a, b = (nets.pin(net, garment) for garment in pins)
    return Placed(pins, plane.of_pins(a, b) | {"key": net.key} | facts, figures.pins_text(a, b))


def _pinned(garment: Garment, which: str, pins: Pins | None, beta: str, own: Own) -> Placed:
    name = "a" if which == A else "b"
    return place_pins((pins or first_pins())._replace(**{name: garment}), beta, own, look=name.upper())


def pin_example(chosen: Any, which: str, pins: Pins | None, beta: str, own: Own) -> Placed:
    """Pin one of the pictures on the page to the plane, by its key: a class such as “ankle boot”, or “digit”."""
    example = picked(chosen)
    return _pinned(nets.example(example.key if example else ""), which, pins, beta, own)


def pin_test_garment(which: str, pins: Pins | None, beta: str, own: Own) -> Placed:
    """Pin a random test picture to the plane."""
    return _pinned(nets.random_test_garment(), which, pins, beta, own)


def pin_upload(path: str, which: str, pins: Pins | None, beta: str, own: Own) -> Placed:
    """Pin a picture file to the plane."""
    return _pinned(nets.upload(path), which, pins, beta, own)


def pin_drawing(address: str | None, which: str, pins: Pins | None, beta: str, own: Own) -> Placed:
    """Pin a drawing (a PNG as a `data:` address) to the plane."""
    if not address:
        raise ValueError("There is nothing on the board yet: draw one garment.")
    return _pinned(nets.drawing(address), which, pins, beta, own)


def trouser_and_bag(beta: str, own: Own) -> Placed:
    """A trouser at A, a bag at B, and the walk half-way."""
    return place_pins(Pins(nets.example("trouser"), nets.example("bag")), beta, own, at=50)


def clear_board() -> str:
    """An empty board."""
    return ""


def train_on_kl_alone() -> Markup:
    """The net without its reconstruction loss: what its codes are, and what its plot would have shown."""
    return figures.kl_only_text(nets.train_on_kl_alone())


def chosen_recipe(beta: str) -> Recipe[VAE]:
    """What the panel trains."""
    return RECIPES[beta]


def watch(run: Run[VAE]) -> dict[str, Any]:
    """The test dots by the weights as they are now."""
    return plane.of_moving(nets.moving(run))


# The page


def build(tab: gr.Tab) -> None:
    own, pins = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    with columns("wl-latent-desk"):
        with gr.Column(scale=6, min_width=300, elem_classes=["wl-latent-left"]):
            board = plane.plane()
        with gr.Column(scale=5, min_width=300):
            plane.garment()
            beta, bounds = show_beta()
            sources, words = show_sources()
            walk = plane.walk()
            show_noise()
    lessons = show_lessons()
    how_good(RECIPES[CLOSEST], LIMITS, bounds_on_test, strangers)
    uses = train_panel(own, beta)

    page = Page(board, bounds, pins, walk, words)
    showing = Wire(show_net, [beta, own, pins], list(page))
    showing.on(beta.input, api="latent_net")
    wire_pins(sources, Placed(pins, walk, words), [sources.which, pins, beta, own])
    wire_lessons(lessons, Placed(pins, walk, words), beta, own, showing)
    showing.on(tab.select)
    Wire(use_own, [beta, own, pins], [beta, *page]).on(uses.change)


def train_panel(own: gr.State, beta: gr.Radio) -> gr.State:
    """The live panel, and beside it the test dots, which move while it learns."""
    with columns():
        panel = gr.Column(scale=6, min_width=300)
        with gr.Column(scale=4, min_width=300):
            dots = plane.moving()
    with panel:
        return train_it(
            "The net of the β that is chosen above, from random weights, for you alone: watch the kinds come apart.",
            RECIPES[CLOSEST], use=nets.net_with_bound, state=own, choose=chosen_recipe, inputs=[beta],
            watch=(watch, dots),
        )  # fmt: skip


def wire_pins(sources: Sources, placed: Placed, settings: list[Any]) -> None:
    """Each source of a garment pins it with one question to the server."""
    fills = list(placed)
    Wire(pin_example, [sources.gallery, *settings], fills).on(sources.gallery.input, api="latent_pin_example")
    Wire(pin_test_garment, settings, fills).on(sources.sample.click, api="latent_pin_test_picture")
    Wire(pin_upload, [sources.file, *settings], fills).on(sources.file.upload, api="latent_pin_upload")
    Wire(pin_drawing, [sources.pad, *settings], fills).on(sources.pad.input, api="latent_pin_drawing")
    Wire(clear_board, None, sources.pad, "at once").on(sources.clear.click)


def wire_lessons(lessons: Lessons, placed: Placed, beta: gr.Radio, own: gr.State, showing: Wire) -> None:
    """Each lesson's button."""
    Wire(partial(str, "128"), None, beta, "at once", TO_THE_PLANE).on(lessons.collapse.click).then(showing)
    Wire(trouser_and_bag, [beta, own], list(placed), script=TO_THE_WALK).on(
        lessons.average.click, api="latent_trouser_and_bag"
    )
    Wire(train_on_kl_alone, None, lessons.codes, "training").on(lessons.kl_only.click, api="latent_kl_alone")


@lru_cache(maxsize=1)
def strangers() -> Markup:
    """How often strangers are noticed, measured on the pictures at hand."""
    return figures.strangers_text(nets.strangers())


def bounds_on_test() -> Markup:
    """Every β on test."""
    return figures.bounds_table(nets.bounds(None))


def thumbnail() -> Markup:
    """For the home page: some test pictures."""
    return figures.thumbnail_text([nets.example(name) for name in THUMBNAIL])

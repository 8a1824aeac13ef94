"""The parts of a page that every tab has in the same place: its heading, its sections, and its last two."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.context import Context
from markupsafe import Markup

from demos._ui import html
from demos._ui.card import card_text, headline
from demos._ui.demo import Demo
from demos._ui.events import Wire
from demos._ui.html import Text
from demos._ui.training import training_panel
from training import Recipe


def place(text: Text = "", *, live: bool = False, **options: Any) -> gr.HTML:
    """A place for markup; a `live` one tells whoever listens to the page when it changes."""
    if live:
        options["elem_classes"] = ["wl-live", *options.get("elem_classes", [])]
    return gr.HTML(text, apply_default_css=False, **options)


def controls(*kinds: str, **options: Any) -> gr.Row:
    """A row of buttons and sliders, standing on one line."""
    return gr.Row(elem_classes=["wl-controls", *kinds], **options)


def columns(*kinds: str) -> gr.Row:
    """Columns side by side, each as high as it is; on a phone one below the other."""
    return gr.Row(equal_height=False, elem_classes=list(kinds))


def folded(title: str, **options: Any) -> gr.Accordion:
    """What is long, or for experts, behind its title; to be filled by `with`."""
    return gr.Accordion(title, open=False, elem_classes=["wl-fold"], **options)


def heading(demo: Demo) -> gr.HTML:
    """Title, sentence, and the headline in plain words."""
    return place(
        Markup('<header class="wl-heading"><div><h1>{}</h1><p>{}</p></div>{}</header>').format(
            demo.title, demo.summary, headline(demo.recipes[0]) if demo.recipes and not demo.says_its_numbers else ""
        )
    )


def on_visit(text: Callable[[], Text]) -> gr.HTML:
    """Markup that is made when the tab, or the fold, that it stands in is opened, and not when the page is built."""
    shown, around = place(), Context.block
    while not isinstance(around, gr.Tab | gr.Accordion):
        assert around is not None, "on_visit stands in a tab"
        around = around.parent
    opened = around.expand if isinstance(around, gr.Accordion) else around.select

    def visit() -> Text:
        return text()

    Wire(visit, None, shown).on(opened)
    return shown


def examples(names: Sequence[str], *, first: str | None = None) -> gr.Radio:
    """Examples in one row, of which the one that is answered is marked; on a phone the row is drawn sideways."""
    return gr.Radio(
        list(names),
        value=first,
        label="Examples",
        show_label=False,
        container=False,
        elem_classes=["wl-examples", "wl-pick"],
    )


def section(title: str, sentence: Text = "") -> gr.HTML:
    """A quiet heading between two parts of a tab."""
    return place(Markup('<div class="wl-section"><h2>{}</h2><p>{}</p></div>').format(title, sentence))


def how_good(recipe: Recipe[Any], limits: str, *more: Callable[[], Text], beside: Text = "") -> None:
    """The section of the recipe's number, in plain words, `beside` others; its card, and whatever else is measured, are folded away."""
    section("How good is it", limits)
    place(headline(recipe))
    if beside:
        place(beside)
    with folded("All that was measured, and on what"):
        on_visit(lambda: html.join([card_text(recipe, limits), *(text() for text in more)]))


def train_it(sentence: str, recipe: Recipe[Any], **options: Any) -> gr.State:
    """The section that trains the model again; gives the state that counts uses (see `training_panel`)."""
    section("Train it yourself", sentence)
    return training_panel(recipe, **options)

"""The house around the tabs: the home page, the groups, links that open a tab, and what stands below them all."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import gradio as gr
from gradio.context import Context
from markupsafe import Markup

from demos._ui import html
from demos._ui.card import headline
from demos._ui.demo import GROUPS, Demo
from demos._ui.limits import FILES_KEPT
from demos._ui.page import heading, place

HERE = Path(__file__).resolve().parent
STYLES = [HERE / "style.css", *sorted(sheet for sheet in HERE.parent.glob("*/style.css") if sheet.parent != HERE)]
"""The house's own style, which comes first, and one sheet for each tab that needs more."""
NAVIGATION, NAMES, ANSWERS, RADIOS = (
    (HERE / f"{name}.js").read_text(encoding="utf-8").strip() for name in ("navigation", "names", "answers", "radios")
)
SCRIPT = f"() => {{ ({NAMES})(); ({ANSWERS})(); ({RADIOS})(); }}"
"""Runs once in every page: a button is called what it reads, a phone shows the answer, arrow keys move between choices."""
OPENING = "() => window.wavelens_opening()"
CAN_OPEN = "window.wavelens_open = () => trigger('input');"
PURPOSE = "Hear, see and probe small neural networks. Press a card: it opens with a worked example."
LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"
Catalogue = Mapping[str, Demo]


def home(demos: Catalogue) -> Markup:
    """The projects as cards, each with its picture and the number on its checkpoint's card in plain words."""
    cards = html.join(_card(name, demo) for members in grouped(demos).values() for name, demo in members)
    return Markup(
        '<div class="wl-home"><header><h1>Wavelens</h1><p>{}</p></header><div class="wl-grid">{}</div></div>'
    ).format(PURPOSE, cards)


def grouped(demos: Catalogue) -> dict[str, list[tuple[str, Demo]]]:
    """Names and tabs by group; groups without a tab are left out."""
    found = {group: [(name, demo) for name, demo in demos.items() if demo.group == group] for group in GROUPS}
    return {group: members for group, members in found.items() if members}


def _card(name: str, demo: Demo) -> Markup:
    return Markup(
        '<a class="wl-card" href="?tab={0}" data-opens="{0}"><div class="wl-card-picture" aria-hidden="true">{1}</div>'
        "<div><h2>{2}</h2><p>{3}</p>{4}</div></a>"
    ).format(
        name, demo.thumbnail(), demo.title, demo.summary, headline(demo.recipes[0], short=True) if demo.recipes else ""
    )


def tabs(demos: Catalogue) -> None:
    """Home and every group that holds a tab; `?tab=NAME` opens a tab, and opening a tab writes that link."""
    inner: list[gr.Tabs] = []
    with gr.Tabs(elem_classes="wl-tabs", selected="home", overflow_behavior="wrap") as outer:
        with gr.Tab("Home", id="home"):
            place(home(demos))
        for group, members in grouped(demos).items():
            with (
                gr.Tab(group, id=group),
                gr.Tabs(selected=members[0][0], elem_classes="wl-inner", overflow_behavior="wrap") as bar,
            ):
                for name, demo in members:
                    with gr.Tab(demo.title, id=name) as tab:
                        heading(demo)
                        demo.build(tab)
            inner.append(bar)
    _navigate(demos, [outer, *inner])


def _navigate(demos: Catalogue, bars: Sequence[gr.Tabs]) -> None:
    """Open the tab that the address names, at once and whenever the page asks for another, all of it in the page."""
    root, opener = Context.root_block, place(footer(), js_on_load=CAN_OPEN, elem_classes=["wl-foot"])
    assert root is not None
    places = [(name, group, demo.title) for group, members in grouped(demos).items() for name, demo in members]
    script = f"() => ({NAVIGATION})({json.dumps(places)})"
    root.load(None, None, list(bars), js=script, api_visibility="private")
    opener.input(None, None, list(bars), js=OPENING, api_visibility="private")


def footer() -> Markup:
    """What a visitor is owed on every page: privacy, source, licence, and what this is."""
    hours = sum(FILES_KEPT) // 3600
    space = os.environ.get("SPACE_ID")
    source = html.link(f"https://huggingface.co/spaces/{space}/tree/main", "Source code") if space else "Open source"
    return Markup(
        "<footer><p><b>Privacy.</b> What you record, draw or upload stays on this server; its files are deleted after {} "
        "hours at most. No accounts, no tracking, nothing from third parties.</p>"
        "<p><b>About.</b> Every number is measured on data that the net never learnt from. For learning, not for medical "
        'or security use.</p><p>{}, {} · <a href="?view=api">API</a></p></footer>'
    ).format(hours, source, html.link(LICENCE, "Apache-2.0"))

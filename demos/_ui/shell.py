"""The house around the tabs: the home page, the groups, and links that open a tab."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import Context
from markupsafe import Markup

from demos._ui import html
from demos._ui.card import headline
from demos._ui.demo import GROUPS, Demo
from demos._ui.page import heading, on_visit

HERE = Path(__file__).resolve().parent
STYLES = [HERE / "style.css", *sorted(sheet for sheet in HERE.parent.glob("*/style.css") if sheet.parent != HERE)]
"""The house's own style, which comes first, and one sheet for each tab that needs more."""
LINK = (HERE / "link.js").read_text(encoding="utf-8")
"""Opening a tab writes its link into the address bar, once the link that the visitor came by has been followed; opening
a group of several writes that of the tab that is open in it."""
NAMES = (HERE / "names.js").read_text(encoding="utf-8")
"""Runs once in every page: a button is called what it reads."""
FOLLOWED = "() => { window.wavelens_followed = true; }"
PURPOSE = (
    "Hear, see and probe deep networks for signals and images: trained models that answer at once, pictures of why they "
    "answer so, honest numbers, and a button that trains the same model again before your eyes."
)
Catalogue = Mapping[str, Demo]


def home(demos: Catalogue) -> Markup:
    """The projects as cards in groups, each with its picture and the number on its checkpoint's card."""
    groups = (
        Markup('<section class="wl-group"><h2>{}</h2><div class="wl-grid">{}</div></section>').format(
            group, html.join(_card(name, demo) for name, demo in members)
        )
        for group, members in grouped(demos).items()
    )
    return Markup('<div class="wl-home"><header><h1>Wavelens</h1><p>{}</p></header>{}</div>').format(
        PURPOSE, html.join(groups)
    )


def grouped(demos: Catalogue) -> dict[str, list[tuple[str, Demo]]]:
    """Names and tabs by group; groups without a tab are left out."""
    found = {group: [(name, demo) for name, demo in demos.items() if demo.group == group] for group in GROUPS}
    return {group: members for group, members in found.items() if members}


def _card(name: str, demo: Demo) -> Markup:
    return Markup(
        '<a class="wl-card" href="?tab={}"><div class="wl-card-picture" aria-hidden="true">{}</div><h3>{}</h3><p>{}</p>{}</a>'
    ).format(name, demo.thumbnail(), demo.title, demo.summary, headline(demo.recipes[0]) if demo.recipes else "")


def tabs(demos: Catalogue) -> None:
    """Home and every group that holds a tab; `?tab=NAME` opens a tab, and opening a tab writes that link."""
    inner: dict[str, gr.Tabs] = {}
    links: list[tuple[gr.Tab, str]] = []
    with gr.Tabs(elem_classes="wl-tabs", selected="home") as outer:
        with gr.Tab("Home", id="home") as tab:
            on_visit(lambda: home(demos))
        links.append((tab, _link()))
        for group, members in grouped(demos).items():
            first = members[0][0]
            with gr.Tab(group, id=group) as tab:
                links.append((tab, _link(group, first=first)))
                if len(members) == 1:
                    _fill(tab, members[0][1])
                    continue
                with gr.Tabs(selected=first, elem_classes="wl-inner") as inner[group]:
                    for name, demo in members:
                        with gr.Tab(demo.title, id=name) as part:
                            links.append((part, _link(group, name)))
                            _fill(part, demo)
    for tab, script in links:
        tab.select(None, js=script, api_visibility="private")
    _follow_links(demos, outer, inner)


def _link(group: str = "", name: str = "", *, first: str = "") -> str:
    return f"() => ({LINK.strip()})({json.dumps(group)}, {json.dumps(name)}, {json.dumps(first)})"


def _follow_links(demos: Catalogue, outer: gr.Tabs, inner: Mapping[str, gr.Tabs]) -> None:
    """Open the tab that the visitor's address names."""

    def follow(request: gr.Request) -> Any:
        name = request.query_params.get("tab", "")
        demo = demos.get(name)
        group = demo.group if demo else "home"
        updates = [gr.Tabs(selected=group), *(gr.Tabs(selected=name) if g == group else gr.skip() for g in inner)]
        return updates if inner else updates[0]

    root = Context.root_block
    assert root is not None
    root.load(follow, None, [outer, *inner.values()], show_progress="hidden", api_visibility="private").then(
        None, js=FOLLOWED, api_visibility="private"
    )


def _fill(tab: gr.Tab, demo: Demo) -> None:
    heading(demo)
    demo.build(tab)

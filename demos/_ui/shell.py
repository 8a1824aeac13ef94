"""The house around the tabs: the theme, the home page, the groups, and links that open a tab."""

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import themes
from gradio.context import Context

from demos._ui.demo import GROUPS, Demo
from demos._ui.panels import heading, headline, on_visit

HERE = Path(__file__).resolve().parent
STYLES = [HERE / "style.css", *sorted(HERE.parent.glob("*/style.css"), key=lambda sheet: sheet.parent != HERE)[1:]]
"""The house's own style, which comes first, and one sheet for each tab that needs more."""
FONTS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

Catalogue = Mapping[str, Demo]

LINK = """() => {
  if (!window.wavelens_followed) return;
  const open = (window.wavelens_open ??= {}), group = '%(group)s';
  const name = '%(name)s' || open[group] || '%(first)s';
  open[group] = name;
  const link = new URL(location);
  name ? link.searchParams.set('tab', name) : link.searchParams.delete('tab');
  history.replaceState(null, '', link);
}"""
"""Opening a tab writes its link into the address bar, once the link that the visitor came by has been followed; opening
a group of several writes that of the tab that is open in it."""


def theme() -> themes.Base:
    """Quiet surfaces, one accent, hairlines; system fonts only, so that the page asks nothing of a third party."""
    return themes.Base(
        primary_hue=themes.colors.teal,
        secondary_hue=themes.colors.teal,
        neutral_hue=themes.colors.slate,
        spacing_size=themes.sizes.spacing_md,
        radius_size=themes.sizes.radius_sm,
        font=FONTS,
        font_mono=MONO,
    ).set(
        body_background_fill="#fbfbfa",
        body_background_fill_dark="#0f1416",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#151b1e",
        background_fill_secondary="#f4f5f4",
        background_fill_secondary_dark="#1b2327",
        body_text_color="#1b2529",
        body_text_color_dark="#e6ecee",
        body_text_color_subdued="#5b676d",
        body_text_color_subdued_dark="#9aa7ad",
        border_color_primary="#e1e5e5",
        border_color_primary_dark="#2a3439",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_shadow="none",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        panel_background_fill="transparent",
        panel_background_fill_dark="transparent",
        panel_border_width="0px",
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_dark="#14b8a6",
        button_primary_background_fill_hover="#115e59",
        button_primary_background_fill_hover_dark="#2dd4bf",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#06231f",
        button_large_text_weight="500",
        button_border_width="1px",
        button_border_width_dark="1px",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_dark="#1b2327",
        button_secondary_border_color="#cfd6d6",
        button_secondary_border_color_dark="#36424a",
    )


def home(demos: Catalogue) -> str:
    """The projects as cards in groups, each with its picture and the number on its checkpoint's card."""
    groups = {g: [(n, d) for n, d in demos.items() if d.group == g] for g in GROUPS}
    parts = [
        f'<section class="wl-group"><h2>{group}</h2><div class="wl-grid">{"".join(_card(n, d) for n, d in members)}</div></section>'
        for group, members in groups.items()
        if members
    ]
    return (
        '<div class="wl-home"><header><h1>Wavelens</h1><p>Hear, see and probe deep networks for signals and images: '
        "trained models that answer at once, pictures of why they answer so, honest numbers, and a button that trains "
        f"the same model again before your eyes.</p></header>{''.join(parts)}</div>"
    )


def _card(name: str, demo: Demo) -> str:
    number = headline(demo.recipes[0]) if demo.recipes else ""
    return (
        f'<a class="wl-card" href="?tab={name}"><div class="wl-card-picture" aria-hidden="true">{demo.thumbnail()}</div>'
        f"<h3>{html.escape(demo.title)}</h3><p>{html.escape(demo.summary)}</p>{number}</a>"
    )


def tabs(demos: Catalogue) -> None:
    """Home and every group that holds a tab; `?tab=NAME` opens a tab, and opening a tab writes that link."""
    members = {g: [(n, d) for n, d in demos.items() if d.group == g] for g in GROUPS}
    inner: dict[str, gr.Tabs] = {}
    links: list[tuple[gr.Tab, str]] = []
    with gr.Tabs(elem_classes="wl-tabs", selected="home") as outer:
        with gr.Tab("Home", id="home") as tab:
            on_visit(lambda: home(demos))
        links.append((tab, LINK % {"group": "", "name": "", "first": ""}))
        for group, inside in members.items():
            if not inside:
                continue
            with gr.Tab(group, id=group) as tab:
                links.append((tab, LINK % {"group": group, "name": "", "first": inside[0][0]}))
                if len(inside) == 1:
                    _fill(tab, inside[0][1])
                    continue
                with gr.Tabs(selected=inside[0][0], elem_classes="wl-inner") as inner[group]:
                    for name, demo in inside:
                        with gr.Tab(demo.title, id=name) as part:
                            links.append((part, LINK % {"group": group, "name": name, "first": ""}))
                            _fill(part, demo)
    for tab, script in links:
        tab.select(None, js=script, api_visibility="private")

    def follow(request: gr.Request) -> Any:
        name = request.query_params.get("tab", "")
        demo = demos.get(name)
        group = demo.group if demo else "home"
        updates = [gr.Tabs(selected=group), *(gr.Tabs(selected=name) if g == group else gr.skip() for g in inner)]
        return updates if inner else updates[0]

    root = Context.root_block
    assert root is not None
    root.load(follow, None, [outer, *inner.values()], show_progress="hidden", api_visibility="private").then(
        None, js="() => { window.wavelens_followed = true; }", api_visibility="private"
    )


def _fill(tab: gr.Tab, demo: Demo) -> None:
    heading(demo)
    demo.build(tab)

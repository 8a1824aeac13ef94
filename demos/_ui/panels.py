"""Until every tab speaks the house's words: the old names for them, as plain text."""

from typing import Any

import gradio as gr

from demos._ui import card, charts, html, page
from demos._ui.events import USER_ERRORS as TROUBLE
from demos._ui.events import answering as spoken
from demos._ui.html import per_cent
from demos._ui.page import on_visit
from demos._ui.training import training_panel
from demos._ui.widgets.picker import picker as tray

__all__ = [
    "TROUBLE",
    "bars",
    "card_text",
    "line_chart",
    "note",
    "on_visit",
    "per_cent",
    "section",
    "spoken",
    "training_panel",
    "tray",
]


def note(sentence: str) -> str:
    return str(html.note(sentence))


def section(title: str, sentence: str = "") -> gr.HTML:
    return page.section(title, sentence)


def card_text(*values: Any) -> str:
    return str(card.card_text(*values))


def bars(*values: Any, **options: Any) -> str:
    return str(html.bars(*values, **options))


def line_chart(*values: Any, **options: Any) -> str:
    return str(charts.line_chart(*values, **options))

"""A tab, as a value."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import gradio as gr
from markupsafe import Markup

from training import Recipe

GROUPS = ("Sound", "Heart", "Digits", "Medicine", "Pictures", "Text", "Payments", "Learning")
"""What the tabs of a group are about, in the order of the bar."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """One tab. `build` fills the `gr.Tab` it is given, whose `select` event is the time to load anything."""

    number: int
    group: str
    title: str
    summary: str
    limits: str
    """What the nets cannot do, in sentences; shown with their card."""
    thumbnail: Callable[[], Markup]
    """SVG or an `<img>` with a `data:` address, for the card on the home page."""
    build: Callable[[gr.Tab], None]
    recipes: tuple[Recipe[Any], ...] = ()
    says_its_numbers: bool = False
    """Whether the tab itself says how good each of its nets is, where it is chosen: then its heading leads with none."""

    def __post_init__(self) -> None:
        """ValueError where the group is none of `GROUPS`."""
        if self.group not in GROUPS:
            raise ValueError(
                f"The tab “{self.title}” is in the group “{self.group}”, and there are: {', '.join(GROUPS)}. "
                "Take one of them, or add yours to GROUPS in demos/_ui/demo.py, where it is to stand."
            )


def training_mode() -> Literal["off", "short", "full"]:
    """`WAVELENS_TRAINING`: what visitors may train; `short` (60 s) on shared hardware, `full` on one's own."""
    mode = os.environ.get("WAVELENS_TRAINING") or ("short" if os.environ.get("SPACE_ID") else "full")
    if mode not in ("off", "short", "full"):
        raise ValueError(f"WAVELENS_TRAINING is “{mode}”; it can be off, short or full.")
    return mode

"""A tab, as a value."""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from inspect import isgeneratorfunction
from typing import Any, Literal

import gradio as gr

from models._checkpoint import CheckpointDamaged, CheckpointMissing
from training._recipe import Recipe
from training._run import TrainingDiverged
from training.data._root import DataDamaged, DataMissing

GROUPS = ("Hear", "Beat", "Digits", "Diagnose", "Restore", "Generate", "Detect", "Read", "See")
TROUBLE = (ValueError, CheckpointDamaged, CheckpointMissing, DataDamaged, DataMissing, TrainingDiverged, OSError)
"""What a visitor is told in its own words (logged as info); anything else is logged as an error and apologised for."""


@dataclass(frozen=True, kw_only=True)
class Demo:
    """One tab. `build` fills the `gr.Tab` it is given, whose `select` event is the time to load anything."""

    number: int
    group: str
    title: str
    summary: str
    limits: str
    """What the nets cannot do, in sentences; shown with their card."""
    thumbnail: Callable[[], str]
    """SVG or an `<img>` with a `data:` address, for the card on the home page."""
    build: Callable[[gr.Tab], None]
    recipes: tuple[Recipe[Any], ...] = ()


def training_mode() -> Literal["off", "short", "full"]:
    """`WAVELENS_TRAINING`: what visitors may train; `short` (60 s) on shared hardware, `full` on one's own."""
    mode = os.environ.get("WAVELENS_TRAINING") or ("short" if os.environ.get("SPACE_ID") else "full")
    if mode not in ("off", "short", "full"):
        raise ValueError(f"WAVELENS_TRAINING is “{mode}”; it can be off, short or full.")
    return mode


def spoken(handler: Callable[..., Any]) -> Callable[..., Any]:
    """`handler`, with trouble told to the visitor in one sentence and everything else logged and apologised for."""
    if isgeneratorfunction(handler):

        @wraps(handler)
        def generator(*values: Any) -> Iterator[Any]:
            try:
                yield from handler(*values)
            except Exception as error:
                raise _told(error) from error

        return generator

    @wraps(handler)
    def function(*values: Any) -> Any:
        try:
            return handler(*values)
        except Exception as error:
            raise _told(error) from error

    return function


def _told(error: Exception) -> gr.Error:
    if isinstance(error, gr.Error):
        return error
    if isinstance(error, TROUBLE):
        logging.getLogger("wavelens").info("told to a visitor", exc_info=error)
        return gr.Error(str(error), title="Not this time", duration=12, print_exception=False)
    logging.getLogger("wavelens").exception("a handler failed", exc_info=error)
    return gr.Error(
        "Something went wrong on our side, and it has been logged. Please try again.",
        title="Sorry",
        print_exception=False,
    )

"""Which question was asked last for each place of each visitor's page, so that a late answer to an earlier one is left out."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

import gradio as gr
from gradio.context import LocalContext

MOST_VISITORS = 1000
"""Visitors whose last questions are remembered; the one who asked longest ago is forgotten first."""
NO_QUESTION = 0
"""The number of what has turned out to ask nothing; it is older than every question."""


class Questions:
    """Which question stands for each place on each visitor's page, and which was answered last in each chain.

    Questions are numbered when they come. One stands for its places once it has found something to say, an error too:
    a handler that leaves everything as it is (an example has been chosen meanwhile, the tab was only opened again) has
    asked nothing, and what was asked before it is still answered.
    """

    def __init__(self) -> None:
        self._count, self._lock = itertools.count(NO_QUESTION + 1), Lock()
        self._last: OrderedDict[str, dict[int | str, int]] = OrderedDict()

    def ask(self, chain: str = "") -> int:
        """The number of a new question of this visitor's, or of the one that `chain` has answered so far."""
        with self._lock:
            answered = self._of_visitor().get(chain) if chain else None
            return next(self._count) if answered is None else answered

    def stand(self, question: int, places: Sequence[int]) -> None:
        """What was asked earlier for these places is overtaken."""
        with self._lock:
            asked = self._of_visitor()
            asked.update({place: max(question, asked.get(place, question)) for place in places})

    def answered(self, question: int, chain: str) -> None:
        """Whatever follows in this chain on this visitor's page belongs to that question."""
        if chain:
            with self._lock:
                self._of_visitor()[chain] = question

    def overtaken(self, question: int, place: int) -> bool:
        """Whether a later question of this visitor's stands for that place."""
        with self._lock:
            return self._last.get(visitor(), {}).get(place, question) > question

    def _of_visitor(self) -> dict[int | str, int]:
        asked = self._last.setdefault(visitor(), {})
        self._last.move_to_end(visitor())
        while len(self._last) > MOST_VISITORS:
            self._last.popitem(last=False)
        return asked


QUESTIONS = Questions()


class Answering:
    """One question on its way through a handler: `places` as Gradio's outputs, `chain` the one that it belongs to."""

    def __init__(self, outputs: Any, chain: str, *, follows: bool) -> None:
        self._single = not isinstance(outputs, Iterable)
        blocks = [] if outputs is None else [outputs] if self._single else outputs
        self._places, self._chain = [block._id for block in blocks], chain
        self._question = QUESTIONS.ask(chain if follows else "")
        self._stands = False

    def stand(self) -> None:
        """It has something to say."""
        if not self._stands:
            QUESTIONS.stand(self._question, self._places)
        self._stands = True

    def current(self, found: Any) -> Any:
        """What a handler found, but for the places for which something else has been asked since."""
        values = [found] if self._single else list(found)
        if not self._places or not all(map(changes_nothing, values)):
            self.stand()
        late = [QUESTIONS.overtaken(self._question, place) for place in self._places]
        if not any(late):
            return found
        left = [gr.skip() if is_late else value for value, is_late in zip(values, late, strict=True)]
        return left[0] if self._single else tuple(left)

    def end(self) -> None:
        """What follows in the chain is about this question, if it was one."""
        QUESTIONS.answered(self._question if self._stands else NO_QUESTION, self._chain)


def changes_nothing(value: Any) -> bool:
    """Whether an output's value leaves it as it is."""
    return isinstance(value, dict) and value == gr.skip()


def visitor() -> str:
    """Gradio's name for the page that is being answered; empty where nothing is served."""
    request = LocalContext.request.get(None)
    return getattr(request, "session_hash", None) or ""

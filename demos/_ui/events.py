"""What happens when something is pressed: a handler, what it reads and fills, the queue it waits in, and what follows.

A `Wire` says that once. Trouble is told to the visitor in a sentence; everything that computes waits in a queue; and of
two answers for the same place the one that was asked for last stands, whichever comes last: what follows an answer in
its chain was asked for together with it.
"""

from __future__ import annotations

import itertools
import logging
import math
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import isgeneratorfunction
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.context import LocalContext

from demos._ui.limits import PLACES, Kind
from demos._ui.questions import Answering, visitor
from demos._ui.serving.line import Line, address_of
from models import CheckpointDamaged, CheckpointMissing
from training import DataDamaged, DataMissing, TrainingDiverged

USER_ERRORS = (ValueError, CheckpointDamaged, CheckpointMissing, DataDamaged, DataMissing, TrainingDiverged, OSError)
"""What a visitor is told of; anything else is apologised for. All of it is logged, whole."""
TOLD: dict[type[Exception], str] = {
    DataMissing: "The data that this needs is not on this server. The examples work without it.",
    DataDamaged: "The data that this needs is damaged on this server, which has been logged. Please try an example.",
    CheckpointDamaged: "This net is damaged on this server, which has been logged. You can train one below and use it.",
    OSError: "The server could not read or keep a file, which has been logged. Please try again.",
}
"""What is said of trouble whose own words are for whoever keeps the server: they name its folders."""
NO_NUMBER = "Here stands something that is no number. Please set a number, and try again."
APOLOGY = "Something went wrong on our side, and it has been logged. Please try again."
PATH = re.compile(r"(?<![\w:/<])(?:~|[A-Za-z]:)?[/\\]{1,2}\w[\w.-]*[/\\]")
"""The beginning of an absolute path, which no address of the web is."""
ROOT = Path(__file__).resolve().parents[2]
Queue = Kind | Literal["at once"]
QUEUES: dict[Queue, dict[str, Any]] = {
    **{kind: {"concurrency_id": kind, "concurrency_limit": places.at_once} for kind, places in PLACES.items()},
    "at once": {"queue": False},
}
"""Where a handler waits, all tabs together; what only sets controls waits nowhere."""
PRIVATE = "private"
"""The name of what has none; Gradio would take the handler's, and so might take one that a public event wants."""

_CHAINS = itertools.count(1)


@dataclass(frozen=True)
class Wire:
    """A handler with what it reads (`inputs`), fills (`outputs`) and waits in (`queue`).

    `script` runs in the page, before the handler, or in its place where there is none.
    """

    handler: Callable[..., Any] | None
    inputs: Any = None
    outputs: Any = None
    queue: Queue = "answer"
    script: str | None = None

    def on(self, *triggers: Any, api: str | None = None, listed: bool = True, cancels: Sequence[Chain] = ()) -> Chain:
        """Answer these events. `api` names the endpoint, which is private without one, and `listed` in the API page or not.

        A button that is pressed again while it is answered is not heard; of whatever else is asked meanwhile the last is
        answered next, and every chunk of what is live.
        """
        name = f"chain {next(_CHAINS)}"
        event = gr.on(
            list(triggers),
            **self._options(name, follows=False),
            show_progress_on=self._sign(asked=True),
            api_name=api or PRIVATE,
            api_visibility=_visibility(api, listed),
            trigger_mode=self._patience(triggers),
            cancels=[chain.event for chain in cancels] or None,
        )
        return Chain(event, name, begun=self._computes)

    @property
    def _computes(self) -> bool:
        return self.handler is not None and self.queue != "at once"

    def _patience(self, triggers: Sequence[Any]) -> Literal["once", "multiple", "always_last"]:
        if self.queue == "live":
            return "multiple"
        return "once" if all(isinstance(trigger.__self__, gr.Button) for trigger in triggers) else "always_last"

    def _options(self, chain: str, *, follows: bool) -> dict[str, Any]:
        handler = None if self.handler is None else answering(self.handler, self.outputs, chain, follows=follows)
        queue = QUEUES[self.queue] if handler is not None else {}
        return {
            "fn": handler, "inputs": self.inputs, "outputs": self.outputs, "js": self.script, "show_progress": "hidden", **queue,
        }  # fmt: skip

    def _sign(self, *, asked: bool) -> list[Any]:
        """The one output at which the page shows that this is being answered, or was refused: a live one, if any.

        Where nothing live follows what was `asked`, nothing is shown. Gradio's page would do it at every output, and at
        each step of every answer it copies all that stands in each of those that ever had a turn: the longer a visit,
        the slower.
        """
        blocks = self.outputs if isinstance(self.outputs, Iterable) else [self.outputs]
        seen = [block for block in blocks if block is not None and not isinstance(block, gr.State)]
        live = [block for block in seen if "wl-live" in (block.elem_classes or [])]
        return (live or (seen if asked else []))[:1]


@dataclass(frozen=True)
class Chain:
    """An event, after which others may follow; `begun` where something has been computed in it already."""

    event: Any
    name: str
    begun: bool

    def then(self, *wires: Wire, api: str | None = None, listed: bool = True) -> Chain:
        """Each wire after the success of the one before; `api` names the endpoint of the last of them."""
        event, begun = self.event, self.begun
        for wire in wires:
            name = api if wire is wires[-1] else None
            event = event.success(
                **wire._options(self.name, follows=begun),
                show_progress_on=wire._sign(asked=False),
                api_name=name or PRIVATE,
                api_visibility=_visibility(name, listed),
                trigger_mode="always_last",
            )
            begun = begun or wire._computes
        return Chain(event, self.name, begun)


def _visibility(api: str | None, listed: bool) -> Literal["public", "private", "undocumented"]:
    return "private" if api is None else "public" if listed else "undocumented"


# Trouble


def answering(
    handler: Callable[..., Any], outputs: Any = None, chain: str = "", *, follows: bool = False
) -> Callable[..., Any]:
    """`handler`, with trouble told in a sentence, and with whatever a later question has overtaken left out.

    One that `follows` an answer in its chain belongs to the same question.
    """
    if isgeneratorfunction(handler):

        @wraps(handler)
        def generator(*values: Any) -> Iterator[Any]:
            answer = Answering(outputs, chain, follows=follows)
            try:
                refuse_what_is_no_number(values)
                for found in handler(*values):
                    yield answer.current(found)
            except Exception as error:
                answer.stand()
                raise as_gradio_error(error) from error
            answer.end()

        return generator

    @wraps(handler)
    def function(*values: Any) -> Any:
        answer = Answering(outputs, chain, follows=follows)
        try:
            refuse_what_is_no_number(values)
            found = handler(*values)
        except Exception as error:
            answer.stand()
            raise as_gradio_error(error) from error
        current = answer.current(found)
        answer.end()
        return current

    return function


def refuse_what_is_no_number(values: Iterable[Any]) -> None:
    """ValueError where a visitor's values hold a NaN or an infinity, however deep: no bound of a slider stops those."""
    left = list(values)
    while left:
        value = left.pop()
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(NO_NUMBER)
        if isinstance(value, gr.EventData):
            left.append(value._data)
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value


def as_gradio_error(error: Exception) -> gr.Error:
    """The sentence that a visitor is told."""
    if isinstance(error, gr.Error):
        return error
    return gr.Error(sentence(error), title="Not this time", duration=12, print_exception=False)


def sentence(error: Exception) -> str:
    """What a visitor is told of `error`: no folder of the server, and no word that is not ours. The whole is logged."""
    log = logging.getLogger("wavelens")
    general = next((words for kind, words in TOLD.items() if isinstance(error, kind)), None)
    if general:
        log.warning("trouble on the server", exc_info=error)
        return general
    if isinstance(error, USER_ERRORS) and _is_ours(error):
        log.info("told to a visitor", exc_info=error)
        return str(error)
    log.error("a handler failed", exc_info=error)
    return APOLOGY


def _is_ours(error: Exception) -> bool:
    """Whether the words were written for a visitor: raised by our own code, as a sentence, and without a path."""
    frames = traceback.extract_tb(error.__traceback__)
    file = Path(frames[-1].filename) if frames else ROOT
    words = str(error)
    own_file = file.is_relative_to(ROOT) and "site-packages" not in file.parts
    return own_file and not words[:1].islower() and not PATH.search(words)


# Places


def place_in(kind: Kind) -> tuple[str, float]:
    """What is before this visitor in the line of a kind, in a sentence and in seconds; ValueError where it is full."""
    line = getattr(LocalContext.blocks.get(None), "_queue", None)
    if not isinstance(line, Line):  # not served by this house
        return "", 0.0
    address = address_of(LocalContext.request.get(None))
    refused = line.refusal(kind, visitor(), address)
    if refused:
        raise ValueError(refused)
    return line.before(kind, address, visitor())

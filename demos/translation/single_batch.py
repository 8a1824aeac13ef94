"""The single-batch test on the page: a loop that may be broken, a button, and what came of it."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import gradio as gr
import torch

from demos._ui.demo import training_mode
from demos._ui.events import USER_ERRORS, Wire, sentence
from demos._ui.html import note
from demos._ui.page import controls, folded, place
from demos._ui.training import OFF, Job, running
from demos.translation.figures import overfit_text, overfit_verdict
from demos.translation.nets import DIRECTIONS, SQUARED
from demos.translation.overfit import AS_IT_IS, WAYS, Point, four_slices, overfit_one_batch


class BatchTest(NamedTuple):
    """Its buttons, and the place where it is told: once of components, once of what fills them."""

    start: Any = gr.skip()
    stop: Any = gr.skip()
    status: Any = gr.skip()
    end: Any = gr.skip()


def run_test(direction: str, way: str) -> Iterator[BatchTest]:
    """Train a fresh net on one batch of four slices until it knows them by heart, or the budget is spent."""
    if training_mode() == "off":
        raise ValueError(OFF)
    yield BatchTest(status=note("Taking four slices …"))
    batch = four_slices(DIRECTIONS[direction])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = DIRECTIONS[direction].recipes[SQUARED].model()
    points: list[Point] = []
    told = time.monotonic()
    try:
        for point in overfit_one_batch(model, batch, way):
            points.append(point)
            if time.monotonic() - told > 0.3:
                told = time.monotonic()
                yield BatchTest(status=overfit_text(points, batch.words))
    except USER_ERRORS as error:  # told where the test would have been seen
        yield BatchTest(*running(False), "", note(sentence(error)))
        return
    yield BatchTest(*running(False), overfit_text(points, batch.words), overfit_verdict(points, way))


def stopped() -> BatchTest:
    """After Stop."""
    return BatchTest(*running(False), end=note("Stopped before its end: nothing is decided."))


def single_batch_section(direction: gr.Radio) -> None:
    """The test with its events, folded."""
    off = training_mode() == "off"
    with folded("Can it learn four slices by heart?"):
        place(note(
            "The oldest test of a training loop: on one batch, with nothing held back, the error must go to zero. "
            "If it does not, the net or the loop is broken. Break the loop, and see the test notice."
        ))  # fmt: skip
        way = gr.Radio(list(WAYS), value=AS_IT_IS, label="The loop")
        with controls():
            start = gr.Button("Learn one batch by heart", interactive=not off)
            stop = gr.Button("Stop the test", interactive=False)
        test = BatchTest(start, stop, place(note(OFF) if off else ""), place(elem_classes=["wl-translation-test"]))
    Job(*test).wire(
        Wire(run_test, [direction, way], list(test), "training"),
        Wire(stopped, None, list(test)),
        api="memorise_scans",
    )

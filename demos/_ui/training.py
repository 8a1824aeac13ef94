"""Long work before a visitor's eyes: one that starts, reports, stops and can be used; above all, training the model again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import gradio as gr
from gradio.components import Component
from markupsafe import Markup
from torch import nn

from demos._ui import html
from demos._ui.charts import line_chart
from demos._ui.demo import training_mode
from demos._ui.events import USER_ERRORS, Wire, place_in, sentence
from demos._ui.html import Figure, Text, note
from models import CheckpointDamaged, CheckpointMissing, _checkpoint
from training import Recipe, Run
from training.data import at_hand

OFF = "Training is switched off on this server (WAVELENS_TRAINING=off)."
WAITING = "Waiting for a free place: one visitor trains at a time. {before}"
STARTING = "Starting …"
LONGEST = {"off": 1, "short": 60, "full": 600}
"""Seconds that a visitor's training may take, by `training_mode`."""
LOOKS = 12
"""How often a run looks at the validation set, at most, so that its curve shows."""
Buttons = tuple[Any, Any]
Watch = tuple[Callable[[Run[Any]], Any], Component]
"""What a run is watched by: a function of it, and the component that its value fills at each report."""


@dataclass(frozen=True)
class Job:
    """The buttons that start and stop a long piece of work, where it is told, and what there is once it has ended."""

    start: gr.Button
    stop: gr.Button
    status: gr.HTML
    end: gr.HTML
    use: gr.Button | None = None

    def wire(self, work: Wire, stopped: Wire, *, api: str, stop_api: str | None = None) -> None:
        """Start waits for a free place and then works; Stop ends it.

        A busy page may have shown Stop's answer before reports that came earlier. So no report but the last fills the
        buttons and `end`; `status`, which both fill, says nothing that a late report would make wrong.
        """
        places = [self.start, self.stop, self.status, self.end, *self._hidden]
        working = Wire(self.wait, None, places, "at once").on(self.start.click).then(work, api=api, listed=False)
        stopped.on(self.stop.click, api=stop_api, listed=False, cancels=[working])

    def wait(self) -> tuple[Any, ...]:
        """While a place is waited for: ValueError where there is none to wait for."""
        before, seconds = place_in("training")
        told = note(WAITING.format(before=before) if seconds else STARTING)
        return *running(True), told, "", *(_usable(False) for _ in self._hidden)

    @property
    def _hidden(self) -> list[gr.Button]:
        """What only an ended work has."""
        return [] if self.use is None else [self.use]


def running(is_running: bool) -> Buttons:
    """Start and Stop while it runs, and while it does not."""
    return gr.update(interactive=not is_running), gr.update(interactive=is_running)


class Progress(NamedTuple):
    """What a training shows: once of components, once of what fills them."""

    run: Any = gr.skip()
    start: Any = gr.skip()
    stop: Any = gr.skip()
    use: Any = gr.skip()
    status: Any = gr.skip()
    end: Any = gr.skip()
    curves: Any = gr.skip()


@dataclass(frozen=True)
class Trainer:
    """Trains a recipe in a visitor's own session: never writes a checkpoint, and ends at its budget whatever happens."""

    recipe: Recipe[Any]
    use: Callable[[Run[Any]], Any]
    choose: Callable[..., Recipe[Any]] | None = None
    watch: Callable[[Run[Any]], Any] | None = None

    def watched(self, seconds: float, seed: float, *chosen: Any) -> Iterator[tuple[Any, ...]]:
        """As `train`, and at the end of each report what `watch` makes of the run."""
        assert self.watch is not None
        for shown in self.train(seconds, seed, *chosen):
            yield *shown, self.watch(shown.run) if isinstance(shown.run, Run) else None

    def train(self, seconds: float, seed: float, *chosen: Any) -> Iterator[Progress]:
        """Train the recipe; yields the state of the run, its curves and its readout."""
        mode = training_mode()
        if mode == "off":
            raise ValueError(OFF)
        yield Progress(None, status=note("Reading the data …"), curves="")
        limit = min(float(seconds), LONGEST[mode])
        try:
            recipe = self.choose(*chosen) if self.choose else self.recipe
            budget = replace(recipe.budget, seconds=limit, seed=int(seed or 0))
            run = at_hand(lambda: Run(recipe, budget, look_seconds=limit / LOOKS)).value
            for progress in run:
                yield Progress(run, status=_readout(run, progress.step), curves=_curves(run))
        except USER_ERRORS as error:  # told where the training would have been seen
            yield Progress(None, *running(False), _usable(False), "", note(sentence(error)), "")
            return
        yield Progress(run, *running(False), _usable(True), _readout(run, run.step), _ended(run, "Done."), _curves(run))

    def stopped(self, run: Run[Any] | None) -> tuple[Any, Any, Any, Any, Markup]:
        """After Stop: what has been learnt so far can be used all the same."""
        if run is None or not run.step:
            return *running(False), _usable(False), "", note("Stopped before the first step.")
        return *running(False), _usable(True), _readout(run, run.step), _ended(run, "Stopped.")

    def take(self, run: Run[Any] | None, count: int) -> tuple[Any, int, Any, Any, None]:
        """Put the run's best weights into this visitor's tab."""
        if run is None:
            raise ValueError("There is no run to take a model from: press Start first.")
        return self.use(run), count + 1, _usable(True), _usable(False), None


def give_back(count: int) -> tuple[None, int, Any]:
    """Let the shipped model answer again."""
    return None, count + 1, _usable(False)


def training_panel(
    recipe: Recipe[Any],
    *,
    use: Callable[[Run[Any]], Any],
    state: gr.State,
    seconds: int = 30,
    choose: Callable[..., Recipe[Any]] | None = None,
    inputs: Sequence[Component] = (),
    watch: Watch | None = None,
) -> gr.State:
    """Budget, seed, start, stop and live curves; “use it here” puts `use(run)` into `state`, for this visitor alone.

    Where the tab's controls decide what is trained, `choose` makes a recipe of the values of `inputs`; where it shows
    more of a run than its curves, `watch` fills a component at each report. Gives the state that counts uses, whose
    `change` is the time to show the new model at work.
    """
    mode, trainer = training_mode(), Trainer(recipe, use, choose, watch and watch[0])
    on, longest = mode != "off", LONGEST[mode]
    run, uses = gr.State(None, time_to_live=600), gr.State(0)
    with gr.Row(elem_classes="wl-controls"):
        start = gr.Button("Start training", variant="primary", interactive=on)
        stop = gr.Button("Stop", interactive=False)
        use_it = gr.Button("Use this model here", interactive=False, visible=False)
        back = gr.Button("Back to the shipped model", interactive=False, visible=False)
    status = gr.HTML("" if on else note(OFF), apply_default_css=False)
    end, curves = gr.HTML("", apply_default_css=False), gr.HTML("", apply_default_css=False)
    with (
        gr.Accordion("For how long, and from which seed", open=False, elem_classes=["wl-fold"]),
        gr.Row(elem_classes="wl-controls"),
    ):
        budget = gr.Slider(
            5, max(longest, 6), value=min(seconds, longest), step=5, label="Budget, seconds", interactive=on
        )
        seed = gr.Number(0, precision=0, minimum=0, maximum=2**31 - 1, label="Seed", interactive=on)

    shown = Progress(run, start, stop, use_it, status, end, curves)
    working, places = (trainer.watched, [watch[1]]) if watch else (trainer.train, [])
    Job(start, stop, status, end, use_it).wire(
        Wire(working, [budget, seed, *inputs], [*shown, *places], "training"),
        Wire(trainer.stopped, run, [start, stop, use_it, status, end]),
        api=f"train_{recipe.name}", stop_api=f"stop_{recipe.name}",
    )  # fmt: skip
    taking = Wire(trainer.take, [run, uses], [state, uses, back, use_it, run])
    taking.on(use_it.click, api=f"use_{recipe.name}", listed=False)
    # in a queue, since what a state's change sets off is not set off by an event that waits in none
    Wire(give_back, uses, [state, uses, back]).on(back.click, api=f"back_{recipe.name}", listed=False)
    return uses


def _usable(is_usable: bool) -> Any:
    return gr.update(interactive=is_usable, visible=is_usable)


def _readout(run: Run[nn.Module], step: int) -> Markup:
    metric = run.recipe.headline
    best = metric.number(run.best.valid[metric.key]) if run.best else "…"
    speed = step * min(run.budget.batch_size, len(run.splits.train[0])) / max(run.seconds, 1e-3)
    n = len(run.splits.valid[0])
    return html.readouts(
        Figure(f"{run.seconds:.1f}", f"of {run.budget.seconds or run.seconds:.0f} s"),
        Figure(f"{step:,}", "steps"),
        Figure(f"{speed:,.0f}", "samples / s"),
        Figure(best, f"{metric.label}, best on {n:,} validation samples"),
    )


def _ended(run: Run[Any], how: str) -> Markup:
    """How it ended, and what the net has learnt from, beside what the shipped one has; how to train on the whole."""
    recipe, n = run.recipe, len(run.splits.train[0])
    try:
        shipped = _checkpoint.card(recipe.name).data["n_train"]
    except (CheckpointMissing, CheckpointDamaged):
        shipped = None
    if not run.sampled:
        return note(f"{how} Trained on all {n:,} training items that are here.")
    beside = f" The shipped model saw {shipped:,}, and had longer." if shipped else ""
    size = f" ({recipe.source.download})" if recipe.source.download else ""
    whole = Markup(" On a machine of your own, {} trains on the whole data{}.").format(
        html.code(f"make fit NAME={recipe.name}"), size
    )
    samples = Markup("{} Trained on {} items, samples that ship with the app.{}{}")
    return note(samples.format(how, f"{n:,}", beside, whole))


def _curves(run: Run[nn.Module]) -> Markup:
    history, metric = run.history, run.recipe.headline
    charts: list[Text] = [
        line_chart(
            [(p.seconds, p.losses[name]) for p in history if name in p.losses],
            title=name.replace("_", " "), x_label="seconds", log=True,
        )
        for name in (history[-1].losses if history else {})
    ]  # fmt: skip
    valid = [(p.seconds, p.valid[metric.key]) for p in history if p.valid]
    charts.append(line_chart(valid, title=f"{metric.title} on validation", x_label="seconds"))
    return html.group("wl-charts", *charts)

"""The parts that every tab has in the same place: its heading, its card, and the panel that trains the model again."""

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakSet

import gradio as gr
from gradio.components import Component
from gradio.context import Context
from torch import nn

from demos._ui.charts import line_chart
from demos._ui.demo import TROUBLE, Demo, spoken, training_mode
from models import _checkpoint
from models._checkpoint import Card, CheckpointDamaged, CheckpointMissing
from training._recipe import Recipe
from training._run import Run
from training._table import over_seeds, peers


def headline(recipe: Recipe[Any]) -> str:
    """The recipe's number in large figures with its n, or what to do to get one."""
    try:
        card = _checkpoint.card(recipe.name)
    except CheckpointMissing:
        return '<div class="wl-number wl-none"><small>not trained yet</small></div>'
    except CheckpointDamaged:
        return '<div class="wl-number wl-none"><small>the checkpoint is damaged</small></div>'
    metric = recipe.headline
    value = metric.number(card.metrics[metric.key])
    return f'<div class="wl-number"><b>{value}</b> <span>{metric.label}</span><small>{recipe.name}, n = {card.data["n_test"]:,}, test</small></div>'


def heading(demo: Demo) -> gr.HTML:
    """Title, sentence and headline number; read again on every visit, so that a new checkpoint shows at once."""

    def text() -> str:
        number = headline(demo.recipes[0]) if demo.recipes else ""
        return f'<header class="wl-heading"><div><h1>{demo.title}</h1><p>{demo.summary}</p></div>{number}</header>'

    return on_visit(text)


def on_visit(text: Callable[[], str]) -> gr.HTML:
    """HTML that is made anew for every visit, and not when the page is built."""
    shown, root = gr.HTML("", apply_default_css=False), Context.root_block
    assert root is not None
    root.load(text, None, shown, show_progress="hidden", api_visibility="private")
    return shown


def section(title: str, sentence: str = "") -> gr.HTML:
    """A quiet heading between two parts of a tab."""
    return gr.HTML(f'<div class="wl-section"><h2>{title}</h2><p>{sentence}</p></div>', apply_default_css=False)


def note(sentence: str) -> str:
    """A sentence that stands where a picture could not."""
    return f'<p class="wl-note">{html.escape(sentence)}</p>'


def card_text(recipe: Recipe[Any], limits: str) -> str:
    """The card of the recipe's checkpoint as HTML: every number is read from the file, none is typed."""
    try:
        card = _checkpoint.card(recipe.name)
    except (CheckpointMissing, CheckpointDamaged) as error:
        return note(str(error))
    metric, show = recipe.headline, recipe.headline.number
    interval, seeds = card.intervals.get(metric.key), over_seeds(card, metric.key)
    rows = {
        "On test": f"<b>{show(card.metrics[metric.key])} {metric.label}</b>"
        + (f", 95 % interval {show(interval['low'])} to {show(interval['high'])}" if interval else ""),
        "Over seeds": f"{show(seeds[0])} ± {metric.scale * seeds[1]:.2f}, {seeds[2]} seeds" if seeds else "one seed",
        "Other measures": ", ".join(
            f"{k.replace('_', ' ')} {v:.4f}" for k, v in card.metrics.items() if k != metric.key
        ),
        "Beside it": "; ".join(
            f"{p['name'].replace('`', '')} {show(p['metrics'][metric.key])}" for p in peers(recipe.name)
        ),
        "Data": f'<a href="{card.data["address"]}" rel="noreferrer">{card.data["title"]}</a>, {card.data["split"]} '
        f"({card.data['n_train']:,} / {card.data['n_valid']:,} / {card.data['n_test']:,})",
        "Note": card.data["note"],
        "Size": f"{card.parameters:,} parameters, {card.bytes / 2**20:.2f} MiB",
        "Trained": _trained(card),
        "Licence": f"data {card.data['licence']}; weights {card.data.get('weights_licence', 'Apache-2.0')}; code Apache-2.0",
        "Limits": limits,
        "Check it": f"<code>python -m training evaluate {recipe.name}</code>",
    }
    terms = "".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in rows.items() if text)
    return f'<dl class="wl-card-terms">{terms}</dl>'


def _trained(card: Card) -> str:
    made = card.provenance
    return (
        f"{made['made']}, {made['seconds'] / 60:.0f} min on {made['device']}, torch {made['torch']}, "
        f"seed {card.budget['seed']}, {card.budget['stopped_at']:,} steps of {card.budget['batch_size']}"
    )


def training_panel(
    recipe: Recipe[Any],
    *,
    use: Callable[[Run[Any]], Any],
    state: gr.State,
    seconds: int = 30,
    choose: Callable[..., Recipe[Any]] | None = None,
    inputs: Sequence[Component] = (),
) -> gr.State:
    """Budget, seed, start, stop and live curves; “use it here” puts `use(run)` into `state`, for this visitor alone.

    Where the tab's controls decide what is trained, `choose` makes a recipe of the values of `inputs`. Trains in the
    visitor's own session, one visitor at a time, never writes a checkpoint, and ends at its budget whatever happens.
    Gives the state that counts uses, whose `change` is the time to show the new model at work.
    """
    mode = training_mode()
    longest = {"off": 1, "short": 60, "full": 600}[mode]
    run_state, uses = gr.State(None, time_to_live=600), gr.State(0)
    halted: WeakSet[Run[Any]] = WeakSet()
    with gr.Row(elem_classes="wl-controls"):
        budget = gr.Slider(
            5, max(longest, 6), value=min(seconds, longest), step=5, label="Budget, seconds", interactive=mode != "off"
        )
        seed = gr.Number(0, precision=0, minimum=0, maximum=2**31 - 1, label="Seed", interactive=mode != "off")
    with gr.Row(elem_classes="wl-controls"):
        start = gr.Button("Start training", variant="primary", interactive=mode != "off")
        stop = gr.Button("Stop", interactive=False)
        use_it = gr.Button("Use this model here", interactive=False)
        back = gr.Button("Back to the shipped model", interactive=False)
    off = "Training is switched off on this server (WAVELENS_TRAINING=off)."
    status = gr.HTML(note(off) if mode == "off" else note("Nothing is running. Press Start."), apply_default_css=False)
    curves = gr.HTML("", apply_default_css=False)
    buttons = [start, stop, use_it]

    def train(seconds: float, seed: float, *chosen: Any) -> Iterator[tuple[Any, ...]]:
        """Train the recipe; yields the state of the run, its curves and its readout."""
        if mode == "off":
            raise ValueError(off)
        yield None, *_buttons(running=True), note("Reading the data …"), ""
        limit = min(float(seconds), longest)
        try:
            mine = choose(*chosen) if choose else recipe
            run = Run(mine, replace(mine.budget, seconds=limit, seed=int(seed or 0), eval_every=_eval_every(mine)))
            for progress in run:
                if run in halted:  # what is on its way when Stop is pressed must not undo what Stop has shown
                    break
                yield run, *_buttons(running=True), _readout(run, progress.step, "training"), _curves(run)
        except TROUBLE as error:  # told where the training would have been seen
            yield None, *_buttons(running=False), note(str(error)), ""
            return
        state = "stopped" if run in halted else "done"
        yield run, *_buttons(running=False, usable=True), _readout(run, run.step, state), _curves(run)

    def stopped(run: Run[Any] | None) -> tuple[Any, ...]:
        """After Stop: what has been learnt so far can be used all the same."""
        if run is not None:
            halted.add(run)
        usable = run is not None and run.step > 0
        text = (
            _readout(run, run.step, "stopped") if run is not None and usable else note("Stopped before the first step.")
        )
        return *_buttons(running=False, usable=usable), text

    def take(run: Run[Any] | None, count: int) -> tuple[Any, ...]:
        """Put the run's best weights into this visitor's tab."""
        if run is None:
            raise ValueError("There is no run to take a model from: press Start first.")
        return use(run), count + 1, gr.update(interactive=True), gr.update(interactive=False), None

    shown = [run_state, *buttons, status, curves]
    start.click(
        lambda: (*_buttons(running=True), note("Waiting for a free place: one visitor trains at a time …")),
        None, [*buttons, status], queue=False, show_progress="hidden", api_visibility="private",
    )  # fmt: skip
    training = start.click(
        spoken(train), [budget, seed, *inputs], shown, show_progress="hidden", concurrency_id="training", concurrency_limit=1,
        api_name=f"train_{recipe.name}", api_visibility="undocumented",
    )  # fmt: skip
    stop.click(
        spoken(stopped), run_state, [*buttons, status], cancels=[training], show_progress="hidden",
        api_name=f"stop_{recipe.name}", api_visibility="undocumented",
    )  # fmt: skip
    use_it.click(
        spoken(take), [run_state, uses], [state, uses, back, use_it, run_state],
        concurrency_id="answer", concurrency_limit=2,
        api_name=f"use_{recipe.name}", api_visibility="undocumented",
    )  # fmt: skip
    back.click(
        lambda count: (None, count + 1, gr.update(interactive=False)), uses, [state, uses, back],
        api_name=f"back_{recipe.name}", api_visibility="undocumented",
    )  # fmt: skip
    return uses


def _eval_every(recipe: Recipe[Any]) -> int:
    """Steps between looks at `valid` in a live run: often enough for a curve of a minute."""
    return max(1, min(40, recipe.budget.steps // 20))


def _buttons(*, running: bool, usable: bool = False) -> tuple[Any, Any, Any]:
    return gr.update(interactive=not running), gr.update(interactive=running), gr.update(interactive=usable)


def _readout(run: Run[nn.Module], step: int, state: str) -> str:
    best = f"{run.best.valid[run.recipe.headline.key]:.4f}" if run.best else "…"
    speed = step * min(run.budget.batch_size, len(run.splits.train[0])) / max(run.seconds, 1e-3)
    total = run.budget.seconds or run.seconds
    return (
        f'<div class="wl-readouts"><div><b>{run.seconds:.1f}</b><span>of {total:.0f} s, {state}</span></div>'
        f"<div><b>{step:,}</b><span>steps</span></div><div><b>{speed:,.0f}</b><span>samples / s</span></div>"
        f"<div><b>{best}</b><span>best {run.recipe.headline.key} on {len(run.splits.valid[0]):,} validation samples</span></div></div>"
    )


def _curves(run: Run[nn.Module]) -> str:
    history, headline = run.history, run.recipe.headline.key
    names = history[-1].losses if history else {}
    charts = [
        line_chart(
            [(p.seconds, p.losses[n]) for p in history if n in p.losses],
            title=n.replace("_", " "),
            x_label="seconds",
            log=True,
        )
        for n in names
    ]
    valid = [(p.seconds, p.valid[headline]) for p in history if p.valid]
    charts.append(line_chart(valid, title=f"{headline} on validation", x_label="seconds"))
    return f'<div class="wl-charts">{"".join(charts)}</div>'

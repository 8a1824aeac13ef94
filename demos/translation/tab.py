"""Scan translation: one contrast of a brain scan from the other, how far off it is, where it is unsure, and what it hides."""

import random
import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
import torch

from demos._ui.demo import training_mode
from demos._ui.panels import TROUBLE, card_text, line_chart, note, section, spoken, training_panel, tray
from demos.translation import nets, overfit
from demos.translation.figures import doubt, lesion_text, nets_table, origin_text, pictures, readout
from demos.translation.nets import (
    DIRECTIONS,
    LONGEST,
    LOSSES,
    SQUARED,
    THERE,
    Direction,
    Net,
    Scan,
    Translation,
    address,
    chosen,
    trained,
)  # fmt: skip
from demos.translation.overfit import AS_IT_IS, ENOUGH, NO_STEP, PICTURES, WAYS, Point, overfit_one_batch
from models._checkpoint import CheckpointDamaged, CheckpointMissing
from signals import image
from training._recipe import Arrays, Recipe
from training.data import lgg_mri
from training.data._root import DataDamaged, DataMissing

DEVICE = "Not a medical device."
WARNING = (
    f"{DEVICE} An output shows what was likely among 69 patients, not what is in this one: a tumour can vanish "
    "in it, and one can be painted in. For learning how such nets work, and how they fail."
)
LIMITS = (
    "Single slices of 128 × 128 of adults with lower-grade gliomas; another sequence, age or disease will do worse. Weights "
    "carry the data's licence (CC BY-NC-SA 4.0): not for commercial use, and never for a patient."
)
EXPOSING = (
    "A plain gain alone changes nothing: the net stretches every slice between its own 1st and 99th percentile first. What "
    "is lost is what clips at white, or falls between 8-bit greys."
)


# Handlers


def picked(source: str | None, direction: str) -> Scan | None:
    """The scan behind a `data:` address: one of the drawn heads, or a picture whose truth nobody knows."""
    if not source:
        return None
    names = {known: name for name, known in nets.examples(DIRECTIONS[direction]).items()}
    if source in names:
        return nets.example(names[source])
    return nets.of_picture(image.from_data_url(source))


def uploaded(path: str, direction: str) -> tuple[str, Scan]:
    """A visitor's picture file, PNG or JPEG, of any size, grey or colour."""
    read = nets.read(path)
    return address(read, DIRECTIONS[direction]), read


def truth_uploaded(path: str, scan: Scan | None, direction: str) -> Scan:
    """The other contrast of the scan that was uploaded before."""
    if scan is None:
        raise ValueError("Upload the scan first, then its other contrast as the truth.")
    return nets.with_truth(scan, nets.read(path), DIRECTIONS[direction])


def another(direction: str) -> Iterator[tuple[Any, ...]]:
    """A random slice of the test split; DataMissing where the test split is not here."""
    yield gr.skip(), gr.skip(), note("Reading the test slices: the first time takes a while …")
    try:
        scan = nets.held_out(random.randrange(10_000))  # torch's own generator belongs to whoever trains
    except (DataMissing, DataDamaged):
        yield gr.skip(), gr.skip(), EMPTY
        raise
    yield address(scan, DIRECTIONS[direction]), scan, gr.skip()


def answer(
    scan: Scan | None, direction: str, loss: str, stops: float | None, noise: float | None, own: Net | None
) -> tuple[str, str, Translation | None]:
    """Translate the scan, exposed `2 ** stops` times as bright and with `noise` per cent of noise.

    Gives the figures, the pictures, and what was made, for the explanations.
    """
    if scan is None:
        return EMPTY, "", None
    try:
        net = chosen(DIRECTIONS[direction], loss, own)
    except (CheckpointMissing, CheckpointDamaged) as error:
        return f'<div class="wl-translation">{note(str(error))}</div>', "", None
    began = time.perf_counter()
    made = nets.translate(net, scan, stops=stops or 0, noise_percent=noise or 0)
    milliseconds = 1000 * (time.perf_counter() - began) / (1 if made.clean_HW is None else 2)
    whose = "your model" if net.own else "the shipped model"
    text = f"{readout(made, milliseconds)}{note(f'{origin_text(scan)} Read by {whose}, learnt by {net.loss.lower()}. {DEVICE}')}"
    return f'<div class="wl-translation">{text}</div>', pictures(made), made


def explain(made: Translation | None) -> tuple[str, str]:
    """What became of the tumour, and where the nets disagree, checked against the error."""
    if made is None:
        return note(NO_LESION), note(NO_MAP)
    told = lesion_text(made, nets.lesion(made), nets.invented(made))
    told = told or note("Without a truth and an outline nobody can say what became of a tumour.")
    if len(made.net.direction.recipes) < 2:
        return told, note(
            "There is no ensemble in this direction: one net was trained for it, by squared error, so there is no map of doubt. "
            "From pre-contrast to FLAIR there are three."
        )
    members, missing = nets.ensemble(made.net)
    if len(members) < 2:
        return told, note("An ensemble takes two nets or more. " + " ".join(missing))
    spread = nets.disagreement(made, list(members.values()))
    return told, doubt(made, spread, list(members), missing)


def switched(direction: str, scan: Scan | None) -> tuple[Any, ...]:
    """The controls for the other direction: its nets, its examples, and the same scan the other way round."""
    known = DIRECTIONS[direction]
    if scan is not None and scan.origin == "uploaded" and known.target not in scan.truth:
        scan = nets.without_truth(scan)
    shown = gr.HTML(
        value=address(scan, known) if scan else "", hint=hint(known), examples=examples(known)
    )  # fmt: skip
    return shown, gr.Radio(choices=list(known.recipes), value=SQUARED), scan


def opened(direction: str, loss: str) -> tuple[str, str]:
    """What waits for the tab to be opened: all nets side by side, and the card of the one in use."""
    return nets_table(), card_text(recipe_of(direction, loss), LIMITS)


def recipe_of(direction: str, loss: str) -> Recipe[Any]:
    """What answers, and what the panel trains."""
    recipes = DIRECTIONS[direction].recipes
    return recipes.get(loss, recipes[SQUARED])


def memorise(direction: str, way: str) -> Iterator[tuple[Any, Any, str]]:
    """Train a fresh net on one batch of four slices until it knows them by heart, or the budget is spent."""
    if training_mode() == "off":
        raise ValueError(OFF)
    yield *running(True), note("Taking four slices …")
    split, what = batch_of(DIRECTIONS[direction])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = recipe_of(direction, SQUARED).model()
    points: list[Point] = []
    told = time.monotonic()
    try:
        for point in overfit_one_batch(model, overfit.crops(split, list(range(PICTURES))), way):
            points.append(point)
            if time.monotonic() - told > 0.3:
                told = time.monotonic()
                yield *running(True), memory_text(points, what)
    except TROUBLE as error:
        yield *running(False), note(str(error))
        return
    yield *running(False), memory_text(points, what) + memory_verdict(points, way)


def batch_of(direction: Direction) -> tuple[Arrays, str]:
    """Four slices to learn by heart: real ones for training where they are, else drawn ones; and which."""
    try:
        train = lgg_mri.part("train", source=direction.source, target=direction.target)
        return tuple(t[:: len(t) // PICTURES][:PICTURES] for t in train), "four training slices"
    except (DataMissing, DataDamaged):
        scans = [nets.example(name) for name in list(nets.EXAMPLES)[:PICTURES]]
        x_B1HW = torch.stack([s.source[direction.source] for s in scans])[:, None]
        y_B1HW = torch.stack([s.truth[direction.target] for s in scans])[:, None]
        return (x_B1HW, y_B1HW), "four drawn heads"


# What the page shows


EMPTY = (
    '<div class="wl-translation wl-diagnosis wl-none"><p>Choose an example, upload a scan, or take a test slice. The answer comes '
    f"by itself.</p><p><small>{WARNING}</small></p></div>"
)
NO_LESION = "Nothing is translated yet: choose a scan above, and what became of its tumour is told here."
NO_MAP = "Nothing is translated yet: choose a scan above, and the map of doubt appears here."
OFF = "Training is switched off on this server (WAVELENS_TRAINING=off)."


def hint(direction: Direction) -> str:
    return f"Choose an example below, upload a scan, or take a test slice. This net expects a {direction.words[0]} slice across the head."


def examples(direction: Direction) -> list[dict[str, str]]:
    """The drawn heads, each under its name."""
    return [{"name": f"{name}, drawn", "src": src} for name, src in nets.examples(direction).items()]


def running(on: bool) -> tuple[Any, Any]:
    return gr.update(interactive=not on), gr.update(interactive=on)


def memory_text(points: list[Point], what: str) -> str:
    """The readout and the curve of the single-batch test so far."""
    share = points[-1].loss / points[0].loss
    chart = line_chart([(p.step, p.loss) for p in points], title=f"squared error on {what}", x_label="steps", log=True)
    return (
        f'<div class="wl-readouts"><div><b>{points[-1].step}</b><span>steps</span></div>'
        f"<div><b>{points[-1].seconds:.1f}</b><span>seconds</span></div>"
        f"<div><b>{100 * share:.1f}</b><span>% of the first loss</span></div></div>"
        f'<div class="wl-charts wl-memory">{chart}</div>'
    )


def memory_verdict(points: list[Point], way: str) -> str:
    """Whether the batch was learnt by heart, and what that says."""
    last, share = points[-1], points[-1].loss / points[0].loss
    facts = (
        f"After {last.step} steps and {last.seconds:.0f} s the loss stands at {100 * share:.1f} % of its first value"
    )
    if share < ENOUGH:
        return (
            f'<p class="wl-verdict wl-holds"><b>Learnt by heart</b>{facts}, below {100 * ENOUGH:.0f} %. The net can represent the task '
            "and the loop takes steps downhill: that is all this says. Nothing about a slice that it has not seen.</p>"
        )
    if way == AS_IT_IS:
        why = (
            "The time ran out before the steps did: this machine is busy, try again."
            if last.step < overfit.STEPS
            else "The model or the loop is broken."
        )
    elif way == NO_STEP:
        why = "As it must be: without a step nothing is learnt, and the test notices."
    else:
        why = "As it must be: with targets that belong to other slices there is only their mean to learn, and the test notices."
    return f'<p class="wl-verdict wl-fails"><b>Not learnt by heart</b>{facts}, and not below {100 * ENOUGH:.0f} %. {why}</p>'


OUTLINES = "(on) => { for (const kind of ['lesion', 'head']) document.documentElement.style.setProperty(`--wl-edge-${kind}`, on.some((name) => name.toLowerCase().includes(kind)) ? 1 : 0); }"


def build(tab: gr.Tab) -> None:
    own, scan, made = (gr.State(None, time_to_live=3600) for _ in range(3))
    with gr.Row(elem_classes="wl-controls"):
        direction = gr.Radio(list(DIRECTIONS), value=THERE.name, label="Direction", scale=1, min_width=300)
        loss = gr.Radio(list(LOSSES), value=SQUARED, label="Net that learnt by", scale=1, min_width=300)
    with gr.Row(equal_height=False, elem_classes="wl-try"):
        with gr.Column(scale=4, min_width=300):
            shown = tray(label="The scan", hint=hint(THERE), examples=examples(THERE), elem_classes="wl-scan")
            with gr.Row(elem_classes="wl-controls"):
                file = gr.UploadButton("Upload a scan", size="sm", file_types=["image"], min_width=110)
                truth = gr.UploadButton("Upload its truth", size="sm", file_types=["image"], min_width=110)
                sample = gr.Button("A test slice", size="sm", min_width=100)
            gr.HTML(
                note(
                    f"Examples: drawn, not scanned, by a function of this project. An upload is read as grey, at {LONGEST} pixels of its "
                    "longer side at most."
                ),
                apply_default_css=False,
            )
        with gr.Column(scale=5, min_width=300):
            figures = gr.HTML(EMPTY, apply_default_css=False, elem_classes="wl-live")
    with gr.Row(elem_classes="wl-controls"):
        stops = gr.Slider(-4, 3, value=0, step=0.5, label="Brightness, stops (each doubles it)", min_width=220)
        noise = gr.Slider(0, 20, value=0, step=1, label="Noise, % of full scale", min_width=220)
        rims = gr.CheckboxGroup(
            ["Tumour (lesion)", "Head, dotted"], value=["Tumour (lesion)"], label="Outlines", min_width=220
        )
    gr.HTML(note(EXPOSING), apply_default_css=False)
    drawn = gr.HTML("", apply_default_css=False, elem_classes="wl-live")

    section(
        "Does it hold where it matters?",
        "The tumour is what such a scan is made for, and the rarest thing in the training data.",
    )
    told = gr.HTML(note(NO_LESION), apply_default_css=False)
    section(
        "Does it know what it does not know?",
        "Three nets learnt the same task by three losses. Where they disagree one may doubt; whether that doubt is worth anything is checked.",
    )
    doubted = gr.HTML(note(NO_MAP), apply_default_css=False)

    section(
        "Can it learn four slices by heart?",
        "The oldest test of a training loop: on one batch, with nothing held back, the loss must go to zero. If not, the model or the loop is broken.",
    )
    off = training_mode() == "off"
    way = gr.Radio(list(WAYS), value=AS_IT_IS, label="The loop")
    with gr.Row(elem_classes="wl-controls"):
        start = gr.Button("Learn one batch by heart", interactive=not off)
        stop = gr.Button("Stop the test", interactive=False)
    memory = gr.HTML(note(OFF) if off else "", apply_default_css=False, elem_classes="wl-memorised")

    section("How good is it", WARNING)
    nets = gr.HTML("", apply_default_css=False)
    card = gr.HTML("", apply_default_css=False)
    section(
        "Train it yourself",
        "The net chosen at the top again from its first weights, in your own session. Nothing is written to disk.",
    )
    uses = training_panel(
        recipe_of(THERE.name, SQUARED), use=trained, state=own, seconds=60, choose=recipe_of, inputs=[direction, loss]
    )

    show: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "answer", "concurrency_limit": 2}
    private: dict[str, Any] = {**show, "api_visibility": "private", "trigger_mode": "always_last"}
    inputs = [scan, direction, loss, stops, noise, own]
    answering: dict[str, Any] = {"fn": spoken(answer), "inputs": inputs, "outputs": [figures, drawn, made]}
    why: dict[str, Any] = {"fn": spoken(explain), "inputs": made, "outputs": [told, doubted]}
    opening: dict[str, Any] = {"fn": spoken(opened), "inputs": [direction, loss], "outputs": [nets, card]}

    def then_answer(event: Any) -> Any:
        return event.success(**answering, **private).success(**why, **private)

    then_answer(shown.input(spoken(picked), [shown, direction], scan, **private))
    then_answer(file.upload(spoken(uploaded), [file, direction], [shown, scan], api_name="upload_scan", **show))
    then_answer(truth.upload(spoken(truth_uploaded), [truth, scan, direction], scan, api_name="upload_truth", **show))
    then_answer(sample.click(spoken(another), direction, [shown, scan, figures], api_name="test_slice", **show))
    then_answer(direction.input(spoken(switched), [direction, scan], [shown, loss, scan], **private)).success(
        **opening, **private
    )
    gr.on(  # a slider is let go by a pointer alone: `input` is what the keyboard does
        [stops.input, stops.release, noise.input, noise.release, loss.input], **answering, trigger_mode="always_last", api_name="translate_scan",
        api_description=answer.__doc__, **show,
    ).success(**why, **private)  # fmt: skip
    loss.input(**opening, **private)
    rims.input(None, rims, None, js=OUTLINES, api_visibility="private")
    start.click(
        lambda: (*running(True), note("Waiting for a free place: one visitor trains at a time …")), None, [start, stop, memory],
        queue=False, show_progress="hidden", api_visibility="private",
    )  # fmt: skip
    remembering = start.click(
        spoken(memorise), [direction, way], [start, stop, memory], show_progress="hidden", concurrency_id="training",
        concurrency_limit=1, api_name="memorise_scans", api_visibility="undocumented",
    )  # fmt: skip
    stop.click(
        lambda: (*running(False), note("Stopped before its end: nothing is decided.")), None, [start, stop, memory],
        cancels=[remembering], queue=False, show_progress="hidden",
        api_visibility="private",
    )  # fmt: skip
    tab.select(**opening, **private)
    then_answer(uses.change(**opening, **private))


def thumbnail() -> str:
    """For the home page: drawn heads in both contrasts."""
    names = list(nets.EXAMPLES)[1:3]
    found = [nets.examples(d)[name] for name in names for d in DIRECTIONS.values()]
    return "".join(f'<img class="wl-kept" alt="" src="{src}">' for src in found)

"""Diagnose: what a net sees in a medical picture, where it looked, and whether that explanation holds."""

import random
import time
from collections.abc import Iterator
from typing import Any

import gradio as gr
import torch

from demos._ui.panels import bars, card_text, note, on_visit, per_cent, section, spoken, training_panel, tray
from demos.diagnose import nets
from demos.diagnose.figures import evidence_text, layered, melting_text, quantized_rows, verdict_text
from demos.diagnose.nets import CELLS, GRADCAM, METHODS, MOLES, SUBJECTS, Net, Reading, chosen, trained, uploaded
from models._checkpoint import CheckpointMissing
from signals import image
from training._recipe import Recipe
from training.recipes import cells_cnn, dermamnist_cnn, dermamnist_vgg19, pathmnist_cnn

MEDMNIST = (dermamnist_cnn.recipe, dermamnist_vgg19.recipe, pathmnist_cnn.recipe)
LIMITS = (
    "Not a medical device. Trained for research on a few dozen patients of one hospital; it has no “something else” "
    "answer, and a picture from another scanner, stain or camera is read all the same. The weights carry the data's limit: "
    "research only."
)
WARNING = "Not a medical device: for learning how such nets work, and how they fail. Do not act on an answer."


def answer(subject: str, address: str | None, own: Net | None) -> tuple[str, Any, Reading | None, str]:
    """Read the picture (a `data:` address) of a cell or a mole.

    Gives the answer with calibrated probabilities, the classes to explain with the predicted one chosen, what was read,
    and a place for the weights check, empty again.
    """
    known = SUBJECTS[subject]
    if not address:
        return empty_text(subject), gr.update(choices=list(known.classes), value=known.classes[0]), None, ""
    net = chosen(subject, own)
    began = time.perf_counter()
    reading = nets.read(net, known.picture(address))
    milliseconds = 1000 * (time.perf_counter() - began)
    best = known.classes[int(reading.p_C.argmax())]
    return (
        answer_text(net, reading, milliseconds),
        gr.update(choices=list(known.classes), value=best),
        reading,
        "",
    )


def explain(reading: Reading | None, name: str, depth: float, method: str, own: Net | None) -> str:
    """Where the net looked for one class, by one method, over the picture, and whether that map holds."""
    if reading is None:
        return note("Choose a picture above: its map appears here.")
    net = chosen(reading.subject, own)
    target, layer = target_of(net, name), layer_at(net, depth)
    heat_HW = nets.heat(net, net.model, reading.unit, target, layer, method)
    verdict = nets.judge(net, reading, heat_HW, target)
    place = f" at {layer}" if method == GRADCAM else ", which asks the pixels and needs no layer"
    caption = f"<b>{method}</b>for {name}{place}; dark is cold, yellow its hottest place"
    outline = "<b>As the net sees it</b>" + seen(reading)
    pictures = layered(reading, None, outline) + layered(reading, heat_HW, caption)
    return f'<div class="wl-maps">{pictures}</div>{verdict_text(verdict, name, method)}'


def check(reading: Reading | None, name: str, depth: float, method: str, own: Net | None) -> Iterator[str]:
    """Reset the net's weights stage by stage, from the answer backwards, and watch whether the map melts."""
    if reading is None:
        raise ValueError("Choose a picture first: then its map can be checked.")
    net = chosen(reading.subject, own)
    target, layer = target_of(net, name), layer_at(net, depth)
    stages = []
    for stage in nets.melted(net, reading, target, layer, method):
        stages.append(stage)
        yield melting_text(reading, stages, done=False)
    heat_HW = nets.heat(net, net.model, reading.unit, target, layer, method)
    yield melting_text(reading, stages, done=True) + areas_text(nets.areas(net, reading, heat_HW, target))


def smaller(reading: Reading | None, name: str, depth: float, own: Net | None) -> str:
    """The same picture read by the net in float and in three 8-bit forms, with their Grad-CAM maps side by side."""
    if reading is None or reading.subject != CELLS.name:
        return note("Choose a colon cell above: the same picture is then read by the float net and by its int8 forms.")
    net = chosen(reading.subject, own)
    target, layer = target_of(net, name), layer_at(net, depth)
    rows, figures, whole = quantized_rows(), [], None
    for kind, model in nets.roundings(net).items():
        place = nets.layer_of(net, model, layer)
        heat_HW = nets.heat(net, model, reading.unit, target, place, GRADCAM)
        with torch.no_grad():
            p_C = net.probabilities(reading.unit, model)[0]
        whole = p_C if whole is None else whole
        best = CELLS.classes[int(p_C.argmax())]
        off = (p_C - whole).abs().max().item()
        caption = f"<b>{kind}</b>{best}, {per_cent(p_C.max().item())}" + (
            f"; off by {100 * off:.2f} points" if off else ""
        )
        figures.append(layered(reading, heat_HW, caption + stored_text(rows.get(kind))))
    return f'<div class="wl-melting wl-forms">{"".join(figures)}</div>{note(FORMS)}'


def another(subject: str) -> str:
    """A random picture of the subject's test set; DataMissing where the test set is not here."""
    x_B3HW = nets.test_pictures(SUBJECTS[subject])
    return image.to_data_url(image.from_rgb(random.choice(x_B3HW)))  # torch's own generator belongs to whoever trains


def switched(subject: str) -> tuple[Any, ...]:
    """The controls for the other subject, at once: its examples, its classes, and nothing read yet."""
    known = SUBJECTS[subject]
    return (
        gr.HTML(value="", hint=hint(subject), examples=examples(subject)),
        gr.update(choices=list(known.classes), value=known.classes[0]),
        None,
        empty_text(subject),
        "",
    )


def evidence(subject: str, own: Net | None) -> str:
    """Confusion, calibration, imbalance and strangers of the net in use."""
    try:
        return evidence_text(chosen(subject, own))
    except CheckpointMissing as error:
        return note(str(error))


def opened(subject: str, own: Net | None) -> tuple[Any, str, str]:
    """What waits for the tab to be opened, or for the other subject: its layers, its evidence, its card."""
    return depth_of(subject, own), evidence(subject, own), card_text(SUBJECTS[subject].recipe, LIMITS)


def depth_of(subject: str, own: Net | None) -> Any:
    """The layer slider for the net in use, at its last layer."""
    try:
        layers = chosen(subject, own).layers
    except CheckpointMissing:
        return gr.update()
    return gr.update(maximum=len(layers), value=len(layers))


def layer_at(net: Net, depth: float) -> str:
    """The layer that the slider stands at, 1 the earliest."""
    return net.layers[min(len(net.layers), max(1, round(depth))) - 1]


def target_of(net: Net, name: str) -> int:
    """The class called `name`; of a name from the other subject, the first."""
    return net.subject.classes.index(name) if name in net.subject.classes else 0


def recipe_of(subject: str) -> Recipe[Any]:
    """What the panel trains for this subject."""
    return SUBJECTS[subject].recipe


# What the page shows


FORMS = (
    "Read and explained by the int8 arithmetic computed in float, layer by layer, since a compiled int8 graph takes half a "
    "minute to build and has no gradients. Test figures, size and time are those of the compiled graphs (torchao's pt2e), "
    "measured by python -m benchmarks.diagnose."
)


def hint(subject: str) -> str:
    return f"Choose an example below, upload a picture, or take a test picture. This net expects {SUBJECTS[subject].wants}."


def examples(subject: str) -> list[dict[str, str]]:
    """The pictures that ship with the project, each under its name."""
    return [
        {
            "name": file.partition(".")[0].replace("-", ", ") + ("" if "cat" in file else ", drawn"),
            "src": nets.example(file),
        }
        for file in SUBJECTS[subject].examples
    ]


def empty_text(subject: str) -> str:
    return (
        '<div class="wl-diagnosis wl-none"><p>Choose an example, upload a picture, or take a test picture. '
        f"The answer comes by itself.</p><p><small>{WARNING}</small></p></div>"
    )


def answer_text(net: Net, reading: Reading, milliseconds: float) -> str:
    p_C, names = reading.p_C.tolist(), net.subject.classes
    best = max(range(len(names)), key=p_C.__getitem__)
    whose = "your model" if net.own else "the shipped model"
    fact = ""
    if reading.truth is not None:
        right = reading.truth.label == best
        fact = f'<p class="{"wl-right" if right else "wl-wrong"}">A test picture, labelled {names[reading.truth.label]}: {"read right" if right else "read wrong"}.</p>'
    return (
        f'<div class="wl-diagnosis wl-diagnose"><h3>{names[best]}</h3><p><b>{per_cent(p_C[best])}</b> by calibrated probability</p>{fact}'
        f"{bars(p_C, names, marked=best)}{familiar_text(reading)}"
        f"<p><small>{milliseconds:.0f} ms on this machine, {whose}. {WARNING}</small></p></div>"
    )


def familiar_text(reading: Reading) -> str:
    """Whether the picture looks like the training data, as the net sees it."""
    figures = f"distance {reading.distance:.2f}, where 95 % of validation pictures lie within {reading.threshold:.2f}"
    if reading.unfamiliar:
        return (
            '<p class="wl-verdict wl-fails"><b>This does not look like my training data</b>'
            f"{figures[0].upper()}{figures[1:]}. Whatever it answers above, it never saw such a picture.</p>"
        )
    return (
        f'<p class="wl-verdict wl-holds"><b>This looks like my training data</b>{figures[0].upper()}{figures[1:]}.</p>'
    )


def seen(reading: Reading) -> str:
    side = reading.x_3HW.shape[-1]
    told = f"{side} × {side} pixels"
    return told + (", with the dermatologist's outline" if reading.truth and reading.truth.mask_HW is not None else "")


def areas_text(found: dict[str, tuple[float, float]]) -> str:
    deleted, inserted = found["deletion"], found["insertion"]
    return note(
        f"Deletion, hottest first: area {deleted[0]:.2f} against {deleted[1]:.2f} for the map laid down elsewhere (lower is "
        f"better). Insertion: {inserted[0]:.2f} against {inserted[1]:.2f} (higher is better)."
    )


def stored_text(row: dict[str, Any] | None) -> str:
    """What the benchmark measured of one form on the test set."""
    if row is None:
        return ""
    return (
        f"<small>test: macro-F1 {row['macro_f1']:.3f}, accuracy {100 * row['accuracy']:.1f} %, {row['bytes'] / 1000:.0f} KB, "
        f"{row['latency_ratio']:.2f} × the time</small>"
    )


def waiting_text() -> str:
    """The recipes that wait for somebody with a network."""
    missing = nets.untrained(tuple(recipe.name for recipe in MEDMNIST))
    if not missing:
        return ""
    commands = ", ".join(f"python -m training fit {name}" for name in missing)
    return note(
        "DermaMNIST and PathMNIST have recipes here but no weights yet, because the data could not be had on the machine "
        f"that trained the others; where there is a network, this makes them: {commands}."
    )


STRENGTH = "(value) => { document.documentElement.style.setProperty('--wl-strength', value / 100); }"


def build(tab: gr.Tab) -> None:
    own, reading = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    subject = gr.Radio(list(SUBJECTS), value=CELLS.name, label="What to look at")
    with gr.Row(equal_height=False, elem_classes="wl-try"):
        with gr.Column(scale=4, min_width=300):
            shown = tray(label="The picture", hint=hint(CELLS.name), examples=examples(CELLS.name))
            with gr.Row(elem_classes="wl-controls"):
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
                sample = gr.Button("A test picture", size="sm", min_width=100)
            gr.HTML(
                note(
                    "Examples: cells and moles drawn by a function of this project; the cat is scikit-image's Chelsea (CC0)."
                ),
                apply_default_css=False,
            )
        with gr.Column(scale=5, min_width=300):
            readout = gr.HTML(empty_text(CELLS.name), apply_default_css=False, elem_classes="wl-live")

    section(
        "Where it looked",
        "A heat map is a claim, so each one is tested: what it calls hot is removed, and the net is asked again.",
    )
    with gr.Row(elem_classes="wl-controls"):
        name = gr.Radio(
            list(CELLS.classes), value=CELLS.classes[0], label="Explain which answer", scale=3, min_width=300
        )
        method = gr.Radio(list(METHODS), value=GRADCAM, label="Method", scale=3, min_width=300)
    with gr.Row(elem_classes="wl-controls"):
        depth = gr.Slider(1, 6, value=6, step=1, label="Layer, early to late (Grad-CAM)", min_width=220)
        strength = gr.Slider(0, 100, value=55, step=5, label="Strength of the overlay, %", min_width=220)
    maps = gr.HTML(
        note("Choose a picture above: its map appears here."), apply_default_css=False, elem_classes="wl-live"
    )
    reset = gr.Button("Reset the weights, layer by layer", size="sm")
    gr.HTML(
        note(
            "The randomised-weights check (Adebayo 2018): an honest map melts as the net forgets. One that stays shows the picture, not the net."
        ),
        apply_default_css=False,
    )
    melted = gr.HTML("", apply_default_css=False)

    section(
        "The same cell, in fewer bits",
        "The cells' net with 8-bit weights and inputs: what it reads, and where it looks.",
    )
    forms = gr.HTML(note("Choose a colon cell above."), apply_default_css=False)

    section("How good is it", WARNING)
    proof = gr.HTML("", apply_default_css=False)
    card = gr.HTML("", apply_default_css=False)
    on_visit(lambda: waiting_text())  # anew for every visit: somebody may have trained them

    section(
        "Train it yourself",
        "The same recipe from its first weights, in your own session, for the pictures chosen at the top. Nothing is written to disk.",
    )
    uses = training_panel(cells_cnn.recipe, use=trained, state=own, choose=recipe_of, inputs=[subject])

    show = {"show_progress": "hidden", "concurrency_id": "answer", "concurrency_limit": 2}
    answering: dict[str, Any] = {
        "fn": spoken(answer), "inputs": [subject, shown, own], "outputs": [readout, name, reading, melted], **show,
    }  # fmt: skip
    mapping: dict[str, Any] = {
        "fn": spoken(explain),
        "inputs": [reading, name, depth, method, own],
        "outputs": maps,
        **show,
    }
    forming: dict[str, Any] = {"fn": spoken(smaller), "inputs": [reading, name, depth, own], "outputs": forms, **show}

    def then_show(event: Any) -> None:
        event.success(**mapping, api_visibility="private").success(**forming, api_visibility="private")

    then_show(shown.input(**answering, trigger_mode="always_last", api_name="diagnose", api_description=answer.__doc__))
    for trigger, source, inputs, api_name in (
        (file.upload, uploaded, file, "upload_picture"),
        (sample.click, another, subject, "test_picture"),
    ):
        then_show(
            trigger(spoken(source), inputs, shown, api_name=api_name, **show).success(
                **answering, api_visibility="private"
            )
        )
    opening: dict[str, Any] = {"fn": spoken(opened), "inputs": [subject, own], "outputs": [depth, proof, card], **show}
    subject.input(
        switched, subject, [shown, name, reading, readout, melted], queue=False, show_progress="hidden",
        api_visibility="private",
    ).success(**opening, api_visibility="private").success(**mapping, api_visibility="private").success(
        **forming, api_visibility="private"
    )  # fmt: skip
    gr.on(
        [name.input, depth.release, method.input], **mapping, trigger_mode="always_last", api_name="explain_diagnosis",
        api_description=explain.__doc__,
    ).success(lambda: "", None, melted, queue=False, show_progress="hidden", api_visibility="private").success(
        **forming, api_visibility="private"
    )  # fmt: skip
    strength.input(None, strength, None, js=STRENGTH, api_visibility="private")
    reset.click(
        spoken(check), [reading, name, depth, method, own], melted, api_name="check_explanation", api_description=check.__doc__,
        **show,
    )  # fmt: skip
    tab.select(**opening, api_visibility="private")
    then_show(uses.change(**opening, api_visibility="private").success(**answering, api_visibility="private"))


def thumbnail() -> str:
    """For the home page: the drawn cells and moles."""
    files = (*CELLS.examples[:3], *MOLES.examples[:3])
    return "".join(f'<img alt="" src="{nets.example(file)}">' for file in files[:4])

"""Digits: draw one, watch a perceptron read it, and follow it through the layers among ten thousand others."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import gradio as gr
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from demos._ui.charts import CLASS_COLOURS, bars, class_map, per_cent
from demos._ui.demo import spoken
from demos._ui.panels import card_text, note, on_visit, section, training_panel
from demos._ui.widgets.pad import digit_examples, pad, upload
from explanation.projection import Plane, layer_outputs, neighbour_agreement
from metrics.classification import calibration_error
from models import _checkpoint
from models._checkpoint import shared
from models.mlp import MLP
from signals import image
from training._run import Run
from training.data import mnist
from training.data._root import DataDamaged, DataMissing
from training.recipes.mnist_mlp import recipe
from training.tasks.digits import LAYERS, layer_maps

LAYER_NAMES = ("Pixels", "Layer 1", "Layer 2", "Layer 3", "Layer 4", "Layer 5", "Answer")
DIGITS = tuple("0123456789")
LIMITS = (
    "One digit in the middle of the picture, written by hand. It has no “not a digit” answer: a letter or a face is read "
    "as some digit all the same, sometimes with confidence."
)


@dataclass(frozen=True)
class Net:
    """A perceptron and the evidence about it: the shipped one, or one that a visitor has just trained."""

    model: MLP
    evidence: dict[str, Tensor]

    def planes(self) -> list[Plane]:
        return [
            Plane(self.evidence[f"plane_{i}_mean"], self.evidence[f"plane_{i}_axes"]) for i in range(len(LAYER_NAMES))
        ]


@dataclass(frozen=True)
class Reading:
    """What a net made of one digit: `x_HW` as it saw it, `p_C`, and where it lay on each layer's map, `place_L2`."""

    x_HW: Tensor
    p_C: Tensor
    place_L2: Tensor


def read(net: Net, picture: Image.Image) -> Reading:
    """Bring a picture into MNIST's form and read it; ValueError where nothing is drawn."""
    x_HW = image.as_mnist(picture)
    layers = [x_HW.reshape(1, -1), *layer_outputs(net.model, x_HW[None], LAYERS)]
    places = [plane.place(layer)[0] for plane, layer in zip(net.planes(), layers, strict=True)]
    return Reading(x_HW, layers[-1][0].softmax(0), torch.stack(places))


def shipped() -> Net:
    """The checkpoint's net; CheckpointMissing says how to make it."""
    checkpoint = shared(MLP, recipe.name)
    return Net(checkpoint.model, checkpoint.evidence)


def trained(run: Run[MLP]) -> Net:
    """The best net of a visitor's run, with its own maps (t-SNE takes too long for a click)."""
    model = run.finished()
    return Net(model, layer_maps(model, run.splits.test, with_tsne=False))


def test_pictures() -> Tensor | None:
    """The test set `x_B1HW` uint8 where it is on this machine; nothing is downloaded for the sake of a picture."""
    try:
        return mnist.official("test", download=False)[0]
    except (DataMissing, DataDamaged):
        return None


def answer(own: Net | None, address: str | None) -> tuple[str, str, list[list[float]], Any]:
    """Read the drawn, uploaded or chosen digit (a PNG as a `data:` address).

    Gives the answer, the digit as the net sees it, and its place on each layer's map.
    """
    if not address:
        return EMPTY_ANSWER, "", [], None
    began = time.perf_counter()
    reading = read(own or shipped(), image.from_data_url(address))
    milliseconds = 1000 * (time.perf_counter() - began)
    return answer_text(reading, milliseconds, own is not None), seen_text(reading), reading.place_L2.tolist(), reading


def another() -> str:
    """A random digit of the MNIST test set, on the pad; DataMissing where the test set is not here."""
    x_B1HW = mnist.official("test", download=False)[0]
    picture = Image.fromarray(random.choice(x_B1HW)[0].numpy())  # torch's own generator belongs to whoever trains
    return image.to_data_url(picture.resize((280, 280), Image.Resampling.NEAREST))


def journey(own: Net | None) -> Any:
    """The seven maps behind the visitor's points."""
    drawn = panels(own) if own is not None else shipped_panels(_checkpoint.card(recipe.name).weights_sha256)
    return gr.HTML(panels=list(drawn))


def zoom(layer: str, method: str, own: Net | None, reading: Reading | None) -> tuple[Any, str]:
    """One layer's map to zoom into, and what it says in words."""
    net, i = own or shipped(), LAYER_NAMES.index(layer)
    if method == "t-SNE" and "tsne" not in net.evidence:
        raise ValueError("t-SNE takes minutes, so it is only there for the shipped model. Choose PCA for yours.")
    xy_N2 = net.evidence["tsne" if method == "t-SNE" else "pca"][i]
    class_N = net.evidence["map_class"]
    own_xy = tuple(reading.place_L2[i].tolist()) if reading is not None and method == "PCA" else None
    hover = [
        f"a {c}, test picture {n}" for c, n in zip(class_N.tolist(), net.evidence["map_index"].tolist(), strict=True)
    ]
    figure = class_map(xy_N2.tolist(), class_N.tolist(), hover, DIGITS, own=own_xy)
    share = neighbour_agreement(xy_N2, class_N)
    words = (
        f"{layer}, {method} of {len(class_N):,} test digits, 100 of each: for {per_cent(share)} of them the nearest "
        "neighbour on this map is the same digit (10 % would be chance)."
    )
    if method == "t-SNE":
        words += " t-SNE keeps neighbours together but has no place for a new digit: yours is on the PCA map."
    return figure, note(words)


def best_and_worst(digit: str) -> tuple[str, str]:
    """The surest and the most wrong for one digit, and the confusion matrix, of the shipped net."""
    evidence = shipped().evidence
    return extremes_text(int(digit), evidence, test_pictures()), confusion_text(
        evidence["confusion"], evidence["reliability"]
    )


def opened(own: Net | None, layer: str, method: str, reading: Reading | None, digit: str) -> tuple[Any, ...]:
    """Everything below the pad, when the tab is opened."""
    return journey(own), *zoom(layer, method, own, reading), *best_and_worst(digit)


# What the page shows


EMPTY_ANSWER = (
    '<div class="wl-answer wl-none"><div class="wl-digit">–</div>'
    "<p>Draw a digit on the pad, choose one below it, or upload a picture. The answer comes by itself.</p></div>"
)


def answer_text(reading: Reading, milliseconds: float, is_own: bool) -> str:
    p_C = reading.p_C.tolist()
    first, second = sorted(range(10), key=lambda c: -p_C[c])[:2]
    runner_up = f"next is {second}, {per_cent(p_C[second])}"
    whose = "your model" if is_own else "the shipped model"
    return (
        f'<div class="wl-answer"><div class="wl-digit">{first}</div><div><p><b>{per_cent(p_C[first])}</b> sure; {runner_up}.</p>'
        f"<p><small>{milliseconds:.0f} ms on this machine, {whose}</small></p></div></div>{bars(p_C, DIGITS, marked=first)}"
    )


def seen_text(reading: Reading) -> str:
    source = image.to_data_url(image.from_unit(reading.x_HW))
    ink = 100 * (reading.x_HW > 0.5).double().mean().item()
    return (
        f'<figure class="wl-seen"><img src="{source}" alt="The digit in 28 by 28 pixels, light on dark">'
        f"<figcaption>As the net sees it: 28 × 28 pixels, {ink:.0f} % of them ink</figcaption></figure>"
    )


def extremes_text(digit: int, evidence: dict[str, Tensor], x_B1HW: Tensor | None) -> str:
    """Two rows of test digits for one class, with pictures where they are at hand."""
    parts = []
    for kind, title in (
        ("surest", f"Read as {digit}, most surely"),
        ("wrong", f"A {digit}, and read as another, most surely"),
    ):
        found = [
            (index, confidence, predicted)
            for index, confidence, predicted in zip(
                *(evidence[f"{kind}_{what}"][digit].tolist() for what in ("index", "confidence", "predicted")),
                strict=True,
            )
            if index >= 0
        ]
        figures = "".join(_test_digit(i, c, p, x_B1HW) for i, c, p in found)
        parts.append(
            f"<h3>{title}</h3>"
            + (f'<div class="wl-digits">{figures}</div>' if found else note("None in the test set."))
        )
    if x_B1HW is None:
        parts.append(
            note(
                "The pictures belong to MNIST's test set, which is not on this machine; indices and scores are stored with the model."
            )
        )
    return "".join(parts)


def _test_digit(index: int, confidence: float, predicted: int, x_B1HW: Tensor | None) -> str:
    if x_B1HW is None:
        picture = '<div class="wl-missing"></div>'
    else:
        picture = f'<img alt="" src="{image.to_data_url(Image.fromarray(x_B1HW[index, 0].numpy()))}">'
    return f"<figure>{picture}<figcaption><b>{predicted}</b> {per_cent(confidence)}<small>no. {index}</small></figcaption></figure>"


def confusion_text(confusion_CC: Tensor, reliability_K3: Tensor) -> str:
    counts = confusion_CC.tolist()
    wrong = int(confusion_CC.sum() - confusion_CC.diag().sum())
    most = max((counts[t][a], t, a) for t in range(10) for a in range(10) if t != a)
    rows = "".join(
        f"<tr><th scope='row'>{t}</th>"
        + "".join(
            f'<td class="wl-hit">{n}</td>'
            if t == a
            else f'<td style="--heat:{min(1.0, n / max(most[0], 1)):.2f}">{n or "·"}</td>'
            for a, n in enumerate(row)
        )
        + "</tr>"
        for t, row in enumerate(counts)
    )
    head = "".join(f"<th scope='col'>{a}</th>" for a in range(10))
    words = (
        f"{wrong} of {int(confusion_CC.sum()):,} test digits are read wrong. The most common slip: {most[0]} times a {most[1]} "
        f"is read as {most[2]}. On average its confidence is {100 * calibration_error(reliability_K3):.1f} points from its accuracy."
    )
    return f'<div class="wl-scroll"><table class="wl-confusion"><caption>Truth (rows) against answer (columns)</caption><tr><td></td>{head}</tr>{rows}</table></div>{note(words)}'


def panels(net: Net) -> list[dict[str, Any]]:
    """A picture of each layer's PCA map with the window it shows, for the page to lay the visitor's point over."""
    class_N = net.evidence["map_class"]
    found = []
    for name, xy_N2 in zip(LAYER_NAMES, net.evidence["pca"], strict=True):
        low, high = xy_N2.amin(0), xy_N2.amax(0)
        margin = 0.06 * (high - low)
        low, high = low - margin, high + margin
        found.append({
            "name": name,
            "src": image.to_data_url(_map_picture((xy_N2 - low) / (high - low), class_N)),
            "x": low[0].item(), "y": low[1].item(), "w": (high - low)[0].item(), "h": (high - low)[1].item(),
            "words": f"{per_cent(neighbour_agreement(xy_N2, class_N))} beside their own kind",
        })  # fmt: skip
    return found


@lru_cache(maxsize=4)
def shipped_panels(weights_sha256: str) -> tuple[dict[str, Any], ...]:
    """`panels` of the shipped net, drawn once for these weights."""
    return tuple(panels(shipped()))


def _map_picture(place_N2: Tensor, class_N: Tensor, side: int = 260) -> Image.Image:
    """Points in the unit square as dots by class, each class labelled at its median, on a transparent ground."""
    picture = Image.new("RGBA", (2 * side, 2 * side))
    draw = ImageDraw.Draw(picture)
    xy_N2 = (place_N2 * torch.tensor([1.0, -1.0]) + torch.tensor([0.0, 1.0])) * 2 * side
    for (x, y), c in zip(xy_N2.tolist(), class_N.tolist(), strict=True):
        draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=f"{CLASS_COLOURS[c]}99")
    font = ImageFont.load_default(34)
    for c in range(10):
        x, y = xy_N2[class_N == c].median(0).values.tolist()
        draw.rounded_rectangle((x - 18, y - 20, x + 18, y + 20), 8, fill=CLASS_COLOURS[c])
        draw.text((x, y), str(c), fill="white", font=font, anchor="mm")
    return picture.resize((side, side), Image.Resampling.LANCZOS)


JOURNEY = """
<div class="wl-journey">
  ${panels.map((p, i) => `<figure><div class="wl-map"><img alt="Map of test digits: ${p.name}, ${p.words}" src="${p.src}">${
    value[i] ? `<span class="wl-own" style="left:${Math.min(100, Math.max(0, 100 * (value[i][0] - p.x) / p.w))}%;top:${Math.min(100, Math.max(0, 100 - 100 * (value[i][1] - p.y) / p.h))}%"></span>` : ''
  }</div><figcaption><b>${p.name}</b>${p.words}</figcaption></figure>`).join('')}
</div>
"""


def build(tab: gr.Tab) -> None:
    own, reading = gr.State(None, time_to_live=3600), gr.State(None, time_to_live=3600)
    with gr.Row(equal_height=False, elem_classes="wl-try"):
        with gr.Column(scale=4, min_width=300):
            drawing = pad(label="Pad to draw a digit on", examples=digit_examples())
            with gr.Row(elem_classes="wl-controls wl-below-pad"):
                clear = gr.Button("Clear", size="sm", min_width=80)
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
                test_digit = gr.Button("A test digit", size="sm", min_width=100)
            gr.HTML(
                note("Examples: scikit-learn's handwritten digits (UCI, CC BY 4.0), 8 × 8 pixels scaled up."),
                apply_default_css=False,
            )
        with gr.Column(scale=5, min_width=300):
            readout = gr.HTML(EMPTY_ANSWER, apply_default_css=False, elem_classes="wl-live")
            seen = gr.HTML("", apply_default_css=False)

    section(
        "Through the net",
        "Each map shows the same 1,000 test digits as one layer sees them, flattened to its two widest directions. "
        "What lies mixed in the pixels comes apart layer by layer; the ring is yours.",
    )
    trail = gr.HTML([], html_template=JOURNEY, panels=[], apply_default_css=False, label="Maps of every layer")
    with gr.Row(elem_classes="wl-controls"):
        layer = gr.Radio(LAYER_NAMES, value="Layer 5", label="Zoom into", scale=3, min_width=320)
        method = gr.Radio(["PCA", "t-SNE"], value="PCA", label="Flattened by", scale=1, min_width=160)
    plot = gr.Plot(label="Map of one layer", show_label=False)
    words = gr.HTML("", apply_default_css=False)

    section(
        "The best and the worst", "Test digits of which the shipped net is surest, and those it gets wrong most surely."
    )
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=300):
            digit = gr.Radio(DIGITS, value="4", label="Digit")
            extremes = gr.HTML("", apply_default_css=False)
        with gr.Column(scale=4, min_width=300):
            confusion = gr.HTML("", apply_default_css=False)

    section("How good is it")
    on_visit(lambda: card_text(recipe, LIMITS))

    section(
        "Train it yourself", "The same recipe from random weights, in your own session. Nothing is written to disk."
    )
    uses = training_panel(recipe, use=trained, state=own)

    show = {"show_progress": "hidden", "concurrency_id": "answer", "concurrency_limit": 2}
    redraw: dict[str, Any] = {
        "fn": spoken(zoom),
        "inputs": [layer, method, own, reading],
        "outputs": [plot, words],
        **show,
    }
    answering: Callable[..., Any] = spoken(answer)
    gr.on(
        [drawing.input], answering, [own, drawing], [readout, seen, trail, reading], trigger_mode="always_last",
        api_name="read_digit", api_description=answer.__doc__, **show,
    ).success(**redraw, api_visibility="private")  # fmt: skip
    for trigger, source, inputs, name in (
        (file.upload, upload, file, "upload_digit"),
        (test_digit.click, another, None, "test_digit"),
        (clear.click, lambda: "", None, "clear_digit"),
    ):
        trigger(spoken(source), inputs, drawing, api_name=name, **show).success(
            answering, [own, drawing], [readout, seen, trail, reading], api_visibility="private", **show
        ).success(**redraw, api_visibility="private")
    gr.on([layer.input, method.input], **redraw, api_name="map_digits", api_description=zoom.__doc__)
    digit.input(spoken(best_and_worst), digit, [extremes, confusion], api_name="best_and_worst", **show)
    tab.select(
        spoken(opened), [own, layer, method, reading, digit], [trail, plot, words, extremes, confusion],
        api_visibility="private", **show,
    )  # fmt: skip
    uses.change(spoken(journey), own, trail, api_visibility="private", **show).then(
        answering, [own, drawing], [readout, seen, trail, reading], api_visibility="private", **show
    ).then(**redraw, api_visibility="private")


def thumbnail() -> str:
    """For the home page: some of the example digits."""
    return "".join(f'<img alt="" src="{example["src"]}">' for example in digit_examples()[:8])

"""Compression: one slider from the whole net to a hundredth of it, and what that costs in accuracy, bytes and time."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import gradio as gr
import torch
from PIL import Image
from torch import Tensor, nn

from compression.cost import cost, parameters
from compression.lowrank import Compressed
from demos._ui.charts import CLASS_COLOURS, QUIET, quiet
from demos._ui.panels import bars, card_text, note, on_visit, per_cent, section, spoken, training_panel
from demos._ui.widgets.pad import digit_examples, pad, upload
from demos.compression import nets
from demos.compression.nets import DENSE, METHODS, PICTURE, PLAIN, Choice, Point, compress, dense, float32_bytes, stored
from metrics.intervals import wilson
from signals import image
from training._recipe import Recipe
from training._run import Run
from training.data._root import DataMissing
from training.recipes import mnist_mlp, mnist_mlp_rank20

DIGITS = tuple("0123456789")
TEAL, ORANGE = (15.0, 148.0, 136.0, 0.0), (228.0, 87.0, 46.0, 0.0)
UNCURVED = ("not compiled", "float32, compiled", "(deprecated)")
"""Rows of the benchmark that are there for their latency."""
TICKS = {0.3: "99.7", 0.5: "99.5", 1: "99", 2: "98", 5: "95", 10: "90", 20: "80", 50: "50", 90: "10"}
"""Per cent wrong, and how the axis calls it."""
LIMITS = (
    "Every × and every share is against the dense net in float32. A latency is a ratio of medians, measured in turns on "
    "this machine for one picture at a time. int8 here is weight-only: it saves bytes, not time."
)


@dataclass(frozen=True)
class Taught:
    """What a visitor taught: the net, its bytes as the budget counts them, and its accuracy on `n` test digits."""

    net: nn.Module
    bytes: int
    right: float
    n: int


def squeeze(
    name: str, percent: float, method: str, precision: str, layer: str | None, own: Taught | None = None
) -> tuple[Any, ...]:
    """Compress a trained net to a share of its bytes, and measure what that costs.

    Gives the readout, the weights of one layer before and after, the curve with this point on it, and the ranks. On a
    machine without the data, whitening is read off the stored curve.
    """
    nets.renew()
    choice = Choice(name, percent, method, precision)
    try:
        point = compress(choice)
    except DataMissing as error:
        size = percent / 100 * float32_bytes(name)
        right = nets.recalled(choice, size)
        told = note(f"Read off the stored curve: whitening needs training pictures. {error}")
        return (
            readout(_quality(None, right), size, name, None, None),
            gr.update(),
            "",
            curve(name, size, right, own),
            told,
        )
    found = nets.measured(choice)
    right = found[0] if found else nets.recalled(choice, point.bytes, point.shelf)
    numbers = readout(_quality(found, right), point.bytes, name, point, nets.latency_ratio(choice))
    return (
        numbers,
        *weights(name, percent, method, precision, layer),
        curve(name, point.bytes, right, own),
        words(choice, point),
    )


def weights(name: str, percent: float, method: str, precision: str, layer: str | None) -> tuple[Any, str]:
    """One layer's matrix before and after, with its singular values and where they were cut."""
    point = compress(Choice(name, percent, method, precision))
    names = list(nets.matrices(name))
    layer = layer if layer in names else names[min(1, len(names) - 1)]
    before, after = nets.matrices(name)[layer], nets.matrix_after(point.net, layer)
    values, rank = nets.singular_values(name, layer), point.ranks.get(layer)
    title = f"After, rank {rank}" if rank else "After: left whole"
    off = ((before - after).norm() / before.norm()).item()
    if rank and method == PLAIN:
        energy = values.square()
        lesson = f"Plain truncation keeps {per_cent((energy[:rank].sum() / energy.sum()).item())} of the squared singular values."
    elif rank:
        lesson = "Whitening keeps what the layer does to digits rather than the weights themselves."
    else:
        lesson = "The budget leaves this layer whole."
    pictures = f"{_matrix(before, 'Before')}{_matrix(after, title)}{_spectrum(values, rank)}"
    size = f"{before.shape[0]} × {before.shape[1]}"
    said = note(f"{layer}, {size}. {lesson} The weights are off by {off:.2f} of their norm.")
    return gr.update(choices=names, value=layer), f'<div class="wl-matrices">{pictures}</div>{said}'


def read_by_both(
    name: str, percent: float, method: str, precision: str, own: Taught | None, address: str | None
) -> str:
    """The visitor's digit, read by the dense net and by the compressed one."""
    if not address:
        return note("Draw a digit, or choose one below the pad: both nets will read it.")
    x = image.as_mnist(image.from_data_url(address))[None, None]
    nets = {"Dense": dense(name), "Compressed": compress(Choice(name, percent, method, precision)).net}
    if own is not None:
        nets[f"Yours ({_size(own.bytes)}, {100 * own.right:.2f} % of {own.n:,} test digits)"] = own.net
    parts = []
    for title, net in nets.items():
        with torch.no_grad():
            p_C = net(x)[0].softmax(0).tolist()
        best = max(range(10), key=p_C.__getitem__)
        parts.append(f"<div><h3>{title}: {best}, {per_cent(p_C[best])}</h3>{bars(p_C, DIGITS, marked=best)}</div>")
    return f'<div class="wl-pair">{"".join(parts)}</div>'


def pack(name: str, percent: float, method: str, precision: str) -> Any:
    """The compressed net as a zip of safetensors, config and card, ready on the download button."""
    nets.renew()
    folder = Path(mkdtemp(dir=_downloads()))
    path = folder / f"{name}-{percent:g}-percent-{precision}.zip"
    path.write_bytes(nets.archive(Choice(name, percent, method, precision)))
    return gr.update(value=str(path), label=f"Download {path.name}", interactive=True)


def _downloads() -> Path:
    """This process's own folder of downloads, without those of an hour ago."""
    for old in (folder := _own_folder()).iterdir():
        if time.time() - old.stat().st_mtime > 3600:
            shutil.rmtree(old, ignore_errors=True)
    return folder


@cache
def _own_folder() -> Path:
    return Path(mkdtemp(prefix="wavelens-downloads-"))


def teach(name: str, percent: float, method: str, precision: str) -> Recipe[Any]:
    """The recipe for the point that the controls show."""
    nets.renew()
    return nets.distillation(Choice(name, percent, method, precision))


def taught(run: Run[Compressed]) -> Taught:
    """A visitor's distilled net, measured once."""
    net = run.finished()
    right, n = nets.test_accuracy(net)
    return Taught(net, 4 * parameters(net), right, n)


# What the page shows


def _quality(found: tuple[float, int] | None, right: float | None) -> str:
    if found:
        low, high, n = wilson(*found)
        return f"<b>{100 * found[0]:.2f}</b><span>% accuracy, {100 * low:.2f} to {100 * high:.2f}, n = {n:,}</span>"
    if right is not None:
        return f"<b>≈ {100 * right:.2f}</b><span>% accuracy, off the stored curve (n = 10,000)</span>"
    return "<b>–</b><span>accuracy: no test set here, and no stored point near</span>"


def readout(quality: str, size: float, name: str, point: Point | None, ratio: float | None) -> str:
    """The numbers in large figures; a point that was not made here has only its accuracy and its size."""
    cells = [quality, f"<b>{_size(size)}</b><span>{float32_bytes(name) / size:.1f} × smaller than float32</span>"]
    if point is not None and ratio is not None:
        whole = cost(dense(name), PICTURE)
        cells += [
            f"<b>{point.cost.parameters:,}</b><span>parameters of {whole.parameters:,}</span>",
            f"<b>{point.cost.macs / 1e6:.2f} M</b><span>multiply-adds of {whole.macs / 1e6:.2f} M</span>",
            f"<b>{ratio:.2f} ×</b><span>the dense net's time</span>",
        ]
    return f'<div class="wl-readouts">{"".join(f"<div>{cell}</div>" for cell in cells)}</div>'


def words(choice: Choice, point: Point) -> str:
    ranks = ", ".join(f"{layer.removesuffix('.linear')} {rank}" for layer, rank in point.ranks.items())
    method = f"distilled ({point.shelf})" if point.shelf else choice.method
    precision = "int8" if point.net.int8 else "float32"
    return note(f"{choice.name}, {method}, {precision}. Ranks: {ranks or 'all layers whole'}.")


def curve(name: str, size: float, right: float | None, own: Taught | None = None) -> Any:
    """Accuracy against bytes for every method, with the visitor's point (`size` bytes, `right` 0 to 1) and the Pareto front."""
    import plotly.graph_objects as go

    rows = [r for r in stored(name) if not r["method"].endswith(UNCURVED)]
    figure = go.Figure()
    symbols = ("circle", "square", "diamond", "triangle-up", "cross", "star-triangle-up")
    for i, (method, precision) in enumerate(dict.fromkeys((r["method"], r["precision"]) for r in rows)):
        mine = sorted(
            (r for r in rows if (r["method"], r["precision"]) == (method, precision)), key=lambda r: r["bytes"]
        )
        method = f"{method}, int8" if precision == "int8" and "int8" not in method else method
        figure.add_scatter(
            x=[r["bytes"] / 1e6 for r in mine], y=[100 * (1 - r["accuracy"]) for r in mine], name=method, mode="lines+markers+text",
            text=[r["point"].removeprefix("rank ") if r["point"].startswith("rank ") else "" for r in mine], textposition="bottom center", textfont={"size": 10},
            line={"color": CLASS_COLOURS[i % 10], "width": 2}, marker={"symbol": symbols[i % 6], "size": 8},
            hovertemplate=f"{method}<br>%{{x:.3f}} MB, %{{y:.2f}} % wrong<extra></extra>",
        )  # fmt: skip
    front = pareto([(r["bytes"], r["accuracy"]) for r in rows])
    if front:
        figure.add_scatter(
            x=[b / 1e6 for b, _ in front], y=[100 * (1 - a) for _, a in front], name="Pareto front", mode="lines",
            line={"color": QUIET, "width": 1, "dash": "dot"}, hoverinfo="skip",
        )  # fmt: skip
    if right is not None:
        ring = {"size": 18, "color": "rgba(0,0,0,0)", "line": {"width": 4, "color": "#e4572e"}}
        figure.add_scatter(
            x=[size / 1e6], y=[max(0.01, 100 * (1 - right))], name="your point", mode="markers", marker=ring
        )
    if own is not None:
        ring = {"size": 18, "symbol": "diamond-open", "color": "#e4572e", "line": {"width": 4}}
        x, y = [own.bytes / 1e6], [max(0.01, 100 * (1 - own.right))]
        figure.add_scatter(x=x, y=y, name="the net that you taught", mode="markers", marker=ring)
    quiet(figure)
    figure.update_layout(
        showlegend=True, height=560, legend={"orientation": "h", "y": -0.16}, margin={"b": 40, "l": 56, "r": 8, "t": 8}
    )
    figure.update_xaxes(
        type="log", title="MB (4 bytes a number; int8: the file)", tickvals=[0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
    )
    figure.update_yaxes(
        type="log", autorange="reversed", title="% right on test", tickvals=list(TICKS), ticktext=list(TICKS.values())
    )
    return figure


def pareto(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points that no other beats in both: falling size never with a higher second value left behind."""
    front: list[tuple[float, float]] = []
    for size, value in sorted(points, key=lambda p: (p[0], -p[1])):
        if not front or value > front[-1][1]:
            front.append((size, value))
    return front


def _matrix(w_OI: Tensor, title: str) -> str:
    """A signed matrix as a picture: what is nothing is transparent, teal is positive, orange is negative."""
    small = nn.functional.adaptive_avg_pool2d(w_OI[None], (min(192, len(w_OI)), min(192, len(w_OI.T))))[0]
    shade = (small / (2.5 * small.std()).clamp(min=1e-9)).clamp(-1, 1)
    rgba = torch.where((shade > 0)[..., None], torch.tensor(TEAL), torch.tensor(ORANGE)).expand(*shade.shape, 4).clone()
    rgba[..., 3] = 255 * shade.abs()
    picture = Image.fromarray(rgba.round().byte().numpy())
    return (
        f'<figure><img alt="{title}: the weights as a picture" src="{image.to_data_url(picture)}">'
        f"<figcaption>{title}</figcaption></figure>"
    )


def _spectrum(values: Tensor, rank: int | None) -> str:
    """The singular values, falling, on a log scale, with the cut."""
    logs = values.clamp(min=values[0] * 1e-4).log10()
    low, high = logs.min().item(), logs.max().item()
    n = len(logs)
    points = " ".join(
        f"{100 * i / max(1, n - 1):.1f},{100 * (high - v) / ((high - low) or 1):.1f}"
        for i, v in enumerate(logs.tolist())
    )
    cut = f'<line x1="{100 * rank / n:.1f}" x2="{100 * rank / n:.1f}" y1="0" y2="100"/>' if rank else ""
    caption = f"{n} singular values, log scale" + (f"; cut after {rank}" if rank else "")
    return (
        f'<figure class="wl-chart"><svg viewBox="0 -2 100 104" preserveAspectRatio="none" role="img" aria-label="{caption}">'
        f'<polyline points="{points}" vector-effect="non-scaling-stroke"/>{cut}</svg><figcaption>{caption}</figcaption></figure>'
    )


def _size(n: float) -> str:
    return f"{n / 1e6:.2f} MB" if n >= 1e6 else f"{n / 1e3:.0f} KB"


CODE = """from safetensors.torch import load_file
import json
from compression.lowrank import Compressed

config = json.load(open("config.json"))
net = Compressed(**config).eval()
net.load_state_dict(load_file("model.safetensors"))

# pictures in [0, 1], shape (B, 1, 28, 28), light on dark
logits = net(pictures)
"""


def build(tab: gr.Tab) -> None:
    own = gr.State(None, time_to_live=3600)
    with gr.Row(equal_height=False, elem_classes="wl-controls"):
        name = gr.Radio(list(DENSE), value="mnist_mlp", label="Net", min_width=220)
        method = gr.Radio(list(METHODS), value=METHODS[2], label="Method", min_width=320, scale=2)
        precision = gr.Radio(["float32", "int8"], value="float32", label="Numbers", min_width=160)
    percent = gr.Slider(0.5, 100, value=5, step=0.1, label="Budget, % of the dense net's float32 bytes")
    numbers = gr.HTML("", apply_default_css=False, elem_classes="wl-live")
    told = gr.HTML("", apply_default_css=False)
    plot = gr.Plot(label="Accuracy against bytes", show_label=False)

    section(
        "Why so little is enough",
        "A layer's matrix is nearly a product of two thin ones: most of its directions carry next to nothing.",
    )
    layer = gr.Dropdown([], label="Layer", allow_custom_value=False, filterable=False)
    matrix = gr.HTML("", apply_default_css=False)

    section("Read by both nets")
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=280):
            drawing = pad(label="Pad to draw a digit on", examples=digit_examples())
            with gr.Row(elem_classes="wl-controls wl-below-pad"):
                clear = gr.Button("Clear", size="sm", min_width=80)
                file = gr.UploadButton("Upload a picture", size="sm", file_types=["image"], min_width=120)
        with gr.Column(scale=3, min_width=300):
            both = gr.HTML("", apply_default_css=False)

    section("Take it with you", "The weights as safetensors, with config and card; ten lines of Python load them.")
    with gr.Row(elem_classes="wl-controls"):
        prepare = gr.Button("Pack the net chosen above")
        download = gr.DownloadButton("Nothing packed yet", interactive=False)
    gr.Code(CODE, language="python", label="Load it", interactive=False, elem_classes="wl-code")

    section("How good is it", "The dense net that everything here is cut from.")
    on_visit(lambda: card_text(mnist_mlp.recipe, LIMITS))

    section(
        "Train it yourself",
        "Distil the point that you chose above from its truncated weights, and watch it climb back. A net that is "
        "distilled already begins again, from the whitened one of the same budget.",
    )
    chosen = [name, percent, method, precision]
    uses = training_panel(mnist_mlp_rank20.recipe, use=taught, state=own, seconds=20, choose=teach, inputs=chosen)

    show = {"show_progress": "hidden", "concurrency_id": "answer", "concurrency_limit": 2}
    outputs = [numbers, layer, matrix, plot, told]
    compressing = spoken(squeeze)
    reading = {"fn": spoken(read_by_both), "inputs": [*chosen, own, drawing], "outputs": both, **show}
    gr.on(
        [name.input, method.input, precision.input, percent.release], compressing, [*chosen, layer, own], outputs,
        trigger_mode="always_last", api_name="compress", api_description=squeeze.__doc__, **show,
    ).success(**reading, api_visibility="private")  # fmt: skip
    tab.select(compressing, [*chosen, layer, own], outputs, api_visibility="private", **show)
    tab.select(**reading, api_visibility="private")
    layer.input(spoken(weights), [*chosen, layer], [layer, matrix], api_visibility="private", **show)
    drawing.input(**reading, api_name="read_by_both", api_description=read_by_both.__doc__, trigger_mode="always_last")
    uses.change(compressing, [*chosen, layer, own], outputs, api_visibility="private", **show).then(
        **reading, api_visibility="private"
    )
    for trigger, source, inputs, api_name in (
        (file.upload, upload, file, "upload_for_both"),
        (clear.click, lambda: "", None, "clear_for_both"),
    ):
        trigger(spoken(source), inputs, drawing, api_name=api_name, **show).success(**reading, api_visibility="private")
    prepare.click(spoken(pack), chosen, download, api_name="pack_compressed", api_description=pack.__doc__, **show)
    gr.on(
        [name.input, method.input, precision.input, percent.release],
        lambda: gr.update(value=None, label="Nothing packed yet", interactive=False), None, download,
        queue=False, show_progress="hidden", api_visibility="private",
    )  # fmt: skip


def thumbnail() -> str:
    """For the home page: bars that shrink, as the singular values of a layer do."""
    heights = [100 * 0.82**i for i in range(24)]
    columns = "".join(
        f'<rect x="{i * 10}" y="{100 - h:.1f}" width="6" height="{h:.1f}"/>' for i, h in enumerate(heights)
    )
    return f'<svg viewBox="0 0 236 100" class="wl-falling" preserveAspectRatio="none">{columns}</svg>'

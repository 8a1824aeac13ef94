"""What the Diagnose tab draws: heat over a picture, outlines, and the evidence about a net, as HTML in the page's colours."""

import html
import json
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from demos._ui.panels import bars, note, per_cent
from demos._ui.pictures import viridis
from demos.diagnose.nets import Net, Reading, Verdict
from metrics.classification import calibration_error, macro_f1
from metrics.detection import macro_auc
from signals import image
from training._table import RESULTS

MEASURED = RESULTS / "diagnose.json"
SHOWN = 320
"""Pixels a side at which a map is handed to the page."""
OUTLINE = (255, 255, 255, 255)


def heat_picture(heat_HW: Tensor) -> Image.Image:
    """A map from nothing (dark) to its own hottest place (yellow), smooth at `SHOWN` pixels."""
    top = heat_HW.max()
    share = heat_HW / top if top > 0 else torch.zeros_like(heat_HW)
    large = F.interpolate(share[None, None], (SHOWN, SHOWN), mode="bilinear", align_corners=False)[0, 0]
    return viridis(large)


def outline_picture(mask_HW: Tensor, *, width: int = 1) -> Image.Image:
    """The edge of a mask in white on nothing, for a page to lay over a picture."""
    large = F.interpolate(mask_HW[None, None].float(), (SHOWN, SHOWN), mode="bilinear")[0, 0] > 0.5
    around = F.max_pool2d(large[None, None].float(), 2 * width + 1, stride=1, padding=width)[0, 0] > 0
    rgba = torch.zeros(SHOWN, SHOWN, 4, dtype=torch.uint8)
    rgba[around & ~large] = torch.tensor(OUTLINE, dtype=torch.uint8)
    return Image.fromarray(rgba.numpy())


def layered(reading: Reading, heat_HW: Tensor | None, caption: str, *, with_outline: bool = True) -> str:
    """One picture with its map over it, at the strength that the page's slider sets."""
    pictures = [f'<img class="wl-under" alt="" src="{image.to_data_url(image.from_rgb(reading.x_3HW))}">']
    if heat_HW is not None:
        pictures.append(f'<img class="wl-over" alt="" src="{image.to_data_url(heat_picture(heat_HW))}">')
    mask_HW = reading.truth.mask_HW if reading.truth else None
    if with_outline and mask_HW is not None:
        pictures.append(f'<img class="wl-outline" alt="" src="{image.to_data_url(outline_picture(mask_HW))}">')
    stack = f'<div class="wl-stack" role="img" aria-label="{html.escape(strip(caption))}">{"".join(pictures)}</div>'
    return f"<figure>{stack}<figcaption>{caption}</figcaption></figure>"


def strip(markup: str) -> str:
    """Markup without its tags, for a label."""
    return "".join(part.partition(">")[2] or part for part in markup.replace("<", "\0<").split("\0"))


def verdict_text(verdict: Verdict, name: str, method: str) -> str:
    """Whether the map holds, in words and numbers; a map that fails its check says so."""
    if verdict.silent:
        sentence = f"Nothing at this layer speaks for {name}: the map is empty, so there is nothing to check."
        return f'<p class="wl-verdict wl-fails"><b>No map</b>{sentence}</p>'
    before, after, random = (per_cent(p) for p in (verdict.before, verdict.after, verdict.random))
    moved = "drops" if verdict.after < verdict.before else "lifts"
    facts = (
        f"Removing the hottest 20 % {moved} the probability of {name} from {before} to <b>{after}</b>; removing the same map "
        f"laid down elsewhere leaves {random} (mean of eight)."
    )
    if verdict.holds:
        head, words = "This map holds", facts
    elif verdict.before < 0.05:
        head = "This map cannot be checked so"
        words = f"{facts} The net hardly believes in {name} to begin with."
    else:
        head = "This map fails its check"
        words = f"{facts} What {method} calls hot matters no more than the rest: do not read anything into it."
    share = ""
    if verdict.inside is not None and verdict.area is not None:
        ratio = verdict.inside / max(verdict.area, 1e-9)
        share = (
            f" <b>{per_cent(verdict.inside)}</b> of the heat lies inside the lesion's outline, which covers "
            f"{per_cent(verdict.area)} of the picture: {ratio:.2f} times what heat spread evenly would give."
        )
    return f'<p class="wl-verdict {"wl-holds" if verdict.holds else "wl-fails"}"><b>{head}</b>{words}{share}</p>'


def melting_text(reading: Reading, stages: Sequence[tuple[str, Tensor, float]], *, done: bool) -> str:
    """The map after each stage that lost its weights, with its likeness to the first, and the verdict at the end."""
    figures = "".join(
        layered(reading, heat_HW, f"<b>{alike:+.2f}</b>{html.escape(name)} reset", with_outline=False)
        for name, heat_HW, alike in stages
    )
    if not done:
        return f'<div class="wl-melting">{figures}</div>{note("Resetting, from the answer backwards …")}'
    last = sum(abs(alike) for *_, alike in stages[len(stages) // 2 :]) / max(1, len(stages) - len(stages) // 2)
    words = (
        f"The map melts: with half of the layers reset it is hardly like the first any more (mean rank correlation {last:.2f} "
        "where 1 is the same map). It shows what the net has learnt."
        if last < 0.5
        else f"The map does not melt: with half of the layers reset it is still like the first (mean rank correlation "
        f"{last:.2f}). It shows the picture's own edges and colours more than what the net has learnt."
    )
    return f'<div class="wl-melting">{figures}</div>{note(words)}'


# The evidence


def confusion_table(counts_CC: Tensor, names: Sequence[str]) -> str:
    """Counts with the truth in rows, and recall and F1 class by class."""
    hits, truth, answers = counts_CC.diag().double(), counts_CC.sum(1).double(), counts_CC.sum(0).double()
    f1_C = (2 * hits / (truth + answers).clamp(min=1)).tolist()
    recall_C = (hits / truth.clamp(min=1)).tolist()
    head = "".join(f"<th scope='col'>{html.escape(n)}</th>" for n in (*names, "recall", "F1"))
    rows = ""
    for t, row in enumerate(counts_CC.tolist()):
        cells = "".join(
            f'<td class="wl-hit">{n}</td>'
            if t == a
            else f'<td style="--heat:{n / max(1, sum(row)):.2f}">{n or "·"}</td>'
            for a, n in enumerate(row)
        )
        rows += f"<tr><th scope='row'>{html.escape(names[t])}</th>{cells}<td>{recall_C[t]:.2f}</td><td>{f1_C[t]:.2f}</td></tr>"
    return (
        '<div class="wl-scroll"><table class="wl-confusion"><caption>Truth (rows) against answer (columns), test pictures'
        f"</caption><tr><td></td>{head}</tr>{rows}</table></div>"
    )


def reliability_chart(raw_K3: Tensor, fitted_K3: Tensor) -> str:
    """Accuracy against confidence in ten bins, before and after the temperature; the diagonal is honesty."""

    def dots(bins_K3: Tensor, kind: str) -> str:
        most = bins_K3[:, 0].max().clamp(min=1)
        return "".join(
            f'<circle class="{kind}" cx="{100 * c:.1f}" cy="{100 - 100 * a:.1f}" r="{1.6 + 3.4 * (n / most) ** 0.5:.1f}"/>'
            for n, c, a in bins_K3.tolist()
            if n
        )

    raw, fitted = (100 * calibration_error(k) for k in (raw_K3, fitted_K3))
    label = f"Confidence against accuracy: {raw:.1f} points apart as trained, {fitted:.1f} after the temperature"
    return (
        f'<figure class="wl-square"><svg viewBox="-3 -3 106 106" role="img" aria-label="{label}">'
        f'<path d="M0 0V100H100"/><line x1="0" y1="100" x2="100" y2="0"/>{dots(raw_K3, "wl-raw")}{dots(fitted_K3, "wl-fitted")}</svg>'
        f"<figcaption><b>How sure against how right.</b> Filled: with the temperature, {fitted:.1f} points apart on average; "
        f"open: as trained, {raw:.1f}. On the line is honest; a larger dot is more pictures.</figcaption></figure>"
    )


def roc_chart(curve: dict[str, Any]) -> str:
    """One stored curve of telling strangers from test pictures."""
    path = " ".join(f"{100 * x:.1f},{100 - 100 * y:.1f}" for x, y in zip(curve["false"], curve["true"], strict=True))
    label = f"Telling {curve['against']} from its own test pictures: area {curve['auc']:.3f}"
    return (
        f'<figure class="wl-square"><svg viewBox="-3 -3 106 106" role="img" aria-label="{html.escape(label)}">'
        f'<path d="M0 0V100H100"/><line x1="0" y1="100" x2="100" y2="0"/><polyline points="{path}"/></svg>'
        f"<figcaption><b>Strangers told apart: {html.escape(curve['against'])}.</b> Area {curve['auc']:.3f} (n = {curve['n']:,} against "
        f"{curve['n_own']:,}); at the threshold, {per_cent(curve['caught'])} are caught and {per_cent(curve['mistaken'])} of its "
        "own are turned away. Layers and floor were chosen on these very pictures: read the area as the best case.</figcaption></figure>"
    )


def imbalance_text(net: Net) -> str:
    """How many training pictures each class had, and what the loss did about it."""
    counts = net.evidence["train_counts"].double()
    most, least = int(counts.argmax()), int(counts.argmin())
    names = net.subject.classes
    words = (
        f"{int(counts.sum()):,} training pictures: {counts[most] / counts[least]:.1f} times as many of {names[most]} as of "
        f"{names[least]}. The loss weighs a rare class more, and the number that counts here is macro-F1, the plain mean over classes."
    )
    return bars((counts / counts.sum()).tolist(), names, marked=most) + note(words)


def evidence_text(net: Net) -> str:
    """Everything about the test set that is stored with the net."""
    kept = net.evidence
    p_BC, label_B = kept["p"], kept["label"]
    hint = f"Macro-F1 {macro_f1(kept['confusion']):.3f}, AUC {macro_auc(p_BC, label_B):.3f}, n = {len(label_B):,} test pictures"
    units = kept["unit"].unique()
    if len(units) < len(label_B):
        hint += f" of {len(units)} patients"
    curves = [] if net.own else stored().get("novelty", {}).get(net.subject.recipe.name, [])
    charts = reliability_chart(kept["reliability_raw"], kept["reliability"]) + "".join(roc_chart(c) for c in curves)
    return (
        f'<div class="wl-evidence"><div>{confusion_table(kept["confusion"], net.subject.classes)}{note(hint + ".")}</div>'
        f'<div class="wl-diagnose"><h3>What it learnt from</h3>{imbalance_text(net)}</div></div>'
        f'<div class="wl-squares">{charts}</div>'
    )


def stored() -> dict[str, Any]:
    """What `benchmarks/diagnose.py` measured, where it has been run."""
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}


def quantized_rows() -> dict[str, dict[str, Any]]:
    """Accuracy, size and latency of the compiled int8 graphs, by kind."""
    return {row["kind"]: row for row in stored().get("quantization", [])}

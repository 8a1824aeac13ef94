"""What the Super-resolution tab draws: readouts, one spot by every method, errors in decibels, spectra, and test scores."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image
from torch import Tensor

from demos._ui.charts import CLASS_COLOURS, quiet
from demos._ui.panels import note
from demos._ui.pictures import viridis
from demos.super_resolution.nets import BICUBIC, NETS, Figures, Picture, Restored
from metrics.pictures import by_set
from models import _checkpoint
from models._checkpoint import CheckpointDamaged, CheckpointMissing
from signals import image
from training.data import bsds500

if TYPE_CHECKING:
    import plotly.graph_objects as go

QUIETEST_DB, LOUDEST_DB = -50.0, -10.0
"""The ends of the error map's colours: 0.3 and 32 % of the way from black to white."""
MAP_SIDE = 700
SETS = {"set5": "Set5", "set14": "Set14", "bsds500": "BSDS500 test"}


def waiting_text(share: float, title: str) -> str:
    """How far the work has come."""
    return (
        f'<div class="wl-waiting"><progress value="{share:.3f}" max="1" aria-label="Progress"></progress>'
        f"<p>{html.escape(title)}: {100 * share:.0f} % of the tiles are done.</p></div>"
    )


def readout(restored: Restored, before: Figures | None, after: Figures | None, *, own: bool) -> str:
    """The figures, large, with what they mean in words."""
    work, parts = restored.work, []
    if before and after:
        parts += [
            _pair(before.psnr_db, after.psnr_db, "dB PSNR, bicubic → net", ".2f", gain=True),
            _pair(before.ssim, after.ssim, "SSIM, at most 1", ".4f"),
        ]
        if before.looks is not None and after.looks is not None:
            parts.append(_pair(before.looks, after.looks, "perceptual distance, lower is closer", ".3f"))
    parts.append(f"<div><b>{1000 * restored.seconds:,.0f}</b><span>ms on this machine</span></div>")
    sentence = f"{restored.net}{', your model' if own else ''}: {_size(work.small)} → {_size(restored.picture)} pixels."
    if before and after:
        sentence += " Measured on luma in 8 bits, without the outermost two pixels."
        if after.looks is not None:
            sentence += " The distance has LPIPS's form on SqueezeNet 1.0, without LPIPS's learnt weights."
        elif before.looks is None:
            sentence += (
                " The perceptual distance is left out: SqueezeNet's weights are not here, or the picture is large."
            )
    else:
        sentence += " Nobody knows the truth here, so nothing can be measured: look, and do not take detail for fact."
    if work.factor == 4:
        sentence += " × 4 is the × 2 net applied twice; it never learnt from its own output."
    kept = [
        name for name, there in (("transparency", work.small.alpha_HW is not None), ("grey", work.small.grey)) if there
    ]
    if kept:
        sentence += f" Kept as it was: {' and '.join(kept)}."
    return f'<div class="wl-readouts wl-figures">{"".join(parts)}</div>{note(sentence)}'


def _pair(before: float, after: float, unit: str, form: str, *, gain: bool = False) -> str:
    more = f" <em>{_number(after - before, '+' + form)}</em>" if gain and math.isfinite(after - before) else ""
    return (
        f'<div><b><i>{_number(before, form)}</i><span class="wl-to"> → </span>{_number(after, form)}{more}</b>'
        f"<span>{unit}</span></div>"
    )


def _number(value: float, form: str) -> str:
    return "exact" if math.isinf(value) else f"{value:{form}}".replace("-", "−")


def _size(picture: Picture) -> str:
    return "{:,} × {:,}".format(*picture.size)


def spots_text(found: Sequence[tuple[str, Picture]]) -> str:
    """One spot by every method, side by side, each pixel a square."""
    figures = []
    for title, picture in found:
        figures.append(
            f'<figure><img alt="{html.escape(title)}" src="{image.to_data_url(picture.pillow())}">'
            f"<figcaption><b>{html.escape(title)}</b>{_size(picture)} pixels</figcaption></figure>"
        )
    return f'<div class="wl-spots">{"".join(figures)}</div>'


def errors_text(maps: Sequence[tuple[str, Tensor]]) -> str:
    """Where each method is wrong, dark where it is right, with the share of pixels that are visibly off."""
    figures = []
    for title, error_HW in maps:
        share_HW = (error_HW - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)
        picture = viridis(share_HW)
        picture.thumbnail((MAP_SIDE, MAP_SIDE), Image.Resampling.BOX)
        visible = 100 * (error_HW > -30).double().mean().item()
        figures.append(
            f'<figure><img alt="Error of {html.escape(title)}" src="{image.to_data_url(picture)}">'
            f"<figcaption><b>{html.escape(title)}</b>{visible:.1f} % of the pixels are off by more than −30 dB "
            "(3 % of the way from black to white)</figcaption></figure>"
        )
    scale = note(
        f"From dark, {QUIETEST_DB:.0f} dB and less, to yellow, {LOUDEST_DB:.0f} dB and more: 20 log10 of the error of the luma, "
        "where 0 dB is black for white.".replace("-", "−")
    )
    return f'<div class="wl-errors">{"".join(figures)}</div>{scale}'


def spectrum_figure(lines: Sequence[tuple[str, tuple[Tensor, Tensor]]]) -> go.Figure:
    """Power against fineness, a line for each picture, with the small picture's own limit marked."""
    import plotly.graph_objects as go  # not on the way of the first page

    figure, dashes = go.Figure(), ("solid", "dot", "dash", "longdash", "dashdot")
    for i, (title, (fineness_K, power_K)) in enumerate(lines):
        seen = power_K.isfinite()
        figure.add_scatter(
            x=fineness_K[seen].tolist(), y=power_K[seen].tolist(), mode="lines", name=title,
            line={"color": CLASS_COLOURS[(0, 4, 6, 2)[i % 4]], "dash": dashes[i % 5], "width": 2},
        )  # fmt: skip
    figure = quiet(figure)
    figure.add_vline(x=0.25, line={"color": "#7c8590", "dash": "dot", "width": 1})
    figure.add_annotation(
        x=0.25, y=1, yref="paper", xanchor="left", showarrow=False, text=" finer than the small picture"
    )
    figure.update_layout(
        height=320,
        showlegend=True,
        legend={"orientation": "h", "y": -0.28},
        margin={"l": 54, "r": 8, "t": 12, "b": 44},
    )
    figure.update_xaxes(title={"text": "cycles per pixel", "font": {"size": 12}}, range=[0, 0.5])
    figure.update_yaxes(title={"text": "power, dB", "font": {"size": 12}})
    return figure


def regained_text(truth: tuple[Tensor, Tensor], bicubic: tuple[Tensor, Tensor], net: tuple[Tensor, Tensor]) -> str:
    """How much of the truth's power beyond the small picture's limit either has."""
    beyond = (truth[0] > 0.25) & truth[1].isfinite()
    share = [
        100 * ((10 ** (p[1][beyond] / 10)).sum() / (10 ** (truth[1][beyond] / 10)).sum()).item() for p in (bicubic, net)
    ]
    return note(
        f"Beyond 0.25 cycles per pixel, which the small picture cannot hold, bicubic has {share[0]:.0f} % of the truth's power, "
        f"the net {share[1]:.0f} %. Power is not proof: whether it stands in the right place is what PSNR asks."
    )


def scores_text() -> str:
    """PSNR and SSIM of every net on every test set, from their own cards, with bicubic above them."""
    body, bicubic = "", None
    for title, (kind, name) in NETS.items():
        try:
            checkpoint = _checkpoint.shared(kind, name)
        except (CheckpointMissing, CheckpointDamaged):
            continue
        if bicubic is None and checkpoint.evidence:
            bicubic = _bicubic(checkpoint.evidence)
            body += _row(BICUBIC, bicubic, "")
        body += _row(title, checkpoint.card.metrics, f"{checkpoint.card.parameters:,}")
    if not body:
        return ""
    head = "".join(f'<th scope="col">{text}</th>' for text in ("Method", *SETS.values(), "Parameters"))
    return (
        f'<div class="wl-scroll"><table class="wl-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        + note("PSNR in dB and SSIM on luma, means over the pictures of a test set. Anchors from the papers for Set5: bicubic "
        "33.66, SRCNN 36.66, FSRCNN 37.00, IMDN 38.0; those saw far more pictures for far longer.")
    )  # fmt: skip


def _bicubic(evidence: dict[str, Tensor]) -> dict[str, float]:
    return {
        measure + end: chosen.double().mean().item()
        for measure in ("psnr_db", "ssim")
        for end, chosen in by_set(evidence[f"bicubic_{measure}"], evidence["set"], bsds500.SETS)
    }


def _row(title: str, metrics: dict[str, float], size: str) -> str:
    cells = ""
    for name in SETS:
        there = f"psnr_db_{name}" in metrics
        cells += f"<td>{metrics[f'psnr_db_{name}']:.2f} / {metrics[f'ssim_{name}']:.4f}</td>" if there else "<td>–</td>"
    return f'<tr><th scope="row">{html.escape(title)}</th>{cells}<td>{size}</td></tr>'

"""What the Scan translation tab draws: scans with their outlines, error and doubt in viridis, and figures in words."""

import html
import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from demos._ui.panels import note, per_cent
from demos._ui.pictures import viridis
from demos.translation.nets import DIRECTIONS, INVENTED, Lesion, Scan, Spread, Translation, measured
from models import _checkpoint
from models._checkpoint import CheckpointDamaged, CheckpointMissing
from signals import image

FULL_ERROR = 0.4
"""The absolute error, of full scale, that is drawn in the last colour: one for all pictures, so that they compare."""
SHOWN = 384
"""Pixels of an outline's longer side, at least."""
WHITE = (255, 255, 255, 255)
REGIONS = (("in the head", "_head"), ("outside the head", "_outside"), ("whole slice", ""))
MEASURES = (("MAE", "mae", "{:.4f}"), ("PSNR, dB", "psnr_db", "{:.2f}"), ("SSIM", "ssim", "{:.3f}"))
ALIGNED = (
    "Aligned: the same PSNR after the best straight line for this slice. How bright the scanner showed the other contrast "
    "cannot be told from the input; this figure gives it away and leaves what the net made of the shapes."
)


def coloured(x_HW: Tensor, top: float) -> Image.Image:
    """Values from 0 to `top` in viridis, pixel by pixel; what is more stays in its last colour."""
    return viridis(x_HW / max(top, 1e-9))


def edge(mask_HW: Tensor, *, dotted: bool = False) -> Image.Image:
    """The rim of a mask in white on nothing, in the mask's own proportions, for a page to lay over a picture."""
    finer = max(1, math.ceil(SHOWN / max(mask_HW.shape)))
    large = F.interpolate(mask_HW[None, None].float(), scale_factor=finer, mode="bilinear")[0, 0] > 0.5
    around = F.max_pool2d(large[None, None].float(), 5, stride=1, padding=2)[0, 0] > 0
    rim = around & ~large
    if dotted:
        y, x = torch.meshgrid(*(torch.arange(n) // 5 for n in rim.shape), indexing="ij")
        rim &= (x + y) % 2 == 0
    rgba = torch.zeros(*rim.shape, 4, dtype=torch.uint8)
    rgba[rim] = torch.tensor(WHITE, dtype=torch.uint8)
    return Image.fromarray(rgba.numpy())


def outlines(of: Scan) -> str:
    """The lesion's rim and the head's, dotted, as layers that the page can show and hide."""
    layers = [("head", edge(of.head_HW, dotted=True))]
    if of.lesion_HW is not None and of.lesion_HW.any():
        layers.append(("lesion", edge(of.lesion_HW)))
    return "".join(
        f'<img class="wl-edge wl-edge-{kind}" alt="" src="{image.to_data_url(picture)}">' for kind, picture in layers
    )


def figure(picture: Image.Image, rims: str, title: str, words: str) -> str:
    """One picture to the pixel, with its outlines over it and its summary below."""
    height, width = picture.height, picture.width
    return (
        f'<figure><div class="wl-stack" style="aspect-ratio: {width} / {height}" role="img" '
        f'aria-label="{html.escape(title)}: {html.escape(words)}">'
        f'<img class="wl-under" alt="" src="{image.to_data_url(picture)}">{rims}</div>'
        f"<figcaption><b>{title}</b>{words}</figcaption></figure>"
    )


def pictures(made: Translation) -> str:
    """Input, output and, where it is known, truth and absolute error, side by side."""
    source, target = made.net.direction.words
    rims, truth_HW, error_HW = outlines(made.scan), made.truth, made.error
    inside = made.scan.head_HW
    found = [
        figure(Image.fromarray(made.input_HW.numpy()), rims, f"Input, {source}", f"mean in the head {grey(made.input_HW / 255, inside)}"),
        figure(image.from_unit(made.output_HW), rims, f"Output, {target}", f"mean in the head {grey(made.output_HW, inside)}"),
    ]  # fmt: skip
    if truth_HW is not None and error_HW is not None:
        words = f"dark 0, yellow {FULL_ERROR} of full scale or more; mean in the head {grey(error_HW, inside)}"
        found += [
            figure(image.from_unit(truth_HW), rims, f"Truth, {target}", f"mean in the head {grey(truth_HW, inside)}"),
            figure(coloured(error_HW, FULL_ERROR), rims, "Absolute error", words),
        ]
    return f'<div class="wl-scans">{"".join(found)}</div>'


def grey(x_HW: Tensor, mask_HW: Tensor) -> str:
    return f"{x_HW[mask_HW].mean().item():.3f}"


def origin_text(of: Scan) -> str:
    """What kind of picture this is, which decides what its figures are worth."""
    return {
        "drawn": f"{of.name.capitalize()}. Drawn, not scanned: the nets never saw such a picture.",
        "test": f"{of.name}. A real scan of a patient whom the nets never saw.",
        "uploaded": f"{of.name}. The nets expect a slice across the head on black, and read whatever else all the same.",
    }[of.origin]


def readout(made: Translation, milliseconds: float) -> str:
    """The figures in the head, large, or why there are none."""
    time = f"<div><b>{milliseconds:.0f}</b><span>ms on this machine</span></div>"
    if made.truth is None:
        height, width = made.input_HW.shape
        sentence = (
            "Nobody knows the truth for this picture here, so nothing can be measured: a convincing output is no right one. "
            "Where you have its other contrast, registered, upload it as the truth."
        )
        size = f"<div><b>{width} × {height}</b><span>pixels</span></div>"
        return f'<div class="wl-readouts">{size}{time}</div>{note(sentence)}'
    found = measured(made.output_HW, made.truth, made.scan.head_HW)
    before = measured(made.clean_HW, made.truth, made.scan.head_HW) if made.clean_HW is not None else {}
    units = {"psnr_db_head": "dB PSNR in the head", "mae_head": "MAE in the head", "ssim_head": "SSIM in the head"}
    forms = {"psnr_db_head": "{:.2f}", "mae_head": "{:.4f}", "ssim_head": "{:.3f}"}
    large = "".join(
        f"<div><b>{shown(forms[name], found[name])}</b><span>{unit}"
        + (f", {shown(forms[name], before[name])} before the sliders" if before else "")
        + "</span></div>"
        for name, unit in units.items()
    )
    return f'<div class="wl-readouts">{large}{time}</div>{scores_table(made, found, before)}'


def scores_table(made: Translation, found: dict[str, float], before: dict[str, float]) -> str:
    """MAE, PSNR and SSIM by region: the net, the net on the scan as it was, and the input itself."""
    assert made.truth is not None
    columns = {"Net": found}
    if before:
        columns["Net, before the sliders"] = before
    columns["Input itself"] = measured(made.baseline_HW, made.truth, made.scan.head_HW)
    rows = [
        (f"{measure}, {region}", name + suffix, form)
        for region, suffix in REGIONS
        for measure, name, form in MEASURES
    ]  # fmt: skip
    rows.insert(3, ("PSNR aligned, dB, in the head", "psnr_db_head_aligned", "{:.2f}"))
    return table(
        "This slice. The input itself, stretched as the net sees it, is the answer of doing nothing.",
        list(columns),
        [(label, [shown(form, column[name]) for column in columns.values()]) for label, name, form in rows],
    ) + note(ALIGNED)  # fmt: skip


def shown(form: str, value: float) -> str:
    """A figure; a dash where there is nothing to measure, and ∞ where there is no error at all."""
    if math.isnan(value):
        return "–"
    return "∞" if math.isinf(value) else form.format(value)


def minus(figure: str) -> str:
    """A figure with the sign that print has for it."""
    return figure.replace("-", "−")


def table(caption: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in columns)
    body = "".join(
        f"<tr><th scope='row'>{html.escape(label)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for label, cells in rows
    )
    return (
        f'<div class="wl-scroll"><table class="wl-scores"><caption>{html.escape(caption)}</caption>'
        f"<tr><td></td>{head}</tr>{body}</table></div>"
    )


# Why


def doubt(made: Translation, spread: Spread, names: Sequence[str], missing: Sequence[str]) -> str:
    """Where the nets disagree beside where this one is wrong, and whether the first tells of the second."""
    top = spread.spread_HW.quantile(0.999).item()
    rims = outlines(made.scan)
    words = (
        f"standard deviation of {len(names)} nets that learnt by {', '.join(names).lower()}; dark 0, yellow {top:.3f} of "
        "full scale or more"
    )
    found = [figure(coloured(spread.spread_HW, top), rims, "Where the nets disagree", words)]
    error_HW = made.error
    if error_HW is not None:
        worst = error_HW.quantile(0.999).item()
        scaled = f"the same as above on its own scale: dark 0, yellow {worst:.3f} or more"
        found.append(figure(coloured(error_HW, worst), rims, "Where this one is wrong", scaled))
    left_out = note("Left out of the spread: " + " ".join(missing)) if missing else ""
    return f'<div class="wl-scans">{"".join(found)}<div class="wl-beside">{spread_text(made, spread)}{left_out}</div></div>'


def spread_text(made: Translation, spread: Spread) -> str:
    """Whether the map of doubt tells of the error, in words and numbers."""
    if made.error is None:
        return verdict(
            None, "Not checked", "Without a truth nobody can say whether the nets are wrong where they disagree."
        )
    facts = (
        f"Inside the head, disagreement and error correlate by <b>{minus(f'{spread.spearman:.2f}')}</b> in rank (Spearman) and by "
        f"{minus(f'{spread.pearson:.2f}')} in size (Pearson). In the tenth where the nets disagree most the mean error is "
        f"<b>{spread.least_sure:.4f}</b>, in the tenth where they disagree least {spread.surest:.4f}. "
    )
    if spread.holds:
        return verdict(
            True, "The doubt is in the right places", facts + "What all of them get wrong alike it cannot show."
        )
    return verdict(
        False, "The doubt does not tell of the error", facts + "The nets agree on what is wrong: do not read safety into it."
    )  # fmt: skip


def lesion_text(made: Translation, found: Lesion | None, share: float | None) -> str:
    """Whether the net is right where it matters, and whether it paints in what is not there."""
    if share is None:
        return ""
    where = "Of the head" if found is None else "Of the rest of the head"
    painted = (
        f"{where}, {per_cent(share)} is brighter than the truth by more than {INVENTED} of full scale: that much is painted in."
        if share
        else f"{where}, nothing is brighter than the truth by more than {INVENTED} of full scale: nothing is painted in."
    )
    if found is None:
        return verdict(None, "No tumour is outlined on this slice", painted)
    painted = f" {painted}"
    times = f": {found.error / found.error_elsewhere:.1f} times as much" if found.error_elsewhere > 1e-4 else ""
    facts = (
        f"Inside the outline ({per_cent(found.area)} of the head) the mean absolute error is <b>{found.error:.4f}</b>, in the rest "
        f"of the head {found.error_elsewhere:.4f}{times}. In truth the tumour differs from the rest by "
        f"{minus(f'{found.contrast:+.3f}')} of full scale, in the output by <b>{minus(f'{found.contrast_made:+.3f}')}</b>."
    )
    kept = found.contrast_made / found.contrast if abs(found.contrast) > 0.02 else math.nan
    if math.isnan(kept):
        return verdict(None, "The tumour hardly shows in the truth", facts + painted)
    if kept < -0.1:
        return verdict(False, "The tumour comes out the wrong way round", facts + painted)
    if kept < 0.5:
        return verdict(
            False,
            "The net paints the tumour over",
            f"{facts} Only {per_cent(max(kept, 0))} of its contrast is left.{painted}",
        )
    if kept > 1.5:
        return verdict(
            False, "The net exaggerates the tumour", f"{facts} That is {kept:.1f} times its contrast.{painted}"
        )
    return verdict(True, "The tumour shows", f"{facts} {per_cent(min(kept, 1))} of its contrast is there.{painted}")


def verdict(holds: bool | None, title: str, sentence: str) -> str:
    kind = "" if holds is None else " wl-holds" if holds else " wl-fails"
    return f'<p class="wl-verdict{kind}"><b>{title}</b>{sentence}</p>'


# How good it is


def nets_table() -> str:
    """The cards of all four nets side by side; a sentence for those that are not trained yet."""
    columns = {
        "PSNR in the head, dB": ("psnr_db_head", "{:.2f}"), "aligned, dB": ("psnr_db_head_aligned", "{:.2f}"),
        "PSNR, dB": ("psnr_db", "{:.2f}"), "SSIM in the head": ("ssim_head", "{:.3f}"), "MAE in the head": ("mae_head", "{:.4f}"),
        "MAE in the tumour": ("mae_tumour", "{:.4f}"),
    }  # fmt: skip
    rows, missing, slices = [], [], set()
    for direction in DIRECTIONS.values():
        for loss, recipe in direction.recipes.items():
            try:
                card = _checkpoint.card(recipe.name)
            except (CheckpointMissing, CheckpointDamaged) as error:
                missing.append(str(error))
                continue
            slices.add(card.data["n_test"])
            cells = [shown(form, card.metrics.get(name, math.nan)) for name, form in columns.values()]
            rows.append((f"{direction.name}, {loss.lower()}", cells))
    said = note(" ".join(missing)) if missing else ""
    if not rows:
        return said
    counted = " and ".join(f"{n:,}" for n in sorted(slices))
    return table(f"All nets on the test split, means over {counted} slices", list(columns), rows) + said

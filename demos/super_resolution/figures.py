"""What the Super-resolution tab draws: readouts, one spot by every method, errors in decibels, spectra, and test scores."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from markupsafe import Markup
from PIL import Image
from torch import Tensor

from demos._ui.charts import Axis, Line, chart, key
from demos._ui.html import (
    EMPTY,
    Figure,
    figure,
    group,
    join,
    note,
    number,
    per_cent,
    readouts,
    strong,
    table,
    verdict,
)  # fmt: skip
from demos._ui.pictures import picture, viridis
from demos.super_resolution.nets import BICUBIC, Picture, Quality, Restored, Scores

QUIETEST_DB, LOUDEST_DB = -50.0, -10.0
"""The ends of the error map's colours: 0.3 and 32 % of the way from black to white."""
VISIBLE_DB = -30.0
"""The error from which a pixel counts as visibly off: 3 % of the way from black to white."""
SEEN_DB = 1.0
"""A gain of PSNR from which most people see it."""
HARDLY_DB = 0.05
NYQUIST = 0.25
"""Cycles per large pixel that a picture of half the size can hold at most."""
MAP_SIDE = 700
SETS = {"set5": "Set5", "set14": "Set14", "bsds500": "BSDS500 test"}
NO_TRUTH = note("Without a truth there is no error to show. “Shrink and restore” keeps it to compare with.")
ANCHORS = note(
    "PSNR in dB and SSIM on luma, means over the pictures of a test set. Anchors from the papers for Set5: bicubic "
    "33.66, SRCNN 36.66, FSRCNN 37.00, IMDN 38.0; those saw far more pictures for far longer."
)
EXPLAINED = note(
    "Bicubic is what any viewer does: a smooth curve through the pixels. PSNR says how far the pixels are from the truth, "
    "in decibels: 6 dB more is half the error. SSIM compares edges and contrast; 1 is the truth itself."
)


# The answer


class Measured(NamedTuple):
    """Figures against the truth by bicubic and by the net; by the shipped net too where a visitor's own answered."""

    before: Quality
    after: Quality
    shipped: Quality | None = None

    @property
    def gain(self) -> float:
        """Of PSNR over bicubic, in dB; not finite where one of them has no error at all."""
        return self.after.psnr_db - self.before.psnr_db


def waiting_text(share: float) -> Markup:
    """How far the whole file has come."""
    bar = Markup('<progress value="{:.3f}" max="1" aria-label="Progress"></progress>').format(share)
    sentence = Markup("<p>{:.0f} % of the tiles are done.</p>").format(100 * share)
    return group("wl-super_resolution-waiting", bar, sentence)


def shown_text(result: Restored) -> Markup:
    """What is under the handle, before it is measured."""
    return note(" ".join([size_words(result), *treatment_words(result)]))


def answer_text(result: Restored, measured: Measured | None, usual_B: Tensor) -> Markup:
    """One verdict in words; `usual_B` are the gains on test pictures, in order."""
    if measured is None:
        unknown = "There is no truth here to measure against. Look, and do not take new detail for fact."
        told = verdict(None, "More pixels, and nothing to check them by", unknown)
    else:
        told = gain_verdict(result, measured, usual_B)
    return group("wl-super_resolution-answer", told, shown_text(result))


def details_text(measured: Measured | None) -> Markup:
    """The figures, what they mean, and which is left out."""
    if measured is None:
        return NO_TRUTH
    large = readouts(*quality_figures(measured.before, measured.after))
    return large + EXPLAINED + distance_text(measured.before, measured.after)


def gain_verdict(result: Restored, measured: Measured, usual_B: Tensor) -> Markup:
    """Whether the net is closer to the truth than bicubic, by much or by little."""
    gain, who = measured.gain, "Your model" if result.own else "The net"
    if not math.isfinite(gain):
        exact_before = math.isinf(measured.before.psnr_db)
        title = "Nothing is left to gain" if exact_before else f"{who} has made no error at all"
        return verdict(None, title, "It is the truth to the last pixel.")
    sentences = [
        f"{measured.after.psnr_db:.1f} against {measured.before.psnr_db:.1f} dB (PSNR); higher is better.",
        seen_words(gain),
        usual_words(usual_B),
    ]
    if measured.shipped is not None:
        sentences.insert(2, f"The shipped model has {exact(measured.shipped.psnr_db, '.1f')} dB on the same picture.")
    title = (
        f"{who} is {number(abs(gain), '.1f')} dB {'closer to' if gain >= 0 else 'further from'} the truth than bicubic"
    )
    sure = abs(gain) > HARDLY_DB
    return verdict(gain > 0 if sure else None, title, " ".join(filter(None, sentences)))


def seen_words(gain: float) -> str:
    """Whether a gain in dB is much or little."""
    if gain >= SEEN_DB:
        return f"That can be seen: eyes notice about {SEEN_DB:.0f} dB."
    if gain >= SEEN_DB / 2:
        return f"That is little: eyes notice about {SEEN_DB:.0f} dB."
    return "Hardly to be seen." if gain > -HARDLY_DB else "Here bicubic is better."


def usual_words(usual_B: Tensor) -> str:
    """What the shipped net gains on most test photographs; nothing where that is not known."""
    if not len(usual_B):
        return ""
    low, high = usual_B.double().quantile(torch.tensor([0.1, 0.9], dtype=torch.float64)).tolist()
    return f"On eight of ten test photographs the shipped net gains {low:.1f} to {high:.1f} dB."


def quality_figures(before: Quality, after: Quality) -> list[Figure]:
    """PSNR and SSIM, each from bicubic's to the net's."""
    gain = after.psnr_db - before.psnr_db
    return [
        Figure(
            exact(after.psnr_db, ".2f"), "dB PSNR, bicubic → net", exact(before.psnr_db, ".2f"),
            number(gain, "+.2f") if math.isfinite(gain) else "",
        ),
        Figure(number(after.ssim, ".3f"), "SSIM, of 1", number(before.ssim, ".3f")),
    ]  # fmt: skip


def exact(psnr_db: float, form: str) -> str:
    """A PSNR, or that there is no error at all."""
    return "exact" if math.isinf(psnr_db) else number(psnr_db, form)


def distance_text(before: Quality, after: Quality) -> Markup:
    """The perceptual distance, or why it is left out."""
    if before.distance is None or after.distance is None:
        return note(
            "A third measure, the perceptual distance, is left out: it asks a net trained on ImageNet (SqueezeNet), whose "
            "weights are not on this machine."
        )
    figures = (
        f"{number(before.distance, '.3f')} by bicubic, {number(after.distance, '.3f')} by the net; lower is closer."
    )
    return note(
        f"Perceptual distance: {figures} It has LPIPS's form on SqueezeNet 1.0, without LPIPS's learnt weights."
    )


def size_words(result: Restored) -> str:
    """What, by what, from which size to which, and whether all of it is shown."""
    small, factor = result.work.small, result.work.factor
    large = "{:,} × {:,}".format(*(factor * length for length in small.size))
    whose = "your model" if result.own else result.method
    words = f"{small.title}: {size(small)} → {large} pixels by {whose}, {1000 * result.seconds:,.0f} ms."
    if result.is_whole:
        return words
    return f"{words} Shown and measured: {size(result.picture)} in the middle; the file holds the whole."


def treatment_words(result: Restored) -> list[str]:
    """What else was done to the picture, and what was left alone."""
    small = result.work.small
    kept = [name for name, there in (("transparency", small.alpha_HW is not None), ("grey", small.grey)) if there]
    words = []
    if result.work.factor == 4:
        words.append("× 4 is the × 2 net applied twice; it never learnt from its own output.")
    if kept:
        words.append(f"Kept as it was: {' and '.join(kept)}.")
    return words


def size(of: Picture) -> str:
    """Width and height in words."""
    return "{:,} × {:,}".format(*of.size)


# Closely


def spots_text(found: Sequence[tuple[str, Picture]]) -> Markup:
    """One spot by every method, side by side, each pixel a square."""
    figures = (figure(picture(of.pillow(), method), method, f"{size(of)} pixels") for method, of in found)
    return group("wl-super_resolution-spots", *figures)


def errors_text(maps: Sequence[tuple[str, Tensor]]) -> Markup:
    """Where each method is wrong, in decibels `(H, W)`: dark where it is right, with the share that is visibly off."""
    quietest, loudest = (100 * 10 ** (level_db / 20) for level_db in (QUIETEST_DB, LOUDEST_DB))
    scale = (
        f"From dark, off by {quietest:.1f} % of the way from black to white, to yellow, {loudest:.0f} % and more; "
        "equal steps of colour are equal factors."
    )
    return group("wl-super_resolution-errors", *(_error_map(*of) for of in maps)) + note(scale)


def _error_map(method: str, error_HW: Tensor) -> Markup:
    colours = viridis((error_HW - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB))
    colours.thumbnail((MAP_SIDE, MAP_SIDE), Image.Resampling.BOX)
    visible = per_cent((error_HW > VISIBLE_DB).double().mean().item())
    words = f"{visible} of the pixels are visibly off: by more than 3 % of the way from black to white."
    return figure(picture(colours, f"Error of {method}"), method, words)


def spectrum_text(spectra: Mapping[str, tuple[Tensor, Tensor]]) -> Markup:
    """Power against fineness, a line for each picture, with the small picture's own limit in the title."""
    kinds = dict.fromkeys(spectra, "wl-line") | {BICUBIC: "wl-other", "Truth": "wl-super_resolution-truth"}
    lines, levels = [], []
    for method, (fineness_K, power_K) in spectra.items():
        seen = power_K.isfinite()
        levels += power_K[seen].tolist()
        lines.append(Line(list(zip(fineness_K[seen].tolist(), power_K[seen].tolist(), strict=True)), kinds[method]))
    if not levels:
        return EMPTY
    low, high = 10 * math.floor(min(levels) / 10), 10 * math.ceil(max(levels) / 10)
    ticks = [(float(at), f"{at} dB") for at in (low, (low + high) // 2, high)]
    x = Axis(0, 0.5, [(0, "coarse"), (NYQUIST, "finest in the small picture"), (0.5, "finest")])
    legend = join(key(kinds[method], method) for method in spectra)
    words = "The power of each picture at each fineness of detail."
    return chart(
        x,
        Axis(low, high, ticks),
        *lines,
        title="Power",
        words=words,
        legend=legend,
        kind="wl-super_resolution-spectrum",
    )


def regained_text(truth: tuple[Tensor, Tensor], bicubic: tuple[Tensor, Tensor], net: tuple[Tensor, Tensor]) -> Markup:
    """How much of the truth's power beyond the small picture's limit either has; spectra are fineness and dB `(K,)`."""
    beyond_K = (truth[0] > NYQUIST) & truth[1].isfinite()

    def power(spectrum: tuple[Tensor, Tensor]) -> float:
        return (10 ** (spectrum[1][beyond_K] / 10)).sum().item()

    whole = power(truth)
    if not whole:
        return note(
            "This picture holds no detail that is finer than the small one can hold: there is nothing to bring back."
        )
    by_bicubic, by_net = (100 * power(spectrum) / whole for spectrum in (bicubic, net))
    return note(
        Markup(
            "Of the detail that is too fine for the small picture bicubic has {} % of the truth's power, the net {}. "
            "Power is not proof: whether it stands in the right place is what PSNR asks."
        ).format(f"{by_bicubic:.0f}", strong(f"{by_net:.0f} %"))
    )


# How good it is


def scores_table(found: Mapping[str, Scores]) -> Markup:
    """PSNR and SSIM of every method on every test set; nothing where there is none."""
    if not found:
        return EMPTY
    rows = [
        (method, [*(_score(of, name) for name in SETS), "" if of.parameters is None else f"{of.parameters:,}"])
        for method, of in found.items()
    ]
    return table(["Method", *SETS.values(), "Parameters"], rows) + ANCHORS


def _score(of: Scores, name: str) -> str:
    if f"psnr_db_{name}" not in of.metrics:
        return "–"
    return f"{number(of.metrics[f'psnr_db_{name}'], '.2f')} / {number(of.metrics[f'ssim_{name}'], '.4f')}"


def thumbnail_text(addresses: Sequence[str]) -> Markup:
    """Photographs for the home page."""
    return join(picture(address, kind="wl-super_resolution-photo") for address in addresses)

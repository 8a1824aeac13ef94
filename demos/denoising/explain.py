"""Why a net lets a sound through: what it keeps by frequency, and which input its answer at one moment goes back to.

Shapes: `x_T` samples at 16 kHz; `share_M` one number for each hop of input; `power_FN` as `demos._ui.sound.power` gives it.
"""

import html
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from demos._ui.sound import power
from explanation.attribution import integrated_gradients
from models._streaming import FrameNet, spectra
from signals import audio
from signals.audio import RATE_HZ

BEFORE_SECONDS, AFTER_SECONDS = 1.5, 0.25
LOWEST_DB = -40.0
BANDS = 64
FAINTEST = 1e-4
"""The smallest share that a bar shows: one ten-thousandth of the frame."""


def kept_by_frequency(noisy_T: Tensor, denoised_T: Tensor, reference_T: Tensor) -> tuple[Tensor, Tensor]:
    """The energy that is kept, in dB, in `BANDS` bands from 0 to 8 kHz: where there is speech, and in the pauses.

    There is speech where `reference_T` (the clean speech, or else the answer) is within 30 dB of its loud frames.
    """
    noisy_FN, denoised_FN = power(noisy_T, RATE_HZ), power(denoised_T, RATE_HZ)
    loud_N = power(reference_T, RATE_HZ).sum(0)
    speech_N = loud_N > 1e-3 * torch.quantile(loud_N, 0.95)
    return tuple(_kept(noisy_FN[:, chosen_N], denoised_FN[:, chosen_N]) for chosen_N in (speech_N, ~speech_N))  # type: ignore[return-value]


def _kept(noisy_FN: Tensor, denoised_FN: Tensor) -> Tensor:
    if not noisy_FN.shape[1]:
        return torch.full((BANDS,), math.nan)
    before_E, after_E = (
        torch.nn.functional.adaptive_avg_pool1d(z.mean(1)[None], BANDS)[0] for z in (noisy_FN, denoised_FN)
    )
    return audio.decibels(after_E / before_E.clamp(min=1e-12), floor_db=LOWEST_DB).clamp(max=3.0)


@dataclass(frozen=True)
class Reach:
    """How the loudness of one output frame goes back to the input: `share_M` by hops, summing to 1.

    Hop m begins `start_ms_M` after the end of the frame's own window, so what comes later is at 0 and above.
    """

    share_M: Tensor
    start_ms_M: Tensor
    hop_ms: float
    seconds: float


def reach(net: FrameNet, x_T: Tensor, at_seconds: float) -> Reach:
    """Integrated gradients of the amplitude of the output frame at `at_seconds` over the loudness of each input hop.

    Every hop of the input gets a gain of its own, 0 for silence and 1 for what was heard; what the answer's amplitude
    owes to each is its share. Raises ValueError where the answer is silent there. The net hears the input from 1.5 s
    before the frame on.
    """
    hop = net.frames.hop
    last = max(0, len(x_T) // hop - 1)
    frame = min(max(1, round(at_seconds * RATE_HZ / hop)), max(1, last))
    first = max(0, frame - round(BEFORE_SECONDS * RATE_HZ / hop))
    end = min(-(-len(x_T) // hop), frame + 1 + round(AFTER_SECONDS * RATE_HZ / hop))
    part_T = torch.nn.functional.pad(x_T, (0, max(0, end * hop - len(x_T))))[first * hop : end * hop]

    def amplitude(gain_BM: Tensor) -> Tensor:
        _, Y_BFN = spectra(net, part_T * gain_BM.repeat_interleave(hop, 1))
        return Y_BFN[:, :, frame - first].abs().square().sum(1, keepdim=True).clamp(min=1e-20).sqrt()

    gain_BM = torch.ones(1, end - first)
    with torch.no_grad():
        whole = amplitude(gain_BM).item()
    if whole < 1e-6:
        raise ValueError("The answer is silent at this moment, so it goes back to nothing. Choose a louder one.")
    share_M = integrated_gradients(amplitude, gain_BM, 0, steps=8)[0].detach() / whole
    start_M = (torch.arange(first, end) - (frame + 1)) * (1000 * hop / RATE_HZ)
    return Reach(share_M, start_M, 1000 * hop / RATE_HZ, frame * hop / RATE_HZ)


def loudest_second(y_T: Tensor) -> float:
    """The second at which the answer is loudest: a good frame to begin with."""
    size = 512
    if len(y_T) <= size:
        return 0.0
    energy_N = y_T[: len(y_T) // size * size].view(-1, size).square().sum(1)
    later_N = energy_N.clone()
    later_N[: len(later_N) // 3] *= 0.25  # rather one with a past to look back to
    return later_N.argmax().item() * size / RATE_HZ


# What the page shows


def kept_chart(speech_E: Tensor, pause_E: Tensor) -> str:
    """Two curves over frequency as SVG: a solid one for speech, a dashed one for the pauses, both named at their side."""
    width, height = 600.0, 200.0
    across = [(i + 0.5) / BANDS * width for i in range(BANDS)]
    down = lambda db: height * (db / LOWEST_DB)  # noqa: E731
    curves = ""
    for kind, db_E in (("wl-speech", speech_E), ("wl-pause", pause_E)):
        if db_E.isnan().any():
            continue
        points = " ".join(f"{x:.1f},{down(min(0.0, db)):.1f}" for x, db in zip(across, db_E.tolist(), strict=True))
        curves += f'<polyline class="{kind}" points="{points}" vector-effect="non-scaling-stroke"/>'
    grid = "".join(
        f'<line x1="0" x2="{width}" y1="{down(db)}" y2="{down(db)}" vector-effect="non-scaling-stroke"/>'
        for db in (0, -10, -20, -30)
    )
    y = "".join(f'<span style="top:{100 * db / LOWEST_DB:.0f}%">{db}</span>' for db in (0, -10, -20, -30, -40))
    x = "".join(
        f'<span style="left:{100 * khz / 8:.1f}%">{khz}{" kHz" if khz == 8 else ""}</span>' for khz in range(0, 9, 2)
    )
    words = _kept_words(speech_E, pause_E)
    return (
        '<figure class="wl-curve"><figcaption><b>Kept, in dB, by frequency</b><span><i class="wl-key wl-speech"></i> where there is speech '
        '<i class="wl-key wl-pause"></i> in the pauses</span></figcaption><div class="wl-curve-plot">'
        f'<div class="wl-curve-y" aria-hidden="true">{y.replace(">-", ">−")}</div>'
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" preserveAspectRatio="none" role="img" aria-label="{html.escape(words)}">{grid}{curves}</svg>'
        f'<div class="wl-curve-x" aria-hidden="true">{x}</div></div><p class="wl-note">{html.escape(words)}</p></figure>'
    )


def _kept_words(speech_E: Tensor, pause_E: Tensor) -> str:
    if speech_E.isnan().any():
        return "Silence from end to end: nothing is kept, and nothing cut."
    low, high = speech_E[: BANDS // 4].mean().item(), speech_E[BANDS // 2 :].mean().item()
    words = f"Where there is speech, {low:+.1f} dB of what lies below 2 kHz is left and {high:+.1f} dB of what lies above 4 kHz"
    if not pause_E.isnan().any():
        words += f"; in the pauses {pause_E.mean().item():+.1f} dB of everything"
    return words.replace("-", "−") + "."


def reach_chart(found: Reach) -> str:
    """Shares as bars on a logarithmic scale: up for input that lifts the frame, down for input that lowers it."""
    width, half = 600.0, 100.0
    start, end = found.start_ms_M[0].item(), found.start_ms_M[-1].item() + found.hop_ms
    each = width / len(found.share_M)
    bars = ""
    for i, share in enumerate(found.share_M.tolist()):
        tall = half * max(0.0, 1 + math.log10(max(abs(share), 1e-12)) / -math.log10(FAINTEST))
        if tall <= 0:
            continue
        kind = "wl-lifts" if share > 0 else "wl-lowers"
        top = half - tall if share > 0 else half
        bars += f'<rect class="{kind}" x="{i * each + 0.1 * each:.2f}" y="{top:.1f}" width="{0.8 * each:.2f}" height="{min(tall, half):.1f}"/>'
    now = width * -start / (end - start)
    words = reach_words(found)
    ticks = [t for t in (-1500, -1000, -500, 0) if t >= start]
    x = "".join(
        f'<span style="left:{100 * (t - start) / (end - start):.1f}%">{f"−{-t}" if t else "0 ms"}</span>' for t in ticks
    )
    y = "".join(
        f'<span style="top:{t}%">{text}</span>'
        for t, text in ((0, "100 %"), (25, "1 %"), (50, "0.01 %"), (75, "−1 %"), (100, "−100 %"))
    )
    return (
        f'<figure class="wl-curve"><figcaption><b>What the frame at {found.seconds:.2f} s goes back to</b>'
        '<span><i class="wl-key wl-lifts"></i> lifts it <i class="wl-key wl-lowers"></i> lowers it</span></figcaption>'
        f'<div class="wl-curve-plot"><div class="wl-curve-y" aria-hidden="true">{y}</div>'
        f'<svg viewBox="0 0 {width:.0f} {2 * half:.0f}" preserveAspectRatio="none" role="img" aria-label="{html.escape(words)}">'
        f'<line x1="0" x2="{width}" y1="{half}" y2="{half}" vector-effect="non-scaling-stroke"/>{bars}'
        f'<line class="wl-now" x1="{now:.1f}" x2="{now:.1f}" y1="0" y2="{2 * half}" vector-effect="non-scaling-stroke"/></svg>'
        f'<div class="wl-curve-x" aria-hidden="true">{x}</div></div><p class="wl-note">{html.escape(words)}</p></figure>'
    )


def reach_words(found: Reach) -> str:
    """How much lies in the frame's own window, how far back the rest goes, and that nothing comes from what is later."""
    size_M = found.share_M.abs()
    own_M = (found.start_ms_M >= -2 * found.hop_ms - 1e-6) & (found.start_ms_M < -1e-6)
    later, earlier_M = (
        size_M[found.start_ms_M >= -1e-6].sum().item(),
        size_M * (found.start_ms_M < -2 * found.hop_ms - 1e-6),
    )
    total = size_M.sum().item()
    words = f"{100 * size_M[own_M].sum().item() / total:.0f} % of the weight lies in the frame's own {2 * found.hop_ms:.0f} ms"
    earlier = earlier_M.sum().item()
    if earlier < 0.001 * total:
        words += ", and next to none before it: this net hears each frame by itself, but for a running level"
    else:
        furthest = earlier_M.cumsum(0)
        back = -found.start_ms_M[torch.searchsorted(furthest, 0.05 * earlier).clamp(max=len(furthest) - 1)].item()
        words += (
            f", {100 * earlier / total:.0f} % in the input before it, which reaches {back:,.0f} ms back (95 % of it)"
        )
    return words + (
        ". Nothing comes from what is later: the net is causal, and so can run live."
        if later < 1e-6 * total
        else f". {100 * later / total:.1f} % comes from what is later."
    )

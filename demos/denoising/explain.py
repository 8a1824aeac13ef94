"""Why a net lets a sound through: what it keeps by frequency, and which input its answer at one moment goes back to.

Shapes: `x_T` samples at 16 kHz; `share_M` one number for each hop of input; `power_FN` as `demos._ui.sound.power` gives it;
`speech_E` one number for each of `BANDS` equal bands from 0 to 8 kHz.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from markupsafe import Markup
from torch import Tensor

from demos._ui.charts import Axis, Boxes, Line, Rule, chart, key
from demos._ui.html import join, number
from demos._ui.sound import power
from demos.denoising.nets import Denoised
from explanation.attribution import integrated_gradients
from models import FrameNet, spectra
from signals import audio
from signals.audio import RATE_HZ

BEFORE_SECONDS, AFTER_SECONDS = 1.5, 0.25
LOWEST_DB = -40.0
BANDS = 64
FAINTEST = 1e-4
"""The smallest share that a bar shows: one ten-thousandth of the frame."""


class Kept(NamedTuple):
    """The energy that is kept, in dB, in `BANDS` bands: where there is speech and in the pauses; NaN where there are none."""

    speech_E: Tensor
    pause_E: Tensor


def kept_by_frequency(result: Denoised) -> Kept:
    """What a method keeps, by frequency.

    There is speech where the reference (the clean speech, or else the answer) is within 30 dB of its loud frames.
    """
    noisy_T, denoised_T, _ = result.at_16_khz
    reference_T = denoised_T if result.reference is None else result.reference
    noisy_FN, denoised_FN = power(noisy_T, RATE_HZ), power(denoised_T, RATE_HZ)
    loud_N = power(reference_T, RATE_HZ).sum(0)
    speech_N = loud_N > 1e-3 * torch.quantile(loud_N, 0.95)
    return Kept(*(_kept(noisy_FN[:, chosen_N], denoised_FN[:, chosen_N]) for chosen_N in (speech_N, ~speech_N)))


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


# What the page shows


def kept_chart(kept: Kept) -> Markup:
    """Two curves over frequency: a solid one where there is speech, a dashed one in the pauses."""
    x = Axis(0, RATE_HZ / 2000, [(khz, f"{khz} kHz" if khz == 8 else f"{khz}") for khz in range(0, 9, 2)])
    y = Axis(LOWEST_DB, 0, [(db, f"{db}") for db in (0, -10, -20, -30, -40)])
    curves = [
        Line(list(zip(x.spread(BANDS), db_E.tolist(), strict=True)), kind)
        for kind, db_E in (("wl-line", kept.speech_E), ("wl-other", kept.pause_E))
        if not db_E.isnan().any()
    ]
    return chart(
        x, y, *(Rule(y=db) for db in (0, -10, -20, -30)), *curves, title="Kept, in dB, by frequency",
        words=kept_words(kept),
        legend=join([key("wl-line", "where there is speech"), key("wl-other", "in the pauses")]),
    )  # fmt: skip


def kept_words(kept: Kept) -> str:
    """How much is left below 2 kHz, above 4 kHz, and in the pauses."""
    speech_E, pause_E = kept
    if speech_E.isnan().any():
        return "Silence from end to end: nothing is kept, and nothing cut."
    low, high, pause = (
        number(db_E.mean().item(), "+.1f") for db_E in (speech_E[: BANDS // 4], speech_E[BANDS // 2 :], pause_E)
    )
    words = f"Where there is speech, {low} dB of what lies below 2 kHz is left and {high} dB of what lies above 4 kHz"
    return words + ("." if pause_E.isnan().any() else f"; in the pauses {pause} dB of everything.")


def reach_chart(found: Reach) -> Markup:
    """Shares as bars on a logarithmic scale: up for input that lifts the frame, down for input that lowers it."""
    hop, starts = found.hop_ms, found.start_ms_M.tolist()
    x = Axis(
        starts[0], starts[-1] + hop, [(t, f"{t}" if t else "0 ms") for t in (-1500, -1000, -500, 0) if t >= starts[0]]
    )
    y = Axis(-1, 1, [(1, "100 %"), (0.5, "1 %"), (0, "0.01 %"), (-0.5, "-1 %"), (-1, "-100 %")])
    bars = [
        ((t + 0.1 * hop, 0.0), (t + 0.9 * hop, _height(s))) for t, s in zip(starts, found.share_M.tolist(), strict=True)
    ]
    lifts, lowers = [bar for bar in bars if bar[1][1] > 0], [bar for bar in bars if bar[1][1] < 0]
    return chart(
        x, y, Rule(y=0), Boxes(lifts), Boxes(lowers, "wl-other"), Rule(x=0, kind="wl-denoising-now"),
        title=f"What the frame at {found.seconds:.2f} s goes back to", words=reach_words(found),
        legend=join([key("wl-denoising-box", "lifts it"), key("wl-denoising-box wl-other", "lowers it")]),
    )  # fmt: skip


def _height(share: float) -> float:
    """A share as a bar's height, −1 to 1: its logarithm from `FAINTEST`, 0, to the whole, 1, with the share's own sign."""
    size = 1 - math.log10(max(abs(share), 1e-12)) / math.log10(FAINTEST)
    return math.copysign(min(1.0, max(0.0, size)), share)


def reach_words(found: Reach) -> str:
    """How much lies in the frame's own window, how far back the rest goes, and that nothing comes from what is later."""
    size_M, start_M, window = found.share_M.abs(), found.start_ms_M, 2 * found.hop_ms
    is_later_M, is_earlier_M = start_M >= -1e-6, start_M < -window - 1e-6
    total, later = size_M.sum().item(), size_M[is_later_M].sum().item()
    own, earlier_M = size_M[~is_later_M & ~is_earlier_M].sum().item(), size_M * is_earlier_M
    words = f"{100 * own / total:.0f} % of the weight lies in the frame's own {window:.0f} ms"
    earlier = earlier_M.sum().item()
    if earlier < 0.001 * total:
        words += ", and next to none before it: this net hears each frame by itself, but for a running level"
    else:
        first = torch.searchsorted(earlier_M.cumsum(0), 0.05 * earlier).clamp(max=len(earlier_M) - 1)
        back = -start_M[first].item()
        words += (
            f", {100 * earlier / total:.0f} % in the input before it, which reaches {back:,.0f} ms back (95 % of it)"
        )
    return words + (
        ". Nothing comes from what is later: the net is causal, and so can run live."
        if later < 1e-6 * total
        else f". {100 * later / total:.1f} % comes from what is later."
    )
